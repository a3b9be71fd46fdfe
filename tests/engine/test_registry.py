"""Which rules there are, and what is said of those that can't be had."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from codemods.engine import registry
from codemods.engine.registry import BrokenRule, UnknownRule

HERE = Path(__file__).parents[2]


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """Makes modules importable, and entry points of them known; ``installed("name", "source")``."""
    points: list[EntryPoint] = []
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda group: [each for each in points if each.group == group]
    )

    def add(name: str, source: str) -> None:
        module = f"acme_{name.replace('-', '_')}"
        (tmp_path / f"{module}.py").write_text(source)
        sys.modules.pop(module, None)
        points.append(EntryPoint(name, f"{module}:RULE", registry.ENTRY_POINTS))

    registry.known.cache_clear()
    yield add
    registry.known.cache_clear()


GOOD = """
class Rule:
    name = "acme-rule"
    version = 1
    def candidates(self, project): return []
    def detect(self, module, project): return iter(())
    def rewrite(self, finding, project): raise NotImplementedError
RULE = Rule()
"""


def test_built_in_rules_are_found_without_importing_them():
    code = (
        "import sys; from codemods.engine import registry; names = sorted(registry.built_in())\n"
        "print(names); print([name for name in sys.modules if name.startswith('codemods.') and '.engine' not in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == "[]"


def test_every_built_in_rule_loads():
    assert [rule.name for rule in registry.select(registry.built_in())] == sorted(registry.built_in())


def test_an_operators_rule_is_found(installed):
    installed("acme-rule", GOOD)
    assert "acme-rule" in registry.known()
    assert registry.load("acme-rule").version == 1


def test_an_operators_rule_cannot_take_a_built_in_name(installed, monkeypatch):
    monkeypatch.setattr(registry, "built_in", lambda: {"own": registry.Known("own", "codemods.own")})
    installed("own", GOOD)
    assert registry.known()["own"].module == "codemods.own"


def test_an_unknown_rule_is_told_with_what_was_perhaps_meant(installed):
    installed("acme-rule", GOOD)
    with pytest.raises(UnknownRule, match=r"There is no rule called acme-rul\. Did you mean acme-rule\?"):
        registry.find("acme-rul")
    with pytest.raises(UnknownRule, match=r"called zzz\.$"):
        registry.find("zzz")


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("acme-missing", "", "AttributeError"),
        ("acme-import", "import nowhere_at_all", "ModuleNotFoundError"),
        (
            "acme-half",
            "class R:\n    name = 'acme-half'\nRULE = R()",
            "has no version, candidates, detect, rewrite",
        ),
        ("acme-other", GOOD, "calls itself acme-rule"),
        ("acme-raises", "raise KeyError('x')", "KeyError"),
    ],
)
def test_a_broken_rule_is_told(installed, name, source, said):
    installed(name, source)
    with pytest.raises(BrokenRule, match=said):
        registry.load(name)


def test_a_page_beside_an_operators_rule_is_found(installed, tmp_path):
    from codemods.engine.page import page_of

    installed("acme-rule", GOOD)
    (tmp_path / "acme_acme_rule.md").write_text("# acme-rule\n\nSays so.\n")
    assert page_of("acme-rule").summary == "Says so."


def test_an_operators_rule_without_a_page(installed):
    from codemods.engine.page import page_of

    installed("acme-bare", GOOD)
    assert (page_of("acme-bare").title, page_of("acme-bare").text) == ("acme-bare", "")
