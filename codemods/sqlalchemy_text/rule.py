"""The rule itself: calls that are given a raw string, and the ``text()`` around it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Edit, ImportNeed, Refused
from codemods.libraries import sqlalchemy
from codemods.libraries.spelling import spelled
from codemods.sqlalchemy_text.statements import Statement, binds_in, misread, positional, statement_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

_METHODS = {
    "connection": {"execute", "scalar", "scalars", "stream", "stream_scalars"},
    "session": {"execute", "scalar", "scalars", "stream", "stream_scalars", "exec"},
    "factory": {"execute", "scalar", "scalars", "stream", "stream_scalars"},
}
_ANY = {method for methods in _METHODS.values() for method in methods}
_CALL = re.compile(
    rb"\.(?:execute|scalars?|stream(?:_scalars)?|exec)\(\s*(?:([A-Za-z_]\w*)\s*[,)]|\(*[rRfFuU]{0,2}[\"'])"
)
_PROCESS = re.compile(rb"\.process\(\s*[rR]?[\"']")
_OPTIONS = {"execution_options", "bind_arguments", "bind", "params", "parameters"}
_SAME = (
    "sqlalchemy.sql.text",
    "sqlalchemy.sql.expression.text",
    "sqlalchemy.sql.elements.text",
    "sqlmodel.text",
)
_FEWEST = 6
"""Shorter pieces of SQL are found in any test."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    edits: tuple[Edit, ...]
    need: ImportNeed | None


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Why no patch is written (``shown``), or why a person must look at it."""

    reason: str
    shown: bool = True


class SqlalchemyText:
    """See ``sqlalchemy_text.md``."""

    name = "sqlalchemy-text"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that execute a string, or a name that they bind to one."""
        return project.matching(_may_execute) if sqlalchemy.is_used(project) else ()

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each string that is executed or compiled."""
        if _is_migration(module):
            return
        for call in module.nodes(ast.Call):
            if not isinstance(call.func, ast.Attribute) or not call.args:
                continue
            if call.func.attr in _ANY:
                statement = statement_of(call.args[0], module, project)
                if statement is not None and _takes_statements(call.func, module, project):
                    yield from _executed(self.name, call, statement, module, project)
            elif (
                call.func.attr == "process"
                and len(call.args) == 1
                and _is_compiler(call.func.value, module, project)
            ):
                statement = statement_of(call.args[0], module, project)
                if statement is not None:
                    yield from _compiled(self.name, call, statement, module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """``text(...)`` around the string."""
        if not isinstance(finding.evidence, _Evidence):
            raise Refused(finding.reason)
        need = finding.evidence.need
        return Change(finding.evidence.edits, (need,) if need is not None else ())


def _may_execute(data: bytes) -> bool:
    if not any(needle in data for needle in (b".execute(", b".scalar", b".stream", b".exec(", b".process(")):
        return False
    for found in _CALL.finditer(data):
        name = found[1]
        if name is None or re.search(
            rb"\b" + name + rb"(?:\s*:\s*str)?\s*=\s*\(*\s*[rRfFuU]{0,2}[\"']"
            rb"|\bimport\b(?:[^\n(]*|\s*\([^)]*)\b" + name + rb"\b",
            data,
        ):
            return True
    return b"statement_compiler" in data and _PROCESS.search(data) is not None


def _is_migration(module: Module) -> bool:
    """Whether the file is one of Alembic's revisions, wherever they are kept: what ran once stays as it ran."""
    bound = module.scopes.module
    return bound.binds("revision") and bound.binds("down_revision")


def _takes_statements(func: ast.Attribute, module: Module, project: Project) -> bool:
    handle = sqlalchemy.handle_of(func.value, module, project)
    if handle is None or func.attr not in _METHODS.get(handle.kind, ()):
        return False
    found = project.types.of(func.value, module)
    return found is None or not found.path or project.types.classes.method(found, func.attr) is None


