"""Secrets compared with text."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.secretstr.flow import is_mask
from codemods.secretstr.texts import is_bytes, is_text
from codemods.secretstr.use import Use

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project


def compared(compare: ast.Compare, node: ast.expr, module: Module, project: Project) -> Use | None:
    """The use that a comparison makes of the secret ``node``, if the other side is proven to be text."""
    if len(compare.ops) != 1:
        return None
    op, right = compare.ops[0], compare.comparators[0]
    other = right if compare.left is node else compare.left
    if is_mask(other):
        return None
    asserted = any(isinstance(around, ast.Assert) for around in module.ancestors(compare))
    if isinstance(op, (ast.Eq, ast.NotEq)):
        if asserted and isinstance(op, ast.NotEq):
            return None
        if is_bytes(other, module, project):
            return Use("it is compared with bytes", "never equal", wants_bytes=True)
        if is_text(other, module, project):
            return Use("it is compared with text", "never equal")
    elif isinstance(op, (ast.In, ast.NotIn)):
        if asserted and isinstance(op, ast.NotIn):
            return None
        if compare.left is node and isinstance(other, (ast.Tuple, ast.List, ast.Set)):
            texts = [
                each for each in other.elts if not (isinstance(each, ast.Constant) and each.value is None)
            ]
            if texts and all(is_text(each, module, project) and not is_mask(each) for each in texts):
                return Use("it is looked for among texts", "never equal")
        elif compare.left is node and is_text(other, module, project):
            return Use("it is looked for in a text", "raises")
        elif compare.left is not node and is_text(other, module, project):
            return Use("text is looked for in it", "raises")
    elif isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) and is_text(other, module, project):
        return Use("it is compared with text", "raises")
    return None


def looked_for(display: ast.expr, module: Module, project: Project) -> Use | None:
    """``given in (secret, "dev")``: text is looked for in a display that holds the secret."""
    compare = module.parents.get(display)
    if not isinstance(compare, ast.Compare) or len(compare.ops) != 1 or compare.left is display:
        return None
    asserted = any(isinstance(around, ast.Assert) for around in module.ancestors(compare))
    if not isinstance(compare.ops[0], ast.In if asserted else (ast.In, ast.NotIn)) or is_mask(compare.left):
        return None
    if is_bytes(compare.left, module, project):
        return Use("bytes are looked for among such", "never equal", wants_bytes=True)
    if is_text(compare.left, module, project):
        return Use("text is looked for among such", "never equal")
    return None
