"""The folders named ``src`` of a repository, the packages in them, and whether both of their names are written."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.project import Project

_SRC = re.compile(rb"^[ \t]*(?:from|import)[ \t]+src\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Folder:
    """One ``src`` folder: ``base`` is the folder above it (empty for the top), ``tops`` are the packages and modules in it."""

    base: str
    tops: frozenset[str]

    @property
    def path(self) -> str:
        """The folder itself."""
        return f"{self.base}/src" if self.base else "src"

    def above(self, path: str) -> bool:
        """Whether a file lies below the folder's base."""
        return not self.base or path.startswith(f"{self.base}/")

    def holds(self, path: str) -> bool:
        """Whether a file lies in the folder."""
        return path.startswith(f"{self.path}/")


def files_of_interest(project: Project) -> list[Folder]:
    """The ``src`` folders whose packages are imported under both names, as far as the files' bytes tell."""
    by_src = project.matching(_imports_src)
    if not by_src:
        return []
    found = []
    for path in project.layout.folders("src"):
        base = path.removesuffix("src").removesuffix("/")
        folder = Folder(base, _tops(path, project))
        if folder.tops and any(map(folder.above, by_src)):
            plain = project.matching(_imports_any, tuple(sorted(folder.tops)))
            if any(map(folder.above, plain)):
                found.append(folder)
    return found


def _tops(folder: str, project: Project) -> frozenset[str]:
    start = f"{folder}/"
    names = {path[len(start) :].partition("/")[0] for path in project.python if path.startswith(start)}
    plain = {name.removesuffix(".pyi").removesuffix(".py") for name in names} - {"__init__", "__main__"}
    return frozenset(
        name
        for name in plain
        if name.isidentifier() and name not in sys.stdlib_module_names and not project.pins.mentions(name)
    )


def _imports_src(data: bytes) -> bool:
    return _SRC.search(data) is not None


def _imports_any(data: bytes, names: tuple[str, ...]) -> bool:
    joined = "|".join(names)
    return re.search(rf"^[ \t]*(?:from|import)[ \t]+(?:{joined})\b".encode(), data, re.MULTILINE) is not None
