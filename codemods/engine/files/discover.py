"""Finds a repository's Python files on disk, and says of each one left out why."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.engine.files.disk import MANIFEST_BYTES, DiskSnapshot
from codemods.engine.files.generated import MIGRATION, generated_by_content, generated_by_name, not_text
from codemods.engine.files.ignored import Ignored, Patterns
from codemods.engine.files.snapshot import MANIFESTS
from codemods.engine.files.source import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

_SILENT = frozenset(
    [
        *(".git", ".hg", ".svn", ".bzr", ".jj", "_darcs", "CVS"),
        *("__pycache__", "__pypackages__", ".tox", ".nox", ".eggs", ".ipynb_checkpoints"),
        *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"),
    ]
)
_BUILT = frozenset(["build", "dist", "_build"])
_VENDORED = frozenset(
    [
        "vendor",
        "vendored",
        "_vendor",
        "_vendored",
        "third_party",
        "thirdparty",
        "site-packages",
        "node_modules",
    ]
)
_NEVER_OWN = frozenset(["site-packages", "node_modules"])
_VIRTUALENVS = frozenset(["venv", ".venv"])
_APP_FILES = frozenset(
    ["models.py", "apps.py", "views.py", "urls.py", "routes.py", "router.py", "service.py"]
)
_DEEPEST = 60


class NotFound(Exception):  # noqa: N818 - what the caller named is not there
    """A path that was asked for does not exist, or the paths belong to different repositories."""


def discover(paths: Sequence[Path]) -> DiskSnapshot:
    """The project that ``paths`` lie in, with the Python files below ``paths`` selected.

    The project's root is the git working tree around them, else the nearest folder with a ``pyproject.toml``,
    else the given folder (or the one above, while it is a package). Raises NotFound.
    """
    given = [_real(path) for path in paths] or [_real(Path())]
    root, shallow = _root(given)
    found = _walk(root, shallow=shallow)
    if not any(_below(path, found.seen_folders, root) for path in given):
        # What was asked for lies in a folder that the repository around it leaves out: look at it by itself.
        folder = Path(os.path.commonpath([path if path.is_dir() else path.parent for path in given]))
        if folder != root:
            root, found = folder, _walk(folder, shallow=shallow)
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


@dataclass
class _Found:
    python: list[str] = field(default_factory=list)
    manifests: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)
    """Folders and files that names are resolved in but that are not reported on, with the reason."""
    unreadable: set[str] = field(default_factory=set)
    seen_folders: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str
    ignored: Ignored
    depth: int = 0
    aside: bool = False
    linked: bool = False


def _walk(root: Path, *, shallow: bool) -> _Found:
    found = _Found()
    info = root / ".git" / "info" / "exclude"
    todo = [_Folder("", Ignored(Patterns(_lines(info))))]
    while todo:
        folder = todo.pop()
        below = _look(root, folder, found)
        if not shallow:
            todo += below
    return found


def _lines(path: Path) -> list[str]:
    try:
        if not path.is_file() or path.stat().st_size > 1_000_000:
            return []
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _look(root: Path, folder: _Folder, found: _Found) -> list[_Folder]:
    """Sorts one folder's files; gives the folders below that are to be looked at."""
    where = f"{root}/{folder.path}" if folder.path else str(root)
    try:
        with os.scandir(where) as listing:
            entries = list(listing)
    except OSError as error:
        found.skipped[folder.path or "."] = f"cannot be read: {error.strerror or error}"
        return []
    names = {entry.name for entry in entries}
    if folder.path and (reason := _foreign(folder, names)):
        if reason != "silent":
            found.skipped[folder.path] = reason
        return []
    found.seen_folders.add(folder.path)
    aside = folder.aside
    name = folder.path.rpartition("/")[2]
    if not aside and name in _VENDORED and (name != "vendor" or not names & _APP_FILES):
        found.aside[folder.path] = "vendored folder"
        aside = True
    ignored = folder.ignored
    if ".gitignore" in names:
        ignored = ignored.below(folder.path, _lines(Path(where) / ".gitignore"))
    prefix = f"{folder.path}/" if folder.path else ""
    below = []
    for entry in entries:
        path = prefix + entry.name
        if entry.is_symlink():
            if (link := _link(root, folder, path, entry, found)) is not None:
                below.append(link)
        elif entry.is_dir(follow_symlinks=False):
            if entry.name in _SILENT:
                continue
            if folder.depth >= _DEEPEST:
                found.skipped[path] = "folders nested too deep"
            elif ignored.leaves_out(f"{path}/", f"{entry.name}/"):
                found.skipped[path] = "ignored by .gitignore"
            else:
                below.append(_Folder(path, ignored, folder.depth + 1, aside, folder.linked))
        else:
            _file(path, entry, ignored, found)
    return below


