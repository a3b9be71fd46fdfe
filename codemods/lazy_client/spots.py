"""Where a name lies in the text, also inside f-strings, whose parts older interpreters misplace."""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING

from codemods.engine.finding import Refused

if TYPE_CHECKING:
    from codemods.engine.project import Module

EXACT_F_STRINGS = sys.version_info >= (3, 12)


def name_span(node: ast.Name | ast.Attribute, module: Module) -> tuple[int, int]:
    """Start and end of a name, or of an attribute's own identifier. Raises Refused where it can't be located."""
    name = node.id if isinstance(node, ast.Name) else node.attr
    text = module.source.text
    around = None if EXACT_F_STRINGS else _f_string(node, module)
    if around is not None:
        return _in_f_string(node, name, around, module)
    start, end = module.source.span(node)
    start = end - len(name)
    if text[start:end] != name:
        raise Refused(f"{module.path}:{node.lineno} can't be located in the text")
    return start, end


def is_spelled_out(node: ast.Name | ast.Attribute, module: Module) -> bool:
    """Whether a name lies in a replacement field such as ``{client.name=}``, which prints its own source."""
    around = _f_string(node, module)
    if around is None:
        return False
    name = node.id if isinstance(node, ast.Name) else node.attr
    field = rf"\{{[^{{}}]*\b{re.escape(name)}\b[^{{}}]*(?<![=!<>:])=\s*(?:![rsa]\s*)?(?::[^{{}}]*(?:\{{[^{{}}]*\}}[^{{}}]*)*)?\}}"
    return re.search(field, module.source.segment(around)) is not None


def _f_string(node: ast.AST, module: Module) -> ast.JoinedStr | None:
    found = None
    for parent in module.ancestors(node):
        if isinstance(parent, ast.JoinedStr):
            found = parent
        elif isinstance(parent, ast.stmt):
            break
    return found


def _in_f_string(
    node: ast.Name | ast.Attribute, name: str, around: ast.JoinedStr, module: Module
) -> tuple[int, int]:
    """Replacement fields are in source order, so the n-th mention in the tree is the n-th in the text."""
    start, end = module.source.span(around)
    text = module.source.text[start:end]
    pattern = (
        rf"(?<=\.){re.escape(name)}\b"
        if isinstance(node, ast.Attribute)
        else rf"(?<![\w.'\"]){re.escape(name)}\b(?!['\"])"
    )
    fields = _fields(text)
    inside = [match for match in re.finditer(pattern, text) if fields[match.start()]]
    kind = type(node)
    mentions = [
        part
        for part in _in_order(around)
        if isinstance(part, kind) and (part.id if isinstance(part, ast.Name) else part.attr) == name
    ]
    if len(inside) != len(mentions):
        raise Refused(
            f"{module.path}:{node.lineno} uses it inside an f-string in a way that can't be located"
        )
    found = inside[mentions.index(node)]
    return start + found.start(), start + found.end()


def _in_order(node: ast.AST) -> list[ast.AST]:
    found: list[ast.AST] = [node]
    for child in ast.iter_child_nodes(node):
        found += _in_order(child)
    return found


def _fields(text: str) -> list[bool]:
    """For each character whether it lies in a replacement field."""
    depth, at = 0, 0
    found = []
    while at < len(text):
        if depth == 0 and text[at : at + 2] in {"{{", "}}"}:
            found += [False, False]
            at += 2
            continue
        depth += text[at] == "{"
        found.append(depth > 0)
        depth -= text[at] == "}" and depth > 0
        at += 1
    return found
