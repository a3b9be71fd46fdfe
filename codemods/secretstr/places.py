"""The expressions of one file that are proven to be secrets."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.secretstr.kinds import secret_type
from codemods.secretstr.names import Names, local_names, may_be_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project


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
        if not isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Await)):
            continue
        if not may_be_secret(node, names, local) or isinstance(
            getattr(node, "ctx", None), (ast.Store, ast.Del)
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
