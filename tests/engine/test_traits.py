"""What a rule may say of itself beside its findings: off unless named, and true of the repository, not of a line."""

from __future__ import annotations

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse
from codemods.engine.run.report import Options
from codemods.engine.settings.config import Config
from tests.engine.fake_rules import OldCall


class OfTheRepository(OldCall):
    scope = "repository"


class OffByDefault(OldCall):
    default = False


def test_what_is_true_of_the_repository_is_said_once():
    files = {"b.py": b"old(1)\nold(2)\n", "a.py": b"x = 1\nold('show')\nold(1)\n"}
    found = analyse(MemorySnapshot(files), [OfTheRepository()], Options(workers=1))
    assert [(each.path, each.line, each.scope) for each in found.findings] == [("a.py", 2, "repository")]


def test_a_rule_that_is_off_by_default_runs_where_it_is_named():
    rule = OffByDefault()
    assert not Config().with_defaults([rule]).enabled(rule.name)
    assert Config(rules={rule.name: True}).with_defaults([rule]).enabled(rule.name)
    below = Config(per_path=(("app/", {rule.name: True}),)).with_defaults([rule])
    assert below.enabled(rule.name)
    assert below.applies(rule.name, "app/a.py")
    assert not below.applies(rule.name, "b.py")


def test_other_rules_are_on():
    assert Config().with_defaults([OldCall()]).enabled("old-call")
