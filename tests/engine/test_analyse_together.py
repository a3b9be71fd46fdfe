"""All allowed patches of a report together, in rounds where they meet."""

from __future__ import annotations

from codemods.engine.run.analyse import combined, fixed
from codemods.engine.run.report import ALL
from tests.engine.fake_rules import OldCall, Overlapping
from tests.engine.reporting import report, snapshot


def test_all_allowed_patches_together():
    before = {"a.py": b"old(1)\nold('unsafe')\nold('show')\n", "b.py": b"old(2)\n"}
    found = report(before)
    assert fixed(snapshot(before), found) == {
        "a.py": b"from lib import new\n\nnew(1)\nold('unsafe')\nold('show')\n",
        "b.py": b"from lib import new\n\nnew(2)\n",
    }
    result = combined(snapshot(before), found, ALL)
    assert result.changed["a.py"] == (
        before["a.py"],
        b"from lib import new\n\nnew(1)\nnew('unsafe')\nold('show')\n",
    )
    assert [each.line for each in result.applied if each.path == "a.py"] == [1, 2]
    assert [each.line for each in result.left] == [3]


def test_patches_that_meet_are_applied_in_further_rounds():
    before = {"a.py": b"from lib import new\nx = old(1), old(2), old(3)\n"}
    found = report(before, Overlapping())
    result = combined(snapshot(before), found)
    assert result.changed["a.py"][1] == b"from lib import new\nx = new(1), new(2), new(3)\n"
    assert result.left == ()
    assert {each.fingerprint for each in result.applied} == {each.fingerprint for each in found.findings}


def test_findings_that_have_to_stay_stay_in_every_round():
    before = {"a.py": "import lib\n\nlib\nold(1)\nold(2)\nold(3)\n", "b.py": "old(4)\n"}
    found = report(before, OldCall())
    stays = {each.fingerprint for each in found.findings if each.path == "b.py" or each.line == 5}
    result = combined(snapshot(before), found, without=frozenset(stays))
    assert [each.line for each in result.applied] == [4, 6]
    assert [(each.path, each.line) for each in result.left] == [("a.py", 5), ("b.py", 1)]
    assert b"\nold(2)\n" in result.changed["a.py"][1]
    assert list(result.changed) == ["a.py"]


def test_all_of_them_may_have_to_stay():
    before = {"a.py": "old(1)\n"}
    found = report(before, OldCall())
    result = combined(snapshot(before), found, without=frozenset({found.findings[0].fingerprint}))
    assert (result.changed, result.applied, result.left) == ({}, (), found.findings)


def test_what_cannot_be_combined_is_left(monkeypatch):
    from codemods.engine.run import combine

    monkeypatch.setattr(combine, "_MOST_ROUNDS", 2)
    before = {"a.py": b"from lib import new\nx = old(1), old(2), old(3)\n"}
    result = combined(snapshot(before), report(before, Overlapping()))
    assert len(result.applied) == 2
    assert len(result.left) == 1


def test_several_rules_together():
    before = {"a.py": b"from lib import new\nx = old(1), old(2)\n"}
    found = report(before, OldCall(), Overlapping())
    assert len(found.findings) == 4
    assert fixed(snapshot(before), found) == {"a.py": b"from lib import new\nx = new(1), new(2)\n"}


def test_a_second_run_changes_nothing():
    before = {"a.py": b"old(1)\nold('refuse')\n", "b.py": b"x = old(2)\n"}
    after = {**before, **fixed(snapshot(before), report(before), ALL)}
    assert fixed(snapshot(after), report(after), ALL) == {}
