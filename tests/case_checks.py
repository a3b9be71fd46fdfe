"""What must hold for every case: findings, fixes together and alone, stability, and nothing else touched."""

from __future__ import annotations

import ast
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.files.source import Source, Unreadable
from codemods.engine.finding import Applicability
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import Options

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codemods.engine.run.report import Report, Reported
    from tests.case_files import Case

_Files = tuple[tuple[str, bytes], ...]
ALL = frozenset({Applicability.SAFE, Applicability.UNSAFE})
SAFE = frozenset({Applicability.SAFE})


def check_findings(case: Case) -> None:
    """Exactly the expected places are found, with the expected applicability and words."""
    whole = report(case.rule, case.files)
    failed = [each for each in whole.skipped if f"{case.rule}: " in each.reason]
    assert not failed, f"the rule failed: {failed}"
    found = whole.findings
    said = f"found:\n{shown(found)}"
    if case.findings is None:
        expected = {
            *({Applicability.SAFE} if case.safe else set()),
            *({Applicability.UNSAFE} if case.unsafe else set()),
        }
        assert {each.applicability for each in found} == expected, said
        return
    places = Counter((each.path, each.line, each.applicability) for each in case.findings)
    assert Counter((each.path, each.line, str(each.applicability)) for each in found) == places, said
    for wanted in case.findings:
        here = [words(each) for each in found if (each.path, each.line) == (wanted.path, wanted.line)]
        assert any(wanted.text in text for text in here), f"{wanted.text!r} is not said; {said}"


def check_together(case: Case) -> None:
    """All fixes applied at once give the expected bytes, and a second run finds nothing more to change."""
    after = apply(case.rule, case.files, ALL)
    same(after, case.after_all)
    same(apply(case.rule, after, ALL), after)


def check_safe_only(case: Case) -> None:
    """Without leave for unsafe fixes, only the safe ones are applied."""
    same(apply(case.rule, case.files, SAFE), case.after_safe)


def check_alone(case: Case) -> None:
    """Every patch applies by itself: the result parses, less is found, and fixing the rest is stable."""
    found = report(case.rule, case.files).findings
    for each in found:
        if each.applicability is Applicability.DISPLAY_ONLY:
            assert each.patch is None, f"a patch without leave:\n{shown([each])}"
            continue
        assert each.patch, f"no patch:\n{shown([each])}"
        alone = {**case.files, **{path: source.data for path, source in each.changed.items()}}
        assert alone != case.files
        parses(alone, case.files)
        again = report(case.rule, alone).findings
        assert len(again) < len(found), f"after {shown([each])}\nstill found:\n{shown(again)}"
        rest = apply(case.rule, alone, ALL)
        same(apply(case.rule, rest, ALL), rest)


def report(rule: str, files: Mapping[str, bytes]) -> Report:
    """What the rule alone reports on these files."""
    return _report(rule, tuple(sorted(files.items())))


@lru_cache(maxsize=512)
def _report(rule: str, files: _Files) -> Report:
    return analyse(MemorySnapshot(dict(files)), registry.select([rule]), Options(workers=1))


def apply(rule: str, files: Mapping[str, bytes], allowed: frozenset[Applicability]) -> dict[str, bytes]:
    """The files with every allowed fix of the rule applied."""
    return dict(_apply(rule, tuple(sorted(files.items())), allowed))


@lru_cache(maxsize=512)
def _apply(rule: str, files: _Files, allowed: frozenset[Applicability]) -> _Files:
    after = fixed(MemorySnapshot(dict(files)), _report(rule, files), allowed)
    return tuple(sorted({**dict(files), **after}.items()))


def same(got: Mapping[str, bytes], expected: Mapping[str, bytes]) -> None:
    """The same files with the same bytes; differences are shown as text."""
    assert sorted(got) == sorted(expected)
    for path, data in expected.items():
        if got[path] != data:
            assert got[path].decode("utf-8", "backslashreplace") == data.decode(
                "utf-8", "backslashreplace"
            ), path
            assert got[path] == data, path


def parses(files: Mapping[str, bytes], before: Mapping[str, bytes]) -> None:
    """Whatever parsed before still does."""
    for path, data in files.items():
        if not path.endswith(".py") or data == before.get(path):
            continue
        try:
            ast.parse(Source(path, data).text)
        except (SyntaxError, Unreadable) as error:
            raise AssertionError(f"{path} no longer parses: {error}") from error


def words(each: Reported) -> str:
    """All that a finding says, as one text."""
    return " ".join([each.message, each.reason, *each.notes])


def shown(findings: Iterable[Reported]) -> str:
    """Findings as lines of a findings block."""
    lines = [f"{each.path}:{each.line} {each.applicability} {words(each)}" for each in findings]
    return "\n".join(lines) or "nothing"
