"""Whether a patch may be shown: what must hold of the files after it, whatever rule wrote it."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.checks.formatting import format_changed_lines
from codemods.engine.checks.lint import lint
from codemods.engine.checks.untouched import touched_elsewhere
from codemods.engine.edits.bounded_parsing import too_much
from codemods.engine.edits.changed_lines import changed_lines
from codemods.engine.edits.comments import comments_of
from codemods.engine.edits.orphans import kept_reason
from codemods.engine.files.source import Source, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from codemods.engine.checks.lint import Complaint
    from codemods.engine.finding import Change

__all__ = ["Patch", "format_changed_lines", "verify", "verify_all", "verify_many"]


@dataclass(frozen=True)
class Patch:
    """What is to be verified: the files before and after, and, where known, the changes that made the difference."""

    before: Mapping[str, Source]
    after: Mapping[str, Source]
    changes: Sequence[Change] | None = None


def verify(
    before: Mapping[str, Source],
    after: Mapping[str, Source],
    changes: Sequence[Change] | None = None,
    is_imported_elsewhere: Callable[[str, str], bool] | None = None,
) -> str | None:
    """Why the patch fails, or None. See ``verify_many``."""
    return verify_many([Patch(before, after, changes)], is_imported_elsewhere)[0]


def verify_all(patches: Iterable[tuple[Mapping[str, Source], Mapping[str, Source]]]) -> list[str | None]:
    """``verify_many`` for patches known by their files before and after alone."""
    return verify_many([Patch(before, after) for before, after in patches])


def verify_many(
    patches: Sequence[Patch], is_imported_elsewhere: Callable[[str, str], bool] | None = None
) -> list[str | None]:
    """For each patch why it fails, or None; ruff is started once for all of them.

    A file after a patch parses, compiles if it did before, and round-trips through LibCST; its encoding, line ends
    and comments are kept; with ``changes`` known, lines that no edit and no import touches are the same bytes.
    It has no undefined name, unused import, redefinition or unused variable that it had not. Imports that the
    patch left unused on purpose (``kept_reason``) are no fault; without ``is_imported_elsewhere`` those at module
    level that were there before are taken for such.
    """
    verdicts = [_by_text(patch) for patch in patches]
    asked = [number for number, verdict in enumerate(verdicts) if verdict is None]
    files: list[Source] = []
    for number in asked:
        for path, after in sorted(patches[number].after.items()):
            files += (patches[number].before[path], after)
    complaints = iter(lint(files))
    for number in asked:
        for path, after in sorted(patches[number].after.items()):
            before = patches[number].before[path]
            reason = _by_lint(before, after, next(complaints), next(complaints), is_imported_elsewhere)
            verdicts[number] = verdicts[number] or reason
    return verdicts


def _by_text(patch: Patch) -> str | None:
    for path, after in sorted(patch.after.items()):
        before = patch.before.get(path)
        if before is None:
            return f"{path} was not there before"
        try:
            reason = (
                _syntax(before, after)
                or _bytes(before, after)
                or _comments(before, after, patch.changes)
                or touched_elsewhere(before, after, patch.changes)
            )
        except Unreadable as unreadable:
            reason = str(unreadable)
        if reason:
            return f"{path}: {reason}"
    return None


def _syntax(before: Source, after: Source) -> str | None:
    import libcst as cst

    failure = _not_compiling(after)
    if failure and not _not_compiling(before):
        return f"it does not compile: {failure}"
    changed = changed_blocks(before, after)
    alone = Source(after.path, f"\n\n{changed}".encode("utf-8", "surrogatepass"))  # no cookie in line 1 or 2
    if (reason := too_much(alone)) is not None:
        return f"it cannot be verified: {reason}"
    try:
        same = cst.parse_module(changed).code == changed
    except cst.ParserSyntaxError as error:
        return f"LibCST does not parse it: {error.message}"
    if not same and cst.parse_module(before.text).code == before.text:
        return "LibCST does not give it back as it is"
    return None


def changed_blocks(before: Source, after: Source) -> str:
    """The smallest run of whole statements, in the text afterwards, that holds all lines that differ.

    The rest is as it was: parsing a long file again for each of its patches would be most of their cost. Statements
    of a block stand below an ``if`` of their own.
    """
    if not _lines_agree(after):
        return after.text
    lines = changed_lines(before, after)
    start, end, inside = _statements_around(after.tree, lines.first, lines.new_end)
    text = "".join(after.text.splitlines(keepends=True)[start:end])
    return f"if True:\n{text}" if inside else text


def _statements_around(tree: ast.Module, start: int, end: int) -> tuple[int, int, bool]:
    """The lines (from 0, the last one excluded) of the statements that hold these; whether they are of a block."""
    block: list[ast.stmt] = tree.body
    found, inside = (start, end), False
    while True:
        first, last, touched = start, end, []
        for statement in block:
            marks = (each.lineno for each in getattr(statement, "decorator_list", ()))
            above, below = min([statement.lineno, *marks]) - 1, statement.end_lineno or statement.lineno
            if above < last and first < below:
                first, last = min(first, above), max(last, below)
                touched.append(statement)
        found = first, last
        only = touched[0] if len(touched) == 1 else None
        if not isinstance(only, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            return *found, inside
        begins = min(
            [only.body[0].lineno, *(each.lineno for each in getattr(only.body[0], "decorator_list", ()))]
        )
        if start < begins - 1 or only.lineno == only.body[0].lineno:
            return *found, inside
        block, inside = only.body, True


def _lines_agree(source: Source) -> bool:
    """Whether Python's lines are those that text is split at: form feeds and their like end only the latter."""
    return not any(char in source.text for char in "\v\f\x1c\x1d\x1e\x85\u2028\u2029")


