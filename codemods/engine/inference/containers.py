"""What lists, sets and mappings with known type arguments give: by index, by iteration, by their methods."""

from __future__ import annotations

import ast
from dataclasses import replace

from codemods.engine.inference.type_model import Type

_SEQUENCES = {
    "list", "List", "set", "Set", "frozenset", "FrozenSet", "Sequence", "MutableSequence", "Iterable", "Iterator",
    "Collection", "deque", "Deque", "AbstractSet", "AsyncIterator", "AsyncIterable", "Generator", "AsyncGenerator",
}  # fmt: skip
_MAPPINGS = {
    "dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict", "MappingProxyType",
}  # fmt: skip
MAPPING_METHODS = {"get", "keys", "values", "items"}


def indexed(many: Type) -> Type | None:
    """What ``many[key]`` gives."""
    if many.last in _SEQUENCES and len(many.args) == 1:
        return many.args[0]
    if many.last in _MAPPINGS and len(many.args) == 2:
        return many.args[1]
    return None


def taken(many: Type | None, method: str, arguments: int) -> Type | None:
    """What ``many.get(key)``, ``.keys()``, ``.values()`` and ``.items()`` of a mapping give."""
    if many is None or many.last not in _MAPPINGS or len(many.args) != 2:
        return None
    match method:
        case "get" if arguments == 1:
            return replace(many.args[1], optional=True)
        case "keys":
            return Type("typing.Iterable", args=many.args[:1])
        case "values":
            return Type("typing.Iterable", args=many.args[1:])
        case "items":
            return Type("typing.Iterable", args=(Type("builtins.tuple", args=many.args),))
    return None


def part_of(name: str, target: ast.expr, item: Type | None) -> Type | None:
    """What ``for target in ...`` binds ``name`` to, for a name or a plain tuple of names."""
    if item is None or item.name == "?":
        return None
    if isinstance(target, ast.Name):
        return item if target.id == name else None
    if (
        isinstance(target, (ast.Tuple, ast.List))
        and item.name == "builtins.tuple"
        and len(item.args) == len(target.elts)
    ):
        for each, found in zip(target.elts, item.args, strict=True):
            if isinstance(each, ast.Name) and each.id == name:
                return found if found.name != "?" else None
    return None


def item_of(many: Type | None) -> Type | None:
    """What iterating over ``many`` gives."""
    if many is None or not many.args:
        return None
    if many.last in _SEQUENCES or many.last in _MAPPINGS:
        return many.args[0]
    if many.last in {"tuple", "Tuple"} and len(many.args) == 2 and many.args[1].name == "?":
        return many.args[0]
    return None
