"""The layout as rules ask it: every question is noted with its answer, so that results hold until an answer changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.names.layout import Layout

Note = Callable[[str, str, str], None]


class NotedLayout:
    """What ``Layout`` answers, noted. See there for what the questions mean.

    A question's key ends in the path or name that can't hold a NUL, so that no two questions have the same key.
    """

    def __init__(self, layout: Layout, note: Note) -> None:
        self._layout = layout
        self._note = note

    @property
    def fingerprint(self) -> str:
        """Changes when any module's name may have changed."""
        self._note("layout", "", self._layout.fingerprint)
        return self._layout.fingerprint

    @property
    def roots(self) -> frozenset[tuple[str, ...]]:
        """The declared import roots."""
        self._note("roots", "", _roots(self._layout))
        return self._layout.roots

    def locate(self, name: str, near: str | None = None) -> list[str]:
        """The files that absolute module ``name`` may mean."""
        found = self._layout.locate(name, near)
        self._note("locate", f"{name}\0{near or ''}", joined(found))
        return found

    def anywhere(self, name: str) -> list[str]:
        """Every file whose path ends as dotted ``name`` says."""
        found = self._layout.anywhere(name)
        self._note("anywhere", name, joined(found))
        return found

    def folders(self, name: str) -> list[str]:
        """Every folder with Python below it whose path ends as dotted ``name`` says."""
        found = self._layout.folders(name)
        self._note("folders", name, joined(found))
        return found

    def name(self, path: str) -> str:
        """The file's own dotted name."""
        found = self._layout.name(path)
        self._note("name", path, found)
        return found

    def names(self, path: str) -> list[str]:
        """All dotted names that the file has."""
        found = self._layout.names(path)
        self._note("names", path, joined(found))
        return found

    def absolute(self, path: str, module: str | None, level: int) -> str:
        """The absolute name of a ``from`` import in file ``path``."""
        if level:
            self.name(path)
        return self._layout.absolute(path, module, level)

    def relative(self, path: str, module: str | None, level: int) -> str | None:
        """The file that a relative import in ``path`` names."""
        found = self._layout.relative(path, module, level)
        self._note("relative", f"{module or ''}\0{level}\0{path}", found or "")
        return found

    def is_folder(self, name: str, near: str | None = None) -> bool:
        """Whether ``name`` is a folder without ``__init__.py`` that can be imported."""
        found = self._layout.is_folder(name, near)
        self._note("is-folder", f"{name}\0{near or ''}", str(found))
        return found

    def is_own(self, top: str, near: str | None = None) -> bool:
        """Whether the top-level name ``top`` is this repository's own."""
        found = self._layout.is_own(top, near)
        self._note("is-own", f"{top}\0{near or ''}", str(found))
        return found


def answer_of(layout: Layout, kind: str, key: str) -> str | None:
    """Today's answer to a question that was noted; None for what is no question about the layout."""
    if kind == "layout":
        return layout.fingerprint
    if kind == "roots":
        return _roots(layout)
    if kind == "anywhere":
        return joined(layout.anywhere(key))
    if kind == "folders":
        return joined(layout.folders(key))
    if kind == "name":
        return layout.name(key)
    if kind == "names":
        return joined(layout.names(key))
    if kind == "relative":
        module, level, path = key.rsplit("\0", 2)
        return layout.relative(path, module or None, int(level)) or ""
    if kind in {"locate", "is-folder", "is-own"}:
        name, _, near = key.rpartition("\0")
        if kind == "locate":
            return joined(layout.locate(name, near or None))
        asked = layout.is_folder if kind == "is-folder" else layout.is_own
        return str(asked(name, near or None))
    return None


def _roots(layout: Layout) -> str:
    return joined(sorted("/".join(root) for root in layout.roots))


def joined(paths: Iterable[str]) -> str:
    """A short answer that stands for a list of paths or names, in its order."""
    return blake2b("\n".join(paths).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
