"""Where tests live: by the names and places of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.project import Project


def conftests(path: str, project: Project) -> list[str]:
    """The ``conftest.py`` files that pytest loads for a test file, nearest first."""
    folder = path.split("/")[:-1]
    places = ["/".join([*folder[:depth], "conftest.py"]) for depth in range(len(folder), -1, -1)]
    return [place for place in places if project.has(place) and place != path]
