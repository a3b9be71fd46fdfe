"""What the program has already made sure of where an expression stands: that it has a value, or isn't a secret."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import falls_through
from codemods.engine.names.facts import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.project import Module

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Module)
_SECRETS = {"SecretStr", "SecretBytes"}


class Said(Enum):
    """What a condition says of an expression when it holds."""

    PRESENT = "present"
    ABSENT = "absent"
    OTHER_TYPE = "other type"
    NOTHING = "nothing"


def same(one: ast.AST, other: ast.AST) -> bool:
    """Whether two expressions are written alike."""
    return type(one) is type(other) and ast.unparse(one) == ast.unparse(other)


def says(test: ast.expr, subject: ast.expr, *, holds: bool = True) -> Said:
    """What ``test`` says of ``subject`` if it is true (``holds``) or false."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return says(operand, subject, holds=not holds)
        case ast.BoolOp(op=op, values=values):
            if isinstance(op, ast.And) is holds:
                return _first(says(value, subject, holds=holds) for value in values)
            return Said.NOTHING
        case ast.NamedExpr(target=target, value=value):
            if same(target, subject) or same(value, subject):
                return Said.PRESENT if holds else Said.ABSENT
            return says(value, subject, holds=holds)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(left, op, right, subject, holds=holds)
        case ast.Call(func=func, args=args):
            return _called(func, args, subject, holds=holds)
    if _is_subject(test, subject):
        return Said.PRESENT if holds else Said.ABSENT
    return Said.NOTHING


def _is_subject(node: ast.expr, subject: ast.expr) -> bool:
    """The expression itself, or what is unwrapped of it (which only a present one allows)."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "get_secret_value":
            return same(node.func.value, subject)
        if node.func.attr in {"strip"} and isinstance(node.func.value, ast.Call):
            return _is_subject(node.func.value, subject)
    if isinstance(node, ast.NamedExpr):
        return same(node.target, subject) or same(node.value, subject)
    return same(node, subject)


def _first(found: Iterable[Said]) -> Said:
    return next((each for each in found if each is not Said.NOTHING), Said.NOTHING)


def _compared(left: ast.expr, op: ast.cmpop, right: ast.expr, subject: ast.expr, *, holds: bool) -> Said:
    if isinstance(left, ast.Constant) and left.value is None:
        left, right = right, left
    if not _is_subject(left, subject) or not isinstance(right, ast.Constant):
        return Said.NOTHING
    if right.value is None and isinstance(op, (ast.Is, ast.Eq)):
        return Said.ABSENT if holds else Said.PRESENT
    if right.value is None and isinstance(op, (ast.IsNot, ast.NotEq)):
        return Said.PRESENT if holds else Said.ABSENT
    return Said.NOTHING


def _called(func: ast.expr, args: list[ast.expr], subject: ast.expr, *, holds: bool) -> Said:
    name = dotted(func) or ""
    if name == "bool" and len(args) == 1:
        return says(args[0], subject, holds=holds)
    if name == "all" and holds and len(args) == 1 and isinstance(args[0], (ast.Tuple, ast.List, ast.Set)):
        return _first(says(each, subject) for each in args[0].elts)
    if name == "any" and not holds and len(args) == 1 and isinstance(args[0], (ast.Tuple, ast.List, ast.Set)):
        return _first(says(each, subject, holds=False) for each in args[0].elts)
    if name == "isinstance" and len(args) == 2 and same(args[0], subject):
        kinds = args[1].elts if isinstance(args[1], ast.Tuple) else [args[1]]
        secret = all((dotted(kind) or "").rpartition(".")[2] in _SECRETS for kind in kinds)
        text = all(ast.unparse(kind) in {"str", "bytes", "NoneType", "type(None)"} for kind in kinds)
        # Otherwise it may be another name of the type itself, or a type that both have in common.
        return Said.PRESENT if (secret and holds) or (text and not holds) else Said.OTHER_TYPE
    if name == "hasattr" and len(args) == 2 and same(args[0], subject):
        return Said.PRESENT if holds else Said.OTHER_TYPE
    return Said.NOTHING


def known_at(node: ast.expr, module: Module) -> Said:
    """What conditions of the same function say of ``node``, or of what its only assignment took, where they stand."""
    said = _known_at(node, module)
    if said is not Said.NOTHING or not isinstance(node, ast.Name):
        return said
    bindings = module.scopes.bindings(node)
    if (
        len(bindings) != 1
        or bindings[0].kind != "assign"
        or not isinstance(bindings[0].value, (ast.Name, ast.Attribute))
    ):
        return said
    value = bindings[0].value
    return _known_at(value, module) if module.function(value) is module.function(node) else said


def _known_at(node: ast.expr, module: Module) -> Said:
    inner: ast.AST = node
    for around in module.ancestors(node):
        said = _around(around, inner, node)
        if said is Said.NOTHING and isinstance(inner, ast.stmt):
            said = _before(around, inner, node)
        if said is not Said.NOTHING:
            return said if not _rebound(node, around, inner, module) else Said.NOTHING
        if isinstance(around, _FUNCTIONS):
            return Said.NOTHING
        inner = around
    return Said.NOTHING


def _around(around: ast.AST, inner: ast.AST, node: ast.expr) -> Said:
    """What a condition says inside the part of it that ``inner`` is."""
    match around:
        case ast.If(test=test, body=body, orelse=orelse):
            if inner in body:
                return says(test, node)
            if inner in orelse:
                return says(test, node, holds=False)
        case ast.While(test=test, body=body) if inner in body:
            return says(test, node)
        case ast.IfExp(test=test, body=then, orelse=other):
            if inner is then:
                return says(test, node)
            if inner is other:
                return says(test, node, holds=False)
        case ast.BoolOp(op=op, values=values) if inner in values:
            earlier = values[: values.index(inner)]
            return _first(says(value, node, holds=isinstance(op, ast.And)) for value in earlier)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return _first(
                says(condition, node)
                for part in around.generators
                for condition in part.ifs
                if condition is not inner
            )
        case ast.match_case(guard=guard) if guard is not None and guard is not inner:
            return says(guard, node)
    return Said.NOTHING


def _before(around: ast.AST, inner: ast.stmt, node: ast.expr) -> Said:
    """What the statements above ``inner`` in its block have made sure of: early exits, assertions, earlier unwrapping."""
    for _, block in ast.iter_fields(around):
        if not isinstance(block, list) or inner not in block:
            continue
        for statement in reversed(block[: block.index(inner)]):
            said = _left_by(statement, node)
            if said is not Said.NOTHING:
                return said
    return Said.NOTHING


def _left_by(statement: ast.stmt, node: ast.expr) -> Said:
    match statement:
        case ast.If(test=test, body=body, orelse=orelse):
            leaves = not falls_through(body) or _always_exits(body)
            if leaves and not (orelse and not falls_through(orelse)):
                return says(test, node, holds=False)
            if orelse and not falls_through(orelse):
                return says(test, node)
        case ast.Assert(test=test):
            return says(test, node)
        case ast.Expr(value=value) | ast.Assign(value=value) | ast.Return(value=value) if value is not None:
            for part in _evaluated(value):
                if (
                    isinstance(part, ast.Attribute)
                    and part.attr == "get_secret_value"
                    and same(part.value, node)
                ):
                    return Said.PRESENT
    return Said.NOTHING


def _always_exits(body: list[ast.stmt]) -> bool:
    """``sys.exit()``, ``pytest.skip()`` and the like at a block's end."""
    last = body[-1]
    if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Call):
        return False
    return (dotted(last.value.func) or "") in {
        "sys.exit",
        "exit",
        "quit",
        "os._exit",
        "pytest.skip",
        "pytest.fail",
        "os.abort",
    } or ((dotted(last.value.func) or "").endswith((".fail", ".skipTest", ".abort")))