def _is_compiler(node: ast.expr, module: Module, project: Project) -> bool:
    """Whether it is a statement compiler of a dialect's: ``engine.dialect.statement_compiler(engine.dialect, None)``."""
    found = project.types.of(node, module)
    if (
        found is None
        or found.kind not in {"instance", "external"}
        or not found.name.startswith("sqlalchemy.")
    ):
        return False
    return found.name.removesuffix("()").endswith((".statement_compiler", ".compiler.SQLCompiler"))


def _executed(
    rule: str, call: ast.Call, statement: Statement, module: Module, project: Project
) -> Iterator[Finding]:
    version = sqlalchemy.version_of(project)
    if version == "1":
        return
    assert isinstance(call.func, ast.Attribute)
    written = f"{module.source.segment(call.func.value)}.{call.func.attr}"
    if "\n" in written or len(written) > 60:
        written = call.func.attr
    handle = sqlalchemy.handle_of(call.func.value, module, project)
    assert handle is not None
    kind = "session" if handle.kind == "factory" else handle.kind
    doubt = _doubt(call, statement, module)
    tests = () if doubt is not None and doubt.shown else _expecting(statement, project)
    if tests:
        doubt = _Doubt(f"A test speaks of this very string ({', '.join(tests)}).", shown=False)
    yield _finding(
        rule, call, doubt, module, project,
        message=f"`{written}` is given a plain string, and SQLAlchemy 2.0 executes none: it raises an error.",
        proven=f"`{module.source.segment(call.func.value)}` is a {kind} of SQLAlchemy's"
        + (f" ({handle.proof})" if handle.proof else "")
        + (", and nothing in the string reads otherwise inside `text()`." if doubt is None else "."),
    )  # fmt: skip


def _compiled(
    rule: str, call: ast.Call, statement: Statement, module: Module, project: Project
) -> Iterator[Finding]:
    doubt = _doubt(call, statement, module)
    yield _finding(
        rule, call, doubt, module, project,
        message="`process` is given a plain string, and a statement compiler takes SQL expressions: it raises an error.",
        proven="The compiler is a dialect's own.",
    )  # fmt: skip


def _finding(
    rule: str,
    call: ast.Call,
    doubt: _Doubt | None,
    module: Module,
    project: Project,
    *,
    message: str,
    proven: str,
) -> Finding:
    evidence = None
    if doubt is None or not doubt.shown:
        try:
            spelling = spelled(
                call, module, project,
                package="sqlalchemy", attribute="text", same=_SAME, otherwise=("sa_text", "sql_text"),
            )  # fmt: skip
            evidence = _Evidence(_edits(call.args[0], spelling.text, module), spelling.need)
        except Refused as refused:
            doubt = _Doubt(str(refused))
    applicability = (
        Applicability.DISPLAY_ONLY if evidence is None
        else Applicability.SAFE if doubt is None
        else Applicability.UNSAFE
    )  # fmt: skip
    return module.finding(
        rule,
        call.args[0],
        message,
        applicability,
        doubt.reason if doubt is not None else proven,
        evidence=evidence,
    )


def _doubt(call: ast.Call, statement: Statement, module: Module) -> _Doubt | None:
    """What keeps the patch from being certain; None where the string means the same inside ``text()``."""
    if not _stands_there(call.args[0], module):
        return _Doubt("The call is inside an f-string, where Python does not tell its place.")
    if statement.texts is None:
        return _Doubt(
            "The string is computed: values belong into bind parameters, not into the text around them."
        )
    whole = "\n".join(statement.texts)
    if "\\:" in whole:
        return _Doubt("The SQL holds `\\:`, which `text()` reads as an escaped colon.")
    wrong = misread(whole)
    if wrong is not None:
        return _Doubt(
            f"`text()` would take `{wrong}` for a bind parameter; there it has to be written `\\{wrong}`."
        )
    binds = {bind for text in statement.texts for bind in binds_in(text)}
    if any(isinstance(arg, ast.Starred) for arg in call.args) or len(call.args) > 2:
        return _Doubt("The values are given by position, and `text()` takes them by name.")
    unknown = [keyword.arg for keyword in call.keywords if keyword.arg not in _OPTIONS]
    if unknown:
        return _Doubt(
            "Values given as keywords are a habit of SQLAlchemy 1.x; `text()` takes them in a dictionary."
        )
    values = call.args[1] if len(call.args) > 1 else next(
        (keyword.value for keyword in call.keywords if keyword.arg in {"params", "parameters"}), None
    )  # fmt: skip
    if values is None or (isinstance(values, ast.Constant) and values.value is None):
        if binds:
            return _Doubt(
                f"`text()` would read `:{min(binds)}` as a bind parameter, and no value is given for it."
            )
        if "%%" in whole:
            return _Doubt(
                "`%%` stands for one `%` only where the driver formats; `text()` does the doubling itself."
            )
        placeholder = positional(whole)
        if placeholder in {"%s"} or (placeholder or "").startswith("%("):
            return _Doubt(f"The SQL holds `{placeholder}`, and no value is given for it.")
        return None
    return _doubt_of_values(values, binds, whole)


