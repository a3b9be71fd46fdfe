"""What a handler tells its operators, and what has to be logged when the client is no longer told."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.edits.statements import insert_after, insert_before
from codemods.engine.edits.taken_names import names_in_use
from codemods.engine.finding import Edit, ImportNeed, Refused
from codemods.engine.names.traverse import walk
from codemods.libraries import logging
from codemods.libraries.log_text import lazy

if TYPE_CHECKING:
    from codemods.engine.names.scopes import Scope
    from codemods.engine.project import Module, Project
    from codemods.error_detail.wording import Wording

_TOLD = {
    "exception",
    "format_exc",
    "print_exc",
    "print_exception",
    "format_exception",
    "capture_exception",
    "critical",
}
_LEVELS = {"error", "exception", "warning", "info", "debug", "critical", "log"}
_CATCHES_ALL = {"builtins.Exception", "builtins.BaseException"}


@dataclass(frozen=True, slots=True)
class Logged:
    """The edits that make the handler log the traceback. ``quiet``: nothing has to be done, it tells of the exception.

    ``spans``: what the edits cover of the exception's name.
    """

    edits: tuple[Edit, ...] = ()
    imports: tuple[ImportNeed, ...] = ()
    covered: tuple[ast.AST, ...] = ()
    said: str = ""


def logged(
    handler: ast.ExceptHandler, answer: ast.Raise, wording: Wording, module: Module, project: Project
) -> Logged:
    """What has to be logged. Raises Refused where there is no place for it."""
    errors = _errors(handler, module, project)
    if _tells_all(handler, answer, module):
        return Logged()
    if errors and (handler.type is None or project.types.qualified(handler.type, module) in _CATCHES_ALL):
        return _raised_to_exception(errors, handler.name, module, project)
    if _hands_on(handler, answer, module):
        return Logged()
    name, kind = _logger(answer, module, project)
    if name:
        return Logged(
            (_added(name, kind, answer, wording, module),), said=f"`{name}.exception` tells the log instead."
        )
    edit, need = _new_logger(module)
    new = _added("logger", "logging", answer, wording, module)
    return Logged((edit, new), (need,), said="`logger.exception` of a new logger tells the log instead.")


def _tells_all(handler: ast.ExceptHandler, answer: ast.Raise, module: Module) -> bool:
    """Whether a traceback is logged, or something else is told of the exception as a whole."""
    inside = set(walk(answer))
    for node in walk(handler):
        if isinstance(node, ast.Call) and node not in inside:
            last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if last in _TOLD or any(each.arg in {"exc_info", "stack_info"} for each in node.keywords):
                return module.function(node) is module.function(handler)
    return False


def _hands_on(handler: ast.ExceptHandler, answer: ast.Raise, module: Module) -> bool:
    """Whether the exception, or its words, go somewhere else than into the answer: a log, a print, a function."""
    inside = set(walk(answer))
    for node in walk(handler):
        if isinstance(node, ast.Name) and node.id == handler.name and node not in inside:
            statement = module.statement(node)
            if not isinstance(statement, ast.Raise) and any(
                isinstance(around, ast.Call)
                and getattr(around.func, "id", "") not in {"isinstance", "hasattr", "type"}
                for around in module.ancestors(node)
                if around is not handler
                and module.statement(around if isinstance(around, ast.expr) else node) is statement
            ):
                return True
    return False


def _errors(
    handler: ast.ExceptHandler, module: Module, project: Project
) -> list[tuple[ast.Call, logging.Kind]]:
    """The calls of ``logger.error`` in the handler's own block; empty where one is not proven to be a logger's."""
    found = []
    for statement in handler.body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        call = call.value if isinstance(call, ast.Await) else call
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "error":
            kind = logging.kind_of(call.func.value, module, project)
            if kind is None:
                return []
            found.append((call, kind))
    return found


def _raised_to_exception(
    errors: list[tuple[ast.Call, logging.Kind]], name: str | None, module: Module, project: Project
) -> Logged:
    """``logger.exception`` in place of ``logger.error``: letter by letter what swallowed-exception writes."""
    naming = [
        each
        for each in errors
        if any(isinstance(part, ast.Name) and part.id == name for part in walk(each[0]))
    ]
    call, kind = (naming or errors)[0]
    end = module.source.span(call.func)[1]
    shorter, kept = lazy(call, name, module, convert=kind == "logging")
    edits = [Edit(module.path, end - len("error"), end, "exception"), *shorter]
    covered: tuple[ast.AST, ...] = () if kept else (call,)
    return Logged(tuple(edits), covered=covered, said="The log gets the traceback instead.")


def _logger(at: ast.AST, module: Module, project: Project) -> tuple[str, logging.Kind]:
    """A logger of the module's own, as a name that means it at this place; empty where there is none."""
    scope = module.scopes.module
    plain = ""
    for name, bindings in scope.bindings.items():
        if "log" not in name.lower() or len(bindings) != 1:
            continue
        loads = module.scopes.loads(scope, name)
        node: ast.expr | None = loads[0] if loads else bindings[0].value
        if node is None or module.scopes.lookup(name, _scope(at, module)) is not scope:
            continue
        kind = logging.kind_of(node, module, project)
        if kind is None:
            continue
        if project.types.qualified(node, module) != "logging":
            return name, kind
        if any(_is_log_call(each, module) for each in loads):
            plain = name
    return plain, "logging"


def _scope(at: ast.AST, module: Module) -> Scope:
    from codemods.libraries.spelling import scope_at

    return scope_at(at, module)


def _is_log_call(node: ast.Name, module: Module) -> bool:
    parent = module.parents[node]
    around = module.parents[parent]
    return isinstance(parent, ast.Attribute) and parent.attr in _LEVELS and isinstance(around, ast.Call)


def _added(name: str, kind: logging.Kind, answer: ast.Raise, wording: Wording, module: Module) -> Edit:
    function = module.function(answer)
    usual = f'"{function.name} failed"' if function is not None else '"Request failed"'
    said = (wording.log if kind == "logging" else wording.text if wording.words else "") or usual
    line = module.source.position(module.source.span(answer)[0])[0]
    if module.source.text[module.source.line_start(line) : module.source.span(answer)[0]].strip():
        raise Refused("No patch: the answer stands on its handler's line, where a log has no place.")
    return insert_before(module.source, answer, f"{name}.exception({said})\n")


def _new_logger(module: Module) -> tuple[Edit, ImportNeed]:
    """``logger = logging.getLogger(__name__)`` behind the imports that the file begins with."""
    used = names_in_use(module.tree)
    whole = any(alias.name == "logging" and alias.asname is None for alias in module.nodes(ast.alias))
    if "logger" in used or ("logging" in used and not whole):
        raise Refused(
            "No patch: the exception would be told nowhere, and `logger` means something else in this file."
        )
    last = None
    for statement in module.tree.body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            last = statement
        elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            break
    if last is None:
        raise Refused(
            "No patch: the exception would be told nowhere, and the file has no place for a logger."
        )
    return insert_after(module.source, last, "\nlogger = logging.getLogger(__name__)\n"), ImportNeed(
        module.path, "logging"
    )
