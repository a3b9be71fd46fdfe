"""Sorts a project's files, folder by folder: what is Python, what is packaging, and what is left out and why.

Where the folders come from (a disk, a listing of a commit) is a ``Tree``'s business; the decisions are made here.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from codemods.engine.files.generated import MIGRATION, generated_by_name
from codemods.engine.files.ignored import Ignored, Patterns
from codemods.engine.files.snapshot import MANIFESTS
from codemods.engine.files.source import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MANIFEST_BYTES = 10_000_000
"""The largest packaging file that is read."""
IGNORE_BYTES = 1_000_000
"""The largest ``.gitignore`` that is read."""
NOT_REGULAR = "not a regular file"

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
PYTHON = (".py", ".pyi")


class Kind(enum.Enum):
    """What lies in a folder. Nothing of kind OTHER (pipes, sockets, devices) is ever opened."""

    FILE = enum.auto()
    FOLDER = enum.auto()
    LINK = enum.auto()
    OTHER = enum.auto()


class Entry(NamedTuple):
    """One name in a folder, and what it is; links are not followed for it."""

    name: str
    kind: Kind


class Tree(Protocol):
    """Folders and files of one project. Paths are relative to its top with ``/``; the top itself is empty.

    Every method raises OSError for what can't be answered.
    """

    def entries(self, folder: str) -> Sequence[Entry]:
        """What lies in a folder, in any order."""

    def size(self, path: str) -> int:
        """A regular file's bytes."""

    def ignore_lines(self, path: str) -> list[str]:
        """The lines of a file of gitignore patterns; none where it is absent, too large or can't be read."""

    def is_folder(self, path: str) -> bool:
        """Whether ``path`` is a folder when links are followed; False where they lead nowhere. Raises nothing."""

    def real(self, path: str) -> str | None:
        """Where ``path`` lies when all links are followed; None outside the project. Raises OSError for nowhere."""

    def is_file(self, path: str) -> bool:
        """Whether ``path``, which has no links in it, is a regular file."""


@dataclass
class Found:
    """What a walk saw. ``python`` and ``manifests`` are in no order.

    ``aside``: folders and files that names are resolved in but that are not reported on, with the reason.
    ``unreadable``: Python files that are too large to be read.
    """

    python: list[str] = field(default_factory=list)
    manifests: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    seen_folders: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str
    ignored: Ignored
    depth: int = 0
    aside: bool = False
    linked: bool = False


def is_manifest(path: str) -> bool:
    """Whether a file says how the code is packaged, tested or pinned, by its path."""
    name = path.rpartition("/")[2]
    return name in MANIFESTS or (name.endswith((".txt", ".in")) and "requirements" in path)


def walk(tree: Tree, *, shallow: bool = False) -> Found:
    """All files below the tree's top (only those in it, if ``shallow``)."""
    found = Found()
    todo = [_Folder("", Ignored(Patterns(tree.ignore_lines(".git/info/exclude"))))]
    while todo:
        below = _look(tree, todo.pop(), found)
        if not shallow:
            todo += below
    return found


def chosen(
    python: Iterable[str], found: Found, asked: Callable[[str], bool], by_content: Callable[[str], str | None]
) -> tuple[frozenset[str], dict[str, str]]:
    """The Python files to report on, and why others, files and folders, are not.

    ``asked`` says whether the caller wants to hear of a path (a folder's ends in ``/``); ``by_content`` why a
    file's content speaks against it.
    """
    apart = tuple(f"{path}/" for path in found.aside)
    skipped = {path: why for path, why in {**found.aside, **found.skipped}.items() if asked(path)}
    selected = []
    for path in python:
        if not asked(path) or path in found.aside or path in found.unreadable or path.startswith(apart):
            continue
        reason = generated_by_name(path) or by_content(path)
        if reason is None:
            selected.append(path)
            continue
        folder = path.rpartition("/")[0]
        whole_folder = reason == MIGRATION and asked(f"{folder}/")
        skipped.setdefault(folder if whole_folder else path, reason)
    return frozenset(selected), skipped


def _look(tree: Tree, folder: _Folder, found: Found) -> list[_Folder]:
    """Sorts one folder's files; gives the folders below that are to be looked at."""
    try:
        entries = tree.entries(folder.path)
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
    prefix = f"{folder.path}/" if folder.path else ""
    ignored = folder.ignored
    if ".gitignore" in names:
        ignored = ignored.below(folder.path, tree.ignore_lines(f"{prefix}.gitignore"))
    below = []
    for entry in entries:
        path = prefix + entry.name
        if entry.kind is Kind.LINK:
            if (link := _link(tree, folder, path, found)) is not None:
                below.append(link)
        elif entry.kind is Kind.FOLDER:
            if entry.name in _SILENT:
                continue
            if folder.depth >= _DEEPEST:
                found.skipped[path] = "folders nested too deep"
            elif ignored.leaves_out(f"{path}/", f"{entry.name}/"):
                found.skipped[path] = "ignored by .gitignore"
            else:
                below.append(_Folder(path, ignored, folder.depth + 1, aside, folder.linked))
        else:
            _file(tree, path, entry, ignored, found)
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


def _file(tree: Tree, path: str, entry: Entry, ignored: Ignored, found: Found) -> None:
    name = entry.name
    python = name.endswith(PYTHON)
    if name.endswith(".ipynb") and not ignored.leaves_out(path, name):
        found.skipped[path] = "a notebook"
    manifest = is_manifest(path)
    if not python and not manifest:
        return
    if ignored.leaves_out(path, name):
        if python:
            found.skipped[path] = "ignored by .gitignore"
        return
    if entry.kind is not Kind.FILE:
        found.skipped[path] = NOT_REGULAR
        return
    try:
        size = tree.size(path)
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


def _link(tree: Tree, folder: _Folder, path: str, found: Found) -> _Folder | None:
    """A symbolic link: names are resolved through it while it stays inside, but nothing is reported there."""
    try:
        is_folder = tree.is_folder(path)
        if not is_folder and not path.endswith(PYTHON):
            return None
        target = tree.real(path)
    except OSError as error:
        if path.endswith(PYTHON):
            found.skipped[path] = f"symbolic link that leads nowhere: {error.strerror or error}"
        return None
    if target is None:
        found.skipped[path] = "symbolic link that leads outside the project"
    elif not is_folder:
        found.aside[path] = "symbolic link to another file of the project"
        if tree.is_file(target) and tree.size(target) <= MAX_BYTES:
            found.python.append(path)
    elif not target or f"{tree.real(folder.path)}/".startswith(f"{target}/"):
        found.skipped[path] = "symbolic link that leads to a folder above it: a loop"
    elif folder.linked:
        found.skipped[path] = "symbolic link below another one"
    else:
        found.aside[path] = "symbolic link to another folder of the project"
        return _Folder(path, folder.ignored, folder.depth + 1, aside=True, linked=True)
    return None
