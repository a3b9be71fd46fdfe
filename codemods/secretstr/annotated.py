"""Annotations that promise text."""

from __future__ import annotations

import ast

from codemods.engine.names.facts import dotted


def promises_text(annotation: ast.expr | None) -> bool:
    """``str``, ``str | None``, ``Optional[str]``, ``bytes``, quoted too; not a union with anything else."""
    match annotation:
        case ast.Constant(value=str() as text):
            return text.strip() in {"str", "bytes", "str | None", "Optional[str]", "None | str"}
        case ast.Name(id=name):
            return name in {"str", "bytes"}
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            sides = [
                side for side in (left, right) if not (isinstance(side, ast.Constant) and side.value is None)
            ]
            return len(sides) == 1 and promises_text(sides[0])
        case ast.Subscript(value=head, slice=inner):
            return (dotted(head) or "").rpartition(".")[2] in {
                "Optional",
                "Final",
                "ClassVar",
            } and promises_text(inner)
    return False


def promises_texts(annotation: ast.expr | None) -> bool:
    """``dict[str, str]`` and its relatives."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return False
    if not isinstance(annotation, ast.Subscript):
        return False
    last = (dotted(annotation.value) or "").rpartition(".")[2]
    if last in {"Optional", "Final", "ClassVar"}:
        return promises_texts(annotation.slice)
    if last in {"dict", "Dict", "Mapping", "MutableMapping"} and isinstance(annotation.slice, ast.Tuple):
        return len(annotation.slice.elts) == 2 and promises_text(annotation.slice.elts[1])
    return last in {"list", "List", "Sequence", "Iterable"} and promises_text(annotation.slice)
