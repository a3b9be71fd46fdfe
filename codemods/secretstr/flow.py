"""Where a value goes from its place: up through expressions, through variables, to calls, returns and messages."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.secretstr import display, wire
from codemods.secretstr.annotated import promises_text
from codemods.secretstr.containers import container_sink
from codemods.secretstr.reads import all_reads, uses_of
from codemods.secretstr.sinks import MODULE_ATTRIBUTES, known_sink, place_of

if TYPE_CHECKING:
    from codemods.engine.inference.definitions import Function
    from codemods.engine.project import Module, Project

_DEEPEST = 4
_TEXT_METHODS = {
    "encode", "decode", "strip", "rstrip", "lstrip", "lower", "upper", "replace", "format", "join", "removeprefix",
    "removesuffix", "title", "zfill", "ljust", "rjust", "copy", "hex", "digest", "hexdigest",
}  # fmt: skip
_PASSING = {
    "str", "bytes", "bytearray", "b64encode", "urlsafe_b64encode", "standard_b64encode", "quote", "quote_plus", "dict",
    "list", "tuple", "SecretStr", "urlencode", "dumps", "dedent", "cast", "text", "Url", "make_url",
}  # fmt: skip
_EVIDENT = re.compile(
    r"://|^\s*(?:Bearer|Basic|Token|token|Bot|ApiKey|Api-Key|API-Key|Key|GenieKey|Digest|KakaoAK|DeepL-Auth-Key)[ :=]|"
    r"[?&](?:api[_-]?key|apikey|key|token|access_token|password|secret|client_secret|auth|sig|signature|appid)=|"
    r"\b(?:password|pwd)=",
    re.IGNORECASE,
)


class Goes(Enum):
    """What is known of where a value ends: shown to people, needed as text, or unknown."""

    SHOWN = "shown"
    TEXT = "text"
    UNKNOWN = "unknown"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class End:
    """Where a value ends; ``what`` says it for people."""

    goes: Goes
    what: str = ""


SHOWN = End(Goes.SHOWN)
UNKNOWN = End(Goes.UNKNOWN)
NOWHERE = End(Goes.NOWHERE)


def ending(node: ast.expr, module: Module, project: Project, depth: int = 0) -> End:
    """Where the text ``node`` ends. Several ends: text wins over unknown, unknown over shown."""
    parent = module.parents.get(node)
    match parent:
        case ast.JoinedStr() | ast.FormattedValue() | ast.BinOp() | ast.Starred() | ast.Await() | ast.Dict():
            return ending(parent, module, project, depth) if isinstance(parent, ast.expr) else UNKNOWN
        case ast.Tuple() | ast.List() | ast.Set():
            sink = container_sink(parent, module, project) if not isinstance(parent, ast.Set) else None
            return End(Goes.TEXT, sink.what) if sink else ending(parent, module, project, depth)
        case ast.IfExp():
            return NOWHERE if node is parent.test else ending(parent, module, project, depth)
        case (
            ast.BoolOp()
            | ast.NamedExpr()
            | ast.DictComp()
            | ast.ListComp()
            | ast.GeneratorExp()
            | ast.SetComp()
        ):
            return ending(parent, module, project, depth)
        case ast.Attribute(attr=attr):
            call = module.parents.get(parent)
            if attr in _TEXT_METHODS and isinstance(call, ast.Call) and call.func is parent:
                return ending(call, module, project, depth)
            return UNKNOWN
        case ast.Subscript():
            return ending(parent, module, project, depth) if parent.value is node else UNKNOWN
        case ast.keyword():
            call = module.parents[parent]
            return _argument(call, node, module, project, depth) if isinstance(call, ast.Call) else UNKNOWN
        case ast.Call():
            return _argument(parent, node, module, project, depth)
        case ast.Compare():
            return _compared(parent, node, module)
        case ast.Assert():
            return SHOWN if parent.msg is node else NOWHERE
        case ast.Raise() | ast.Expr():
            return SHOWN if isinstance(parent, ast.Raise) else NOWHERE
        case ast.Return() | ast.Yield() | ast.YieldFrom():
            return _returned(parent, module, project, depth)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            return _assigned(parent, node, module, project, depth)
    return UNKNOWN


def _argument(call: ast.Call, node: ast.expr, module: Module, project: Project, depth: int) -> End:
    last = call.func.attr if isinstance(call.func, ast.Attribute) else dotted(call.func) or ""
    sink = known_sink(call, place_of(call, node), module, project) or wire.handed_over(
        call, node, module, project
    )
    if sink is not None:
        return End(Goes.TEXT, sink.what)
    if display.shows(call, node):
        return SHOWN
    if last in _PASSING or (last in {"format", "join"} and isinstance(call.func, ast.Attribute)):
        return ending(call, module, project, depth)
    if last in {"len", "bool", "isinstance", "hash", "id", "type"}:
        return NOWHERE
    if depth < _DEEPEST:
        from codemods.secretstr.promises import promised

        promise = promised(call, place_of(call, node), module, project, depth + 1)
        if promise is not None:
            return End(Goes.TEXT, promise.what) if promise.certain else SHOWN if promise.shown else UNKNOWN
    return UNKNOWN


def _compared(compare: ast.Compare, node: ast.expr, module: Module) -> End:
    """A comparison needs the text, but one that asserts an absence asserts the mask."""
    negative = any(isinstance(op, (ast.NotIn, ast.NotEq)) for op in compare.ops)
    masked = any(is_mask(each) for each in (compare.left, *compare.comparators))
    contains = any(isinstance(op, (ast.In, ast.NotIn)) for op in compare.ops)
    asserting = any(isinstance(around, ast.Assert) for around in module.ancestors(compare))
    if masked or (asserting and (negative or contains)):
        return SHOWN
    return End(Goes.TEXT, "it is compared with text")


def is_mask(node: ast.expr) -> bool:
    """``"**********"``, also as part of a longer text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
        text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
        return "***" in text
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and is_star(node.left)


