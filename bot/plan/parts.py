"""Which files of one rule go into which pull request.

A rule has one pull request, as long as its findings lie in at most ``split-above`` files. Beyond that it is divided
by code owners, where the repository names several, else by folders: of a folder with too many files its largest
subfolders become parts of their own, until what is left is few enough. A folder's own files are not torn apart.

What is open stays as it is: a file that an open pull request is about stays with it, and files that are new go to
the one for their part while there is room. Only one that is about more than twice as many files as are allowed, say
because the limit was lowered, is given up for smaller ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.plan.digest import path_mark

if TYPE_CHECKING:
    from bot.plan.owners import Owners

WHOLE = ""
REST = "."
OWNED = "owned by "
_IN = " in "
_FEW = 2
Parts = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Open:
    """An open pull request, as far as dividing depends on it: its part, and the digests of its files' paths."""

    branch: str
    part: str
    files: frozenset[str]


@dataclass(frozen=True, slots=True)
class Division:
    """``kept``: the files of each open pull request, by branch. ``split``: branches of those to be given up.

    ``new``: files that need a further pull request, by part. ``later``: files of parts whose pull request is full.
    """

    kept: Parts
    split: tuple[str, ...]
    new: Parts
    later: tuple[str, ...] = field(default=())


def divide(paths: Collection[str], pulls: Iterable[Open], limit: int, owners: Owners) -> Division:
    """Divides the files with findings of one rule."""
    paths = sorted(set(paths))
    wanted = parts(paths, limit, owners)
    kept: dict[str, list[str]] = {}
    split: list[str] = []
    free = dict.fromkeys(paths)
    staying: dict[str, Open] = {}
    for pull in pulls:
        own = [path for path in free if path_mark(path) in pull.files]
        if len(own) > 2 * limit and len(parts(own, limit, owners)) > 1:
            split.append(pull.branch)
            continue
        kept[pull.branch] = own
        staying[pull.branch] = pull
        for path in own:
            del free[path]
    part_of = {path: part for part, group in wanted.items() for path in group}
    later = []
    for branch, pull in staying.items():
        for path in [path for path in free if pull.part in {WHOLE, part_of[path]}]:
            if len(kept[branch]) < limit:
                kept[branch].append(path)
                del free[path]
            elif pull.part == part_of[path]:
                later.append(path)
                del free[path]
    new: defaultdict[str, list[str]] = defaultdict(list)
    for path in free:
        new[part_of[path]].append(path)
    return Division(
        {branch: tuple(sorted(group)) for branch, group in kept.items()},
        tuple(split),
        {part: tuple(group) for part, group in new.items()},
        tuple(later),
    )


def parts(paths: Collection[str], limit: int, owners: Owners) -> Parts:
    """The files by part; all of them are one part where they are few."""
    if len(paths) <= limit:
        return {WHOLE: tuple(sorted(paths))} if paths else {}
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        groups[owners.of(path)].append(path)
    if len(groups) == 1:
        return _folders(paths, limit, "")
    found: dict[str, tuple[str, ...]] = {}
    for owner, group in groups.items():
        for folder, own in _folders(group, limit, "").items():
            found[_named(owner, folder)] = own
    return found


def _named(owner: str, folder: str) -> str:
    if not owner:
        return folder
    return f"{OWNED}{owner}" if folder == REST else f"{OWNED}{owner}{_IN}{folder}"


def _folders(paths: Collection[str], limit: int, folder: str) -> dict[str, tuple[str, ...]]:
    rest = dict.fromkeys(sorted(paths))
    below: defaultdict[str, list[str]] = defaultdict(list)
    for path in rest:
        name, slash, _ = path[len(folder) :].partition("/")
        if slash:
            below[f"{folder}{name}/"].append(path)
    found: dict[str, tuple[str, ...]] = {}
    for deeper in sorted(below, key=lambda name: (-len(below[name]), name)):
        if len(rest) <= limit:
            break
        found |= _folders(below[deeper], limit, deeper)
        for path in below[deeper]:
            del rest[path]
    if rest:
        found[folder.rstrip("/") or REST] = tuple(rest)
    return found


def in_words(part: str, paths: Collection[str] = ()) -> str:
    """Where a part lies, to follow what is done there: `` in app/mail``; empty for the whole of a rule.

    What is left over for the rest is called by its folders, where ``paths`` shows that they are few.
    """
    if part.startswith(OWNED):
        owners, _, folder = part.removeprefix(OWNED).partition(_IN)
        return f" for {owners.replace('@', '')}" + (f" in {folder}" if folder else "")
    if part == REST:
        folders = sorted({path.partition("/")[0] for path in paths if "/" in path})
        few = 1 <= len(folders) <= _FEW and all("/" in path for path in paths)
        return f" in {' and '.join(folders)}" if few else " in the other folders"
    return f" in {part}" if part else ""
