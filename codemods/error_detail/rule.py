"""error-detail: the findings."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Edit, ImportNeed, Refused
from codemods.engine.names.traverse import walk
from codemods.error_detail.logs import Logged, logged
from codemods.error_detail.wording import Wording, is_traceback, wording_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

_ANSWERS = {"fastapi.HTTPException", "fastapi.exceptions.HTTPException", "starlette.exceptions.HTTPException"}
_STATUS = re.compile(r"(?:fastapi|starlette)\.status\.HTTP_(5\d\d)_\w+$")
_OWN_WORDS = {
    f"builtins.{name}"
    for name in ("ValueError", "RuntimeError", "NotImplementedError", "AssertionError", "UserWarning")
}
_DEVELOPMENT = re.compile(r"debug|\bdev|_dev|local|verbose|staging", re.IGNORECASE)
_TRACEBACK = (
    "The answer tells the client the traceback: files, lines, functions, and whatever the exception holds."
)
_WITHOUT = "The detail no longer holds the exception's words."
_FIRST, _LAST = 500, 599
_FEWEST = 8
"""Shorter words of a detail are found in any test."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    edits: tuple[Edit, ...]
    imports: tuple[ImportNeed, ...]


class ErrorDetail:
    """See ``error_detail.md``."""

    name = "error-detail"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that catch and answer."""
        found = project.containing(b"HTTPException(", b"except ")
        return [path for path in found if not is_test(path)]

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each answer that tells what the exception says."""
        for handler in module.nodes(ast.ExceptHandler):
            for statement in _raised(handler):
                detail = _detail(statement, handler, module, project)
                if detail is None or not _is_strange(handler.type, module, project):
                    continue
                wording = wording_of(detail[0], handler.name or "", detail[1], module)
                if wording is not None and not _is_for_developers(statement, handler, module):
                    yield _finding(handler, detail[0], wording, module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """A plain detail, and the exception in the log."""
        assert isinstance(finding.evidence, _Evidence)
        return Change(finding.evidence.edits, finding.evidence.imports)


def _is_strange(type_: ast.expr | None, module: Module, project: Project) -> bool:
    """Whether the words of what is caught are not the repository's own: those may be meant for its users."""
    for each in type_.elts if isinstance(type_, ast.Tuple) else [type_]:
        found = None if each is None else project.types.of(each, module)
        if found is None or found.kind != "external" or found.name in _OWN_WORDS or found.name in _ANSWERS:
            return False
    return True


def _raised(handler: ast.ExceptHandler) -> Iterator[ast.Raise]:
    """The handler's own ``raise`` statements: those of other handlers and functions inside are theirs."""
    todo: list[ast.AST] = list(reversed(handler.body))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Raise):
            yield node
        elif isinstance(node, ast.ExceptHandler):
            if node.name != handler.name:
                todo += reversed(node.body)
        elif not isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.expr)
        ):
            todo += reversed(list(ast.iter_child_nodes(node)))


def _detail(
    statement: ast.Raise, handler: ast.ExceptHandler, module: Module, project: Project
) -> tuple[ast.expr, int] | None:
    """The detail and the status of an answer with a server error's status."""
    call = statement.exc
    if not isinstance(call, ast.Call):
        return None
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    given |= dict(zip(("status_code", "detail"), call.args, strict=False))
    status, detail = given.get("status_code"), given.get("detail")
    if status is None or detail is None or not _mentions(detail, handler.name):
        return None
    if project.types.qualified(call.func, module) not in _ANSWERS:
        return None
    if isinstance(status, ast.Constant) and isinstance(status.value, int):
        number = status.value
    else:
        named = _STATUS.match(project.types.qualified(status, module) or "")
        number = int(named[1]) if named else 0
    return (detail, number) if _FIRST <= number <= _LAST else None


