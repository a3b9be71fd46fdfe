"""Writing the comments by which a person silences a rule, at one place or for a whole file. Pure."""

from __future__ import annotations

import ast
import re

from codemods.engine.checks.suppress import Suppressions
from codemods.engine.edits.comments import comments_of
from codemods.engine.files.source import Source, Unreadable
from codemods.engine.finding import Applicability, Finding

_NAMES = re.compile(r"\[([^\]]*)\]")
_LONGEST = 88


class NotSilenced(Exception):  # noqa: N818 - an answer, not a failure
    """No comment can be written; ``case`` of the answer's template says why."""

    def __init__(self, case: str, reason: str = "") -> None:
        super().__init__(reason or case)
        self.case, self.reason = case, reason


def silence_line(path: str, data: bytes, rule: str, line: int, last: int | None = None) -> bytes | None:
    """The file with an ``ignore`` comment for what is found between ``line`` and ``last`` (both from 1).

    The comment stands behind the statement where that is one short line without a comment, else above it; a comment
    that is there names the rule too. None where one silences the rule there already. Raises NotSilenced.
    """
    source = _source(path, data)
    if not 1 <= line <= len(source.lines) or not source.lines[line - 1].strip():
        raise NotSilenced("line-gone")
    if _covers(source, rule, line, last or line):
        return None
    first = _first_line(source.tree, line)
    for comment in comments_of(source):
        beside = comment.line == first or (comment.own_line and comment.line == first - 1)
        if beside and (found := re.search(r"#\s*patchwright:\s*ignore\[[^\]]*\]", comment.text)):
            return _checked(source, _with_name(source, comment.start + found.start(), rule), rule, line, last)
    text = source.lines[first - 1]
    words = f"# patchwright: ignore[{rule}]"
    if _is_whole(source, first) and len(text.rstrip()) + 2 + len(words) <= _LONGEST:
        at = source.line_start(first) + len(text.rstrip())
        after = f"{source.text[:at]}  {words}{source.text[at:]}"
        return _checked(source, after, rule, line, last)
    at = source.line_start(first)
    after = f"{source.text[:at]}{source.indent(first)}{words}{source.newline}{source.text[at:]}"
    return _checked(source, after, rule, line + 1, (last or line) + 1)


def silence_file(path: str, data: bytes, rule: str) -> bytes | None:
    """The file with an ``ignore-file`` comment: below its first comments and its docstring.

    None where one is there already. Raises NotSilenced.
    """
    source = _source(path, data)
    whole = [each for each in Suppressions.of(source).ignores if each.whole_file]
    if any(each.means(rule) for each in whole):
        return None
    for comment in comments_of(source):
        found = re.search(r"#\s*patchwright:\s*ignore-file\[[^\]]*\]", comment.text)
        if found:
            after = _with_name(source, comment.start + found.start(), rule)
            return _checked(source, after, rule, 1, None)
    above = _head(source)
    end = source.newline
    before, behind = source.text[: source.line_start(above + 1)], source.text[source.line_start(above + 1) :]
    if before and not before.endswith(("\n", "\r")):
        before += end
    docstring = _docstring(source.tree)
    gap_above = end if docstring and above else ""
    gap_below = end if behind.strip() and behind[:1] not in ("\n", "\r") else ""
    after = f"{before}{gap_above}# patchwright: ignore-file[{rule}]{end}{gap_below}{behind}"
    return _checked(source, after, rule, 1, None)


def _source(path: str, data: bytes) -> Source:
    source = Source(path, data)
    if not path.endswith((".py", ".pyi")):
        raise NotSilenced("no-python")
    try:
        assert source.tree is not None
        comments_of(source)
    except Unreadable as error:
        raise NotSilenced("unreadable", str(error)) from error
    return source


def _checked(before: Source, text: str, rule: str, line: int, last: int | None) -> bytes:
    """The new bytes, if they are the same program and the comment in them silences the rule."""
    try:
        after = before.replaced(text)
        same = ast.dump(after.tree) == ast.dump(before.tree)
        covered = _covers(after, rule, line, last or line)
    except (Unreadable, UnicodeEncodeError) as error:
        raise NotSilenced("unreadable", str(error)) from error
    if not same or not covered:
        raise NotSilenced("no-place")
    return after.data


def _covers(source: Source, rule: str, line: int, last: int) -> bool:
    finding = Finding(rule, source.path, line, 1, max(line, last), "", Applicability.SAFE, "")
    return Suppressions.of(source).covers(finding)


def _statement(tree: ast.Module, line: int) -> ast.stmt | None:
    """The innermost statement on ``line``."""
    found = None
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and _first(node) <= line <= (node.end_lineno or node.lineno):
            found = node  # walked from the outside in
    return found


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _first_line(tree: ast.Module, line: int) -> int:
    statement = _statement(tree, line)
    return line if statement is None else _first(statement)


def _is_whole(source: Source, line: int) -> bool:
    """Whether a statement begins and ends on this line, with no comment behind it."""
    statement = _statement(source.tree, line)
    if statement is None or statement.end_lineno != line or _first(statement) != line:
        return False
    return not any(each.line == line for each in comments_of(source)) and not source.lines[
        line - 1
    ].rstrip().endswith("\\")


def _with_name(source: Source, start: int, rule: str) -> str:
    """The text with ``rule`` added to the names of the comment that begins at ``start``."""
    names = _NAMES.search(source.text, start)
    assert names is not None
    listed = ", ".join(filter(None, [names[1].strip().rstrip(",").strip(), rule]))
    return f"{source.text[: names.start(1)]}{listed}{source.text[names.end(1) :]}"


def _docstring(tree: ast.Module) -> ast.stmt | None:
    return tree.body[0] if tree.body and ast.get_docstring(tree, clean=False) is not None else None


def _head(source: Source) -> int:
    """How many lines stand above the comment: the docstring's last, else those of the first comments."""
    docstring = _docstring(source.tree)
    if docstring is not None and docstring.end_lineno is not None:
        shares = any(each.lineno == docstring.end_lineno for each in source.tree.body[1:2])
        return docstring.end_lineno if not shares else _comments_above(source)
    return _comments_above(source)


def _comments_above(source: Source) -> int:
    """The shebang, the encoding and the comments that stand right below them, such as a licence."""
    count = 0
    while count < len(source.lines) and source.lines[count].startswith("#"):
        count += 1
    return count
