"""The expressions of one file that are proven to be secrets."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.facts import dotted
from codemods.secretstr.names import Names, local_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project
    from codemods.engine.type_model import Type

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


@dataclass(frozen=True)
class Secret:
    """An expression that is a secret; ``is_bytes`` for ``SecretBytes``; ``optional``: it may be None."""

    node: ast.expr
    is_bytes: bool
    optional: bool
    proof: str

    @property
    def type_name(self) -> str:
        """As pydantic calls it."""
        return "SecretBytes" if self.is_bytes else "SecretStr"


def secrets_in(module: Module, project: Project, names: Names) -> Iterator[Secret]:
    """Every expression that is read and proven to be a secret, but for those that are unwrapped right there."""
    local = local_names(module, names)
    for node in ast.walk(module.tree):
        if not isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)) or not _worth(
            node, names, local
        ):
            continue
        parent = module.parents.get(node)
        if isinstance(parent, ast.Attribute) and parent.attr in {"get_secret_value", "_secret_value"}:
            continue
        if isinstance(parent, (ast.arg, ast.AnnAssign)) and parent.annotation is node:
            continue
        found = secret_type(project.types.of(node, module), project)
        if found is not None:
            is_bytes, known = found
            yield Secret(node, is_bytes, known.optional, known.proof)


def _worth(node: ast.expr, names: Names, local: set[str]) -> bool:
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            return name in local
        case ast.Attribute(attr=attr, ctx=ast.Load()):
            return attr in names.attributes
        case ast.Call(func=func):
            last = (dotted(func) or "").rpartition(".")[2] or getattr(func, "attr", "")
            return last in names.functions or last in names.types
        case ast.Subscript(value=value, ctx=ast.Load()):
            return _worth(value, names, local)
    return False


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
