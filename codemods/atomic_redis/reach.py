"""Which tests can run a module at all: those whose imports lead to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from codemods.atomic_redis.places import read_noted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Project

_FILES = 400
_KNOWN: WeakKeyDictionary[Project, dict[tuple[str, bool], tuple[str, ...]]] = WeakKeyDictionary()
_BY_NAME: WeakKeyDictionary[Project, dict[str, list[str]]] = WeakKeyDictionary()
_FROM = re.compile(r"^\s*from\s+(\.*)([\w.]*)\s+import\s+(\([^)]*\)|[^\n#]+)", re.MULTILINE)
_IMPORT = re.compile(r"^\s*import\s+([\w., ]+)", re.MULTILINE)
_TEXT = re.compile(r"[\"']([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)[\"']")


def reaches(test: str, path: str, project: Project) -> bool:
    """Whether the imports of ``test`` (and the dotted names in its strings) lead to the file ``path``.

    A ``conftest.py`` serves every test below it, and a file beside the tests whoever imports it, so they always may.
    """
    name = test.rpartition("/")[2]
    if not name.startswith("test") and not name.endswith(("_test.py", "_tests.py")):
        return True
    seen = {test}
    todo = [test]
    project.note("layout", "", project.layout.fingerprint)
    known = _KNOWN.setdefault(project, {})
    while todo:
        current = todo.pop()
        data = read_noted(project, current)
        key = (current, current == test)
        if key not in known:
            known[key] = tuple(dict.fromkeys(_imported(current, data, project, strings=current == test)))
        for found in known[key]:
            if found == path:
                return True
            if found not in seen:
                seen.add(found)
                todo.append(found)
        if len(seen) > _FILES:
            return True
    return False


def _imported(path: str, data: bytes, project: Project, *, strings: bool) -> Iterator[str]:
    text = data.decode("utf-8", "replace")
    names: list[str] = []
    for dots, module, imported in _FROM.findall(text):
        base = project.layout.absolute(path, module or None, len(dots)) if dots else module
        if dots:
            found = project.layout.relative(path, module or None, len(dots))
            if found:
                yield found
        words = [
            word.split()[0] for word in imported.strip("()").replace("\n", ",").split(",") if word.split()
        ]
        names += [base, *(f"{base}.{word}" for word in words if word.isidentifier())]
    for imported in _IMPORT.findall(text):
        names += [word.split()[0] for word in imported.split(",") if word.split()]
    if strings:
        for dotted in _TEXT.findall(text):
            parts = dotted.split(".")
            names += [".".join(parts[:length]) for length in range(2, len(parts) + 1)]
    for name in dict.fromkeys(names):
        if not name:
            continue
        found_files = project.layout.locate(name, path)[:1]
        yield from found_files or _by_ending(name, project)


def _by_ending(name: str, project: Project) -> list[str]:
    """Files that a name may mean where a test changes ``sys.path``: those whose paths end like it."""
    ending = "/" + name.replace(".", "/")
    if "." not in name:
        return []
    if project not in _BY_NAME:
        _BY_NAME[project] = _by_last_name(project)
    return [
        path
        for path in _BY_NAME[project].get(ending.rpartition("/")[2], ())
        if f"/{path}".endswith((f"{ending}.py", f"{ending}/__init__.py"))
    ]


def _by_last_name(project: Project) -> dict[str, list[str]]:
    """The files by the last part of their modules' names: without it, every import is held against every path."""
    found: dict[str, list[str]] = {}
    for path in sorted(project.python):
        module = f"/{path}".removesuffix(".py").removesuffix("/__init__")
        found.setdefault(module.rpartition("/")[2], []).append(path)
    return found
