"""Finds the calls that run a query, follows its text, and decides what is said of each."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.finding import Applicability, Edit
from codemods.libraries import sqlalchemy
from codemods.sql_injection.checks import check_order, check_syntax, check_values
from codemods.sql_injection.drivers import METHODS, Driver, sink_of, text_driver
from codemods.sql_injection.origins import Origins
from codemods.sql_injection.outside import comes_from_a_request, is_parameter
from codemods.sql_injection.patch import Patch, Planner, Target
from codemods.sql_injection.sql_text import NotFollowed, Query, Slot, query_of
from codemods.sql_injection.template import Hole, Template, appended, template_of
from codemods.sql_injection.values import NoPatch, is_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

RULE_NAME = "sql-injection"
_TEXT = {
    "sqlalchemy.text", "sqlalchemy.sql.text", "sqlalchemy.sql.expression.text", "sqlmodel.text", "sqlmodel.sql.expression.text",
}  # fmt: skip
_WITH_PARAMETERS = {"execute", "scalar", "scalars"}
_CONDITIONS = {"where", "filter", "having"}
_RUNS = re.compile(rb"(?:execute(?:many)?|fetch|fetchrow|fetchval|text)\s*\(")
_PUTS_TOGETHER = re.compile(
    rb"[fF][rR]?['\"]|['\"]\s*\)?\s*(?:%|\+|\.format\()|\+\s*['\"]|\w *(?:% *[\w(]|\.format\()"
)
_SAYS = re.compile(rb"(?i)\b(?:select|insert|update|delete|where|replace|like)\b|= *'")
_MIGRATES = re.compile(rb"(?m)^from alembic import|^down_revision\b")
_NOTE = "The value reaches the database apart from the query's text: it is never read as SQL."


@dataclass(frozen=True, slots=True)
class Evidence:
    """The edits of the patch."""

    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class _Site:
    """The call that is given a query (``at``), and how its parameters would be given."""

    at: ast.Call
    driver: Driver | None
    why: str
    target: Target
    is_condition: bool = False


def may_hold(data: bytes) -> bool:
    """Whether a file may run a query that it puts together."""
    if not any(word in data for word in (b"execute", b"text(", b"fetch")):
        return False
    return bool(
        _RUNS.search(data)
        and not _MIGRATES.search(data)
        and _SAYS.search(data)
        and _PUTS_TOGETHER.search(data)
    )


def findings(module: Module, project: Project) -> Iterator[Finding]:
    """One for each query that is put together from values."""
    called = {"text", *METHODS}
    for statement in module.nodes(ast.ImportFrom):
        called |= {alias.asname for alias in statement.names if alias.name == "text" and alias.asname}
    for call in module.nodes(ast.Call):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if not call.args or name not in called:
            continue
        node = _put_together(call.args[0], call, module)
        template = template_of(node, module) if node is not None else _grown(call.args[0], call, module)
        query = _read(template)
        if template is None or query is None or not _may_matter(template, query, module):
            continue
        site = _of_text(call, module, project) or _of_driver(call, module, project)
        if site is not None:
            found = _judged(site, template, query, module, project, grown=node is None)
            if found is not None:
                yield found


def _read(template: Template | None) -> Query | None:
    try:
        return query_of(template) if template is not None else None
    except NotFollowed:
        return None


def _may_matter(template: Template, query: Query, module: Module) -> bool:
    """Whether any part could be worth a finding, before it is asked where anything comes from."""
    return b"request" in module.source.data or any(
        is_parameter(hole.node, module) or ((slot := query.slots.get(hole)) is not None and slot.quote)
        for hole in template.holes
    )


def _put_together(node: ast.expr, call: ast.Call, module: Module) -> ast.expr | None:
    """The expression that makes the text: the argument, or what the one variable that it names is assigned."""
    if isinstance(node, (ast.JoinedStr, ast.BinOp)):
        return node
    if isinstance(node, ast.Call):
        return node if isinstance(node.func, ast.Attribute) and node.func.attr == "format" else None
    if not isinstance(node, ast.Name) or node not in module.scopes.scope_of:
        return None
    scope = module.scopes.binder(node)
    if scope is None or scope.kind != "function":
        return None
    bindings = scope.bindings[node.id]
    if len(bindings) != 1 or bindings[0].kind != "assign" or bindings[0].value is None:
        return None
    value = bindings[0].value
    assignment = bindings[0].node
    if (
        not isinstance(assignment, (ast.Assign, ast.AnnAssign))
        or module.function(assignment) is not scope.node
    ):
        return None
    if isinstance(assignment, ast.Assign) and (
        len(assignment.targets) != 1 or not isinstance(assignment.targets[0], ast.Name)
    ):
        return None
    return value if _put_together(value, call, module) is value else None


def _grown(node: ast.expr, call: ast.Call, module: Module) -> Template | None:
    """The text of a variable that is assigned once and grows by ``+=`` before the call."""
    if not isinstance(node, ast.Name) or node not in module.scopes.scope_of:
        return None
    scope = module.scopes.binder(node)
    if scope is None or scope.kind != "function" or module.function(call) is not scope.node:
        return None
    values: list[ast.expr] = []
    for binding in scope.bindings[node.id]:
        statement = module.statement(binding.node)
        first = not values
        if (
            not (
                isinstance(statement, ast.Assign)
                and len(statement.targets) == 1
                and isinstance(statement.targets[0], ast.Name)
                if first
                else isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add)
            )
            or statement.lineno >= call.lineno
        ):
            return None
        assert isinstance(statement, (ast.Assign, ast.AugAssign))
        values.append(statement.value)
    return appended(values, module) if len(values) > 1 else None


def _of_text(call: ast.Call, module: Module, project: Project) -> _Site | None:
    """``text(...)``: its parameters go to the ``execute`` around it, else to ``bindparams``."""
    known = project.types.qualified(call.func, module)
    if known not in _TEXT or (len(call.args) != 1 or call.keywords):
        return None
    around = module.parents.get(call)
    target = Target(None, call)
    if (
        isinstance(around, ast.Call)
        and isinstance(around.func, ast.Attribute)
        and around.func.attr in _WITH_PARAMETERS
        and around.args[:1] == [call]
        and not around.keywords
        and (len(around.args) == 1 or (len(around.args) == 2 and isinstance(around.args[1], ast.Dict)))
        and sqlalchemy.handle_of(around.func.value, module, project) is not None
    ):
        target = Target(around)
    is_condition = (
        isinstance(around, ast.Call)
        and isinstance(around.func, ast.Attribute)
        and around.func.attr in _CONDITIONS
    )
    is_async = isinstance(module.function(call), ast.AsyncFunctionDef)
    driver = text_driver(project, is_async=is_async, bound=target.clause is not None)
    return _Site(call, driver, "", target, is_condition)


def _of_driver(call: ast.Call, module: Module, project: Project) -> _Site | None:
    sink = sink_of(call, module, project)
    if sink is None:
        return None
    assert isinstance(call.func, ast.Attribute)
    driver, why = sink.driver, sink.why
    if call.func.attr == "executemany":
        driver, why = None, "`executemany` takes its parameters from each row"
    return _Site(call, driver, why, Target(call))


def _judged(
    site: _Site, template: Template, query: Query, module: Module, project: Project, *, grown: bool
) -> Finding | None:
    if not query.whole and not site.is_condition:
        return None
    origins = Origins(project)
    known = {hole: "harmless" if hole.formatted else origins.of(hole.node, module) for hole in template.holes}
    free = [hole for hole in template.holes if known[hole] != "harmless"]
    if not free:
        return None
    values = [hole for hole in free if _is_value(hole, query.slots.get(hole), known[hole])]
    others = [hole for hole in free if hole not in values]
    from_request = [hole for hole in free if comes_from_a_request(hole.node, module, project)]
    quoted = [
        hole for hole in free
        if (slot := query.slots.get(hole)) is not None and slot.quote and known[hole] != "escaped"
    ]  # fmt: skip
    given = [hole for hole in values if is_parameter(hole.node, module)] if site.driver and not others else []
    if not (from_request or quoted or given):
        return None
    worst = next(iter(from_request or quoted or given))
    if others:
        why = f"`{others[0].text}` stands where no parameter can, or may be more than one value"
        return _reported(site, worst, f"No patch: {why}.", module)
    if site.driver is None:
        return _reported(site, worst, f"No patch: {site.why}.", module)
    if grown:
        return _reported(site, worst, "No patch, because several statements put the text together.", module)
    try:
        patch = _patched(site, query, values, template=template, module=module, project=project)
    except NoPatch as reason:
        return _reported(site, worst, f"No patch, because {reason}.", module)
    applicability = Applicability.UNSAFE if patch.doubts else Applicability.SAFE
    return module.finding(
        RULE_NAME,
        site.at,
        _message(worst),
        applicability,
        " ".join(patch.doubts)
        or f"Each of them stands where SQL takes a value, and {site.driver.name} takes it as `{site.driver.style}`.",
        notes=(_NOTE,),
        evidence=Evidence(patch.edits),
    )


def _is_value(hole: Hole, slot: Slot | None, origin: str) -> bool:
    if slot is None or origin == "escaped":
        return False
    return origin != "joined" if slot.quote else origin == "any"


def _patched(
    site: _Site, query: Query, values: list[Hole], *, template: Template, module: Module, project: Project
) -> Patch:
    assert site.driver is not None
    check_values(template, module)
    variable = site.at.args[0]
    if isinstance(variable, ast.Name):
        check_order(variable, site.at, template, module)
    if template.way in {"%", ".format"}:
        values = template.holes
    else:
        values = [
            hole for hole in template.holes if hole in values or _goes_along(hole, query, module, project)
        ]
    if any(hole not in query.slots for hole in values):
        raise NoPatch("a part of it has to stay in the text")
    patch = Planner(template, query, site.driver, site.target, module=module, project=project).plan(values)
    written = template.literal or template.node
    statements = {module.statement(each) for each in (written, template.node, site.at)}
    check_syntax(statements, patch.edits, module)
    return patch


def _goes_along(hole: Hole, query: Query, module: Module, project: Project) -> bool:
    """Whether a number stands where a parameter may: one beside those that have to be, it becomes one too."""
    slot = query.slots.get(hole)
    if slot is None or slot.quote or slot.alone or not hole.plain or isinstance(hole.node, ast.Constant):
        return False
    return is_number(hole.node, module, project)


def _message(hole: Hole) -> str:
    text = hole.text if len(hole.text) <= 40 and "\n" not in hole.text else "a value"
    shown = f"`{text}`" if text != "a value" else text
    return f"{shown} becomes part of this query's text: whoever chooses it can write SQL."


def _reported(site: _Site, hole: Hole, reason: str, module: Module) -> Finding:
    return module.finding(RULE_NAME, site.at, _message(hole), Applicability.DISPLAY_ONLY, reason)
