"""What ``__table_args__`` says of a model's indexes, and the columns that have one without a name."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.inference.type_model import Type
from codemods.libraries import sqlalchemy_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project

_INDEX = {
    "sqlalchemy.Index", "sqlalchemy.schema.Index", "sqlalchemy.sql.schema.Index", "sqlmodel.Index",
    "flask_sqlalchemy.SQLAlchemy.Index",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """An ``Index("name", ...)`` of ``__table_args__``; ``columns`` are None where it covers more than plain columns."""

    name: str
    call: ast.Call
    columns: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A column with ``index=True``; ``keywords`` are the arguments that make its index."""

    column: sqlalchemy_models.Column
    name: str
    unique: bool
    keywords: tuple[ast.keyword, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A model whose indexes are in both places; ``schema`` is empty where it names none."""

    node: ast.ClassDef
    name: str
    schema: str
    named: tuple[Named, ...]
    unnamed: tuple[Unnamed, ...]


def tables_of(module: Module, project: Project) -> Iterator[Table]:
    """The models of a file that name indexes in ``__table_args__`` and have columns with ``index=True``."""
    for node in module.nodes(ast.ClassDef):
        listed = _table_args(node)
        if listed is None:
            continue
        named = tuple(
            _named(element, module, project) for element in listed.elts if _is_index(element, module, project)
        )
        schema = _schema(listed)
        if not named or any(each is None for each in named) or schema is None:
            continue
        found = Type(project.types.own_name(node, module), "class", path=module.path)
        name = sqlalchemy_models.table_name(found, project)
        if name is None or not sqlalchemy_models.is_model(found, project):
            continue
        unnamed = tuple(_unnamed(node, module, project))
        if unnamed:
            yield Table(node, name, schema, tuple(each for each in named if each is not None), unnamed)


def _table_args(node: ast.ClassDef) -> ast.Tuple | None:
    """The tuple of ``__table_args__``, where the class assigns one plainly, and once."""
    found = None
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign):
            targets: list[ast.expr] = [statement.target]
        elif isinstance(statement, ast.Assign):
            targets = statement.targets
        else:
            targets = []
            if getattr(statement, "name", "") == "__table_args__":
                return None
        if any(isinstance(target, ast.Name) and target.id == "__table_args__" for target in targets):
            value = getattr(statement, "value", None)
            if found is not None or not isinstance(value, ast.Tuple):
                return None
            found = value
        if any(isinstance(target, ast.Name) and target.id == "__abstract__" for target in targets):
            return None
    if found is None or any(isinstance(element, ast.Starred) for element in found.elts):
        return None
    return found


def _is_index(node: ast.expr, module: Module, project: Project) -> bool:
    if not isinstance(node, ast.Call):
        return False
    made = project.types.of(node.func, module)
    return made is not None and made.name in _INDEX


def _named(node: ast.expr, module: Module, project: Project) -> Named | None:
    assert isinstance(node, ast.Call)
    if not node.args or not isinstance(node.args[0], ast.Constant) or not isinstance(node.args[0].value, str):
        return None
    plain = not any(keyword.arg != "unique" for keyword in node.keywords)
    columns = [_column_named(arg) for arg in node.args[1:]]
    known = tuple(each for each in columns if each is not None)
    return Named(node.args[0].value, node, known if plain and len(known) == len(columns) else None)


def _column_named(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return node.id if isinstance(node, ast.Name) else None


def _schema(listed: ast.Tuple) -> str | None:
    """The schema that the options at the end name; None where they can't be read."""
    schema = ""
    for element in listed.elts:
        if not isinstance(element, ast.Dict):
            continue
        for key, value in zip(element.keys, element.values, strict=True):
            if not isinstance(key, ast.Constant):
                return None
            if key.value == "schema":
                if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
                    return None
                schema = value.value
    return schema


def _unnamed(node: ast.ClassDef, module: Module, project: Project) -> Iterator[Unnamed]:
    for column in sqlalchemy_models.own_columns(node, module, project):
        keywords = {keyword.arg: keyword for keyword in column.call.keywords}
        index, unique = keywords.get("index"), keywords.get("unique")
        if (
            index is None
            or not _is(index.value, True)
            or column.name is None
            or {"key", None} & set(keywords)
        ):
            continue
        if unique is not None and not isinstance(unique.value, ast.Constant):
            continue
        is_unique = unique is not None and _is(unique.value, True)
        made_by = (index, unique) if unique is not None and is_unique else (index,)
        yield Unnamed(column, column.name, is_unique, made_by)


def _is(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value
