"""SQLAlchemy's declarative models: which class is one, its table, its columns and their SQL types."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.inference.type_model import Type
    from codemods.engine.project import Module, Project

_BASES = {
    "sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.DeclarativeBaseNoMeta", "sqlalchemy.orm.decl_api.DeclarativeBase",
    "sqlalchemy.orm.declarative_base()", "sqlalchemy.ext.declarative.declarative_base()",
    "sqlalchemy.orm.decl_api.declarative_base()", "sqlalchemy.ext.declarative.api.declarative_base()",
    "sqlalchemy.orm.registry.generate_base()", "flask_sqlalchemy.SQLAlchemy.Model",
    "sqlalchemy.ext.automap.automap_base()", "sqlmodel.SQLModel", "sqlmodel.main.SQLModel",
}  # fmt: skip
_DECORATORS = {
    "sqlalchemy.orm.as_declarative", "sqlalchemy.ext.declarative.as_declarative", "sqlalchemy.orm.registry.mapped",
    "sqlalchemy.orm.registry.as_declarative_base",
}  # fmt: skip
_SQLMODEL = {"sqlmodel.SQLModel", "sqlmodel.main.SQLModel"}
_COLUMNS = {
    "sqlalchemy.Column", "sqlalchemy.schema.Column", "sqlalchemy.sql.schema.Column", "sqlmodel.Column",
    "sqlalchemy.orm.mapped_column", "flask_sqlalchemy.SQLAlchemy.Column", "flask_sqlalchemy.SQLAlchemy.mapped_column",
}  # fmt: skip
_FIELDS = {"sqlmodel.Field", "sqlmodel.main.Field"}
_TYPE_HOMES = ("sqlalchemy.types.", "sqlalchemy.sql.sqltypes.", "flask_sqlalchemy.SQLAlchemy.", "sqlmodel.")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a class body declares.

    ``call`` is the ``Column(...)``, ``mapped_column(...)`` or SQLModel's ``Field(...)``; ``module`` the file it is in;
    ``attribute`` what the class calls it; ``name`` what the table calls it, None where that is not a literal.
    ``is_field``: SQLModel makes the column of a ``Field``.
    """

    attribute: str
    name: str | None
    module: Module
    call: ast.Call
    statement: ast.Assign | ast.AnnAssign
    is_field: bool


def is_model(found: Type, project: Project) -> bool:
    """Whether a class (or an instance's class) is mapped by SQLAlchemy: a declarative model, a base or a mixin of such."""
    if not found.path or found.kind not in {"class", "instance"}:
        return False
    if any(name in _BASES for name in project.types.ancestry(found)):
        return True
    for module, node in project.types.classes.lineage(found):
        for mark in node.decorator_list:
            made = mark.func if isinstance(mark, ast.Call) else mark
            kind = project.types.of(made, module)
            if kind is not None and kind.name.removesuffix("()") in _DECORATORS:
                return True
    return False


def table_name(found: Type, project: Project) -> str | None:
    """The literal ``__tablename__`` of the class's own body; SQLModel's default where it says none; otherwise None."""
    definition = project.types.class_def(found)
    if definition is None:
        return None
    for statement in definition[1].body:
        for name, value in _assigned(statement):
            if name == "__tablename__":
                return (
                    value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
                )
        if (
            isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef))
            and statement.name == "__tablename__"
        ):
            return None
    is_table = any(
        keyword.arg == "table" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in definition[1].keywords
    )
    named = any(name in _SQLMODEL for name in project.types.ancestry(found))
    return definition[1].name.lower() if is_table and named else None


def columns_of(found: Type, project: Project) -> dict[str, Column]:
    """The columns of a model by attribute, own and inherited; the nearest class's where several declare one."""
    columns: dict[str, Column] = {}
    for module, node in project.types.classes.lineage(found):
        for column in own_columns(node, module, project):
            columns.setdefault(column.attribute, column)
    return columns


def own_columns(node: ast.ClassDef, module: Module, project: Project) -> Iterator[Column]:
    """The columns that a class's own body declares, in its order."""
    for statement in node.body:
        for attribute, value in _assigned(statement):
            assert isinstance(statement, (ast.Assign, ast.AnnAssign))
            call = column_call(value, module, project)
            if call is not None:
                made = project.types.of(call.func, module)
                is_field = made is not None and made.name in _FIELDS
                name = _name(attribute, call, is_field=is_field)
                yield Column(attribute, name, module, call, statement, is_field)


def column_call(value: ast.expr, module: Module, project: Project) -> ast.Call | None:
    """The call that makes a column: ``value`` itself, or the ``sa_column`` in SQLModel's ``Field``."""
    if not isinstance(value, ast.Call):
        return None
    made = project.types.of(value.func, module)
    name = made.name if made is not None else ""
    if name in _COLUMNS:
        return value
    if name not in _FIELDS:
        return None
    for keyword in value.keywords:
        if keyword.arg == "sa_column":
            return column_call(keyword.value, module, project)
    return value


def sql_type(column: Column, project: Project) -> str | None:
    """The qualified name of the column's SQL type (``sqlalchemy.JSON``), however it was imported; None where unknown.

    Types of a dialect keep its name (``sqlalchemy.dialects.postgresql.JSONB``); a type that was changed afterwards shows
    that (``sqlalchemy.JSON.with_variant()``).
    """
    for value in _type_arguments(column):
        if isinstance(value, ast.Constant):
            continue
        found = project.types.of(_without_tracking(value), column.module)
        if found is None or found.kind not in {"external", "instance"} or found.path:
            return None
        for home in _TYPE_HOMES:
            if found.name.startswith(home):
                return f"sqlalchemy.{found.name.removeprefix(home)}"
        return found.name
    return None


def _without_tracking(value: ast.expr) -> ast.expr:
    """``MutableDict.as_mutable(JSON)`` is the type that it is given."""
    if (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr == "as_mutable"
    ):
        return next(iter(value.args), value)
    return value


def _type_arguments(column: Column) -> list[ast.expr]:
    wanted = {"type_", "sa_type"}
    named = [keyword.value for keyword in column.call.keywords if keyword.arg in wanted]
    return named if named or column.is_field else column.call.args[:2]


def _name(attribute: str, call: ast.Call, *, is_field: bool) -> str | None:
    if is_field:
        named = any(keyword.arg in {"sa_column_kwargs", None} for keyword in call.keywords)
        return None if named else attribute
    if any(keyword.arg is None for keyword in call.keywords) or any(
        isinstance(each, ast.Starred) for each in call.args
    ):
        return None
    given = [keyword.value for keyword in call.keywords if keyword.arg == "name"]
    first = call.args[:1]
    if first and isinstance(first[0], ast.Constant) and first[0].value is not None:
        given += first
    if not given:
        return attribute
    value = given[0]
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Name):
                yield target.id, statement.value
    elif (
        isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and statement.value is not None
    ):
        yield statement.target.id, statement.value
