"""``.astext`` on a column that is not PostgreSQL's; the page beside this file explains the rule."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.finding import Applicability, Change, Edit
from codemods.libraries import sqlalchemy_models

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.inference.type_model import Type
    from codemods.engine.project import Module, Project

_GENERIC = "sqlalchemy.JSON"
_FIRST = (1, 3, 11)
_ALIASED = {"sqlalchemy.orm.aliased", "sqlalchemy.orm.util.aliased"}
_DEEPEST = 6


class JsonAstext:
    """See ``json_astext.md``."""

    name = "json-astext"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that read a JSON path as text."""
        return project.containing(b".astext")

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each path of a generic JSON column."""
        highest = project.pins.highest("sqlalchemy")
        if highest is not None and highest < _FIRST:
            return
        for node in module.nodes(ast.Attribute):
            if node.attr != "astext" or not isinstance(node.ctx, ast.Load):
                continue
            column = _column(node.value, module, project)
            if column is None or sqlalchemy_models.sql_type(column, project) != _GENERIC:
                continue
            end = module.source.span(node)[1]
            if not module.source.text.endswith("astext", 0, end):  # inside an f-string of several lines
                continue
            yield module.finding(
                self.name,
                node,
                f"`.astext` belongs to PostgreSQL's own JSON types, and `{column.attribute}` is SQLAlchemy's generic "
                "`JSON`: building the query raises `AttributeError`.",
                Applicability.SAFE,
                f"`{column.attribute}` is declared as `JSON` in {column.module.path}, line {column.statement.lineno}.",
                evidence=(Edit(module.path, end - len("astext"), end, "as_string()"),),
            )

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """``as_string()`` in place of ``astext``."""
        assert isinstance(finding.evidence, tuple)
        return Change(tuple(edit for edit in finding.evidence if isinstance(edit, Edit)))


def _column(
    node: ast.expr, module: Module, project: Project, depth: int = 0
) -> sqlalchemy_models.Column | None:
    """The column whose path an expression is: ``Event.data["a"]["b"]``, also through a variable; None for others."""
    if isinstance(node, ast.Name) and depth < _DEEPEST:
        value = _only_value(node, module)
        return _column(value, module, project, depth + 1) if value is not None else None
    if not isinstance(node, ast.Subscript):
        return None
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name) and depth < _DEEPEST:
        value = _only_value(node, module)
        node = value if value is not None else node
        while isinstance(node, ast.Subscript):
            node = node.value
    if not isinstance(node, ast.Attribute):
        return None
    model = _model(node.value, module, project)
    if model is None or not sqlalchemy_models.is_model(model, project):
        return None
    return sqlalchemy_models.columns_of(model, project).get(node.attr)


def _model(node: ast.expr, module: Module, project: Project) -> Type | None:
    """The model that an expression is: the class, ``aliased(...)`` of it, or ``cls`` in one of its methods."""
    found = project.types.of(node, module)
    if isinstance(node, ast.Name) and (found is None or not found.path):
        value = _only_value(node, module)
        if (
            isinstance(value, ast.Call)
            and value.args
            and project.types.qualified(value.func, module) in _ALIASED
        ):
            found = project.types.of(value.args[0], module)
    if found is None or not found.path:
        return None
    is_class = found.kind == "class" or (isinstance(node, ast.Name) and node.id == "cls")
    return found if is_class else None


def _only_value(node: ast.Name, module: Module) -> ast.expr | None:
    """What a variable is assigned, where that is done once."""
    if node not in module.scopes.scope_of:
        return None
    bindings = module.scopes.bindings(node)
    return bindings[0].value if len(bindings) == 1 and bindings[0].kind == "assign" else None


RULE = JsonAstext()
