"""Changes put into effect: all their edits, the imports that these need, and none that they leave unused."""

from __future__ import annotations

import ast
import tokenize
from collections import defaultdict
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING

from codemods.engine.edits.splice import BadEdit, at_line_end, at_line_start, splice
from codemods.engine.files.source import Unreadable
from codemods.engine.finding import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from codemods.engine.files.source import Source
    from codemods.engine.finding import Change, Edit, ImportNeed

_PAIRS = {")": "(", "]": "[", "}": "{"}


class Conflict(Refused):
    """Two changes want the same text or the same name to be different things."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which changes go together: ``accepted``, in the order given, and ``held`` back, each with the reason."""

    accepted: tuple[Change, ...]
    held: tuple[tuple[Change, str], ...]


def nowhere(path: str, name: str) -> bool:
    """The answer of a project in which no file imports names from another."""
    return False


def apply(
    changes: Sequence[Change],
    sources: Mapping[str, Source],
    is_imported_elsewhere: Callable[[str, str], bool] = nowhere,
) -> dict[str, Source]:
    """The files that ``changes`` alter, as they are afterwards; imports are ensured, orphaned ones removed.

    Identical edits of two changes are carried out once. ``is_imported_elsewhere(path, name)`` says whether
    another file imports (or patches) ``name`` from this one, so that its import stays.
    Raises Conflict for changes that do not go together and Refused where an import or a character cannot be
    written; ``compatible`` tells beforehand which changes these are.
    """
    from codemods.engine.edits.imports import ensure
    from codemods.engine.edits.orphans import remove_orphans

    ledger = _Ledger(sources)
    for change in changes:
        ledger.add(change)
    after: dict[str, Source] = {}
    for path in sorted({*ledger.edits, *(path for path, _ in ledger.needs)}):
        before = _known(sources, path)
        needs = [need for (where, _), wanted in ledger.needs.items() if where == path for need in wanted]
        result = _edited(before, [edit for edit, _ in ledger.edits[path]], needs)
        result = ensure(result, needs)
        result = remove_orphans(before, result, is_imported_elsewhere)
        if result.data != before.data:
            after[path] = result
    return after


def compatible(changes: Sequence[Change], sources: Mapping[str, Source]) -> Selection:
    """The changes that can be applied together, greedily in the order given; a change is taken whole or not at all."""
    from codemods.engine.edits.imports import ensure

    ledger = _Ledger(sources)
    possible: set[ImportNeed] = set()
    accepted: list[Change] = []
    held: list[tuple[Change, str]] = []
    for change in changes:
        try:
            for path in {edit.path for edit in change.edits}:
                splice(_known(sources, path), [edit for edit in change.edits if edit.path == path])
            for need in change.imports:
                if need in possible:
                    continue
                before = _known(sources, need.path)
                edited = _edited(before, [edit for edit in change.edits if edit.path == need.path], [need])
                ensure(edited, [need])
                if edited is before:
                    possible.add(need)
            ledger.add(change)
        except (Refused, BadEdit) as reason:
            held.append((change, str(reason)))
        else:
            accepted.append(change)
    return Selection(tuple(accepted), tuple(held))


def _known(sources: Mapping[str, Source], path: str) -> Source:
    try:
        return sources[path]
    except KeyError:
        raise BadEdit(f"no such file: {path}") from None


def _edited(before: Source, edits: list[Edit], needs: Sequence[ImportNeed]) -> Source:
    """The file after its edits; where they write a name that is to be imported, it must mean the module's name."""
    if not edits:
        return before
    after, spans = splice(before, edits)
    names = {need.name for need in needs}
    if not names:
        return after
    from codemods.engine.names.scopes import Scopes

    try:
        tree = after.tree
    except Unreadable as reason:
        raise Refused(f"{before.path} {reason} after the change") from reason
    scopes = Scopes(tree)
    for node, scope in scopes.scope_of.items():
        if not isinstance(node, ast.Name) or node.id not in names:
            continue
        start, end = after.span(node)
        if any(first <= start and end <= last for first, last in spans):
            meant = scopes.lookup(node.id, scope)
            if meant is not None and meant is not scopes.module:
                raise Refused(
                    f"{before.path}: {node.id} is a local name where the import is needed (line {node.lineno})"
                )
    return after


