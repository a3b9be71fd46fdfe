"""Python files that were written to harm: each is left out with its reason, and the others are worked on."""

from __future__ import annotations

import pytest

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse
from codemods.engine.run.report import Options
from tests.end_to_end.world import RACE
from tests.hardening.ending import soon


def analysed(hostile: str, rules: tuple[str, ...] = ("atomic-redis",), *, beside: bool = False):
    """The report on a file with a finding and ``hostile`` text below it, and on one with the finding alone.

    ``beside``: the text is in the same statement as the finding.
    """
    text = RACE + b"\n\n" + hostile.encode("utf-8", "surrogatepass")
    if beside:
        text = b"if True:\n" + b"".join(b"    " + line for line in text.splitlines(keepends=True))
    files = {"hostile.py": text, "good.py": RACE}
    chosen = [rule for rule in registry.select(None) if rule.name in rules]
    with soon():
        return analyse(MemorySnapshot(files), chosen, Options(workers=1))


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(f"x = {'(' * 2_000}1{')' * 2_000}", id="parentheses"),
        pytest.param(f"x = {'[' * 150}{']' * 150}", id="brackets"),
        pytest.param(f"x = {'-' * 5_000}1", id="signs"),
        pytest.param(f"x = {'not ' * 5_000}1", id="not"),
        pytest.param(f"x = a{'.b' * 3_000}", id="attributes"),
        pytest.param(f"x = a{'.b' * 900}", id="attributes that are read"),
        pytest.param(f"x = a{'()' * 3_000}", id="calls"),
        pytest.param(f"x = a{'[0]' * 3_000}", id="subscripts"),
        pytest.param("x = (" + "1 +\n" * 20_000 + "1)", id="a sum"),
        pytest.param(f"x = {'lambda: ' * 3_000}1", id="lambda"),
        pytest.param("if a: pass\n" + "elif a: pass\n" * 20_000, id="elif"),
        pytest.param("".join(f"{' ' * n}if a:\n" for n in range(150)) + f"{' ' * 150}pass", id="indentation"),
        pytest.param(f"match a:\n  case {'[' * 40}{']' * 40}: pass", id="patterns"),
        pytest.param(f"match a:\n  case {'(' * 40}a{')' * 40}: pass", id="patterns in parentheses"),
        pytest.param("match a:\n" + f"  case {'{1: ' * 9}a{'}' * 9}: pass\n" * 500, id="many patterns"),
        pytest.param(f"x = '{'a' * 10_000_000}'", id="a line of ten megabytes"),
        pytest.param(f"x = '{'a' * 300_000}'", id="a long line"),
        pytest.param("x = '\0'", id="a null byte"),
        pytest.param("x = '\udc80'", id="bytes that are no text"),
        pytest.param("# -*- coding: idna -*-", id="a coding in the wrong place is none"),
    ],
)  # fmt: skip
def test_one_file_does_not_cost_the_others(hostile):
    report = analysed(hostile)
    (good,) = [each for each in report.findings if each.path == "good.py"]
    assert good.patch
    patched = [each for each in report.findings if each.path == "hostile.py" and each.patch]
    said = [each.reason for each in report.skipped if each.path == "hostile.py"]
    assert patched or said or any(each.path == "hostile.py" for each in report.findings)


@pytest.mark.parametrize(
    ("hostile", "said"),
    [
        (f"match a:\n  case {'[' * 40}{']' * 40}: pass", "nested too deep"),
        (f"match a:\n  case {'(' * 40}a{')' * 40}: pass", "nested too deep"),
        (f"x = [{'1,' * 70_000}\n{'1,' * 70_000}\n{'1,' * 70_000}]", "more than 200,000 expressions"),
    ],
)
def test_what_libcst_would_not_come_to_an_end_with_is_reported_without_a_patch(hostile, said):
    (found,) = [each for each in analysed(hostile, beside=True).findings if each.path == "hostile.py"]
    assert found.patch is None
    assert said in found.reason


@pytest.mark.parametrize("brackets", ["[]", "()"])
def test_what_libcst_would_not_come_to_an_end_with_elsewhere_in_the_file_is_not_given_to_it(brackets):
    hostile = f"match a:\n  case {brackets[0] * 40}a{brackets[1] * 40}: pass"
    (found,) = [each for each in analysed(hostile).findings if each.path == "hostile.py"]
    assert found.patch


def test_patterns_as_people_write_them_are_taken():
    case = "    case {'a': [Point(x=0, y=(1 | 2)), *_], **rest} if f([(1, 2)]):\n        pass\n"
    (found,) = [each for each in analysed(f"match a:\n{case * 200}").findings if each.path == "hostile.py"]
    assert found.patch


@pytest.mark.parametrize(
    "coding",
    ["idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined", "zlib", "rot13", "mbcs", "a" * 5_000],
)  # fmt: skip
def test_codings_do_no_harm(coding):
    files = {"hostile.py": f"# coding: {coding}\n".encode() + RACE, "good.py": RACE}
    chosen = [rule for rule in registry.select(None) if rule.name == "atomic-redis"]
    with soon():
        report = analyse(MemorySnapshot(files), chosen, Options(workers=1))
    assert "good.py" in {each.path for each in report.findings if each.patch}
