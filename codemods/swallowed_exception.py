"""An error that is logged without its traceback; the page beside this file explains the rule."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Edit
from codemods.engine.names.traverse import walk
from codemods.libraries import logging
from codemods.libraries.log_text import lazy
from codemods.libraries.silenced import is_silenced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

_CATCHES_ALL = {"builtins.Exception", "builtins.BaseException"}
_TELLS = {"exc_info", "stack_info"}
_TOLD = {"traceback", "sys.exc_info", "sentry_sdk", "rollbar", "newrelic"}
_ENDS = {"sys.exit", "os._exit", "builtins.exit", "builtins.quit"}
_REPORTS = re.compile(
    r"_*(?:log|report|capture|handle|record|notify|track|print|trace|emit|send|dump|show)_(?:\w+_)?"
    r"(?:exception|exc|error|err|crash|failure|traceback)$"
)
"""Functions that are named for telling of an exception that they are given."""
_SILENCED = frozenset({"TRY400"})
_FEWEST = 8
"""Shorter words of a message are found in any test."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    edits: tuple[Edit, ...]


class SwallowedException:
    """See ``swallowed_exception.md``."""

    name = "swallowed-exception"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that catch and log."""
        return sorted(path for path in project.containing(b"except", b".error(") if not is_test(path))

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each handler whose log lacks the traceback."""
        for handler in module.nodes(ast.ExceptHandler):
            around = [node for node in module.ancestors(handler) if isinstance(node, ast.ExceptHandler)]
            if _catches_all(handler, module, project) and not any(
                _leaves(each, module, project) for each in (handler, *around)
            ):
                call = _logged(handler, module, project)
                if call is not None and not is_silenced(_lines(call), module, _SILENCED):
                    yield _finding(self.name, handler, call, module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """``logger.exception`` in place of ``logger.error``."""
        assert isinstance(finding.evidence, _Evidence)
        return Change(finding.evidence.edits)


def _lines(node: ast.expr) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _catches_all(handler: ast.ExceptHandler, module: Module, project: Project) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(project.types.qualified(kind, module) in _CATCHES_ALL for kind in kinds)


def _leaves(handler: ast.ExceptHandler, module: Module, project: Project) -> bool:
    """Whether the exception goes on, is told of in another way, or ends the program with a word to its user."""
    for node in _inside(handler.body):
        if isinstance(node, ast.Raise) and not _is_answer(node, module, project):
            return True
        if handler.name and _hands_on(node, handler, module):
            return True
        if not isinstance(node, ast.Call):
            continue
        if any(keyword.arg in _TELLS or keyword.arg is None for keyword in node.keywords):
            return True
        if isinstance(node.func, ast.Attribute) and node.func.attr == "opt" and _says_exception(node):
            return True
        name = project.types.qualified(node.func, module) or ""
        if name in _ENDS or any(name == each or name.startswith(f"{each}.") for each in _TOLD):
            return True
        last = node.func.attr if isinstance(node.func, ast.Attribute) else name.rpartition(".")[2]
        if handler.name and _REPORTS.match(last) and _is_given(node, handler.name):
            return True
        if last in {"exception", "format_exc", "print_exc", "format_exception", "capture_exception", "exit"}:
            return True
    return False


def _is_given(node: ast.Call, name: str) -> bool:
    """Whether a call is handed the exception itself, not only its words."""
    values = [*node.args, *(keyword.value for keyword in node.keywords)]
    return any(isinstance(value, ast.Name) and value.id == name for value in values)


def _says_exception(node: ast.Call) -> bool:
    """Loguru's ``logger.opt(exception=...)``: the message brings a traceback already."""
    return any(keyword.arg == "exception" for keyword in node.keywords)


def _hands_on(node: ast.AST, handler: ast.ExceptHandler, module: Module) -> bool:
    """Whether the exception is kept to be raised later: under a name that is raised, or by a future."""
    if isinstance(node, ast.Call):
        return (
            isinstance(node.func, ast.Attribute)
            and node.func.attr == "set_exception"
            and any(isinstance(each, ast.Name) and each.id == handler.name for each in node.args)
        )
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Name):
        return False
    kept = {ast.dump(target).replace("Store()", "Load()") for target in node.targets}
    return node.value.id == handler.name and any(
        ast.dump(told) in kept
        for each in module.nodes(ast.Raise)
        if module.function(each) is module.function(handler)
        for told in (each.exc, each.cause)
        if told is not None
    )


