"""Whether a patch leaves alone what its edits do not touch."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.edits.import_places import is_docstring
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codemods.engine.files.source import Source
    from codemods.engine.finding import Change, Edit


def touched_elsewhere(before: Source, after: Source, changes: Sequence[Change] | None) -> str | None:
    """Which line of ``before`` is not in ``after`` though no edit and no import is on it; None if all are.

    The lines between two places that may change must be in ``after`` as they are, one after the other and in
    order. Nothing is said where the changes are unknown (None).
    """
    if changes is None:
        return None
    touched, splits = _places(
        before, [edit for change in changes for edit in change.edits if edit.path == before.path]
    )
    text, at = after.text, 0
    count = len(before.lines)
    runs = list(_runs(count, touched, splits))
    for first, last in runs:
        run = before.text[before.line_start(first) : before.line_start(last + 1)]
        if not run:
            continue
        anchored = first == 1 and 1 not in splits
        found = _find(text, run, at, anchored=anchored)
        if last == count and (first, last) == runs[-1]:
            found = len(text) - len(run) if text.endswith(run) and len(text) - len(run) >= at else -1
        if found < 0 or (anchored and found):
            lines = (
                f"line {first} changes" if first == last else f"something in lines {first} to {last} changes"
            )
            return f"{lines}, where nothing should"
        at = found + len(run)
    return None


def _find(text: str, run: str, at: int, *, anchored: bool) -> int:
    """Where ``run`` stands in ``text`` from ``at`` on, at the beginning of a line."""
    if anchored:
        return 0 if text.startswith(run) else -1
    found = text.find(run, at)
    while found > 0 and text[found - 1] not in "\r\n":
        found = text.find(run, found + 1)
    return found


def _runs(count: int, touched: set[int], splits: set[int]) -> Iterable[tuple[int, int]]:
    """The runs of lines that must stay together."""
    first = 0
    for line in range(1, count + 1):
        if first and (line in touched or line in splits):
            yield first, line - 1
            first = 0
        if not first and line not in touched:
            first = line
    if first:
        yield first, count


def _places(source: Source, edits: Iterable[Edit]) -> tuple[set[int], set[int]]:
    """The lines that may change, and those that others may come before."""
    touched: set[int] = set()
    splits: set[int] = set()
    for edit in edits:
        first, column = source.position(edit.start)
        last, end_column = source.position(edit.end)
        if edit.start == edit.end and column == 1 and edit.text.endswith("\n"):
            splits.add(first)
            continue
        touched.update(range(first, last + (end_column > 1 or edit.start == edit.end)))
        splits.add(last)
    for statement in _imports(source.tree):
        first, last = statement.lineno, statement.end_lineno or statement.lineno
        while first > 1 and not source.lines[first - 2].strip():
            first -= 1
        while last < len(source.lines) and not source.lines[last].strip():
            last += 1
        touched.update(range(first, last + 1))
        splits.update(range(first, last + 2))
    body = [each for number, each in enumerate(source.tree.body) if not is_docstring(source.tree, number)]
    code = next((each for each in body if not isinstance(each, (ast.Import, ast.ImportFrom))), None)
    head = len(source.lines) + 1 if code is None else code.lineno
    splits.update(range(1, head + 1))
    return touched, splits


def _imports(tree: ast.Module) -> Iterable[ast.stmt]:
    """Imports, and ``if`` statements that hold nothing else."""
    for node in walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)) or (
            isinstance(node, ast.If)
            and all(isinstance(each, (ast.Import, ast.ImportFrom)) for each in node.body)
        ):
            yield node
