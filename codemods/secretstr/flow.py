"""Where a value goes from its place: up through expressions, through variables, to calls, returns and messages."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from codemods.engine.facts import dotted
from codemods.secretstr import display, wire
from codemods.secretstr.sinks import Sink, known_sink, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.definitions import Function
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
            return _returned(parent, module)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            return _assigned(parent, node, module, project, depth)
    return UNKNOWN


def spread_sink(mapping: ast.expr, key: str, module: Module, project: Project, depth: int = 0) -> Sink | None:
    """Whether ``key`` of a dictionary reaches a known call as a keyword: ``OpenAI(**options)``."""
    parent = module.parents.get(mapping)
    if isinstance(parent, ast.keyword) and parent.arg is None:
        call = module.parents[parent]
        return known_sink(call, key, module, project) if isinstance(call, ast.Call) else None
    if isinstance(parent, (ast.Assign, ast.AnnAssign)) and depth < _DEEPEST:
        for target in parent.targets if isinstance(parent, ast.Assign) else [parent.target]:
            for read in reads_of(target, module):
                sink = spread_sink(read, key, module, project, depth + 1)
                if sink is not None:
                    return sink
    return None


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


def _returned(node: ast.Return | ast.Yield | ast.YieldFrom, module: Module) -> End:
    function = module.function(node)
    if function is None or display.shows_its_result(function):
        return SHOWN
    if isinstance(node, ast.Return) and promises_text(function.returns):
        return End(Goes.TEXT, f"{function.name}() promises text")
    return UNKNOWN


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
            isinstance(target, ast.Attribute) and project.types.qualified(target, module) in wire_attributes()
        ):
            found.append(End(Goes.TEXT, "the library needs text there"))
        elif depth < _DEEPEST:
            reads = list(reads_of(target, module))
            found += [ending(read, module, project, depth + 1) for read in reads]
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


def wire_attributes() -> set[str]:
    """Attributes of libraries' modules that need text."""
    from codemods.secretstr.sinks import MODULE_ATTRIBUTES

    return MODULE_ATTRIBUTES


def worst(found: list[End]) -> End:
    """The end that decides, of several."""
    for goes in (Goes.TEXT, Goes.UNKNOWN, Goes.SHOWN):
        for end in found:
            if end.goes is goes:
                return end
    return NOWHERE


def reads_of(target: ast.expr, module: Module) -> Iterator[ast.expr]:
    """Every read of the variable (or of ``self.attribute`` in the same file) that ``target`` binds."""
    if isinstance(target, ast.Name):
        scope = module.scopes.binder(target)
        if scope is not None:
            yield from module.scopes.loads(scope, target.id)
    elif (
        isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id in {"self", "cls"}
    ):
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Load)
                and node.attr == target.attr
                and isinstance(node.value, ast.Name)
                and node.value.id in {"self", "cls"}
            ):
                yield node
    elif isinstance(target, ast.Subscript) and isinstance(target.value, (ast.Name, ast.Attribute)):
        yield from reads_of_container(target.value, module)


def reads_of_container(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """The reads of the dictionary that ``node[...] = value`` changes, other than to change it."""
    for read in reads_of(node, module):
        parent = module.parents.get(read)
        if not (isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store)):
            yield read


def container_sink(node: ast.expr, module: Module, project: Project, depth: int = 0) -> Sink | None:
    """Whether the dictionary, list or tuple ``node`` reaches the wire as text."""
    if depth > _DEEPEST:
        return None
    parent = module.parents.get(node)
    match parent:
        case ast.Dict() | ast.List() | ast.IfExp() | ast.BoolOp() | ast.BinOp() | ast.NamedExpr():
            return container_sink(parent, module, project, depth)
        case ast.keyword(arg=None):
            return None  # ``**options``: the key decides, see spread_sink
        case ast.keyword():
            call = module.parents[parent]
            return wire.handed_over(call, node, module, project) if isinstance(call, ast.Call) else None
        case ast.Call():
            if isinstance(parent.func, ast.Name) and parent.func.id in {"dict", "list", "tuple"}:
                return container_sink(parent, module, project, depth)
            if isinstance(parent.func, ast.Attribute) and parent.func.attr == "update":
                changed = (
                    container_sink(read, module, project, depth + 1)
                    for read in reads_of(parent.func.value, module)
                )
                found = next((sink for sink in changed if sink is not None), None)
                if found is not None:
                    return found
            return wire.handed_over(parent, node, module, project)
        case ast.Attribute(attr="copy"):
            copied = module.parents.get(parent)
            return container_sink(copied, module, project, depth) if isinstance(copied, ast.Call) else None
        case ast.Assign() | ast.AnnAssign():
            return _container_assigned(parent, module, project, depth)
        case ast.Return():
            return _container_returned(parent, module, project, depth)
    return None


def _container_assigned(
    statement: ast.Assign | ast.AnnAssign, module: Module, project: Project, depth: int
) -> Sink | None:
    for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
        sink = wire.attribute_target(target, module, project)
        if sink is not None:
            return sink
        for read in reads_of(target, module):
            sink = container_sink(read, module, project, depth + 1)
            if sink is not None:
                return sink
    if isinstance(statement, ast.AnnAssign) and promises_texts(statement.annotation):
        return Sink("the annotation promises text")
    return None


def _container_returned(statement: ast.Return, module: Module, project: Project, depth: int) -> Sink | None:
    function = module.function(statement)
    if function is None or display.shows_its_result(function):
        return None
    if promises_texts(function.returns):
        return Sink(f"{function.name}() promises text")
    for other, used in uses_of(function, module, project):
        sink = container_sink(used, other, project, depth + 1)
        if sink is not None:
            return sink
    return None


def uses_of(function: Function, module: Module, project: Project) -> Iterator[tuple[Module, ast.expr]]:
    """Where the repository takes what ``function`` gives: its calls (with their ``await``), a property's reads."""
    name = function.name
    own = project.types.own_name(function, module)
    holder = module.parents.get(function)
    is_property = any("property" in ast.unparse(mark) for mark in function.decorator_list)
    for path in project.containing(name.encode()):
        other = project.module(path)
        for node in ast.walk(other.tree) if other is not None else ():
            if other is None:
                continue
            used: ast.expr | None = None
            if isinstance(node, ast.Call) and not is_property:
                last = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
                )
                known = project.types.of(node.func, other) if last == name else None
                used = node if known is not None and (known.kind, known.name) == ("function", own) else None
            elif isinstance(node, ast.Attribute) and node.attr == name and is_property:
                owner = project.types.of(node.value, other)
                lineage = project.types.classes.lineage(owner) if owner is not None else ()
                used = node if any(each is holder for _, each in lineage) else None
            if used is not None:
                around = other.parents.get(used)
                yield other, around if isinstance(around, ast.Await) else used


def evident(node: ast.expr) -> bool:
    """Whether a text's own shape says that a machine reads it: a URL, an authorization scheme, a query."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and _EVIDENT.search(part.value):
            return True
    return False