def _mentions(node: ast.expr, name: str | None) -> bool:
    return any(
        (isinstance(part, ast.Name) and part.id == name)
        or (isinstance(part, ast.Call) and is_traceback(part))
        for part in walk(node)
    )


def _is_for_developers(statement: ast.Raise, handler: ast.ExceptHandler, module: Module) -> bool:
    """Whether the answer is given only under a condition that names debugging or development."""
    for around in module.ancestors(statement):
        if around is handler:
            return False
        if isinstance(around, ast.If) and _DEVELOPMENT.search(module.source.segment(around.test)):
            return True
    return False


def _finding(
    handler: ast.ExceptHandler, detail: ast.expr, wording: Wording, module: Module, project: Project
) -> Finding:
    statement = module.statement(detail)
    assert isinstance(statement, ast.Raise)
    log = Logged()
    doubt = (
        ""
        if wording.text
        else "No patch: the text cannot simply be cut where the exception begins; it has to be worded anew."
    )
    if not doubt:
        try:
            log = logged(handler, statement, wording, module, project)
        except Refused as refused:
            doubt = str(refused)
    edits = [Edit(module.path, *module.source.span(detail), wording.text), *log.edits]
    edits += _unnamed(handler, (detail, *log.covered), module)
    tests = _expecting(wording, project)
    about = f" A test speaks of this detail ({', '.join(tests)})." if tests else ""
    return module.finding(
        RULE.name,
        detail,
        _TRACEBACK
        if any(isinstance(part, ast.Call) and is_traceback(part) for part in walk(detail))
        else f"The answer tells the client what `{handler.name}` says: paths, hosts, queries, whatever the exception holds.",
        Applicability.DISPLAY_ONLY if doubt else Applicability.UNSAFE,
        doubt
        or f"What is caught is not the repository's own, and the status is a server error's. A person must look: a client "
        f"may read the detail.{about}",
        notes=()
        if doubt
        else tuple(filter(None, (_WITHOUT, log.said, _caught_too(handler, module, project)))),
        evidence=_Evidence(tuple(sorted(edits, key=lambda each: each.start)), log.imports),
    )


def _caught_too(handler: ast.ExceptHandler, module: Module, project: Project) -> str:
    """A word on answers that are raised in the block and end in this handler as well."""
    block = module.parents[handler]
    if not isinstance(block, ast.Try):
        return ""
    before = [
        part
        for other in block.handlers[: block.handlers.index(handler)]
        for part in (other.type.elts if isinstance(other.type, ast.Tuple) else [other.type])
    ]
    if any(each is None or project.types.qualified(each, module) in _ANSWERS for each in before):
        return ""
    for statement in block.body:
        for node in walk(statement):
            made = node.exc if isinstance(node, ast.Raise) else None
            if isinstance(made, ast.Call) and project.types.qualified(made.func, module) in _ANSWERS:
                return "The `HTTPException` that is raised in the block is caught here, too, and loses its own detail."
    return ""


def _unnamed(handler: ast.ExceptHandler, covered: tuple[ast.AST, ...], module: Module) -> list[Edit]:
    """``as e`` goes where nothing is left that uses it."""
    gone = {node for each in covered for node in walk(each)}
    if handler.name is None:
        return []
    assert handler.type is not None
    for part in handler.body:
        for node in walk(part):
            if isinstance(node, ast.Name) and node.id == handler.name and node not in gone:
                return []
    source = module.source
    start = source.span(handler.type)[1]
    while source.text[start : start + 1] == ")":  # parentheses around the type
        start += 1
    end = source.text.index(handler.name, start + len(" as")) + len(handler.name)
    return (
        [Edit(module.path, start, end, "")] if source.text[start:end].split() == ["as", handler.name] else []
    )


def _expecting(wording: Wording, project: Project) -> list[str]:
    """Tests that look for the words of the detail."""
    if len(wording.words) < _FEWEST:
        return []
    return [path for path in project.containing(wording.words.encode()) if is_test(path)][:3]


RULE = ErrorDetail()
