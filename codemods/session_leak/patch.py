"""The edits that close a session: ``try`` and ``finally``, or ``async with``, and the annotation that follows."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.edits.blocks import unit_of
from codemods.engine.edits.statements import (
    insert_after,
    names_in_use,
    remove_statement,
    replace_statements,
    unindented,
)
from codemods.engine.finding import Change, Edit, ImportNeed, Refused
from codemods.engine.inference.type_model import GENERATORS
from codemods.engine.names.traverse import walk
from codemods.libraries.spelling import spelled

if TYPE_CHECKING:
    from codemods.engine.inference.definitions import Function
    from codemods.engine.project import Module, Project
    from codemods.session_leak.leaks import Leak

_NAMES = ("db", "session", "db_session")


def change_for(leak: Leak, function: Function, module: Module, project: Project) -> Change:
    """The patch of one dependency. Raises Refused where it can't be written."""
    edits = _body(leak, function, module)
    needs: tuple[ImportNeed, ...] = ()
    if leak.shape.startswith("returns"):
        asynchronous = leak.is_async or isinstance(function, ast.AsyncFunctionDef)
        if asynchronous and isinstance(function, ast.FunctionDef):
            start = module.source.span(function)[0]
            edits.append(Edit(module.path, start, start, "async "))
        more, needs = _annotation(function, module, project, asynchronous=asynchronous)
        edits += more
    return Change(tuple(sorted(edits, key=lambda each: each.start)), needs)


def _body(leak: Leak, function: Function, module: Module) -> list[Edit]:
    source = module.source
    if leak.shape == "returns from a block":
        return [_yielding(leak.exit, module)]
    if leak.shape == "returns from a try":  # an error of the request is not one of the session's making
        head, tail = (
            (f"async with {leak.name}:", "")
            if leak.is_async
            else ("try:", f"\nfinally:\n    {leak.name}.close()")
        )
        return [
            remove_statement(source, leak.exit),
            insert_after(source, leak.last, f"{head}\n    yield {leak.name}{tail}"),
        ]
    if leak.shape == "closes in name only":
        start, end = source.span(leak.first)
        return [
            Edit(module.path, start, start, "await ") if leak.is_async else Edit(module.path, end, end, "()")
        ]
    if not leak.name:
        name = _free(function, module)
        start, end = source.span(leak.exit)
        if leak.is_async:
            made = unindented(source, leak.made)
            return [
                replace_statements(
                    source, leak.exit, leak.exit, f"async with {made} as {name}:\n    yield {name}"
                )
            ]
        first = Edit(module.path, start, source.span(leak.made)[0], f"{name} = ")
        shares = source.text[source.line_start(leak.exit.lineno) : start].strip()
        if shares or source.text[source.span(leak.made)[1] : end].strip():  # parentheses around the call
            made = unindented(source, leak.made)
            text = f"{name} = {made}\ntry:\n    yield {name}\nfinally:\n    {name}.close()"
            return [replace_statements(source, leak.exit, leak.exit, text)]
        return [
            first,
            insert_after(source, leak.exit, f"try:\n    yield {name}\nfinally:\n    {name}.close()"),
        ]
    if leak.is_async:
        return _async_with(leak, function, module)
    if leak.shape == "yields in a try":
        return _finally(leak, module)
    inner = _indented(_statements(leak, function, module, leak.first))
    return [
        replace_statements(source, leak.first, leak.last, f"try:\n{inner}\nfinally:\n    {leak.name}.close()")
    ]


def _yielding(exit_: ast.stmt, module: Module) -> Edit:
    start = module.source.span(exit_)[0]
    return Edit(module.path, start, start + len("return"), "yield")


def _async_with(leak: Leak, function: Function, module: Module) -> list[Edit]:
    source = module.source
    inner = _indented(_statements(leak, function, module, leak.first))
    text = f"async with {unindented(source, leak.made)} as {leak.name}:\n{inner}"
    return [replace_statements(source, leak.creation, leak.last, text)]


