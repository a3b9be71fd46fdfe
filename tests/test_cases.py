"""Every case of every rule in ``tests/cases``: what is found, what is written, what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import case_checks
from tests.case_files import Case, CaseError, read_cases

FOLDER = Path(__file__).parent / "cases"


def _cases() -> list[object]:
    found: list[object] = []
    for path in sorted(FOLDER.glob("*.md")):
        try:
            cases = read_cases(path.read_text(encoding="utf-8"))
        except CaseError as error:
            found.append(pytest.param(CaseError(f"{path.name}, {error}"), id=f"{path.stem}: unreadable"))
            continue
        found += [pytest.param(case, id=f"{path.stem}:{case.line} {case.title}") for case in cases]
    return found


@pytest.fixture(params=_cases())
def case(request: pytest.FixtureRequest) -> Case:
    """One case; a file that cannot be read fails as one."""
    if isinstance(request.param, CaseError):
        raise request.param
    return request.param


def test_findings(case: Case) -> None:
    case_checks.check_findings(case)


def test_all_fixes_together(case: Case) -> None:
    case_checks.check_together(case)


def test_safe_fixes_only(case: Case) -> None:
    case_checks.check_safe_only(case)


def test_each_fix_alone(case: Case) -> None:
    case_checks.check_alone(case)
