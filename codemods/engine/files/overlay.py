"""A project with some files changed that keeps what was learned of all others."""

from __future__ import annotations

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
        if self.python == base.python:
            self.__dict__["layout"] = base.layout
        if "_importers" in base.__dict__:
            self.__dict__["_importers"] = self._with_changed(base._importers)

    def _containing(self, needle: bytes) -> list[str]:
        unchanged = [path for path in self._base._containing(needle) if path not in self._changed]
        return sorted([*unchanged, *(path for path, data in self._changed.items() if needle in data)])

    def _with_changed(self, known: Mapping[bytes, tuple[str, ...]]) -> Mapping[bytes, tuple[str, ...]]:
        before = importers([path for path in self._changed if path in self._base.python], self._base.read)
        after = importers(self._changed, self.read)
        merged = dict(known)
        for name in before.keys() | after.keys():
            unchanged = (path for path in known.get(name, ()) if path not in self._changed)
            merged[name] = tuple(sorted([*unchanged, *after.get(name, ())]))
        return merged


def overlaid(project: Project, changed: Mapping[str, bytes]) -> Project:
    """``project`` as it is after ``changed`` (new contents by path); ``project`` itself stays as it is."""
    return _Overlaid(project, changed)
