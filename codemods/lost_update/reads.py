"""Where a function reads one row of an ORM model into a variable, and how that read takes a lock."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codemods.engine.edits.arguments import add_argument
from codemods.engine.finding import Edit
from codemods.libraries import sqlalchemy
from codemods.libraries.sqlalchemy_models import is_model

if TYPE_CHECKING:
    from codemods.engine.inference.definitions import Function
    from codemods.engine.inference.type_model import Type
    from codemods.engine.names.scopes import Binding
    from codemods.engine.project import Module, Project

_SELECTS = {
    "sqlalchemy.select", "sqlalchemy.future.select", "sqlalchemy.sql.select", "sqlalchemy.sql.expression.select",
    "sqlmodel.select", "sqlmodel.sql.expression.select",
}  # fmt: skip
_FLASKS = {"flask_sqlalchemy.SQLAlchemy.select", "flask_sqlalchemy.extension.SQLAlchemy.select"}
_OF_RESULT = {"scalar_one", "scalar_one_or_none", "scalar"}
_ONE = {"first", "one", "one_or_none"}
_OF_QUERY = _ONE | {"get", "first_or_404", "get_or_404", "one_or_404"}
_PLAIN_STEPS = {
    "where", "filter", "filter_by", "order_by", "limit", "execution_options", "populate_existing", "select_from", "enable_eagerloads",
}  # fmt: skip
_APART = {"selectinload", "subqueryload", "lazyload", "noload", "raiseload", "load_only", "defer", "undefer"}
_JOINING_STEPS = {"join", "outerjoin", "options", "join_from", "outerjoin_from"}


@dataclass(frozen=True, eq=False, slots=True)
class Read:
    """``name`` is bound to one row of ``model``, read by ``node`` through ``session``.

    ``call`` takes the lock: a ``Session.get``, which has a parameter for it, or an expression (``select(...)``, a
    query) that gets a step more. ``joins``: other tables are read with it.
    """

    name: str
    statement: ast.stmt
    node: ast.expr
    session: ast.expr | None
    model: Type
    call: ast.expr
    is_get: bool
    joins: bool


def read_of(binding: Binding, function: Function, module: Module, project: Project) -> Read | None:
    """The read whose row a name is bound to; None where it is bound to anything else."""
    if binding.kind != "assign" or binding.value is None or not isinstance(binding.node, ast.stmt):
        return None
    node = _awaited(binding.value)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    finder = _Finder(binding, function, module, project)
    return finder.get(node, node.func) or finder.query(node, node.func) or finder.select(node, node.func)


def _loads_apart(step: ast.Call) -> bool:
    """Whether ``.options(...)`` only loads by queries of their own, or leaves out columns."""
    names = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for option in step.args
        for node in ast.walk(option)
        if isinstance(node, ast.Call)
    }
    return (
        isinstance(step.func, ast.Attribute)
        and step.func.attr == "options"
        and bool(names)
        and names <= _APART
    )


def _awaited(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Await) else node


class _Finder:
    def __init__(self, binding: Binding, function: Function, module: Module, project: Project) -> None:
        self.binding, self.function, self.module, self.project = binding, function, module, project

    def made(
        self,
        model: ast.expr,
        session: ast.expr | None,
        call: ast.expr,
        *,
        is_get: bool = False,
        joins: bool = False,
    ) -> Read | None:
        found = self.project.types.of(model, self.module)
        if found is None or found.kind != "class" or not is_model(found, self.project):
            return None
        assert isinstance(self.binding.node, ast.stmt)
        assert self.binding.value is not None
        return Read(
            self.binding.name, self.binding.node, self.binding.value, session, found, call, is_get, joins
        )

    def is_session(self, node: ast.expr) -> bool:
        handle = sqlalchemy.handle_of(node, self.module, self.project)
        return handle is not None and handle.kind == "session"

    def may_be_session(self, node: ast.expr) -> bool:
        """What is given a query of a model runs it, where nothing else is known of it."""
        return self.is_session(node) or self.project.types.of(node, self.module) is None

    def get(self, node: ast.Call, func: ast.Attribute) -> Read | None:
        """``session.get(Model, key)``."""
        if func.attr not in {"get", "get_one"} or len(node.args) != 2 or not self.is_session(func.value):
            return None
        if any(keyword.arg in {"with_for_update", None} for keyword in node.keywords):
            return None
        return self.made(node.args[0], func.value, node, is_get=True)

    def query(self, node: ast.Call, func: ast.Attribute) -> Read | None:
        """``session.query(Model).filter(...).first()`` and ``Model.query.get(...)``."""
        if func.attr not in _OF_QUERY:
            return None
        root, joins = self.steps(func.value)
        if (
            isinstance(root, ast.Call)
            and isinstance(root.func, ast.Attribute)
            and root.func.attr == "query"
            and len(root.args) == 1
            and self.may_be_session(root.func.value)
        ):
            return self.made(root.args[0], root.func.value, func.value, joins=joins)
        if isinstance(root, ast.Attribute) and root.attr == "query":
            return self.made(root.value, None, func.value, joins=joins)
        return None

    def select(self, node: ast.Call, func: ast.Attribute) -> Read | None:
        """``session.execute(select(Model)...).scalar_one()``, ``session.scalar(...)`` and the like."""
        if func.attr == "scalar" and node.args and self.may_be_session(func.value):
            return self.selected(node, func.value)
        if func.attr not in _OF_RESULT | _ONE:
            return None
        inner = self.result(func.value, node)
        through = joined = False
        while (
            isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr in {"scalars", "unique"}
            and not inner.args
        ):  # fmt: skip
            through = through or inner.func.attr == "scalars"
            joined = joined or inner.func.attr == "unique"  # which loading by joins asks for
            inner = self.result(inner.func.value, node)
        if not isinstance(inner, ast.Call) or not isinstance(inner.func, ast.Attribute) or not inner.args:
            return None
        ways = {"execute"} if through or func.attr in _OF_RESULT else {"scalars", "exec"}
        if inner.func.attr not in ways or not self.may_be_session(inner.func.value):
            return None
        read = self.selected(inner, inner.func.value)
        return replace(read, joins=True) if read is not None and joined else read

    def result(self, node: ast.expr, at: ast.expr) -> ast.expr:
        """What a variable for the result was bound to last, in the same block; other expressions as they are."""
        node = _awaited(node)
        if not isinstance(node, ast.Name) or node not in self.module.scopes.scope_of:
            return node
        parent = self.module.parents.get(self.module.statement(at))
        line = self.module.statement(at).lineno
        before = [
            each for each in self.module.scopes.bindings(node)
            if isinstance(each.node, ast.stmt) and each.node.lineno < line
        ]  # fmt: skip
        last = max(before, key=lambda each: getattr(each.node, "lineno", 0), default=None)
        if (
            last is None
            or last.kind != "assign"
            or last.value is None
            or self.module.parents.get(last.node) is not parent
        ):
            return node
        return _awaited(last.value)

    def selected(self, call: ast.Call, session: ast.expr) -> Read | None:
        statement = call.args[0]
        chain = statement
        joins = False
        if isinstance(statement, ast.Name):
            chain = self.result(statement, call)
            if chain is statement:
                return None
            chain, joins = self.rebuilt(chain, call)
        root, more = self.steps(chain)
        if (
            not isinstance(root, ast.Call)
            or len(root.args) != 1
            or root.keywords
            or not self.is_select(root.func)
        ):
            return None
        return self.made(root.args[0], session, statement, joins=joins or more)

    def is_select(self, func: ast.expr) -> bool:
        """``select``, and ``db.select`` of Flask-SQLAlchemy."""
        if self.project.types.qualified(func, self.module) in _SELECTS:
            return True
        found = self.project.types.of(func, self.module) if isinstance(func, ast.Attribute) else None
        return found is not None and found.name in _FLASKS

    def rebuilt(self, chain: ast.expr, at: ast.expr) -> tuple[ast.expr, bool]:
        """``statement = statement.where(...)``: what it was made of before."""
        steps, joins = self.steps(chain)
        if isinstance(steps, ast.Name) and chain is not steps:
            before = self.result(steps, chain)
            return (before, joins) if before is not steps else (steps, joins)
        return chain, joins

    def steps(self, node: ast.expr) -> tuple[ast.expr, bool]:
        """What the chain of calls begins with, and whether it joins; the node itself where a step is not known."""
        joins = False
        while (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _PLAIN_STEPS | _JOINING_STEPS
        ):
            joins = joins or (node.func.attr in _JOINING_STEPS and not _loads_apart(node))
            node = node.func.value
        return node, joins


def locking(read: Read, model: str, module: Module, *, fresh: bool) -> Edit:
    """The edit that makes the read take a lock; ``of`` names ``model`` where other tables are read with it.

    ``fresh``: the session may have the row already, whose values would stay those that were read before.
    """
    source = module.source
    only = f"of={model}" if read.joins else ""
    if read.is_get:
        assert isinstance(read.call, ast.Call)
        lock = f'with_for_update={{"of": {model}}}' if only else "with_for_update=True"
        return add_argument(source, read.call, f"populate_existing=True, {lock}" if fresh else lock)
    is_query = isinstance(module.parents.get(read.call), ast.Attribute)
    step = f".with_for_update({only})"
    if fresh:
        step = (
            f".populate_existing(){step}" if is_query else f"{step}.execution_options(populate_existing=True)"
        )
    end = source.span(read.call)[1]
    line = _line_between(read.call, module) if not is_query else None
    parent = module.parents.get(read.call)
    if is_query and isinstance(parent, ast.Attribute):
        between = source.text[end : source.span(parent)[1] - len(parent.attr)]
        closing = between.rpartition(")")[0]
        end += len(closing) + 1 if ")" in between else 0
        between = between.rpartition(")")[2]
        line = between.rpartition(".")[0] if "\n" in between and "#" not in between else None
    if line:
        step = f"{line}{step}" if not fresh else f"{line}" + step.replace(").", f"){line}.", 1)
    return Edit(module.path, end, end, step)


def _line_between(node: ast.expr, module: Module) -> str | None:
    """The white space before the last step of a chain that is written a step a line."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    source = module.source
    between = source.text[source.span(node.func.value)[1] : source.span(node.func)[1] - len(node.func.attr)]
    white = between.rpartition(".")[0]
    return white if "\n" in white and not white.strip() else None
