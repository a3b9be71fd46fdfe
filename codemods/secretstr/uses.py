"""How a secret is used at its place, and whether that use needs its text."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from codemods.engine.facts import dotted
from codemods.secretstr import display, wire
from codemods.secretstr.flow import (
    End,
    Goes,
    container_sink,
    ending,
    evident,
    is_mask,
    promises_text,
    spread_sink,
    wire_attributes,
)
from codemods.secretstr.guards import same
from codemods.secretstr.promises import promised
from codemods.secretstr.sinks import Sink, known_sink, place_of
from codemods.secretstr.texts import is_bytes, is_text

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.secretstr.places import Secret

Effect = Literal["masks", "raises", "never equal", "mistaken"]
_METHODS = set(dir(str)) - set(dir(object)) | {"decode", "hex"}
_PERCENT = re.compile(
    r"%(?:\((?P<key>[^)]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>[a-zA-Z%])"
)
_WHOLE = {"json", "data", "content", "params", "input"}
_RAISING = {"int", "float", "bytes", "bytearray", "complex"}


@dataclass(frozen=True)
class Use:
    """A use that needs text. ``what`` says which; ``effect``: what happens today.

    ``certain``: that text is meant. ``wants_bytes``: the text as bytes. ``subject``: the whole alternative
    (``secret or default``) that reaches the use, the secret itself where there is none.
    """

    what: str
    effect: Effect
    certain: bool = True
    wants_bytes: bool = False
    subject: ast.expr | None = None
    note: str = ""


def use_of(secret: Secret, module: Module, project: Project) -> Use | None:
    """The use that needs text; None for every other use of a secret."""
    node: ast.expr = secret.node
    parent = module.parents.get(node)
    while isinstance(parent, (ast.IfExp, ast.BoolOp)):
        if isinstance(parent, ast.IfExp) and node is parent.test:
            return None
        if (
            isinstance(parent, ast.BoolOp)
            and isinstance(parent.op, ast.And)
            and node is not parent.values[-1]
        ):
            return None
        node, parent = parent, module.parents.get(parent)
    use = _use(node, parent, secret, module, project)
    if use is None or display.expected_to_fail(secret.node, module):
        return None
    return Use(use.what, use.effect, use.certain, use.wants_bytes, node, use.note)


def _use(
    node: ast.expr, parent: ast.AST | None, secret: Secret, module: Module, project: Project
) -> Use | None:
    match parent:
        case ast.FormattedValue(conversion=conversion):
            text = _outer_text(parent, module)
            return (
                _written_out(text, secret, module, project, "an f-string")
                if conversion in {-1, 115} and text is not None
                else None
            )
        case ast.BinOp(op=ast.Add()):
            other = parent.right if parent.left is node else parent.left
            if is_text(other, module, project) or is_bytes(other, module, project):
                return _failing(
                    parent,
                    module,
                    project,
                    "text is added to it",
                    wants_bytes=is_bytes(other, module, project),
                )
        case ast.BinOp(op=ast.Mod(), left=left) if parent.right is node:
            if (
                isinstance(left, ast.Constant)
                and isinstance(left.value, str)
                and _percent_kinds(left.value) in ({0: "s"}, {})
            ):
                return _written_out(parent, secret, module, project, "% formatting")
        case ast.Attribute(attr=attr):
            call = module.parents.get(parent)
            if attr in _METHODS and isinstance(call, ast.Call) and call.func is parent:
                return _failing(call, module, project, f"{attr}() is a method of text")
        case ast.Subscript() if parent.value is node:
            return _failing(parent, module, project, "it is sliced like text")
        case ast.Call():
            return _argument(parent, node, secret, module, project)
        case ast.keyword():
            call = module.parents[parent]
            return _argument(call, node, secret, module, project) if isinstance(call, ast.Call) else None
        case ast.Compare():
            return _compared(parent, node, secret, module, project)
        case ast.Return():
            return _returned(parent, module, project)
        case ast.Assign() | ast.AnnAssign():
            return _assigned(parent, node, module, project)
        case ast.Dict() if node in parent.values:
            return _in_dict(parent, node, secret, module, project)
        case ast.arguments():
            return _default(parent, node)
        case ast.Tuple() | ast.List():
            return _in_sequence(parent, node, secret, module, project)
    return None


def _outer_text(node: ast.AST, module: Module) -> ast.JoinedStr | None:
    """The outermost f-string around a placeholder (a format specification is an f-string of its own)."""
    found: ast.JoinedStr | None = None
    current = module.parents.get(node)
    while isinstance(current, (ast.JoinedStr, ast.FormattedValue)):
        if isinstance(current, ast.JoinedStr):
            found = current
        if isinstance(current, ast.FormattedValue) and current.conversion == 114:
            return None
        current = module.parents.get(current)
    return found


def _written_out(text: ast.expr, secret: Secret, module: Module, project: Project, how: str) -> Use | None:
    """The secret becomes part of ``text``, as its mask."""
    if _masked_on_purpose(secret, module):
        return None
    end = ending(text, module, project)
    if end.goes in {Goes.SHOWN, Goes.NOWHERE}:
        return None
    if end.goes is Goes.TEXT:
        return Use(f"{how} writes it out, and {end.what}", "masks")
    if evident(text):
        return Use(f"{how} writes it into a text that a machine reads", "masks")
    return Use(
        f"{how} writes it out",
        "masks",
        certain=False,
        note="Where this text goes could not be followed to its end; if people read it there, keep the mask.",
    )


def _masked_on_purpose(secret: Secret, module: Module) -> bool:
    """Whether the function unwraps the very same secret on another path, or serializes it: the mask is a choice."""
    function = module.function(secret.node)
    if function is None:
        return False
    if any("serializer" in ast.unparse(mark) for mark in function.decorator_list):
        return True
    returned = any(isinstance(around, ast.Return) for around in module.ancestors(secret.node))
    return returned and any(
        isinstance(part, ast.Attribute) and part.attr == "get_secret_value" and same(part.value, secret.node)
        for part in ast.walk(function)
    )


def _failing(
    whole: ast.expr, module: Module, project: Project, what: str, *, wants_bytes: bool = False
) -> Use | None:
    """An operation that only text has: it raises, unless its result would be shown anyway."""
    return (
        None
        if ending(whole, module, project).goes is Goes.SHOWN
        else Use(what, "raises", wants_bytes=wants_bytes)
    )


def _percent_kinds(text: str) -> dict[int, str]:
    kinds = [match["kind"] for match in _PERCENT.finditer(text) if match["kind"] != "%"]
    return dict(enumerate(kinds))


def _percent_key_kinds(text: str) -> dict[str, str]:
    return {match["key"]: match["kind"] for match in _PERCENT.finditer(text) if match["key"] is not None}


def _argument(call: ast.Call, node: ast.expr, secret: Secret, module: Module, project: Project) -> Use | None:
    place = place_of(call, node)
    func = call.func
    name = dotted(func)
    if isinstance(func, ast.Name) and not module.scopes.bindings(func):
        if name == "str" and place == 0 and len(call.args) == 1:
            return _written_out(call, secret, module, project, "str()")
        if name == "format" and place == 0:
            return _written_out(call, secret, module, project, "format()")
        if name in _RAISING and place == 0:
            return _failing(call, module, project, f"{name}() needs text")
    if isinstance(func, ast.Attribute) and func.attr == "format" and is_text(func.value, module, project):
        if isinstance(func.value, ast.Constant) and "!r" in str(func.value.value):
            return None
        return _written_out(call, secret, module, project, ".format()")
    if (
        isinstance(func, ast.Attribute)
        and func.attr in {"startswith", "endswith", "replace", "removeprefix"}
        and is_text(func.value, module, project)
    ):
        return _failing(call, module, project, f"{func.attr}() needs text")
    if _asserts_equal(func) and len(call.args) >= 2:
        other = call.args[1] if place == 0 else call.args[0]
        if place in {0, 1} and _proven_text(other, module, project) and not is_mask(other):
            return Use("it is compared with text", "never equal")
        return None
    sink = known_sink(call, place, module, project)
    if sink is not None and sink.what.startswith(("hmac.compare_digest", "secrets.compare_digest")):
        bytes_there = any(is_bytes(each, module, project) for each in call.args if each is not node)
        return Use(sink.what, "raises", wants_bytes=bytes_there)
    if sink is None and (isinstance(place, int) or place in _WHOLE):
        sink = wire.handed_over(call, node, module, project)
    if sink is not None:
        return _sunk(sink)
    if display.shows(call, node):
        return None
    promise = promised(call, place, module, project)
    if promise is not None and not promise.shown:
        return Use(promise.what, "mistaken", certain=promise.certain, note=promise.note)
    return None


def _sunk(sink: Sink) -> Use:
    return Use(sink.what, "mistaken", wants_bytes=sink.wants_bytes)


def _asserts_equal(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and func.attr in {"assertEqual", "assertEquals"}


def _proven_text(node: ast.expr, module: Module, project: Project) -> bool:
    return is_text(node, module, project) or is_bytes(node, module, project)


def _compared(
    compare: ast.Compare, node: ast.expr, secret: Secret, module: Module, project: Project
) -> Use | None:
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
        if _proven_text(other, module, project):
            effect: Effect = "never equal"
            return Use(
                "it is compared with text",
                effect,
                wants_bytes=not secret.is_bytes and is_bytes(other, module, project),
            )
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


def _returned(statement: ast.Return, module: Module, project: Project) -> Use | None:
    function = module.function(statement)
    if function is None or display.shows_its_result(function) or not promises_text(function.returns):
        return None
    if _unwrapped_by_callers(function.name, project):
        return None
    return Use(f"{function.name}() promises text", "mistaken")


def _unwrapped_by_callers(name: str, project: Project) -> bool:
    """Whether some caller unwraps what the function gives: then its annotation is what is wrong."""
    pattern = re.compile(rb"\b" + name.encode() + rb"\b(?:\([^()]*\))?\)?\s*\.get_secret_value")
    return any(
        pattern.search(project.read(path)) for path in project.containing(name.encode(), b"get_secret_value")
    )


def _assigned(
    statement: ast.Assign | ast.AnnAssign, node: ast.expr, module: Module, project: Project
) -> Use | None:
    if isinstance(statement, ast.AnnAssign):
        name = ast.unparse(statement.target)
        unwrapped = f"{name}.get_secret_value".encode() in module.source.data
        if statement.value is node and promises_text(statement.annotation) and not unwrapped:
            return Use("the annotation promises text", "mistaken")
        return None
    for target in statement.targets:
        sink = wire.header_target(target, module, project)
        if sink is not None:
            return _sunk(sink)
        if isinstance(target, ast.Attribute) and project.types.qualified(target, module) in wire_attributes():
            return Use(f"{ast.unparse(target)} needs text", "mistaken")
        if isinstance(target, ast.Subscript):
            sink = _changed_container(target, module, project)
            if sink is not None:
                return _sunk(sink)
    return None


def _default(arguments: ast.arguments, node: ast.expr) -> Use | None:
    """``def f(*, secret: str = settings.secret)``."""
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    for parameter, default in pairs:
        if default is node and promises_text(parameter.annotation):
            return Use("the annotation promises text", "mistaken")
    return None


def _changed_container(target: ast.Subscript, module: Module, project: Project) -> Sink | None:
    """``headers["X-Key"] = secret`` on a dictionary that goes to the wire."""
    from codemods.secretstr.flow import reads_of_container

    if not isinstance(target.value, (ast.Name, ast.Attribute)):
        return None
    for read in reads_of_container(target.value, module):
        sink = container_sink(read, module, project, 1)
        if sink is not None:
            return sink
    return None


def _in_dict(
    parent: ast.Dict, node: ast.expr, secret: Secret, module: Module, project: Project
) -> Use | None:
    outer = module.parents.get(parent)
    if isinstance(outer, ast.BinOp) and isinstance(outer.op, ast.Mod) and outer.right is parent:
        if isinstance(outer.left, ast.Constant) and isinstance(outer.left.value, str):
            key = parent.keys[parent.values.index(node)]
            kinds = _percent_key_kinds(outer.left.value)
            if isinstance(key, ast.Constant) and kinds.get(str(key.value)) == "s":
                return _written_out(outer, secret, module, project, "% formatting")
        return None
    sink = container_sink(parent, module, project)
    name = parent.keys[parent.values.index(node)]
    if sink is None and isinstance(name, ast.Constant) and isinstance(name.value, str):
        sink = spread_sink(parent, name.value, module, project)
    if sink is not None:
        return _sunk(sink)
    return _dumped(parent, module, project)


def _dumped(parent: ast.expr, module: Module, project: Project) -> Use | None:
    """``json.dumps({"password": secret})``: it raises, or writes the mask if a ``default`` turns it into text."""
    node: ast.AST = parent
    while isinstance(module.parents.get(node), (ast.Dict, ast.List)):
        node = module.parents[node]
    call = module.parents.get(node)
    if not isinstance(call, ast.Call) or not isinstance(node, ast.expr) or place_of(call, node) != 0:
        return None
    if project.types.qualified(call.func, module) not in {"json.dumps", "ujson.dumps", "simplejson.dumps"}:
        return None
    if any(keyword.arg in {"default", "cls", None} for keyword in call.keywords):
        return None
    return _failing(call, module, project, "json.dumps() writes text only")


def _in_sequence(
    parent: ast.Tuple | ast.List, node: ast.expr, secret: Secret, module: Module, project: Project
) -> Use | None:
    outer = module.parents.get(parent)
    if (
        isinstance(outer, ast.BinOp)
        and isinstance(outer.op, ast.Mod)
        and outer.right is parent
        and isinstance(parent, ast.Tuple)
    ):
        template = outer.left.value if isinstance(outer.left, ast.Constant) else None
        if isinstance(template, str) and _percent_kinds(template).get(parent.elts.index(node)) == "s":
            return _written_out(outer, secret, module, project, "% formatting")
        return None
    if (
        isinstance(outer, ast.Call)
        and isinstance(outer.func, ast.Attribute)
        and outer.func.attr == "join"
        and is_text(outer.func.value, module, project)
    ):
        return _failing(outer, module, project, "join() needs text")
    sink = container_sink(parent, module, project)
    return _sunk(sink) if sink is not None else None


def effect_on_wire(end: End) -> str:
    """What is said of a text's end."""
    return end.what
