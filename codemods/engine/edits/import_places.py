"""Where a new import statement goes: into the group of its neighbours, in their order, before the name's first use."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from codemods.engine.edits.import_lists import natural
from codemods.engine.finding import Edit, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from codemods.engine.files.source import Source

_HEADING = re.compile(
    r"#+[\s=*-]*(?:std|standard|built|third|3rd|external|local|first|internal|own|project|app|core|django|imports?)\b",
    re.I,
)
_COOKIE = re.compile(r"#!|#.*coding[:=]|#.*-\*-")
_FROM_FILES = 3


@dataclass(frozen=True)
class Group:
    """Import statements with nothing between them; ``stretch`` counts the runs of imports that code parts."""

    statements: tuple[ast.Import | ast.ImportFrom, ...]
    stretch: int


def is_future(statement: ast.stmt) -> bool:
    """``from __future__ import ...``."""
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def is_docstring(tree: ast.Module, number: int) -> bool:
    """Whether statement ``number`` is the module's docstring."""
    statement = tree.body[number]
    return (
        number == 0
        and isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def new_statement(source: Source, module: str, line: str, limit: int) -> Edit:
    """An edit that adds ``line``, an import of ``module`` (dots in front where relative), above statement ``limit``.

    Raises Refused where the file imports from the same package only below.
    """
    tree = source.tree
    groups = groups_of(source)
    above = [
        Group(kept, group.stretch)
        for group in groups
        if (kept := tuple(each for each in group.statements if tree.body.index(each) < limit))
    ]
    root = _root(module)
    if not any(_has_root(group, root) for group in above) and any(_has_root(group, root) for group in groups):
        raise Refused(
            f"{source.path}: the name would be used above the place where {root or 'the package'} is imported"
        )
    if not above:
        return _at_head(source, line)
    category = category_of(module, source.path)
    chosen = _chosen(source, above, module, category)
    if chosen is not None:
        return _into(source, chosen, module, line)
    main = _main(above)
    later = next((group for group in main if min(_categories(source, group)) > category), None)
    if later is not None:
        start = _top(source, later.statements[0])
        return Edit(source.path, start, start, f"{line}\n\n")
    return _below(source, main[-1].statements[-1], f"\n{line}")


def groups_of(source: Source) -> list[Group]:
    """The groups of unconditional imports at module level, ``__future__`` apart."""
    found: list[Group] = []
    current: list[ast.Import | ast.ImportFrom] = []
    stretch = 0
    for number, statement in enumerate(source.tree.body):
        if isinstance(statement, (ast.Import, ast.ImportFrom)) and not is_future(statement):
            if current and _parted(source, current[-1], statement):
                found.append(Group(tuple(current), stretch))
                current = []
            current.append(statement)
            continue
        if current:
            found.append(Group(tuple(current), stretch))
            current = []
        if not (is_future(statement) or is_docstring(source.tree, number) or _holds_imports(statement)):
            stretch += 1
    if current:
        found.append(Group(tuple(current), stretch))
    return found


def _holds_imports(statement: ast.stmt) -> bool:
    """``if TYPE_CHECKING:`` and ``try:`` blocks of imports belong among imports."""
    return isinstance(statement, (ast.If, ast.Try)) and isinstance(
        statement.body[0], (ast.Import, ast.ImportFrom)
    )


def _parted(source: Source, one: ast.stmt, other: ast.stmt) -> bool:
    between = source.lines[one.end_lineno or one.lineno : other.lineno - 1]
    return any(not line.strip() or _HEADING.match(line.strip()) for line in between)


def module_of(statement: ast.Import | ast.ImportFrom) -> str:
    """The module that a statement (its first name) imports, dots in front where relative."""
    if isinstance(statement, ast.Import):
        return statement.names[0].name
    return "." * statement.level + (statement.module or "")


def _root(module: str) -> str:
    return "." if module.startswith(".") else module.partition(".")[0]


def _has_root(group: Group, root: str) -> bool:
    return any(_root(module_of(each)) == root for each in group.statements)


def category_of(module: str, path: str) -> int:
    """1 for the standard library, 2 for others' packages, 3 for the project's own, 4 for relative imports."""
    root = _root(module)
    if root == ".":
        return 4
    if root in sys.stdlib_module_names:
        return 1
    return _FROM_FILES if root in path.split("/")[:-1] else 2


def _categories(source: Source, group: Group) -> set[int]:
    return {category_of(module_of(each), source.path) for each in group.statements}


def _main(groups: list[Group]) -> list[Group]:
    """The groups of the stretch that holds most imports."""
    sizes: dict[int, int] = {}
    for group in groups:
        sizes[group.stretch] = sizes.get(group.stretch, 0) + len(group.statements)
    largest = max(sizes, key=lambda stretch: (sizes[stretch], stretch))
    return [group for group in groups if group.stretch == largest]


def _chosen(source: Source, groups: list[Group], module: str, category: int) -> Group | None:
    """The group for ``module``: that of its package, else one of its category."""
    kin = [group for group in groups if _has_root(group, _root(module))]
    if kin:
        return max(kin, key=lambda group: max(_shared(module_of(each), module) for each in group.statements))
    main = _main(groups)
    ordered = [*main, *(group for group in groups if group not in main)]
    alike = [group for group in ordered if category in _categories(source, group)]
    pure = [group for group in alike if len(_categories(source, group)) == 1]
    if pure or alike:
        return (pure or alike)[0]
    mixed = [group for group in main if len(_categories(source, group)) > 1]
    return mixed[0] if mixed else None


def _shared(one: str, other: str) -> int:
    count = 0
    for left, right in zip(one.split("."), other.split("."), strict=False):
        if left != right:
            break
        count += 1
    return count


_Key = tuple[object, ...]


def _sections(module: str, is_from: bool) -> _Key:
    level = len(module) - len(module.lstrip("."))
    return is_from, -level, natural(module.lower())


def _sections_near_first(module: str, is_from: bool) -> _Key:
    level = len(module) - len(module.lstrip("."))
    return is_from, level, natural(module.lower())


def _together(module: str, is_from: bool) -> _Key:
    return natural(module.lower()), is_from


_ORDERS: tuple[Callable[[str, bool], _Key], ...] = (_sections, _sections_near_first, _together)


def _into(source: Source, group: Group, module: str, line: str) -> Edit:
    """An edit that adds ``line`` to a group: in its order where it is sorted, else after its nearest kin."""
    is_from = line.startswith("from ")
    statements = group.statements
    known = [(module_of(each), isinstance(each, ast.ImportFrom)) for each in statements]
    at = next(
        (at for order in _ORDERS if (at := _sorted_place(order, known, (module, is_from))) is not None), None
    )
    if at is None and [len(source.segment(each)) for each in statements] == sorted(
        len(source.segment(each)) for each in statements
    ):
        at = sum(len(source.segment(each)) <= len(line) for each in statements)
    if at is None:
        category = category_of(module, source.path)
        kin = [number for number, (other, _) in enumerate(known) if _root(other) == _root(module)]
        alike = [
            number for number, (other, _) in enumerate(known) if category_of(other, source.path) <= category
        ]
        at = 1 + ((kin or alike or [-1])[-1])
    if at:
        return _below(source, statements[at - 1], line)
    start = _top(source, statements[0])
    return Edit(source.path, start, start, f"{line}\n")


def _sorted_place(
    order: Callable[[str, bool], _Key], known: list[tuple[str, bool]], new: tuple[str, bool]
) -> int | None:
    keys = [order(*each) for each in known]
    if any(one > other for one, other in pairwise(keys)):
        return None
    return sum(key <= order(*new) for key in keys)


def _below(source: Source, statement: ast.stmt, text: str) -> Edit:
    """``text`` on the lines after ``statement``'s last."""
    start = source.line_start((statement.end_lineno or statement.lineno) + 1)
    if start == len(source.text) and not source.text.endswith(("\n", "\r")):
        return Edit(source.path, start, start, f"\n{text}")
    return Edit(source.path, start, start, f"{text}\n")


def _top(source: Source, statement: ast.stmt) -> int:
    """Where a statement's own comments begin; a heading, and what speaks of the file, are not its own."""
    line = statement.lineno
    while line > 1 and source.lines[line - 2].startswith("#"):
        line -= 1
    if line == 1 or any(
        _HEADING.match(text) or _COOKIE.match(text) for text in source.lines[line - 1 : statement.lineno]
    ):
        line = statement.lineno
    return source.line_start(line)


def _at_head(source: Source, line: str) -> Edit:
    """An import at the top of a file that has none: after docstring and ``__future__``, or after the head's comments."""
    body = source.tree.body
    heads = [each for number, each in enumerate(body) if is_future(each) or is_docstring(source.tree, number)]
    if heads:
        after = heads[-1].end_lineno or heads[-1].lineno
        following = next((each for each in body if each.lineno > after), None)
        sharing = any(each.lineno == after and each is not heads[-1] for each in body)
        if sharing and is_docstring(source.tree, 0) and len(heads) == 1:
            raise Refused(f"{source.path}: code shares the docstring's line")
        return _below(source, heads[-1], f"\n{line}{_gap(source, after, following)}")
    after = 0
    first = body[0].lineno if body else len(source.lines) + 1
    while after < min(first - 1, len(source.lines)) and source.lines[after].startswith("#"):
        after += 1
    if after == len(source.lines) or source.lines[after].strip():
        after = sum(1 for text in source.lines[: min(after, 2)] if _COOKIE.match(text))
    elif after:
        after += 1
    start = source.line_start(after + 1)
    lead = "\n" if start and start == len(source.text) and not source.text.endswith(("\n", "\r")) else ""
    return Edit(source.path, start, start, f"{lead}{line}{_gap(source, after, body[0] if body else None)}\n")


def _gap(source: Source, after: int, following: ast.stmt | None) -> str:
    """The blank lines that part an import from the code below line ``after``, where they are not there yet."""
    if following is None:
        return ""
    blank = 0
    while after + blank < len(source.lines) and not source.lines[after + blank].strip():
        blank += 1
    wanted = 2 if isinstance(following, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else 1
    return "\n" * max(0, wanted - blank)