def _finally(leak: Leak, module: Module) -> list[Edit]:
    source, block = module.source, leak.first
    kept = [each for each in leak.closed if _is_alone(each, module)]  # closing twice does nothing more
    edits = [remove_statement(source, each) for each in leak.closed if each not in kept]
    end = source.position(source.span(block)[1])[0]
    indent, newline = source.indent(block.lineno), source.newline
    inner = indent + unit_of(source)
    at = source.line_start(end) + len(source.lines[end - 1])
    edits.append(Edit(module.path, at, at, f"{newline}{indent}finally:{newline}{inner}{leak.name}.close()"))
    return edits


def _is_alone(statement: ast.stmt, module: Module) -> bool:
    parent = module.parents[statement]
    return any(getattr(parent, name, None) == [statement] for name in ("body", "orelse", "finalbody"))


def _statements(leak: Leak, function: Function, module: Module, first: ast.stmt) -> list[str]:
    """What runs between the session's making and its closing, with ``yield`` as its way out."""
    source = module.source
    parent = module.parents[first]
    body = parent.body if isinstance(parent, ast.Try) else function.body
    found = []
    for statement in body[body.index(first) : body.index(leak.last) + 1]:
        if statement in leak.closed:
            continue
        if any(
            isinstance(each, ast.Constant)
            and isinstance(each.value, (str, bytes))
            and each.end_lineno != each.lineno
            for each in walk(statement)
        ):
            raise Refused("No patch: a string of several lines stands between, whose lines would move.")
        text = unindented(source, statement) + _comment_beside(statement, module)
        found.append(f"yield {text[len('return') :].strip()}" if isinstance(statement, ast.Return) else text)
    return found


def _comment_beside(statement: ast.stmt, module: Module) -> str:
    end = module.source.span(statement)[1]
    line = module.source.position(end)[0]
    rest = module.source.text[
        end : module.source.line_start(line) + len(module.source.lines[line - 1])
    ].strip()
    return f"  {rest}" if rest.startswith("#") else ""


def _indented(statements: list[str]) -> str:
    return "\n".join(f"    {line}" if line else "" for each in statements for line in each.split("\n"))


def _free(function: Function, module: Module) -> str:
    """A name for the session that means nothing else here."""
    taken = names_in_use(function)
    for name in _NAMES:
        if name not in taken and not module.scopes.module.binds(name):
            return name
    raise Refused("No patch: no plain name is left for the session in this function.")


def _annotation(
    function: Function, module: Module, project: Project, *, asynchronous: bool
) -> tuple[list[Edit], tuple[ImportNeed, ...]]:
    """``-> Session`` becomes ``-> Iterator[Session]``, or the word for it that the file has already."""
    given = function.returns
    if given is None or (isinstance(given, ast.Constant) and given.value is None):
        return [], ()
    found = project.types.annotation(given, module)
    if found is not None and found.last in GENERATORS - {"Coroutine", "Awaitable"}:
        return [], ()
    prefix = "Async" if asynchronous else ""
    word, rest = _word(prefix, module, project)
    old = project.pins.python is not None and project.pins.python < (3, 9)
    package, other = (
        ("typing", "collections.abc")
        if old or _has(module, "typing", word)
        else ("collections.abc", "typing")
    )
    spelling = spelled(given, module, project, package=package, attribute=word, same=(f"{other}.{word}",))
    start, end = module.source.span(given)
    edits = [Edit(module.path, start, start, f"{spelling.text}["), Edit(module.path, end, end, f"{rest}]")]
    return edits, (spelling.need,) if spelling.need is not None else ()


def _word(prefix: str, module: Module, project: Project) -> tuple[str, str]:
    generator = f"{prefix}Generator"
    for package in ("typing", "collections.abc"):
        if _has(module, package, generator):
            return generator, ", None" if prefix else ", None, None"
    return f"{prefix}Iterator", ""


def _has(module: Module, package: str, name: str) -> bool:
    return any(
        isinstance(statement, ast.ImportFrom)
        and statement.module == package
        and any(alias.name == name and alias.asname is None for alias in statement.names)
        for statement in module.tree.body
    )
