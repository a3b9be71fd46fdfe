"""Comments silence findings; one that silences nothing is reported."""

from __future__ import annotations

from tests.engine.fake_rules import Failing
from tests.engine.reporting import places, report


def test_comments_silence_findings():
    files = {
        "a.py": "old(1)  # patchwright: ignore[old-call]\n# patchwright: ignore\nold(2)\nold(3)\n",
        "b.py": "# patchwright: ignore-file[old-call]\nold(1)\n",
    }
    found = report(files)
    assert places(found) == ["a.py:4:1 safe"]
    assert [(each.path, each.line, each.suppressed) for each in found.suppressed] == [
        ("a.py", 1, True),
        ("a.py", 3, True),
        ("b.py", 2, True),
    ]


def test_a_comment_that_silences_nothing_is_reported():
    (only,) = report({"a.py": "x = 1  # patchwright: ignore[old-call]\n"}).findings
    assert (only.rule, only.line, only.column, only.applicability) == ("unused-ignore", 1, 8, "display-only")


def test_a_comment_of_a_rule_that_did_not_run_is_not_judged(monkeypatch):
    from codemods.engine import registry

    monkeypatch.setattr(registry, "known", lambda: {"other": registry.Known("other", "nowhere")})
    assert report({"a.py": "x = 1  # patchwright: ignore[other]\n"}).findings == ()
    assert report({"raises.py": "old(1)  # patchwright: ignore[failing]\n"}, Failing()).findings == ()
