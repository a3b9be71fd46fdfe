"""What a function writes into a row from what it read of it before."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import own_nodes
from codemods.engine.names.traverse import walk
from codemods.libraries.sqlalchemy_models import columns_of, sql_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.inference.definitions import Function
    from codemods.engine.inference.type_model import Type
    from codemods.engine.project import Module, Project

_NUMERIC = {
    f"sqlalchemy.{name}"
    for name in (
        "Integer", "BigInteger", "SmallInteger", "Numeric", "Float", "Double", "DECIMAL", "INTEGER", "BIGINT", "SMALLINT",
        "NUMERIC", "FLOAT", "REAL", "DOUBLE", "INT",
    )
}  # fmt: skip
_NUMBERS = {"builtins.int", "builtins.float", "decimal.Decimal"}
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv)


@dataclass(frozen=True, eq=False, slots=True)
class Write:
    """``row.attribute`` gets a value that its old value is part of."""

    statement: ast.stmt
    attribute: str


def writes_of(
    name: str, model: Type, function: Function, module: Module, project: Project
) -> Iterator[Write]:
    """The statements that add to (or take from) a number of the row that ``name`` is bound to."""
    for node in own_nodes(function):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, _OPERATORS):
            attribute = _of_row(node.target, name)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            attribute = _of_row(node.targets[0], name)
            if attribute is not None and not _builds_on(node.value, name, attribute, node, function):
                attribute = None
        else:
            continue
        if attribute is not None and is_number(attribute, model, project):
            assert isinstance(node, ast.stmt)
            yield Write(node, attribute)


def _of_row(node: ast.expr, name: str) -> str | None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
        return node.attr
    return None


def _builds_on(value: ast.expr, name: str, attribute: str, at: ast.stmt, function: Function) -> bool:
    """Whether a sum or the like has the row's own value in it, also by way of one variable."""
    for part in walk(value):
        if isinstance(part, ast.BinOp) and isinstance(part.op, _OPERATORS):
            for inner in walk(part):
                if isinstance(inner, ast.expr) and _of_row(inner, name) == attribute:
                    return True
    if isinstance(value, ast.Name):
        assigned = [
            node for node in own_nodes(function)
            if isinstance(node, ast.Assign) and any(isinstance(each, ast.Name) and each.id == value.id for each in node.targets)
        ]  # fmt: skip
        if (
            len(assigned) == 1
            and assigned[0].lineno < at.lineno
            and not isinstance(assigned[0].value, ast.Name)
        ):
            return _builds_on(assigned[0].value, name, attribute, at, function)
    return False


def is_number(attribute: str, model: Type, project: Project) -> bool:
    """Whether the model's attribute is a column of numbers, by its SQL type or its annotation."""
    column = columns_of(model, project).get(attribute)
    if column is not None:
        declared = sql_type(column, project)
        if declared is not None:
            return declared in _NUMERIC
    for module, node in project.types.classes.lineage(model):
        for statement in node.body:
            if (
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Name)
                and statement.target.id == attribute
            ):
                found = project.types.annotation(statement.annotation, module)
                return found is not None and found.name in _NUMBERS
    return False
