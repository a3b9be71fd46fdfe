"""A handler that catches even what ends the program; the page beside this file explains the rule."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.edits.comments import comments_of
from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Edit, Refused
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.libraries.silenced import is_silenced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

_EVERYTHING = {"builtins.Exception", "builtins.BaseException"}
_OTHER_FAMILIES = (
    b"gevent",
    b"eventlet",
    b"import trio",
    b"from trio",
    b"import anyio",
    b"from anyio",
    b"import curio",
)
_ASKS = {"sys.exc_info", "sys.exception", "os._exit", "sys.exit", "builtins.exit", "builtins.quit"}
_WORD = "except"
_SILENCED = frozenset({"E722", "B001", "W0702", "bare-except"})
_BARE_NOQA = re.compile(r"#\s*noqa\s*(?:$|#|-)", re.IGNORECASE)


class BareExcept:
    """See ``bare_except.md``."""

    name = "bare-except"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files with such a handler, as far as their bytes tell."""
        return sorted(path for path in project.matching(_holds) if not is_test(path))

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each handler that swallows."""
        for node in module.nodes(ast.Try):  # `except*` takes no bare handler
            bare = node.handlers[-1] if node.handlers else None
            if bare is None or bare.type is not None or _is_silenced(bare, module):
                continue
            if _swallows(node, bare, module, project):
                yield _finding(self.name, node, bare, module)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """``except Exception:``. Raises Refused where ``Exception`` is something else in this file."""
        assert isinstance(finding.evidence, Edit)
        module = project.module(finding.path)
        if module is None or any("Exception" in scope.bindings for scope in module.scopes.all):
            raise Refused("No patch: in this file `Exception` may be something else.")
        return Change((finding.evidence,))


def _is_silenced(bare: ast.ExceptHandler, module: Module) -> bool:
    """Whether the line says that it is meant so; of a bare handler's line, linters have nothing else to say."""
    lines = range(bare.lineno, bare.lineno + 1)
    return is_silenced(lines, module, _SILENCED) or any(
        each.line in lines and _BARE_NOQA.search(each.text) for each in comments_of(module.source)
    )


def _holds(data: bytes) -> bool:
    return b"except:" in data or b"except :" in data


def _swallows(node: ast.Try, bare: ast.ExceptHandler, module: Module, project: Project) -> bool:
    """Whether anything is lost: nothing goes on for certain, and nothing else has caught the usual before."""
    if any(_is_one_of(other.type, _EVERYTHING, module, project) for other in node.handlers[:-1]):
        return False  # what is left for it are the exceptions that end programs, and it is about these
    if _always_raises(bare.body):
        return False
    for part in bare.body:
        for inner in walk(part):
            if isinstance(inner, ast.Raise) and inner.exc is None:
                return False  # somebody thought about which of them go on
            if isinstance(inner, ast.Call) and project.types.qualified(inner.func, module) in _ASKS:
                return False
    return True


def _is_one_of(type_: ast.expr | None, names: set[str], module: Module, project: Project) -> bool:
    parts = type_.elts if isinstance(type_, ast.Tuple) else [type_] if type_ is not None else []
    return any(project.types.qualified(part, module) in names for part in parts)


def _always_raises(body: list[ast.stmt]) -> bool:
    """Whether the block ends in a ``raise`` on every way through it."""
    last = body[-1]
    if isinstance(last, ast.Raise):
        return not any(
            isinstance(node, (ast.Return, ast.Break, ast.Continue)) for part in body for node in walk(part)
        )
    if isinstance(last, ast.If):
        return bool(last.orelse) and _always_raises(last.body) and _always_raises(last.orelse)
    if isinstance(last, (ast.With, ast.AsyncWith)):
        return _always_raises(last.body)
    if isinstance(last, ast.Try):
        return _always_raises(last.finalbody) if last.finalbody else False
    return False


def _finding(rule: str, node: ast.Try, bare: ast.ExceptHandler, module: Module) -> Finding:
    start = module.source.span(bare)[0]
    colon = module.source.text.index(":", start)
    edit = Edit(module.path, start, colon, f"{_WORD} Exception")
    doubt = _doubt(node, module)
    return module.finding(
        rule,
        bare,
        "This handler catches what ends the program, too: Ctrl-C, `sys.exit()` and the cancelling of a task.",
        Applicability.DISPLAY_ONLY if doubt else Applicability.UNSAFE,
        doubt
        or "Nothing is raised again in it, and no handler before it catches the rest. A person must look: "
        "what it caught beside `Exception` goes on afterwards.",
        notes=()
        if doubt
        else ("`KeyboardInterrupt`, `SystemExit` and `CancelledError` are no longer caught here.",),
        evidence=edit,
    )


def _doubt(node: ast.Try, module: Module) -> str:
    if any(each in module.source.data for each in _OTHER_FAMILIES):
        return (
            "No patch: this file works with a library whose timeouts or cancellations are no `Exception`, and they may "
            "be what is caught here."
        )
    if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for part in node.body for each in walk(part)):
        return (
            "No patch: a generator that is closed raises `GeneratorExit` here, which may be what is caught."
        )
    if ends := next((name for part in node.body for name in _ends(part)), ""):
        return f"No patch: `{ends}` in the block raises `SystemExit`, which may be what is caught."
    return ""


def _ends(statement: ast.stmt) -> Iterator[str]:
    """What ends the program by ``SystemExit``: ``sys.exit()``, and argparse for arguments that it does not know."""
    for part in walk(statement):
        name = dotted(part.func) or "" if isinstance(part, ast.Call) else ""
        last = part.func.attr if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) else ""
        if name in {"sys.exit", "exit", "quit"} or last in {"parse_args", "parse_known_args"}:
            yield f"{name or last}()"
        elif isinstance(part, ast.Raise) and part.exc is not None:
            made = part.exc.func if isinstance(part.exc, ast.Call) else part.exc
            if dotted(made) == "SystemExit":
                yield "raise SystemExit"


RULE = BareExcept()
