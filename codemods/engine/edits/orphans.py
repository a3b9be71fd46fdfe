"""Imports that a patch leaves without a use are removed, unless somebody else relies on them."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from codemods.engine.edits.blocks import run_of
from codemods.engine.edits.changed_lines import changed_lines
from codemods.engine.edits.comments import comments_of
from codemods.engine.edits.import_lists import without_names
from codemods.engine.edits.splice import splice
from codemods.engine.edits.text_names import named_in_text
from codemods.engine.files.source import Unreadable
from codemods.engine.finding import Edit, Refused
from codemods.engine.names.scopes import Scopes
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from codemods.engine.files.source import Source
    from codemods.engine.names.scopes import Scope

_WORD = re.compile(r"\.?\w+")
"""With its dot: where ``sleep`` becomes ``asyncio.sleep``, the name is read no more."""
_NOQA = re.compile(r"#\s*(?:noqa(?!\s*:)|noqa\s*:.*\bF401\b)", re.IGNORECASE)
_FILE_NOQA = re.compile(r"#\s*(?:ruff|flake8)\s*:\s*noqa(?:\s*$|\s*:.*\bF401\b)", re.IGNORECASE)

_Import = ast.Import | ast.ImportFrom
_Place = tuple[tuple[str, str, int], ...]


def remove_orphans(
    before: Source,
    after: Source,
    is_imported_elsewhere: Callable[[str, str], bool] = lambda path, name: False,
) -> Source:
    """``after`` without the imports whose names ``before`` used and ``after`` does not.

    Left alone are re-exports (``__all__``, ``import x as x``, ``__init__.py``, ``# noqa``, names that
    ``is_imported_elsewhere(path, name)``), names in string annotations, doctests and type comments, and imports
    in ``try`` blocks. Raises Refused where ``after`` does not parse.
    """
    try:
        _ = after.tree  # what does not parse is refused, orphans or not
        if not _may_orphan(before, after):
            return after
        used = _Uses(before)
        while True:
            orphans = _first_orphans(used, after, is_imported_elsewhere)
            if orphans is None:
                return after
            after = without(after, *orphans)
    except Unreadable as reason:
        raise Refused(f"{after.path} {reason} after the change") from reason


def kept_reason(
    source: Source,
    statement: _Import,
    alias: ast.alias,
    is_imported_elsewhere: Callable[[str, str], bool] | None,
) -> str | None:
    """Why an import that the file itself does not use stays; None if nothing speaks for it.

    Without ``is_imported_elsewhere`` any import at module level may be another file's.
    """
    name = bound_name(alias)
    if source.path.rpartition("/")[2] in ("__init__.py", "__init__.pyi") or source.path.endswith(".pyi"):
        return "the file exists for what it imports"
    if alias.asname == alias.name.rpartition(".")[2]:
        return "imported under its own name: a re-export"
    lines = source.lines[statement.lineno - 1 : statement.end_lineno]
    if any(_NOQA.search(line) for line in lines) or any(
        "noqa" in line and _FILE_NOQA.search(line) for line in source.lines
    ):
        return "noqa"
    if _conditional(source.tree, statement):
        return "a conditional import"
    if named_in_text(source, name):
        return "named in a string annotation, __all__, a doctest or a type comment"
    if statement in source.tree.body and (
        is_imported_elsewhere is None or is_imported_elsewhere(source.path, name)
    ):
        return "imported from here by another file"
    return None


def bound_name(alias: ast.alias) -> str:
    """The name that one alias of an import binds."""
    return alias.asname or alias.name.partition(".")[0]


def type_checking_blocks(tree: ast.Module) -> Iterator[ast.If]:
    """The module's ``if TYPE_CHECKING:`` statements."""
    for node in tree.body:
        if isinstance(node, ast.If):
            test = node.test
            name = (
                test.id
                if isinstance(test, ast.Name)
                else test.attr
                if isinstance(test, ast.Attribute)
                else ""
            )
            if name == "TYPE_CHECKING":
                yield node


def without(source: Source, statement: _Import, aliases: Collection[ast.alias]) -> Source:
    """``source`` with ``aliases`` taken out of an import, the whole statement where these are all of it."""
    if len(aliases) < len(statement.names):
        return splice(source, without_names(source, statement, aliases))[0]
    gone: ast.stmt = statement
    for block in type_checking_blocks(source.tree):
        if block.body == [statement] and not block.orelse and not _holds_comment(source, block, statement):
            gone = block
    return splice(source, [_removal(source, gone)])[0]


def _holds_comment(source: Source, block: ast.If, statement: ast.stmt) -> bool:
    return any(
        block.lineno <= comment.line <= (block.end_lineno or 0) and comment.line != statement.lineno
        for comment in comments_of(source)
    )


