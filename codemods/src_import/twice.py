"""Whether some program loads one file under both names: only then is anything wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from codemods.src_import.folders import Folder
    from codemods.src_import.loads import Load, Name

_Node = tuple[str, "Name"]
_NAMES: tuple[Name, ...] = ("plain", "src")


def loaded_twice(
    folder: Folder, known: Mapping[str, list[Load]], empty: Collection[str]
) -> tuple[str, str] | None:
    """A file that is loaded under both names, and who does it: a path, or ``the tests``; None where nobody does.

    Files in ``empty`` hold nothing that could be there twice. The tests of one project run in one process; every other file stands for a program of its own.
    """
    tests = sorted(path for path in known if is_test(path))
    starts: list[tuple[str, list[_Node]]] = [
        ("the tests", [(path, "other") for path in tests if not folder.holds(path)])
    ]
    for path in sorted(set(known) - set(tests)):
        if not any(load.name in ("src", "plain") for load in known[path]):
            continue  # what it loads under two names, a file does that it loads
        if folder.holds(path):
            # Under which name it is started only its own imports tell: the folder that they need is on the path.
            written = {load.name for load in known[path]}
            starts += [(path, [(path, name)]) for name in _NAMES if name in written]
        else:
            starts.append((path, [(path, "other")]))
    for who, start in starts:
        both = _both(folder, start, known, empty)
        if both:
            return both, who
    return None


def _both(
    folder: Folder, start: Iterable[_Node], known: Mapping[str, list[Load]], empty: Collection[str]
) -> str | None:
    seen = set(start)
    todo = list(seen)
    while todo:
        path, named = todo.pop()
        for load in known.get(path, ()):
            if not load.runs:
                continue
            name: Name = named if load.name == "same" else load.name
            for file in load.files:
                as_named: Name = name if folder.holds(file) else "other"
                node = (file, as_named)
                if node not in seen and not (folder.holds(file) and as_named == "other"):
                    seen.add(node)
                    todo.append(node)
    names = {path for path, name in seen if name == "src"} & {path for path, name in seen if name == "plain"}
    names -= set(empty)
    modules = {path for path in names if not path.endswith("/__init__.py")}
    return min(modules or names, default=None)
