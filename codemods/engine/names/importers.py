"""Whether other files rely on a name that a file merely imports: then its import is a re-export and stays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from codemods.engine.names.facts import Name
    from codemods.engine.project import Project


def imported_elsewhere(project: Project) -> Callable[[str, str], bool]:
    """``answer(path, name)``: whether another file imports ``name`` from ``path``, reads it there, or patches it.

    Where that can't be told apart, the answer is yes: an import too many does less harm than one too few.
    """

    def answer(path: str, name: str) -> bool:
        parts = path.removesuffix(".py").split("/")
        stem = parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]
        for other in project.containing(name.encode()):
            if other != path and _relies(project, other, path, stem, name):
                return True
        return any(
            other != path and _has_star(project, other, path)
            for other in project.containing(b"import *")
            if stem.encode() in project.read(other) or b"from . " in project.read(other)
        )

    return answer


def _relies(project: Project, other: str, path: str, stem: str, name: str) -> bool:
    data = project.read(other)
    if f"{stem}.{name}".encode() in data:
        return True
    facts = project.facts(other)
    if facts is None:
        return stem.encode() in data
    for bound, known in facts.names.items():
        if known.kind != "import":
            continue
        if known.attribute == name and project.index.imported_file(other, known.module, known.level) == path:
            return True
        if _is_module(project, other, known, path) and (
            f"{bound}.{name}".encode() in data or f'"{name}"'.encode() in data or f"'{name}'".encode() in data
        ):
            return True
    # Imports inside functions are not among a module's names.
    inner = (
        rf"\bfrom[ \t]+[\w.]*\b{re.escape(stem)}[ \t]+import\b(?:[ \t]*\([^)]*|[^\n]*)\b{re.escape(name)}\b"
    )
    return re.search(inner.encode(), data) is not None


def _is_module(project: Project, other: str, known: Name, path: str) -> bool:
    """Whether an imported name is the module in ``path`` itself."""
    if known.attribute is None:
        return path in project.locate(known.module or "", other)
    if known.level:
        prefix = f"{known.module}." if known.module else ""
        return project.layout.relative(other, f"{prefix}{known.attribute}", known.level) == path
    return path in project.locate(f"{known.module}.{known.attribute}", other)


def _has_star(project: Project, other: str, path: str) -> bool:
    facts = project.facts(other)
    return facts is not None and any(
        project.index.imported_file(other, module, level) == path for module, level in facts.stars
    )