@dataclass
class _Ledger:
    """What has been taken so far: edits by path with their change's number, imports by path and name."""

    sources: Mapping[str, Source]
    edits: dict[str, list[tuple[Edit, int]]] = field(default_factory=lambda: defaultdict(list))
    needs: dict[tuple[str, str], list[ImportNeed]] = field(default_factory=dict)
    count: int = 0

    def add(self, change: Change) -> None:
        """Take the whole change. Raises Conflict, and then takes nothing of it."""
        fresh: list[Edit] = []
        for edit in change.edits:
            text = _known(self.sources, edit.path).text
            if not any(edit.path == other.path and _overlap(edit, other) for other in fresh):
                known = [_meet(edit, other, text) for other, _ in self.edits[edit.path]]
                if not any(known):
                    fresh.append(edit)
            elif edit not in fresh:
                raise Conflict(f"{edit.path}: the change's own edits overlap")
        for need in change.imports:
            for other in self.needs.get((need.path, need.name), ()):
                if not _same_name(need, other):
                    raise Conflict(
                        f"{need.path}: {need.name} would mean both {_full(other)} and {_full(need)}"
                    )
        for edit in fresh:
            self.edits[edit.path].append((edit, self.count))
        for need in change.imports:
            wanted = self.needs.setdefault((need.path, need.name), [])
            if need not in wanted:
                wanted.append(need)
        self.count += 1


def _same_name(one: ImportNeed, other: ImportNeed) -> bool:
    if one == other:
        return True
    # ``import a.b`` and ``import a.c`` bind the same ``a``.
    return all(need.attribute is None and need.alias is None for need in (one, other))


def _full(need: ImportNeed) -> str:
    return need.module if need.attribute is None else f"{need.module}.{need.attribute}"


def _overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits want the same characters; insertions beside each other or at an edge do not."""
    if one.start == one.end or other.start == other.end:
        return one.start < other.end and other.start < one.end
    return max(one.start, other.start) < min(one.end, other.end)


def _meet(edit: Edit, taken: Edit, text: str) -> bool:
    """Whether ``taken``, from another change, is the same edit. Raises Conflict where the two do not go together."""
    where = f"{edit.path}: two changes meet at character {edit.start}"
    if edit == taken:
        if edit.start == edit.end and not _whole_lines(edit, text) and not _balanced(edit.text):
            raise Conflict(where)
        return True
    if _overlap(edit, taken):
        raise Conflict(where)
    inserting = [each for each in (edit, taken) if each.start == each.end]
    if len(inserting) == 2:
        inline = [each for each in inserting if not _whole_lines(each, text)]
        if edit.start == taken.start and not all(_balanced(each.text) for each in inline):
            # One half of a pair of brackets: which pair lies inside which, offsets alone do not tell.
            raise Conflict(where)
    elif edit.end == taken.start or edit.start == taken.end:
        # Two edits that touch inside a line are parts of one expression.
        touching = edit.end if edit.end == taken.start else edit.start
        apart = (
            all(_whole_lines(each, text) for each in inserting)
            if inserting
            else at_line_start(text, touching)
        )
        if not apart:
            raise Conflict(where)
    return False


def _whole_lines(edit: Edit, text: str) -> bool:
    """Whether an insertion adds lines, and nothing to a line that is there."""
    return (edit.text.endswith("\n") and at_line_start(text, edit.start)) or (
        edit.text.startswith("\n") and at_line_end(text, edit.start)
    )


def _balanced(text: str) -> bool:
    """Whether every bracket that ``text`` opens it closes."""
    open_brackets: list[str] = []
    try:
        for token in tokenize.generate_tokens(StringIO(text.strip()).readline):
            if token.type == tokenize.OP and token.string in "([{":
                open_brackets.append(token.string)
            elif (
                token.type == tokenize.OP
                and token.string in _PAIRS
                and (not open_brackets or open_brackets.pop() != _PAIRS[token.string])
            ):
                return False
    except (tokenize.TokenError, SyntaxError):
        return False
    return not open_brackets
