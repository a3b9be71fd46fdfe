"""Finds a repository's Python files on disk, and says of each one left out why."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.engine.files.disk import DiskSnapshot
from codemods.engine.files.generated import generated_by_content, not_text
from codemods.engine.files.walk import IGNORE_BYTES, Entry, Found, Kind, chosen, walk

if TYPE_CHECKING:
    from collections.abc import Sequence


class NotFound(Exception):  # noqa: N818 - what the caller named is not there
    """A path that was asked for does not exist, or the paths belong to different repositories."""


def discover(paths: Sequence[Path]) -> DiskSnapshot:
    """The project that ``paths`` lie in, with the Python files below ``paths`` selected.

    The project's root is the git working tree around them, else the nearest folder with a ``pyproject.toml``,
    else the given folder (or the one above, while it is a package). Raises NotFound.
    """
    given = [_real(path) for path in paths] or [_real(Path())]
    root, shallow = _root(given)
    found = walk(_Disk(root), shallow=shallow)
    if not any(_below(path, found.seen_folders, root) for path in given):
        # What was asked for lies in a folder that the repository around it leaves out: look at it by itself.
        folder = Path(os.path.commonpath([path if path.is_dir() else path.parent for path in given]))
        if folder != root:
            root, found = folder, walk(_Disk(folder), shallow=shallow)
    return _snapshot(root, found, given)


def root_of(paths: Sequence[Path]) -> Path:
    """The root of the project that ``paths`` lie in, as ``discover`` finds it. Raises NotFound."""
    root, _ = _root([_real(path) for path in paths] or [_real(Path())])
    return root


def _real(path: Path) -> Path:
    real = (
        Path(os.path.realpath(path.parent)) / path.name if path.is_symlink() else Path(os.path.realpath(path))
    )
    if not os.path.lexists(real):
        raise NotFound(f"{path}: no such file or folder")
    return Path(os.path.realpath(real)) if real.is_dir() else real


def _root(given: Sequence[Path]) -> tuple[Path, bool]:
    """The project's root, and whether only its top folder belongs to it."""
    folders = [path if path.is_dir() else path.parent for path in given]
    for marker in (".git", "pyproject.toml"):
        roots = {
            next((up for up in (folder, *folder.parents) if (up / marker).exists()), None)
            for folder in folders
        }
        if len(roots) == 1 and (root := roots.pop()) is not None:
            return root, False
        if marker == ".git" and len(roots - {None}) > 1:
            raise NotFound("the paths lie in different git repositories; run patchwright once for each")
        if marker == ".git" and len(roots) > 1:
            raise NotFound(
                "some of the paths lie in a git repository and some outside it; run patchwright once for each"
            )
    root = Path(os.path.commonpath(folders))
    shallow = not any(path.is_dir() for path in given)
    while (root / "__init__.py").is_file() and root.parent != root:
        root, shallow = root.parent, False
    return root, shallow


class _Disk:
    """The folders below ``root`` as they are on disk."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._top = os.path.realpath(root)

    def _where(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def entries(self, folder: str) -> list[Entry]:
        with os.scandir(self._where(folder)) as listing:
            return [Entry(each.name, _kind(each)) for each in listing]

    def size(self, path: str) -> int:
        return os.lstat(self._where(path)).st_size

    def ignore_lines(self, path: str) -> list[str]:
        file = Path(self._where(path))
        try:
            if not file.is_file() or file.stat().st_size > IGNORE_BYTES:
                return []
            return file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def is_folder(self, path: str) -> bool:
        return os.path.isdir(self._where(path))  # noqa: PTH112 - raises nothing

    def is_file(self, path: str) -> bool:
        return os.path.isfile(self._where(path))  # noqa: PTH113 - raises nothing

    def real(self, path: str) -> str | None:
        target = os.path.realpath(self._where(path), strict=True)
        if target == self._top:
            return ""
        return target[len(self._top) + 1 :] if target.startswith(f"{self._top}/") else None


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return Kind.LINK
    if entry.is_dir(follow_symlinks=False):
        return Kind.FOLDER
    return Kind.FILE if entry.is_file(follow_symlinks=False) else Kind.OTHER


def _below(path: Path, folders: set[str], root: Path) -> bool:
    folder = path if path.is_dir() else path.parent
    relative = os.path.relpath(folder, root)
    return relative == "." or relative.replace(os.sep, "/") in folders


def _snapshot(root: Path, found: Found, given: Sequence[Path]) -> DiskSnapshot:
    wanted = []
    for named in given:
        relative = os.path.relpath(named, root).replace(os.sep, "/")
        wanted.append("" if relative == "." else relative)
    whole = "" in wanted
    starts = tuple(f"{path}/" for path in wanted)
    exact = set(wanted)

    def asked(path: str) -> bool:  # a folder's path ends in "/"
        return whole or path in exact or path.startswith(starts)

    def by_content(path: str) -> str | None:
        data = snapshot.read(path)
        return generated_by_content(data) or not_text(path, data)

    snapshot = DiskSnapshot(root, sorted(found.python), sorted(found.manifests), {}, frozenset())
    snapshot.aside = found.aside
    snapshot._unreadable = frozenset(found.unreadable)
    selected, skipped = chosen(snapshot.python, found, asked, by_content)
    snapshot.skipped.update({**skipped, **snapshot.skipped})
    snapshot.selected = selected
    for path in sorted(exact):
        if (
            path
            and path not in snapshot.skipped
            and not path.endswith((".py", ".pyi"))
            and (root / path).is_file()
        ):
            snapshot.skipped[path] = "not a Python file (.py or .pyi)"
    return snapshot
