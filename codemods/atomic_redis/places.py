"""Which files are tests, and reading files so that kept results know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.project import Project


def read_noted(project: Project, path: str) -> bytes:
    """A file's bytes; the result under way is noted to depend on them."""
    project.note("file", path, project.snapshot.digest(path))
    return project.read(path)
