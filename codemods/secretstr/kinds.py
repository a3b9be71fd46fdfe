"""Which types are secrets."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.inference.type_model import Type
    from codemods.engine.project import Project

_HOMES = (
    "pydantic", "pydantic.types", "pydantic.v1", "pydantic.v1.types", "pydantic_v1",
    "langchain_core.pydantic_v1", "langchain.pydantic_v1", "langchain_core.pydantic_v1.main",
)  # fmt: skip
_TEXT = {f"{home}.SecretStr" for home in _HOMES}
_BYTES = {f"{home}.SecretBytes" for home in _HOMES}
_OWN_TEXT = {
    "__str__",
    "__format__",
    "__add__",
    "__radd__",
    "__eq__",
    "__getattr__",
    "encode",
    "get_secret_value",
}


def secret_type(found: Type | None, project: Project) -> tuple[bool, Type] | None:
    """Whether a type is a secret: (is it bytes, the type); a project's own subclass counts if it masks alike."""
    if found is None or found.kind != "instance":
        return None
    if found.name in _TEXT or found.name in _BYTES:
        return found.name in _BYTES, found
    if not found.path:
        return None
    for module, node in project.types.classes.lineage(found):
        if any(
            isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) and part.name in _OWN_TEXT
            for part in node.body
        ):
            return None
        del module
    bases = list(project.types.ancestry(found))
    if any(base in _TEXT for base in bases):
        return False, found
    if any(base in _BYTES for base in bases):
        return True, found
    return None
