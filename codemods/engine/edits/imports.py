"""Imports that a patch needs: an existing one is used, an existing list extended, or a new statement added."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.engine.edits.import_lists import with_name
from codemods.engine.edits.import_places import is_future, new_statement
from codemods.engine.edits.orphans import remove_orphans, type_checking_blocks, without
from codemods.engine.edits.splice import splice
from codemods.engine.files.source import Unreadable
from codemods.engine.finding import Edit, ImportNeed, Refused
from codemods.engine.names.scopes import Scopes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codemods.engine.files.source import Source
    from codemods.engine.names.scopes import Binding

__all__ = ["ensure", "remove_orphans"]

_NOQA = re.compile(r"#\s*noqa(?!\s*:(?!.*F401))", re.IGNORECASE)
_STYLES = (79, 88, 100)
_Statements = dict[ast.alias, ast.Import | ast.ImportFrom]


def ensure(source: Source, needs: Sequence[ImportNeed], line_length: int | None = None) -> Source:
    """``source`` with every need's name bound by an unconditional import at module level.

    ``line_length`` is the longest line that an extended list may have; by default as the file's lines suggest.
    Raises Refused where a name means something else there, or where an import cannot come before its use.
    """
    for need in dict.fromkeys(needs):
        source = _ensured(source, need, line_length or _length_of(source))
    return source


def _length_of(source: Source) -> int:
    longest = max(map(len, source.lines))
    return next((limit for limit in _STYLES if longest <= limit), _STYLES[-1])


def _ensured(source: Source, need: ImportNeed, limit: int) -> Source:
    try:
        tree = source.tree
    except Unreadable as reason:
        raise Refused(f"{source.path} {reason} after the change") from reason
    bindings = Scopes(tree).module.bindings.get(need.name, [])
    aliases = {
        alias: statement
        for statement in ast.walk(tree)
        if isinstance(statement, (ast.Import, ast.ImportFrom))
        for alias in statement.names
    }
    same = [each for each in bindings if _is_same(source, each, aliases, need)]
    if len(same) != len(bindings):
        if _defines(source, bindings, need):
            return source
        other = next(each for each in bindings if each not in same)
        if not (
            _is_submodule(other, aliases, need)
            and all(each in same or _is_submodule(each, aliases, need) for each in bindings)
        ):
            line = getattr(other.node, "lineno", 1)
            raise Refused(f"{source.path}: {need.name} means something else there (line {line})")
    top = [each for each in same if aliases[_alias(each)] in tree.body]
    if top:
        _check_order(source, tree.body.index(aliases[_alias(top[0])]), need)
        return source
    if same:
        source = _moved_to_run_time(source, same, aliases, need)
        tree = source.tree
    return splice(source, _added(source, need, limit))[0]


def _alias(binding: Binding) -> ast.alias:
    assert isinstance(binding.node, ast.alias)
    return binding.node


def _is_same(source: Source, binding: Binding, aliases: _Statements, need: ImportNeed) -> bool:
    """Whether the binding is an import of the very thing."""
    if binding.kind != "import":
        return False
    alias = _alias(binding)
    statement = aliases[alias]
    if isinstance(statement, ast.Import):
        if alias.asname is not None:
            whole = need.module if need.attribute is None else f"{need.module}.{need.attribute}"
            plain = need.attribute is None and need.alias is None and "." in need.module
            return alias.name == whole and not plain
        return (
            need.attribute is None and need.alias is None and f"{alias.name}.".startswith(f"{need.module}.")
        )
    module, attribute = need.module, need.attribute
    if attribute is None:
        if need.alias is None:
            return False
        module, _, attribute = module.rpartition(".")
    return alias.name == attribute and _same_module(source.path, statement, module)


def _same_module(path: str, statement: ast.ImportFrom, module: str) -> bool:
    """Whether a statement imports from ``module``, one of them relative perhaps."""
    if not statement.level and not module.startswith("."):
        return statement.module == module
    folders = path.split("/")[:-1]
    theirs = _absolute(folders, statement.level, statement.module or "")
    level = len(module) - len(module.lstrip("."))
    ours = _absolute(folders, level, module.lstrip("."))
    if theirs == ours:
        return True
    if bool(statement.level) == bool(level):
        return False
    relative, absolute = (theirs, ours) if statement.level else (ours, theirs)
    # The import root may be any folder above; the package that ``absolute`` names must be one of the file's own.
    return absolute[:1] != [] and absolute[0] in folders and relative[-len(absolute) :] == absolute


def _absolute(folders: list[str], level: int, module: str) -> list[str]:
    base = folders[: len(folders) - level + 1] if level else []
    return [*base, *(module.split(".") if module else [])]


def _is_submodule(binding: Binding, aliases: _Statements, need: ImportNeed) -> bool:
    """``import a`` beside a need of ``import a.b``: both bind the same ``a``."""
    if binding.kind != "import" or need.attribute is not None or need.alias is not None:
        return False
    alias = _alias(binding)
    return isinstance(aliases[alias], ast.Import) and (
        alias.asname is None or (alias.asname == alias.name and "." not in alias.name)
    )


def _defines(source: Source, bindings: list[Binding], need: ImportNeed) -> bool:
    """Whether the file is the very module that is to be imported from."""
    parts = source.path.removesuffix(".pyi").removesuffix(".py").removesuffix("/__init__").split("/")
    module = need.module.split(".")
    return (
        need.attribute == need.name
        and parts[-len(module) :] == module
        and any(each.kind in ("function", "class", "assign") for each in bindings)
    )


def _check_order(source: Source, number: int, need: ImportNeed) -> None:
    """Refuse where code above statement ``number`` reads the name while the module is imported."""
    for statement in source.tree.body[:number]:
        if any(isinstance(node, ast.Name) and node.id == need.name for node in _at_import_time(statement)):
            raise Refused(f"{source.path}: {need.name} is used on line {statement.lineno}, above its import")


def _at_import_time(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run while the module is imported: all but the bodies of functions."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for outside in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if outside is not None:
                yield from _at_import_time(outside)
        return
    if isinstance(node, ast.Lambda):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _at_import_time(child)


def _first_mention(tree: ast.Module, name: str) -> int:
    """The number of the first statement that mentions ``name``, in functions too; beyond the last if none does."""
    for number, statement in enumerate(tree.body):
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            continue
        if any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(statement)):
            return number
    return len(tree.body)


def _moved_to_run_time(source: Source, same: list[Binding], aliases: _Statements, need: ImportNeed) -> Source:
    """Takes the name out of ``if TYPE_CHECKING:``, where it is bound for type checkers only."""
    statements = [aliases[_alias(each)] for each in same]
    inside = {inner for block in type_checking_blocks(source.tree) for inner in block.body}
    if not all(statement in inside for statement in statements):
        raise Refused(
            f"{source.path}: {need.name} is imported on some conditions only (line {statements[0].lineno})"
        )
    own = need.module.startswith(".") or need.module.split(".")[0] in source.path.split("/")[:-1]
    if own:
        raise Refused(
            f"{source.path}: {need.name} is imported for type checkers only; an import at run time may be circular"
        )
    for each in same:
        statement = aliases[_alias(each)]
        if len(same) > 1:
            raise Refused(f"{source.path}: {need.name} is imported more than once")
        source = without(source, statement, [_alias(each)])
    return source


def _added(source: Source, need: ImportNeed, limit: int) -> list[Edit]:
    tree = source.tree
    first = _first_mention(tree, need.name)
    if need.attribute is not None:
        written = (
            need.attribute if need.alias in (None, need.attribute) else f"{need.attribute} as {need.alias}"
        )
        if need.alias == need.attribute:
            need = replace(need, alias=None)
        for statement in _lists_to_extend(source, need, first):
            edits = with_name(source, statement, written, limit)
            if edits is not None:
                return edits
        module = _as_written(source, need)
        return [new_statement(source, module, f"from {module} import {written}", first)]
    line = f"import {need.module}" + (f" as {need.alias}" if need.alias else "")
    if need.module.startswith("."):
        raise Refused(f"not an import: {line}")
    return [new_statement(source, need.module, line, first)]


def _as_written(source: Source, need: ImportNeed) -> str:
    """The module as the file itself spells it where it imports from it already."""
    for statement in source.tree.body:
        if isinstance(statement, ast.ImportFrom) and _same_module(source.path, statement, need.module):
            return "." * statement.level + (statement.module or "")
    return need.module


def _lists_to_extend(source: Source, need: ImportNeed, first: int) -> list[ast.ImportFrom]:
    """The ``from`` imports of the module that may take one more name, the fittest first."""
    every = [node for node in source.tree.body if isinstance(node, ast.ImportFrom) and not is_future(node)]
    if _forces_single_lines(every):
        return []
    found = [
        node
        for node in source.tree.body[:first]
        if isinstance(node, ast.ImportFrom)
        and _same_module(source.path, node, need.module)
        and not any(alias.name == "*" for alias in node.names)
        and any((alias.asname is None) == (need.alias is None) for alias in node.names)
        and not any(_NOQA.search(line) for line in source.lines[node.lineno - 1 : node.end_lineno])
    ]
    mixed = any(len({alias.asname is None for alias in node.names}) > 1 for node in every)
    return [node for node in found if need.alias is None or mixed or len(node.names) > 1]


def _forces_single_lines(statements: list[ast.ImportFrom]) -> bool:
    """Whether the file gives every imported name a statement of its own."""
    if any(len(node.names) > 1 for node in statements):
        return False
    modules = [(node.level, node.module) for node in statements if node.names[0].asname is None]
    return len(set(modules)) < len(modules)
