"""Which expressions are whole numbers: by their type, or as an integer column of a model."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.libraries.sqlalchemy_models import columns_of, is_model, sql_type

if TYPE_CHECKING:
    from codemods.engine.inference.type_model import Type
    from codemods.engine.project import Module, Project

_INTEGERS = {
    "sqlalchemy.Integer",
    "sqlalchemy.BigInteger",
    "sqlalchemy.SmallInteger",
    "sqlalchemy.INTEGER",
    "sqlalchemy.BIGINT",
}
_ONE = {
    "first",
    "one",
    "one_or_none",
    "scalar",
    "scalar_one",
    "scalar_one_or_none",
    "get",
    "first_or_404",
    "get_or_404",
}
_DEEPEST = 12


def is_number(node: ast.expr, module: Module, project: Project) -> bool:
    """Whether an expression is proven to be an ``int``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv)):
        return is_number(node.left, module, project) and is_number(node.right, module, project)
    found = project.types.of(node, module)
    if found is not None and found.kind == "instance" and found.name == "builtins.int":
        return True
    if isinstance(node, ast.Name) and node in module.scopes.scope_of:
        bindings = module.scopes.bindings(node)
        return (
            len(bindings) == 1
            and isinstance(bindings[0].value, ast.Attribute)
            and is_number(bindings[0].value, module, project)
        )
    if not isinstance(node, ast.Attribute):
        return False
    owner = model_of(node.value, module, project)
    return owner is not None and is_number_column(owner, node.attr, project)


def is_number_column(owner: Type, attribute: str, project: Project) -> bool:
    """Whether a model's column holds whole numbers: by its SQL type, or by the annotation that it is mapped from."""
    column = columns_of(owner, project).get(attribute)
    if column is not None and sql_type(column, project) in _INTEGERS:
        return True
    member = project.types.member(replace(owner, kind="instance"), attribute)
    return member is not None and member.kind == "instance" and member.name == "builtins.int"


def model_of(node: ast.expr, module: Module, project: Project) -> Type | None:
    """The model whose row an expression is: by its type, or by the query that gave it."""
    found = project.types.of(node, module)
    if found is not None and found.kind == "instance" and found.path and is_model(found, project):
        return found
    if isinstance(node, ast.Await):
        return model_of(node.value, module, project)
    if isinstance(node, ast.Name) and node in module.scopes.scope_of:
        return _agreed([_made(each.value, module, project) for each in module.scopes.bindings(node)])
    return None


def _agreed(models: list[Type | None]) -> Type | None:
    """The one model of several bindings; None where they differ, or one is unknown."""
    first = models[0] if models else None
    return (
        first
        if first is not None and all(each is not None and each.name == first.name for each in models)
        else None
    )


def _made(value: ast.expr | None, module: Module, project: Project) -> Type | None:
    """The model of a row that was queried, or built."""
    if value is None:
        return None
    found = project.types.of(value, module)
    if found is not None and found.kind == "instance" and found.path and is_model(found, project):
        return found
    inner = value.value if isinstance(value, ast.Await) else value
    is_row = isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr in _ONE
    return _selected(inner, module, project, 0) if is_row else None


def _selected(node: ast.expr | None, module: Module, project: Project, depth: int) -> Type | None:
    """The model of ``db.query(User)...first()``, ``db.get(User, id)``, ``db.scalars(select(User)...).first()``.

    A result or a statement that was kept in a variable is followed there.
    """
    if node is None or depth > _DEEPEST:
        return None
    if isinstance(node, ast.Await):
        return _selected(node.value, module, project, depth + 1)
    if isinstance(node, ast.Name) and node in module.scopes.scope_of:
        values = [each.value for each in module.scopes.bindings(node)]
        return _agreed([_selected(value, module, project, depth + 1) for value in values])
    if not isinstance(node, ast.Call):
        return None
    func = node.func
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    if name in {"query", "select", "get"} and 0 < len(node.args) <= 2:
        model = project.types.of(node.args[0], module)
        if model is not None and model.kind == "class" and is_model(model, project):
            return model if name == "get" or len(node.args) == 1 else None
    if name in {"execute", "scalars", "exec", "scalar"} and node.args:
        return _selected(node.args[0], module, project, depth + 1)
    return _selected(func.value, module, project, depth + 1) if isinstance(func, ast.Attribute) else None