def _evaluated(value: ast.expr) -> Iterator[ast.AST]:
    """The parts of an expression that are always evaluated."""
    todo: list[ast.AST] = [value]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.IfExp):
            todo.append(node.test)
        elif isinstance(node, ast.BoolOp):
            todo.append(node.values[0])
        elif not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            todo.extend(ast.iter_child_nodes(node))


def _rebound(node: ast.expr, around: ast.AST, inner: ast.AST, module: Module) -> bool:
    """Whether what ``node`` reads is bound anew between the condition and it."""
    if isinstance(around, (ast.IfExp, ast.BoolOp)):
        return False
    written = ast.unparse(node)
    use = (node.lineno, node.col_offset)
    start = (0, 0)
    if isinstance(inner, ast.stmt) and isinstance(around, (ast.If, ast.While)):
        start = (around.test.end_lineno or 0, around.test.end_col_offset or 0)
    elif isinstance(inner, ast.stmt):
        for _, block in ast.iter_fields(around):
            if isinstance(block, list) and inner in block:
                above = [
                    each for each in block[: block.index(inner)] if _left_by(each, node) is not Said.NOTHING
                ]
                if above:
                    start = (above[-1].lineno, 0)
                    if isinstance(above[-1], ast.If):
                        start = (above[-1].end_lineno or 0, above[-1].end_col_offset or 0)
    for part in ast.walk(around):
        if isinstance(part, (ast.Name, ast.Attribute)) and isinstance(part.ctx, (ast.Store, ast.Del)):
            place = (part.lineno, part.col_offset)
            target = ast.unparse(part)
            if start < place < use and (
                written == target or written.startswith((f"{target}.", f"{target}["))
            ):
                return not _is_walrus(part, module)
    return False


def _is_walrus(part: ast.AST, module: Module) -> bool:
    return isinstance(module.parents.get(part), ast.NamedExpr)


def checked_elsewhere(node: ast.expr, module: Module) -> bool:
    """Whether the same function asks what type the expression has: then it copes with more than one."""
    function = module.function(node)
    if function is None:
        return False
    for part in ast.walk(function):
        if (
            isinstance(part, ast.Call)
            and dotted(part.func) in {"isinstance", "hasattr", "callable", "type"}
            and part.args
            and same(part.args[0], node)
            and not (len(part.args) == 2 and "None" in ast.unparse(part.args[1]))
        ):
            return True
    return False