def _doubt_of_values(values: ast.expr, binds: set[str], whole: str) -> _Doubt | None:
    placeholder = positional(whole)
    if not binds or placeholder is not None:
        return _Doubt(
            f"Its placeholders ({placeholder}) are the driver's own; `text()` takes `:name` and a dictionary."
            if placeholder is not None
            else "Values are given, and the SQL has no `:name` for them."
        )
    rows = values.elts if isinstance(values, (ast.List, ast.Tuple)) else [values]
    if rows and all(isinstance(row, ast.Dict) for row in rows):
        for row in rows:
            assert isinstance(row, ast.Dict)
            keys = {key.value for key in row.keys if isinstance(key, ast.Constant)}
            if None not in row.keys and not binds <= keys:
                return _Doubt(f"No value is given for `:{min(binds - keys)}`.")
        return None
    if isinstance(values, (ast.List, ast.Tuple)):
        return _Doubt("The values are given by position, and `text()` takes them by name.")
    return _Doubt("The values come from elsewhere, and `text()` needs them in a dictionary.", shown=False)


def _expecting(statement: Statement, project: Project) -> list[str]:
    """Tests that assert how something was called, and hold the same SQL."""
    needles = {text.strip().partition("\n")[0].encode() for text in statement.texts or ()}
    found = {
        path
        for needle in needles if len(needle) >= _FEWEST
        for path in project.containing(b"assert_", needle)
        if is_test(path) and project.containing(b"called")
    }  # fmt: skip
    return [path for path in sorted(found) if path in project.matching(_asserts_calls)][:3]


def _asserts_calls(data: bytes) -> bool:
    return (
        re.search(rb"assert_(?:called|any_call|has_calls|awaited|any_await|has_awaits)|call_args", data)
        is not None
    )


def _edits(node: ast.expr, name: str, module: Module) -> tuple[Edit, ...]:
    """``text(`` and ``)`` around the string; a string of several lines keeps one line for each of its parts."""
    source = module.source
    start, end = source.span(node)
    around = (Edit(module.path, start, start, f"{name}("), Edit(module.path, end, end, ")"))
    lines = source.text[start:end].splitlines()
    indent = source.indent(node.lineno)
    begins = source.position(start)[1] - 1 == len(indent)
    parts = [line.lstrip(" \t") for line in lines]
    if len(lines) == 1 or not begins or not isinstance(node, ast.Constant) or not all(map(_is_string, parts)):
        return around
    step = "\t" if indent.endswith("\t") else "    "
    inner = source.newline + indent + step
    return (Edit(module.path, start, end, f"{name}({inner}{inner.join(parts)}{source.newline}{indent})"),)


def _stands_there(node: ast.expr, module: Module) -> bool:
    """Whether the file has the expression where Python says: inside an f-string of several lines it may not."""
    try:
        written = ast.parse(f"({module.source.segment(node)})", mode="eval").body
    except (SyntaxError, ValueError, IndexError):
        return False
    return ast.dump(written) == ast.dump(node)


def _is_string(line: str) -> bool:
    """Whether a line is one whole string: adjacent strings are moved only where each has its line."""
    try:
        found = ast.parse(line, mode="eval").body
    except (SyntaxError, ValueError):
        return False
    return isinstance(found, ast.Constant) and isinstance(found.value, str)


RULE = SqlalchemyText()
