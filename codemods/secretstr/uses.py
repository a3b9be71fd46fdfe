"""How a secret is used at its place, and whether that use needs its text."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.secretstr import display, wire
from codemods.secretstr.annotated import promises_text
from codemods.secretstr.compared import compared, looked_for
from codemods.secretstr.containers import changed_container, container_sink, spread_sink
from codemods.secretstr.flow import Goes, is_mask, result_ending
from codemods.secretstr.promises import promised
from codemods.secretstr.sinks import MODULE_ATTRIBUTES, Sink, known_sink, place_of
from codemods.secretstr.texts import is_bytes, is_text
from codemods.secretstr.use import Use
from codemods.secretstr.written import failing, outer_text, percent_key_kinds, percent_kinds, written_out

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.secretstr.places import Secret

_METHODS = set(dir(str)) - set(dir(object)) | {"decode", "hex"}
_WHOLE = {"json", "data", "content", "params", "input"}
_RAISING = {"int", "float", "bytes", "bytearray", "complex"}


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
    return replace(use, subject=node)


def _use(
    node: ast.expr, parent: ast.AST | None, secret: Secret, module: Module, project: Project
) -> Use | None:
    match parent:
        case ast.FormattedValue(conversion=conversion):
            text = outer_text(parent, module)
            return (
                written_out(text, secret, module, project, "an f-string")
                if conversion in {-1, 115} and text is not None
                else None
            )
        case ast.BinOp(op=ast.Add()):
            other = parent.right if parent.left is node else parent.left
            if is_text(other, module, project) or is_bytes(other, module, project):
                return failing(
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
                and percent_kinds(left.value) in ({0: "s"}, {})
            ):
                return written_out(parent, secret, module, project, "% formatting")
        case ast.Attribute(attr=attr):
            call = module.parents.get(parent)
            if attr in _METHODS and isinstance(call, ast.Call) and call.func is parent:
                return failing(call, module, project, f"{attr}() is a method of text")
        case ast.Subscript() if parent.value is node:
            return failing(parent, module, project, "it is sliced like text")
        case ast.Call():
            return _argument(parent, node, secret, module, project)
        case ast.keyword():
            call = module.parents[parent]
            return _argument(call, node, secret, module, project) if isinstance(call, ast.Call) else None
        case ast.Compare():
            return compared(parent, node, module, project)
        case ast.Return():
            return _returned(parent, module, project)
        case ast.Assign() | ast.AnnAssign():
            return _assigned(parent, node, module, project)
        case ast.Dict() if node in parent.values:
            return _in_dict(parent, node, secret, module, project)
        case ast.arguments():
            return _default(parent, node)
        case ast.Tuple() | ast.List() | ast.Set():
            if isinstance(parent, ast.Set) or isinstance(module.parents.get(parent), ast.Compare):
                return looked_for(parent, module, project)
            return _in_sequence(parent, node, secret, module, project)
    return None


def _argument(call: ast.Call, node: ast.expr, secret: Secret, module: Module, project: Project) -> Use | None:
    place = place_of(call, node)
    func = call.func
    name = dotted(func)
    if isinstance(func, ast.Name) and not module.scopes.bindings(func):
        if name == "str" and place == 0 and len(call.args) == 1:
            return written_out(call, secret, module, project, "str()")
        if name == "dict" and isinstance(place, str):
            sink = container_sink(call, module, project) or spread_sink(call, place, module, project)
            return _sunk(sink) if sink is not None else None
        if name == "format" and place == 0:
            return written_out(call, secret, module, project, "format()")
        if name in _RAISING and place == 0:
            return failing(call, module, project, f"{name}() needs text")
    if isinstance(func, ast.Attribute) and func.attr == "update" and isinstance(place, str):
        sink = changed_container(func.value, place, module, project)
        return _sunk(sink) if sink is not None else None
    if isinstance(func, ast.Attribute) and func.attr == "format" and is_text(func.value, module, project):
        if isinstance(func.value, ast.Constant) and "!r" in str(func.value.value):
            return None
        return written_out(call, secret, module, project, ".format()")
    if (
        isinstance(func, ast.Attribute)
        and func.attr in {"startswith", "endswith", "replace", "removeprefix"}
        and is_text(func.value, module, project)
    ):
        return failing(call, module, project, f"{func.attr}() needs text")
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
    return Use(sink.what, "mistaken", wants_bytes=sink.wants_bytes, takes_bytes=sink.takes_bytes)


def _asserts_equal(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and func.attr in {"assertEqual", "assertEquals"}


def _proven_text(node: ast.expr, module: Module, project: Project) -> bool:
    return is_text(node, module, project) or is_bytes(node, module, project)


def _returned(statement: ast.Return, module: Module, project: Project) -> Use | None:
    function = module.function(statement)
    if function is None or display.shows_its_result(function) or not promises_text(function.returns):
        return None
    if (
        _unwrapped_by_callers(function.name, project)
        or result_ending(function, module, project).goes is Goes.SHOWN
    ):
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
        if isinstance(target, ast.Attribute) and project.types.qualified(target, module) in MODULE_ATTRIBUTES:
            return Use(f"{ast.unparse(target)} needs text", "mistaken")
        if isinstance(target, ast.Subscript):
            key = target.slice.value if isinstance(target.slice, ast.Constant) else None
            sink = changed_container(target.value, key if isinstance(key, str) else None, module, project)
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


def _in_dict(
    parent: ast.Dict, node: ast.expr, secret: Secret, module: Module, project: Project
) -> Use | None:
    outer = module.parents.get(parent)
    if isinstance(outer, ast.BinOp) and isinstance(outer.op, ast.Mod) and outer.right is parent:
        if isinstance(outer.left, ast.Constant) and isinstance(outer.left.value, str):
            key = parent.keys[parent.values.index(node)]
            kinds = percent_key_kinds(outer.left.value)
            if isinstance(key, ast.Constant) and kinds.get(str(key.value)) == "s":
                return written_out(outer, secret, module, project, "% formatting")
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
    return failing(call, module, project, "json.dumps() writes text only")


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
        if isinstance(template, str) and percent_kinds(template).get(parent.elts.index(node)) == "s":
            return written_out(outer, secret, module, project, "% formatting")
        return None
    if (
        isinstance(outer, ast.Call)
        and isinstance(outer.func, ast.Attribute)
        and outer.func.attr == "join"
        and is_text(outer.func.value, module, project)
    ):
        return failing(outer, module, project, "join() needs text")
    sink = container_sink(parent, module, project)
    return _sunk(sink) if sink is not None else None