def _not_compiling(source: Source) -> str | None:
    """Errors that only the compiler sees, such as a name that is used before it is declared global."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source.tree, source.path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError) as error:
        return str(error)
    return None


def _bytes(before: Source, after: Source) -> str | None:
    if before.encoding != after.encoding:
        return f"its encoding changes from {before.encoding} to {after.encoding}"
    kinds = {end for end in ("\r\n", "\n", "\r") if end in _ends(before)}
    if before.text and not kinds.issuperset(_ends(after)) and len(before.lines) > 1:
        return "its line ends change"
    if before.text and before.text.endswith(("\n", "\r")) != after.text.endswith(("\n", "\r")) and after.text:
        return "its final newline changes"
    return None


def _ends(source: Source) -> set[str]:
    text = source.text
    found = {"\r\n"} if "\r\n" in text else set()
    rest = text.replace("\r\n", "")
    return found | {end for end in ("\n", "\r") if end in rest}


def _comments(before: Source, after: Source, changes: Sequence[Change] | None) -> str | None:
    """Comments go only with a removed import, as a directive about code that changed, or where an edit is about them."""
    lines = changed_lines(before, after)
    if not any("#" in line for line in before.lines[lines.first : lines.old_end]):
        return None
    lost = Counter(comment.text for comment in comments_of(before))
    lost -= Counter(comment.text for comment in comments_of(after))
    if not lost:
        return None
    imports = _beside_lost_imports(before, after)
    after_lines = set(after.lines)
    edits = [edit for change in changes or () for edit in change.edits if edit.path == before.path]
    for comment in comments_of(before):
        if not lost[comment.text]:
            continue
        meant = any(
            comment.start <= edit.start < comment.end and edit.end <= comment.end and edit.start < edit.end
            for edit in edits
        )
        changed = before.lines[comment.line - 1] not in after_lines
        if meant or comment.line in imports or (comment.directive and changed):
            lost[comment.text] -= 1
    gone = next((text for text, count in lost.items() if count > 0), None)
    return f"the comment {gone!r} would be lost" if gone else None


def _beside_lost_imports(before: Source, after: Source) -> set[int]:
    """The lines of import aliases that ``after`` has not, and of statements all of whose aliases it has not."""
    kept = Counter(_imported(after))
    found: set[int] = set()
    for node in ast.walk(before.tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            gone = []
            for alias in node.names:
                key = _key(node, alias)
                if kept[key]:
                    kept[key] -= 1
                else:
                    gone.append(alias)
            if len(gone) == len(node.names):
                found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            shared = {alias.lineno for alias in node.names if alias not in gone}
            found.update(alias.lineno for alias in gone if alias.lineno not in shared)
    return found


def _imported(source: Source) -> Iterable[tuple[str, str, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield _key(node, alias)


def _key(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> tuple[str, str, str]:
    module = "" if isinstance(node, ast.Import) else "." * node.level + (node.module or "")
    return module, alias.name, alias.asname or ""


def _by_lint(
    before: Source,
    after: Source,
    old: Sequence[Complaint],
    new: Sequence[Complaint],
    is_imported_elsewhere: Callable[[str, str], bool] | None,
) -> str | None:
    """The first complaint about ``after`` that there were fewer of before."""
    counts = Counter(complaint.key for complaint in old)
    gone = _gone_imports(old, new)
    for complaint in new:
        if counts[complaint.key]:
            counts[complaint.key] -= not complaint.once
            continue
        if complaint.code == "F401" and (same := _renamed(complaint.name, gone)) is not None:
            gone.remove(same)  # unused here before, unused here now
            continue
        if complaint.code == "F401" and _kept_on_purpose(before, after, complaint, is_imported_elsewhere):
            continue
        return f"{after.path}: {complaint.message} (line {complaint.line})"
    return None


def _gone_imports(old: Sequence[Complaint], new: Sequence[Complaint]) -> list[str]:
    """The unused imports of ``old`` that are gone in ``new``, as often as they are."""
    gone = Counter(each.name for each in old if each.code == "F401")
    gone.subtract(each.name for each in new if each.code == "F401")
    return [name for name, count in gone.items() for _ in range(count)]


def _renamed(name: str, gone: Sequence[str]) -> str | None:
    """What an unused import was before: another name of the same module, or the same name of a module that is called otherwise."""
    home, _, last = name.rpartition(".")
    same_home = (each for each in gone if each.rpartition(".")[0] == home)
    same_name = (each for each in gone if each.rpartition(".")[2] == last)
    return next(same_home, None) or next(same_name, None)


def _kept_on_purpose(
    before: Source,
    after: Source,
    complaint: Complaint,
    is_imported_elsewhere: Callable[[str, str], bool] | None,
) -> bool:
    """Whether the unused import was there before, and something speaks for its staying."""
    at = after.line_start(complaint.line) + complaint.column
    for node in ast.walk(after.tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                start, end = after.span(alias)
                if start <= at < end:
                    return (
                        _key(node, alias) in _imported(before)
                        and kept_reason(after, node, alias, is_imported_elsewhere) is not None
                    )
    return False
