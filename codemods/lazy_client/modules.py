"""Which of the repository's modules an expression is."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.lazy_client.places import is_imported
from codemods.lazy_client.strings import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project

_DEPTH = 4
_CHAIN = 6
_IMPORTING = frozenset(
    {"importlib.import_module", "import_module", "importlib.reload", "reload", "pytest.importorskip"}
)


def module_of(node: ast.expr, module: Module, project: Project, depth: int = 0) -> str | None:
    """The file of the module that ``node`` evaluates to; None where it is anything else, or not known.

    Sees through imports, ``importlib`` with a literal name, ``reload`` and ``sys.modules["name"]``.
    """
    if depth > _DEPTH:
        return None
    if isinstance(node, (ast.Name, ast.Attribute)):
        known = project.types.of(node, module)
        if known is not None:
            return known.path or None if known.kind == "module" else None
    if isinstance(node, ast.Name) and node in module.scopes.scope_of:
        found = {
            module_of(binding.value, module, project, depth + 1) if binding.value is not None else None
            for binding in module.scopes.bindings(node)
            if binding.kind not in {"import", "annotation", "delete"}
        }
        return found.pop() if len(found) == 1 else None
    if isinstance(node, ast.Call) and dotted(node.func) in _IMPORTING and node.args:
        inner = module_of(node.args[0], module, project, depth + 1)
        return inner or _named(fold(node.args[0], module, project), module, project)
    if isinstance(node, ast.Subscript) and dotted(node.value) == "sys.modules":
        return _named(fold(node.slice, module, project), module, project)
    return None


def _named(name: str | None, module: Module, project: Project) -> str | None:
    found = project.locate(name, module.path) if name else []
    return found[0] if found else None


def split_target(target: str, near: str, project: Project) -> tuple[str, str, list[str]] | None:
    """A dotted target as ``mock.patch`` reads it: the longest module's name and file, and the attributes after it."""
    return next(splits(target, near, project), None)


def splits(target: str, near: str, project: Project) -> Iterator[tuple[str, str, list[str]]]:
    """Every way to part a dotted target into a module's name and file and the attributes after it, longest first."""
    parts = target.split(".")
    if not all(part.isidentifier() for part in parts):
        return
    for length in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:length])
        found = project.locate(name, near)
        if found:
            yield name, found[0], parts[length:]


def resolve_written(spelled: str, path: str, module: str, level: int) -> str:
    """The name under which a module imports another: ``spelled`` is the importing module's own name, as loaded."""
    if not level:
        return module
    parts = spelled.split(".")
    if not path.endswith("__init__.py"):
        parts = parts[:-1]
    parts = parts[: len(parts) - (level - 1)] if level > 1 else parts
    return ".".join([*parts, *([module] if module else [])])


def loads(path: str, targets: set[str], project: Project) -> bool:
    """Whether importing file ``path`` imports one of ``targets``, directly or through a few others."""
    if path in targets or not any(_is_loaded(target, project) for target in targets):
        return path in targets
    todo, seen = [(path, 0)], set()
    while todo:
        current, depth = todo.pop()
        if current in targets:
            return True
        if current in seen or depth > _CHAIN:
            continue
        seen.add(current)
        facts = project.facts(current)
        if facts is None:
            continue
        for known in facts.names.values():
            if known.kind != "import" or known.typing_only:
                continue
            for inner in (known.module or "", ".".join(filter(None, [known.module, known.attribute]))):
                target = project.index.imported_file(current, inner, known.level)
                if target is not None:
                    todo.append((target, depth + 1))
        todo += [
            (target, depth + 1)
            for each, level in facts.stars
            if (target := project.index.imported_file(current, each, level))
        ]
    return False


def _is_loaded(path: str, project: Project) -> bool:
    """Whether any other file imports this one; worked out once for each file."""
    return project.remembered(("lazy-client", "imported", path), lambda: is_imported(path, project))
