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
        bindings = module.scopes.bindings(node)
        models = [
            _queried(each.value, module, project) if each.value is not None else None for each in bindings
        ]
        return models[0] if models and all(model == models[0] for model in models) else None
    return None


def _queried(node: ast.expr, module: Module, project: Project) -> Type | None:
    """The model of ``db.query(User)...first()``, ``db.get(User, id)``, ``db.scalars(select(User)...).first()``."""
    node = node.value if isinstance(node, ast.Await) else node
    if (
        not isinstance(node, ast.Call)
        or not isinstance(node.func, ast.Attribute)
        or node.func.attr not in _ONE
    ):
        return None
    current: ast.expr | None = node
    for _ in range(_DEEPEST):
        if isinstance(current, ast.Call):
            func = current.func
            name = (
                func.attr
                if isinstance(func, ast.Attribute)
                else func.id
                if isinstance(func, ast.Name)
                else ""
            )
            if name in {"query", "select", "get"} and current.args:
                model = project.types.of(current.args[0], module)
                if (
                    model is not None
                    and model.kind == "class"
                    and len(current.args) <= 2
                    and is_model(model, project)
                ):
                    return model
            inner = next((each for each in current.args if isinstance(each, ast.Call)), None)
            if name in {"execute", "scalars", "exec", "scalar"} and inner is not None:
                current = inner
            else:
                current = func.value if isinstance(func, ast.Attribute) else None
        elif isinstance(current, ast.Await):
            current = current.value
        else:
            break
    return None
