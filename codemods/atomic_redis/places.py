"""Which files are tests, and reading files so that kept results know of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.project import Project

_TEST = re.compile(
    r"(^|/)(tests?|testing|unit_tests?|e2e|conftest\.py$|test_[^/]*\.py$|[^/]*_tests?\.py$|tests\.py$)(/|$)"
)


def is_test(path: str) -> bool:
    """Whether a file is a test, a fixture or lies among tests."""
    return bool(_TEST.search(path))


def read_noted(project: Project, path: str) -> bytes:
    """A file's bytes; the result under way is noted to depend on them."""
    project.note("file", path, project.snapshot.digest(path))
    return project.read(path)