def is_star(node: ast.expr) -> bool:
    """``"*"``."""
    return isinstance(node, ast.Constant) and node.value == "*"


def _returned(
    node: ast.Return | ast.Yield | ast.YieldFrom, module: Module, project: Project, depth: int
) -> End:
    function = module.function(node)
    if function is None or display.shows_its_result(function):
        return SHOWN
    end = result_ending(function, module, project, depth)
    if end.goes is Goes.UNKNOWN and isinstance(node, ast.Return) and promises_text(function.returns):
        return End(Goes.TEXT, f"{function.name}() promises text")
    return end


def result_ending(function: Function, module: Module, project: Project, depth: int = 0) -> End:
    """Where what a function gives ends, by all of its uses in the repository; unknown where there are none."""
    if depth >= _DEEPEST:
        return UNKNOWN
    ends = [ending(used, other, project, depth + 1) for other, used in uses_of(function, module, project)]
    return worst(ends) if ends else UNKNOWN


def _assigned(
    statement: ast.Assign | ast.AnnAssign | ast.AugAssign,
    node: ast.expr,
    module: Module,
    project: Project,
    depth: int,
) -> End:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    found: list[End] = []
    for target in targets:
        sink = wire.header_target(target, module, project) or wire.attribute_target(target, module, project)
        if sink is not None:
            found.append(End(Goes.TEXT, sink.what))
        elif (
            isinstance(target, ast.Attribute) and project.types.qualified(target, module) in MODULE_ATTRIBUTES
        ):
            found.append(End(Goes.TEXT, "the library needs text there"))
        elif depth < _DEEPEST:
            reads = list(all_reads(target, module, project))
            found += [ending(read, other, project, depth + 1) for other, read in reads]
            if (
                not reads
                or not isinstance(target, ast.Name)
                or module.scopes.binder(target) is module.scopes.module
            ):
                found.append(UNKNOWN)
        else:
            found.append(UNKNOWN)
    del node
    return worst(found)


def worst(found: list[End]) -> End:
    """The end that decides, of several."""
    for goes in (Goes.TEXT, Goes.UNKNOWN, Goes.SHOWN):
        for end in found:
            if end.goes is goes:
                return end
    return NOWHERE


def evident(node: ast.expr) -> bool:
    """Whether a text's own shape says that a machine reads it: a URL, an authorization scheme, a query."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and _EVIDENT.search(part.value):
            return True
    return False