def _foreign(folder: _Folder, names: set[str]) -> str | None:
    """Why nothing below this folder belongs to the project; ``silent`` for what nobody would look for."""
    name = folder.path.rpartition("/")[2]
    if "pyvenv.cfg" in names or "conda-meta" in names or name in _VIRTUALENVS:
        return "virtual environment"
    if name in _NEVER_OWN:
        return "installed packages"
    if name in _BUILT and "__init__.py" not in names:
        return "silent"
    if ".git" in names:
        return "another git repository"
    return None


def _file(path: str, entry: os.DirEntry[str], ignored: Ignored, found: _Found) -> None:
    name = entry.name
    python = name.endswith((".py", ".pyi"))
    if name.endswith(".ipynb") and not ignored.leaves_out(path, name):
        found.skipped[path] = "a notebook"
    manifest = name in MANIFESTS or (name.endswith((".txt", ".in")) and "requirements" in path)
    if not python and not manifest:
        return
    if ignored.leaves_out(path, name):
        if python:
            found.skipped[path] = "ignored by .gitignore"
        return
    try:
        if not entry.is_file(follow_symlinks=False):
            found.skipped[path] = "not a regular file"
            return
        size = entry.stat(follow_symlinks=False).st_size
    except OSError as error:
        found.skipped[path] = f"cannot be read: {error.strerror or error}"
        return
    if manifest and size <= MANIFEST_BYTES:
        found.manifests.append(path)
    if python:
        found.python.append(path)
        if size > MAX_BYTES:
            found.skipped[path] = f"larger than {MAX_BYTES:,} bytes"
            found.unreadable.add(path)


def _link(root: Path, folder: _Folder, path: str, entry: os.DirEntry[str], found: _Found) -> _Folder | None:
    """A symbolic link: names are resolved through it while it stays inside, but nothing is reported there."""
    try:
        is_folder = entry.is_dir()
        if not is_folder and not entry.name.endswith((".py", ".pyi")):
            return None
        target = os.path.realpath(entry.path, strict=True)
    except OSError as error:
        if entry.name.endswith((".py", ".pyi")):
            found.skipped[path] = f"symbolic link that leads nowhere: {error.strerror or error}"
        return None
    top = os.path.realpath(root)
    if not target.startswith(f"{top}/") and target != top:
        found.skipped[path] = "symbolic link that leads outside the project"
    elif not is_folder:
        found.aside[path] = "symbolic link to another file of the project"
        if os.path.isfile(target) and os.stat(target).st_size <= MAX_BYTES:  # noqa: PTH113, PTH116 - hot
            found.python.append(path)
    elif f"{os.path.realpath(os.path.dirname(entry.path))}/".startswith(f"{target}/"):  # noqa: PTH120
        found.skipped[path] = "symbolic link that leads to a folder above it: a loop"
    elif folder.linked:
        found.skipped[path] = "symbolic link below another one"
    else:
        found.aside[path] = "symbolic link to another folder of the project"
        return _Folder(path, folder.ignored, folder.depth + 1, aside=True, linked=True)
    return None


def _below(path: Path, folders: set[str], root: Path) -> bool:
    folder = path if path.is_dir() else path.parent
    relative = os.path.relpath(folder, root)
    return relative == "." or relative.replace(os.sep, "/") in folders


def _snapshot(root: Path, found: _Found, given: Sequence[Path]) -> DiskSnapshot:
    wanted = []
    for named in given:
        relative = os.path.relpath(named, root).replace(os.sep, "/")
        wanted.append("" if relative == "." else relative)
    whole = "" in wanted
    starts = tuple(f"{path}/" for path in wanted)
    exact = set(wanted)

    def asked(path: str) -> bool:  # a folder's path ends in "/"
        return whole or path in exact or path.startswith(starts)

    snapshot = DiskSnapshot(root, sorted(found.python), sorted(found.manifests), {}, frozenset())
    snapshot.aside = found.aside
    snapshot._unreadable = frozenset(found.unreadable)
    snapshot.skipped.update(
        {path: why for path, why in {**found.aside, **found.skipped}.items() if asked(path)}
    )
    apart = tuple(f"{path}/" for path in found.aside)
    selected = []
    for path in snapshot.python:
        if not asked(path) or path in found.aside or path in found.unreadable or path.startswith(apart):
            continue
        reason = generated_by_name(path)
        if reason is None:
            data = snapshot.read(path)
            reason = generated_by_content(data) or not_text(path, data)
        if reason is None:
            selected.append(path)
            continue
        folder = path.rpartition("/")[0]
        whole_folder = reason == MIGRATION and asked(f"{folder}/")
        snapshot.skipped.setdefault(folder if whole_folder else path, reason)
    for path in sorted(exact):
        if (
            path
            and path not in snapshot.skipped
            and not path.endswith((".py", ".pyi"))
            and (root / path).is_file()
        ):
            snapshot.skipped[path] = "not a Python file (.py or .pyi)"
    snapshot.selected = frozenset(selected)
    return snapshot
