"""What each file loads when it is imported, and under which of the two names."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from codemods.engine.names.facts import dotted, is_type_checking
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project
    from codemods.src_import.folders import Folder

Name = Literal["src", "plain", "same", "other"]
"""How a file is named by an import: ``src.pkg``, ``pkg``, relatively (as the importing file is), or it lies elsewhere."""

_MISSING = {"ImportError", "ModuleNotFoundError", "Exception"}


@dataclass(frozen=True, slots=True)
class Load:
    """One import: ``files`` are loaded under ``name``. ``top`` is the package in ``src``, empty for others.

    ``runs``: wherever the file does, not for type checkers only, nor where an error is caught. ``guarded``: another
    import takes its place where it fails.
    """

    node: ast.Import | ast.ImportFrom
    name: Name
    top: str
    files: tuple[str, ...]
    runs: bool
    guarded: bool


def loads(module: Module, folder: Folder, project: Project) -> list[Load]:
    """Every import of a file that reaches the repository's own files, in source order."""
    found = []
    statements: list[ast.Import | ast.ImportFrom] = [*module.nodes(ast.Import), *module.nodes(ast.ImportFrom)]
    for node in statements:
        runs, guarded = _circumstances(node, module)
        for name, parts in _named(node, module, folder):
            top, files = _reached(name, parts, module, folder, project)
            if files:
                inside = name if name != "same" or folder.holds(module.path) else "other"
                found.append(Load(node, inside, top, files, runs, guarded))
    return sorted(found, key=lambda load: (load.node.lineno, load.node.col_offset))


def _circumstances(node: ast.stmt, module: Module) -> tuple[bool, bool]:
    """Whether an import runs for certain, and whether another one takes its place, or it takes that of another."""
    runs, guarded = True, False
    inner: ast.AST = node
    for around in module.ancestors(node):
        if isinstance(around, ast.If) and inner in around.body and is_type_checking(around.test):
            runs = False
        if isinstance(around, ast.Try) and any(_catches_missing(handler) for handler in around.handlers):
            if inner in around.handlers:
                runs, guarded = False, True
            elif inner in around.body:
                runs = False
                guarded = guarded or any(_imports(handler) for handler in around.handlers)
        inner = around
    return runs, guarded


def _imports(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in walk(handler))


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or dotted(kind) in _MISSING for kind in kinds)


def _named(
    node: ast.Import | ast.ImportFrom, module: Module, folder: Folder
) -> Iterator[tuple[Name, tuple[str, ...]]]:
    """The dotted names that an import may load, as parts; relative ones as the path of a file, whole."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield _kind(alias.name, folder), tuple(alias.name.split("."))
        return
    base = tuple((node.module or "").split(".")) if node.module else ()
    if node.level:
        here = module.path.split("/")[:-1]
        if node.level - 1 > len(here):
            return
        base = (*here[: len(here) - node.level + 1], *base)
    for alias in node.names:
        parts = base if alias.name == "*" else (*base, alias.name)
        yield "same" if node.level else _kind(".".join(parts), folder), parts


def _kind(name: str, folder: Folder) -> Name:
    first, _, rest = name.partition(".")
    if first == "src" and rest.partition(".")[0] in folder.tops:
        return "src"
    return "plain" if first in folder.tops else "other"


def _reached(
    name: Name, parts: tuple[str, ...], module: Module, folder: Folder, project: Project
) -> tuple[str, tuple[str, ...]]:
    """The package in ``src`` that a name means, and the files that importing it runs; none where that is not certain."""
    if name == "same":
        return "", _along((), parts, project)
    if name == "other":
        whole = ".".join(parts)
        return "", tuple(
            (project.locate(whole, module.path) or project.locate(_outer(whole), module.path))[:1]
        )
    inside = parts[1:] if name == "src" else parts
    start = tuple(folder.path.split("/"))
    files = _along(start, inside, project)
    if not files:
        return "", ()
    depth = len(files[-1].removesuffix("/__init__.py").removesuffix(".py").split("/")) - len(start)
    full = (*(("src",) if name == "src" else ()), *inside[:depth])
    found = project.locate(".".join(full), module.path)
    others = any(folder.above(path) and not folder.holds(path) for path in found)
    return (inside[0], files) if found[:1] == [files[-1]] and not others else ("", ())


def _outer(name: str) -> str:
    return name.rpartition(".")[0] or name


def _along(start: tuple[str, ...], parts: tuple[str, ...], project: Project) -> tuple[str, ...]:
    """The files that importing ``parts`` below ``start`` runs: the packages on the way, and the module."""
    found = []
    for number in range(1, len(parts) + 1):
        path = "/".join((*start, *parts[:number]))
        if project.has(f"{path}/__init__.py"):
            found.append(f"{path}/__init__.py")
        elif project.has(f"{path}.py"):
            found.append(f"{path}.py")
    return tuple(found)
