"""A project with some files changed that keeps what was learned of all others."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from codemods.engine.files.snapshot import OverlaySnapshot
from codemods.engine.names.imported_names import importers
from codemods.engine.project import Project

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Overlaid(Project):
    """Searches only the changed files; the others' answers are those of ``base``."""

    def __init__(self, base: Project, changed: Mapping[str, bytes]) -> None:
        super().__init__(OverlaySnapshot(base.snapshot, changed), base.options)
        self._base = base
        self._changed = changed
        self._bytes = {path: data for path, data in base._bytes.items() if path not in changed}
        self._facts = {path: facts for path, facts in base._facts.items() if path not in changed}
        for path, module in base._modules.items():
            if path not in changed:
                self._modules[path] = module
        if self._python == base._python:
            self.__dict__["_layout"] = base._layout

    def _containing(self, needle: bytes) -> list[str]:
        unchanged = [path for path in self._base._containing(needle) if path not in self._changed]
        return sorted([*unchanged, *(path for path, data in self._changed.items() if needle in data)])

    def _importers_of(self, name: bytes) -> tuple[str, ...]:
        unchanged = (path for path in self._base._importers_of(name) if path not in self._changed)
        return tuple(sorted([*unchanged, *self._own_importers.get(name, ())]))

    @cached_property
    def _own_importers(self) -> Mapping[bytes, tuple[str, ...]]:
        return importers(self._changed, self.read)


def overlaid(project: Project, changed: Mapping[str, bytes]) -> Project:
    """``project`` as it is after ``changed`` (new contents by path); ``project`` itself stays as it is."""
    return _Overlaid(project, changed)