def _is_answer(node: ast.Raise, module: Module, project: Project) -> bool:
    """Whether an HTTP error is raised that does not carry the exception on: frameworks answer it and log nothing."""
    made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    if made is None:
        return False
    name = project.types.qualified(made, module) or ""
    return name.startswith(("fastapi.", "starlette.")) and name.endswith("HTTPException")


def _inside(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """What runs as part of the handler: functions that it defines are left out."""
    todo: list[ast.AST] = list(reversed(body))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            todo += reversed(list(ast.iter_child_nodes(node)))


def _logged(handler: ast.ExceptHandler, module: Module, project: Project) -> ast.Call | None:
    """The call that tells of the exception: the first that names it, otherwise the first."""
    calls = []
    for statement in handler.body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        call = call.value if isinstance(call, ast.Await) else call
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "error":
            if logging.kind_of(call.func.value, module, project) is None:
                return None
            calls.append(call)
    naming = [call for call in calls if handler.name and _names(call, handler.name)]
    return next(iter(naming or calls), None)


def _names(node: ast.AST, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in walk(node))


def _finding(
    rule: str, handler: ast.ExceptHandler, call: ast.Call, module: Module, project: Project
) -> Finding:
    assert isinstance(call.func, ast.Attribute)
    source, logger = module.source, module.source.segment(call.func.value)
    kind = logging.kind_of(call.func.value, module, project)
    end = source.span(call.func)[1]
    edits = [Edit(module.path, end - len("error"), end, "exception")]
    shorter, kept = lazy(call, handler.name, module, convert=kind == "logging")
    edits += shorter
    if handler.name and handler.type is not None and not kept and _uses(handler, call) == 0:
        start = source.span(handler.type)[1]
        name_end = source.text.index(handler.name, start + len(" as")) + len(handler.name)
        edits.append(Edit(module.path, start, name_end, ""))
    tests = _expecting(call, module, project)
    doubt = f"A person must look: a test speaks of this message ({', '.join(tests)})." if tests else ""
    return module.finding(
        rule,
        call,
        f"`{logger}.error` in this handler keeps the exception's words and loses where it came from.",
        Applicability.UNSAFE if tests else Applicability.SAFE,
        doubt
        or f"`{logger}` is a logger of {kind}, the handler catches everything, and nothing in it tells more.",
        notes=("The log gets the traceback, of which the exception's own words are the last line.",),
        evidence=_Evidence(tuple(sorted(edits, key=lambda each: each.start))),
    )


def _uses(handler: ast.ExceptHandler, call: ast.Call) -> int:
    """How often the exception's name stands outside of the call."""
    everywhere = [node for part in handler.body for node in walk(part)]
    return sum(isinstance(node, ast.Name) and node.id == handler.name for node in everywhere) - sum(
        isinstance(node, ast.Name) and node.id == handler.name for node in walk(call)
    )


def _expecting(call: ast.Call, module: Module, project: Project) -> list[str]:
    """Tests that look for the words of the message, or for the call of a stand-in logger of this module."""
    words = [
        part.value.strip(" :.-,")
        for part in walk(call.args[0] if call.args else call.func)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    needles = [word.encode() for word in words if len(word) >= _FEWEST]
    found = {path for needle in needles for path in project.containing(needle) if is_test(path)}
    name = project.layout.name(module.path)
    if name:
        found |= {path for path in project.containing(b".error.assert_", name.encode()) if is_test(path)}
    return sorted(found)[:3]


RULE = SwallowedException()
