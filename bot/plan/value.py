"""Which pull requests come first."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from codemods.engine.finding import Applicability

if TYPE_CHECKING:
    from codemods.engine.run.report import Reported

_TEST_FOLDERS = frozenset({"test", "tests", "testing", "e2e", "integration_tests", "unit_tests"})
_TEST_NAMES = frozenset({"conftest.py", "test.py", "tests.py"})


def value(findings: Collection[Reported], weight: int) -> int:
    """What a pull request for these findings is worth; the higher comes first, then the rule's and part's name.

    The rule's weight (1 where it names none) times the sum over its findings: 8 for one with a safe patch in a file
    outside of tests, 2 for one in a test; half of that where the patch is unsafe.
    """
    return weight * sum(
        (2 if is_test(each.path) else 8) // (1 if each.applicability is Applicability.SAFE else 2)
        for each in findings
    )


def is_test(path: str) -> bool:
    """Whether a file belongs to the tests, by its place and name."""
    file = PurePosixPath(path)
    return (
        file.name.startswith("test_")
        or file.name.endswith(("_test.py", "_tests.py"))
        or file.name in _TEST_NAMES
        or not _TEST_FOLDERS.isdisjoint(file.parts[:-1])
    )
