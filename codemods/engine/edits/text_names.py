"""Names that a file mentions outside its code: ``__all__``, string annotations, doctests, type comments."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from codemods.engine.edits.comments import comments_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.files.source import Source

_WORD = re.compile(r"[^\W\d]\w*")
_TYPING_CALLS = frozenset(
    {"cast", "TypeVar", "NewType", "ForwardRef", "NamedTuple", "TypedDict", "TypeAliasType"}
)
_TYPING_SUBSCRIPTS = frozenset(
    {
        "Optional",
        "Union",
        "List",
        "Dict",
        "Set",
        "Tuple",
        "Type",
        "Callable",
        "Annotated",
        "Final",
        "ClassVar",
        "Sequence",
    }
    | {
        "Iterable",
        "Iterator",
        "Mapping",
        "Generic",
        "Mapped",
        "Generator",
        "Awaitable",
        "list",
        "dict",
        "set",
        "tuple",
    }
    | {"type", "InitVar", "Coroutine", "AsyncIterator", "AsyncGenerator"}
)


def named_in_text(source: Source, name: str) -> bool:
    """Whether ``name`` occurs where only tools or other files read it."""
    return name in _names_in_text(source)


@lru_cache(maxsize=4)
def _names_in_text(source: Source) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(source.tree):
        for text in _texts(node):
            found.update(_WORD.findall(text))
    if "# type:" in source.text or "#type:" in source.text:
        for comment in comments_of(source):
            if comment.text.lstrip("# \t").startswith("type:"):
                found.update(_WORD.findall(comment.text))
    return frozenset(found)


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.arg) and node.annotation is not None:
        yield from _strings(node.annotation)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns is not None:
        yield from _strings(node.returns)
    elif isinstance(node, ast.AnnAssign):
        yield from _strings(node.annotation)
        if _last(node.annotation) == "TypeAlias" or _is_all(node.target):
            yield from _strings(node.value)
    elif isinstance(node, (ast.Assign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(map(_is_all, targets)):
            yield from _strings(node.value)
    elif isinstance(node, ast.Call):
        own = isinstance(node.func, ast.Attribute) and _is_all(node.func.value)
        if own or _last(node.func) in _TYPING_CALLS:
            for part in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from _strings(part)
    elif isinstance(node, ast.Subscript) and _last(node.value) in _TYPING_SUBSCRIPTS:
        yield from _strings(node.slice)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and ">>>" in node.value:
        for line in node.value.splitlines():
            if line.lstrip().startswith((">>>", "...")):
                yield line


def _strings(node: ast.AST | None) -> Iterator[str]:
    for inner in ast.walk(node) if node is not None else ():
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def _is_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "__all__"


def _last(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