def _removal(source: Source, statement: ast.stmt) -> Edit:
    """A statement's removal with the blank lines that would be too many."""
    from codemods.engine.edits.statements import remove_statement

    edit = remove_statement(source, statement, comments=False)
    run = run_of(source, statement)
    if edit.text or not run.on_own_lines:
        return edit
    line = source.position(edit.start)[0]
    last = statement.end_lineno or statement.lineno
    count = len(source.lines)
    after = 0
    while last + after < count and not source.lines[last + after].strip():
        after += 1
    if last + after >= count:
        return edit
    before = 0
    while line - 2 - before >= 0 and not source.lines[line - 2 - before].strip():
        before += 1
    opens = (
        run.first == 0 and before == 0 and not source.lines[line - 2].lstrip().startswith("#")
        if line > 1
        else True
    )
    extra = after if opens else min(before, after)
    return Edit(edit.path, edit.start, source.line_start(last + 1 + extra), "")


def _conditional(tree: ast.Module, statement: _Import) -> bool:
    return any(
        inner is statement
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and node.handlers
        for inner in ast.walk(node)
    )


def _may_orphan(before: Source, after: Source) -> bool:
    """Whether a name that an import binds is written less often than before: scopes need looking at only then.

    Where a use is gone and the name appears anew in a string or another scope, verification still sees the unused import.
    """
    lines = changed_lines(before, after)
    gone = _words(before.lines[lines.first : lines.old_end]) - _words(
        after.lines[lines.first : lines.new_end]
    )
    return not _imported_names(before).isdisjoint(word.removeprefix(".") for word in gone)


def _words(lines: list[str]) -> Counter[str]:
    return Counter(word for line in lines for word in _WORD.findall(line))


@lru_cache(maxsize=16)
def _imported_names(source: Source) -> frozenset[str]:
    """The names that imports bind, and the parts of ``import a.b``: another module's import may bind the same name."""
    names: set[str] = set()
    for node in walk(source.tree):
        if isinstance(node, ast.Import):
            names.update(part for alias in node.names for part in (alias.asname or alias.name).split("."))
        elif isinstance(node, ast.ImportFrom):
            names.update(bound_name(alias) for alias in node.names)
    return frozenset(names)


class _Uses:
    """Which names each scope's bindings are read by, scopes known by their place in the file."""

    def __init__(self, source: Source) -> None:
        self.scopes = Scopes(source.tree)
        self.places = _places(self.scopes)
        self.read: dict[tuple[_Place, str], int] = {}
        for scope in self.scopes.all:
            for name, loads in scope.loads.items():
                meant = self.scopes.lookup(name, scope)
                while meant is not None:
                    key = self.places[meant], name
                    self.read[key] = self.read.get(key, 0) + len(loads)
                    # A class body reads the outer name as long as its own is not bound yet.
                    inner = meant.kind == "class" and meant is scope and meant.parent is not None
                    meant = self.scopes.lookup(name, meant.parent) if inner and meant.parent else None
        self.dotted = {text for node in walk(source.tree) if (text := _dotted(node))}


def _dotted(node: ast.AST) -> str:
    """``a.b.c`` for an attribute chain from a name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if parts and isinstance(node, ast.Name) else ""


def _places(scopes: Scopes) -> dict[Scope, _Place]:
    """Each scope's place: the names of the definitions around it, equal ones counted."""
    places: dict[Scope, _Place] = {scopes.module: ()}
    counts: dict[tuple[_Place, str, str], int] = {}
    for scope in scopes.all[1:]:
        assert scope.parent is not None
        outer = places[scope.parent]
        name = getattr(scope.node, "name", "")
        counts[outer, scope.kind, name] = number = counts.get((outer, scope.kind, name), -1) + 1
        places[scope] = (*outer, (scope.kind, name, number))
    return places


def _first_orphans(
    used: _Uses, after: Source, is_imported_elsewhere: Callable[[str, str], bool]
) -> tuple[_Import, list[ast.alias]] | None:
    """The first statement of ``after`` that has orphans, and these."""
    now = _Uses(after)
    kinds = {
        binding.node: scope
        for scope in now.scopes.all
        for bindings in scope.bindings.values()
        for binding in bindings
        if binding.kind == "import"
    }
    for statement in sorted(
        (node for node in walk(after.tree) if isinstance(node, _Import)), key=lambda node: node.lineno
    ):
        if isinstance(statement, ast.ImportFrom) and (
            statement.module == "__future__" or statement.names[0].name == "*"
        ):
            continue
        found = [
            alias
            for alias in statement.names
            if alias in kinds
            and _lost_its_use(used, now, kinds[alias], alias, statement)
            and kept_reason(after, statement, alias, is_imported_elsewhere) is None
        ]
        if found:
            return statement, found
    return None


def _lost_its_use(used: _Uses, now: _Uses, scope: Scope, alias: ast.alias, statement: _Import) -> bool:
    name = bound_name(alias)
    place = now.places[scope], name
    if not used.read.get(place):
        return False
    bindings = scope.bindings[name]
    submodule = isinstance(statement, ast.Import) and alias.asname is None and "." in alias.name
    if len(bindings) > 1:
        if not all(each.kind == "import" for each in bindings):
            return False
        if not submodule:
            return not now.read.get(place) and all(_plain(each.node) for each in bindings)
        return _reads(used, alias.name) and not _reads(now, alias.name)
    return not now.read.get(place)


def _plain(node: ast.AST) -> bool:
    return isinstance(node, ast.alias) and node.asname is None


def _reads(uses: _Uses, module: str) -> bool:
    return any(f"{text}.".startswith(f"{module}.") for text in uses.dotted)
