"""Statements replaced, added and removed: new ones in the block's indentation, old comments kept.

New text is written unindented, with plain line feeds and four blanks for a level; it takes the file's own from its place.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.edits.blocks import Run, run_of, start_of, unit_of
from codemods.engine.edits.carried import carry
from codemods.engine.edits.comments import comments_of
from codemods.engine.edits.expressions import replace_expression, unindented
from codemods.engine.edits.nodes import cst_module, cst_statement
from codemods.engine.edits.rendering import rendered
from codemods.engine.edits.taken_names import free_name, names_in_use
from codemods.engine.finding import Edit, Refused

if TYPE_CHECKING:
    from codemods.engine.files.source import Source

__all__ = [
    "cst_module",
    "cst_statement",
    "free_name",
    "insert_after",
    "insert_before",
    "names_in_use",
    "remove_statement",
    "replace_expression",
    "replace_statements",
    "unindented",
]


def replace_statements(source: Source, first: ast.stmt, last: ast.stmt, new_text: str) -> Edit:
    """The statements from ``first`` to ``last``, a run in one block, replaced by those of ``new_text``.

    Comments above the run stay; those inside and after it go to the new line that says the same, else above.
    Comments that ``new_text`` has already are taken for the old ones. Statements that shared a line with the
    run get lines of their own where the new ones need them. Raises Refused where this is not one run.
    """
    return _replaced(source, run_of(source, first, last), new_text.rstrip("\n"))


def insert_before(source: Source, statement: ast.stmt, new_text: str) -> Edit:
    """The statements of ``new_text``, blank lines at its ends included, directly before ``statement``."""
    run = run_of(source, statement)
    _refuse_elif(source, run)
    if not run.on_own_lines:
        return _replaced(source, run, f"{new_text.rstrip()}\n{unindented(source, statement)}")
    start = source.line_start(source.position(run.start)[0])
    return Edit(
        source.path, start, start, rendered(new_text.removesuffix("\n"), run.indent, unit_of(source)) + "\n"
    )


def insert_after(source: Source, statement: ast.stmt, new_text: str) -> Edit:
    """The statements of ``new_text``, blank lines at its ends included, on the lines after ``statement``."""
    run = run_of(source, statement)
    _refuse_elif(source, run)
    if not run.on_own_lines:
        return _replaced(source, run, f"{unindented(source, statement)}\n{new_text.strip()}")
    new = rendered(new_text.removesuffix("\n"), run.indent, unit_of(source))
    start = source.line_start(source.position(run.end)[0] + 1)
    if start == len(source.text) and not source.text.endswith(("\n", "\r")):
        return Edit(source.path, start, start, f"\n{new}")
    return Edit(source.path, start, start, f"{new}\n")


def remove_statement(source: Source, statement: ast.stmt, *, comments: bool = True) -> Edit:
    """``statement`` taken out, with its lines where it has them for itself; ``pass`` where its block would be empty.

    Comments beside and inside it stay on lines of their own, but for directives to tools about the line that
    goes; with ``comments=False`` they go too. Comments above it stay.
    """
    run = run_of(source, statement)
    path, text = source.path, source.text
    if run.shares_start:
        previous = source.span(run.block[run.first - 1])[1]
        return Edit(path, previous, run.end, "")
    if run.shares_end:
        return Edit(path, run.start, start_of(source, run.block[run.last + 1]), "")
    end = _line_end(source, run.end)
    kept = [
        comment.text
        for comment in (comments_of(source) if comments and "#" in text[run.start : end] else ())
        if run.start <= comment.start < end and not comment.directive
    ]
    if len(run.block) == 1 and not run.is_elif and (run.suite_colon is not None or not _is_module(run)):
        lines = f"\n{run.indent}".join([*kept[:-1], f"pass  {kept[-1]}" if kept else "pass"])
        return Edit(path, run.start, end if text[run.end : end].strip() else run.end, lines)
    if kept:
        return Edit(path, run.start, end, f"\n{run.indent}".join(kept))
    start = source.line_start(source.position(run.start)[0])
    below = source.line_start(source.position(run.end)[0] + 1)
    if below == len(text) and start and not text.endswith(("\n", "\r")):
        start = len(text[:start].removesuffix("\n").removesuffix("\r"))
    return Edit(path, start, below, "")


def _is_module(run: Run) -> bool:
    return run.block is getattr(run.source.tree, "body", None)


def _line_end(source: Source, offset: int) -> int:
    """The end of the line at ``offset``, its white space at the end left out."""
    line = source.position(offset)[0]
    return max(offset, source.line_start(line) + len(source.lines[line - 1].rstrip()))


def _replaced(source: Source, run: Run, new_text: str) -> Edit:
    path, text = source.path, source.text
    last_end = source.span(run.block[run.last])[1]
    one_line = _is_one_simple_line(new_text)
    if not run.on_own_lines and one_line and "#" not in text[run.start : last_end]:
        return Edit(path, run.start, last_end, new_text.strip())
    end = run.end if run.shares_end else _line_end(source, run.end)
    if run.end != end and not text[run.end : end].lstrip().startswith("#"):
        end = run.end
    carried = carry(source, run.start, end, new_text)
    if run.is_elif:
        return Edit(path, run.start, end, _as_branch(carried, run.indent, unit_of(source)))
    new = rendered(carried, run.indent, unit_of(source))
    if run.on_own_lines:
        return Edit(path, run.start, end, new.removeprefix(run.indent))
    begin = run.start
    if run.suite_colon is not None:
        begin = run.suite_colon
        if run.first:
            earlier = text[start_of(source, run.block[0]) : source.span(run.block[run.first - 1])[1]]
            new = f"{run.indent}{earlier}\n{new}"
    elif run.shares_start:
        begin = source.span(run.block[run.first - 1])[1]
    new = f"\n{new}" if begin != run.start else new.removeprefix(run.indent)
    if run.shares_end:
        return Edit(path, begin, start_of(source, run.block[run.last + 1]), f"{new}\n{run.indent}")
    return Edit(path, begin, end, new)


def _as_branch(new_text: str, indent: str, unit: str) -> str:
    """What takes the place of an ``elif`` branch: another, or ``else:`` with the statements below."""
    body = ast.parse(new_text).body
    if len(body) == 1 and isinstance(body[0], ast.If):
        lines = rendered(new_text, indent, unit).split("\n")
        first = body[0].lineno - 1
        lines[first] = f"{indent}el{lines[first].removeprefix(indent)}"
        return "\n".join(lines).removeprefix(indent)
    return f"else:\n{rendered(new_text, indent + unit, unit)}"


def _refuse_elif(source: Source, run: Run) -> None:
    if run.is_elif:
        line = source.position(run.start)[0]
        raise Refused(f"{source.path}: nothing can be put beside the elif on line {line}")


def _is_one_simple_line(new_text: str) -> bool:
    try:
        body = ast.parse(new_text).body
    except SyntaxError as error:
        raise Refused(f"the new statements do not parse: {error.msg}") from error
    return "\n" not in new_text.strip() and not any(
        hasattr(each, "body") or hasattr(each, "cases") for each in body
    )
