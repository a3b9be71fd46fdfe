"""A connection of the module: a getter gives each thread its own, and every use asks for it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.edits.statements import free_name, replace_statements
from codemods.engine.finding import Change, Edit, ImportNeed, Refused
from codemods.engine.names.traverse import walk
from codemods.sqlite_thread.opening import check_database, meanings, opening
from codemods.sqlite_thread.shared import check_uses, settings_after

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.sqlite_thread.shared import Shared


def global_change(found: Shared, module: Module, project: Project) -> Change:
    """The whole change. Raises Refused with what stands in its way."""
    source, tree = module.source, module.tree
    if len(module.scopes.module.bindings[found.name]) != 1:
        raise Refused(f"No patch: `{found.name}` is bound in other places, too.")
    if found.statement not in tree.body:
        raise Refused(f"No patch: `{found.name}` is bound on some conditions only.")
    if isinstance(found.statement, ast.Assign) and len(found.statement.targets) != 1:
        raise Refused(f"No patch: the connection has a second name beside `{found.name}`.")
    _check_others(found, module, project)
    check_database(text for argument in _database(found.call) for text in meanings(argument, module))
    settings = settings_after(found, tree.body)
    uses = check_uses(found, settings, module)
    getter = free_name(tree, f"get_{found.name.lower().strip('_')}", "get_connection", "thread_connection")
    local = free_name(tree, "_local", "_thread_local", "_of_thread")
    own = free_name(tree, "connection", "opened")
    if getter is None or local is None or own is None:
        raise Refused("No patch: the names that it needs are taken.")
    lines = [opening(found.call, {}, module)] + [
        _renamed(statement, found.name, own, module) for statement in settings
    ]
    func = found.call.func
    returns = f" -> {source.segment(func.value)}.Connection" if isinstance(func, ast.Attribute) else ""
    text = "\n".join(
        [
            f"{local} = threading.local()",
            "",
            "",
            f"def {getter}(){returns}:",
            '    """Return the connection of this thread, opened on first use."""',
            f'    {own} = getattr({local}, "connection", None)',
            f"    if {own} is None:",
            f"        {own} = {local}.connection = {lines[0]}",
            *(f"        {line}" for line in lines[1:]),
            f"    return {own}",
        ]
    )
    last = settings[-1] if settings else found.statement
    edits = [replace_statements(source, found.statement, last, text)]
    edits += _two_blank_lines(last, module)
    edits += [Edit(module.path, *source.span(use), f"{getter}()") for use in uses]
    return Change(tuple(edits), (ImportNeed(module.path, "threading"),))


def _database(call: ast.Call) -> list[ast.expr]:
    return [*call.args[:1], *(each.value for each in call.keywords if each.arg == "database")]


def _renamed(statement: ast.stmt, name: str, new: str, module: Module) -> str:
    start, end = module.source.span(statement)
    text = module.source.text[start:end]
    if "\n" in text:
        raise Refused("No patch: what sets the connection up takes several lines.")
    for part in sorted(
        (part for part in walk(statement) if isinstance(part, ast.Name) and part.id == name),
        key=lambda part: part.col_offset,
        reverse=True,
    ):
        first, last = module.source.span(part)
        text = text[: first - start] + new + text[last - start :]
    return text


def _two_blank_lines(last: ast.stmt, module: Module) -> list[Edit]:
    """What is missing of the two blank lines below a function."""
    source = module.source
    line = (last.end_lineno or last.lineno) + 1
    below = source.lines[line - 1 :]
    blank = next((number for number, text in enumerate(below) if text.strip()), None)
    if blank is None or blank >= 2:
        return []
    start = source.line_start(line)
    return [Edit(module.path, start, start, "\n" * (2 - blank))]


def _check_others(found: Shared, module: Module, project: Project) -> None:
    """Raises Refused where other files use the connection, or tests replace it."""
    stem = project.layout.name(module.path).rpartition(".")[2]
    others = [path for path in project.importers(found.name) if stem.encode() in project.read(path)]
    others += project.matching(_mentions, f"{stem}.{found.name}")
    named = sorted({path for path in others if path != module.path})
    if named:
        raise Refused(f"No patch: other files use `{found.name}` ({', '.join(named[:3])}).")
    for node in module.nodes(ast.Constant):
        if node.value == found.name:
            raise Refused(f"No patch: `{found.name}` is spoken of by name on line {node.lineno}.")


def _mentions(data: bytes, name: str) -> bool:
    return name.encode() in data and re.search(rb"\b" + re.escape(name.encode()) + rb"\b", data) is not None
