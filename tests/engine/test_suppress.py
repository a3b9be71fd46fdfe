from __future__ import annotations

from typing import Any

import pytest

from codemods.engine.checks.suppress import Suppressions
from codemods.engine.files.source import Source
from codemods.engine.finding import Applicability, Finding


def finding(line: int, end_line: int | None = None, rule: str = "a-rule") -> Finding:
    return Finding(rule, "a.py", line, 1, end_line or line, "", Applicability.SAFE, "")


def of(text: str) -> Suppressions:
    return Suppressions.of(Source("a.py", text.encode()))


@pytest.mark.parametrize(
    ("text", "line", "end_line"),
    [
        pytest.param("x = 1  # patchwright: ignore[a-rule]\n", 1, 1, id="on the line"),
        pytest.param(
            "x = 1  #patchwright:ignore [ other , a-rule ] because\n", 1, 1, id="spacing and a reason"
        ),
        pytest.param("x = 1  # noqa  # patchwright: ignore\n", 1, 1, id="bare, after another directive"),
        pytest.param("# patchwright: ignore[a-rule]\nx = 1\n", 2, 2, id="on the line above"),
        pytest.param(
            "# patchwright: ignore[a-rule]\n# for a reason\nx = 1\n", 3, 3, id="in the comment above"
        ),
        pytest.param("f(\n    a,\n    b,  # patchwright: ignore[a-rule]\n)\n", 3, 3, id="inside a statement"),
        pytest.param(
            "f(  # patchwright: ignore[a-rule]\n    a,\n)\n", 2, 2, id="on the statement's first line"
        ),
        pytest.param("# patchwright: ignore[a-rule]\nf(\n    a,\n)\n", 3, 3, id="above the statement"),
        pytest.param(
            "# patchwright: ignore[a-rule]\n@d\ndef f():\n    pass\n", 3, 4, id="above the decorators"
        ),
        pytest.param(
            "a = r.incr(k)\nr.expire(k)  # patchwright: ignore[a-rule]\n", 1, 2, id="on any line of a run"
        ),
        pytest.param("x = 1\n\n# patchwright: ignore-file[a-rule]\n", 1, 1, id="for the file"),
        pytest.param("# patchwright: ignore-file\n\nx = 1\n", 3, 3, id="for the file, bare"),
        pytest.param("x = (1,\r\n  2)  # patchwright: ignore[a-rule]\r\n", 1, 2, id="crlf"),
    ],
)
def test_covered(text: str, line: int, end_line: int) -> None:
    suppressions = of(text)
    assert suppressions.covers(finding(line, end_line))
    assert not [
        each for each in suppressions.unused({"a-rule"}, {"a-rule", "other"}) if "`other`" not in each[1]
    ]


@pytest.mark.parametrize(
    ("text", "line", "end_line"),
    [
        pytest.param("x = 1  # patchwright: ignore[other]\n", 1, 1, id="another rule"),
        pytest.param("x = 1  # patchwright: ignore[a-rule]\ny = 2\n", 2, 2, id="beside the statement above"),
        pytest.param("# patchwright: ignore[a-rule]\n\nx = 1\n", 3, 3, id="two lines above"),
        pytest.param('x = "# patchwright: ignore[a-rule]"\n', 1, 1, id="in a string"),
        pytest.param(
            "def f():\n    pass  # patchwright: ignore[a-rule]\n", 1, 2, id="in the body of what is found"
        ),
        pytest.param("x = 1  # patchwright: ignorant\n", 1, 1, id="another word"),
        pytest.param("x = 1  # patchwright: ignore[]\n", 1, 1, id="no rule"),
    ],
)
def test_not_covered(text: str, line: int, end_line: int) -> None:
    assert not of(text).covers(finding(line, end_line))


def test_an_ignore_that_suppresses_nothing_is_reported() -> None:
    suppressions = of("x = 1  # patchwright: ignore[a-rule, b-rule]\ny = 2  # patchwright: ignore\n")
    assert suppressions.covers(finding(1))
    assert suppressions.unused({"a-rule", "b-rule"}) == [
        (1, "`# patchwright: ignore[a-rule, b-rule]` suppresses no finding of `b-rule`"),
        (2, "`# patchwright: ignore` suppresses nothing"),
    ]


def test_rules_that_have_not_run_are_not_judged() -> None:
    text = "x = 1  # patchwright: ignore[b-rule]\ny = 2  # patchwright: ignore\n"
    assert of(text).unused({"a-rule"}, {"a-rule", "b-rule"}) == []


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        (
            "# patchwright: ignore[a-rul]",
            "`# patchwright: ignore[a-rul]` names the unknown rule `a-rul`; did you mean `a-rule`?",
        ),
        ("# patchwright: ignore[zzz]", "`# patchwright: ignore[zzz]` names the unknown rule `zzz`"),
        ("# patchwright: ignore[]", "`# patchwright: ignore[]` names no rule"),
        ("# patchwright: off", "`# patchwright: off` is not `ignore[rule]` or `ignore-file[rule]`"),
        ("# patchwright: ignored", "`# patchwright: ignored` is not `ignore[rule]` or `ignore-file[rule]`"),
        (
            "# patchwright: ignore-files",
            "`# patchwright: ignore-files` is not `ignore[rule]` or `ignore-file[rule]`",
        ),
    ],
)
def test_what_cannot_be_meant_is_reported(comment: str, said: str) -> None:
    assert of(f"x = 1\ny = 2  {comment}\n").unused({"a-rule"}) == [(2, said)]


def test_files_without_the_word_are_not_tokenized(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("codemods.engine.checks.suppress.comments_of", fail)
    assert not of("x = 1  # noqa\n").covers(finding(1))
