"""Paths of routes and requests as text: what their expressions say, and whether a route serves a request.

Text that is not plain holds marks. ``MANY`` stands for any text, slashes too; ``ONE`` for any text within one segment; a
value that configuration may change is ``SYMBOL name DEFAULT value END`` (or without ``DEFAULT value``).
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

MANY, ONE, SYMBOL, DEFAULT, END = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
_SYMBOL = re.compile(f"{SYMBOL}([^{DEFAULT}{END}]*)(?:{DEFAULT}([^{END}]*))?{END}")
_PARAMETER = re.compile(r"\{([^{}:]*)(?::([^{}]*))?\}")
_CONVERTERS = {
    "": "[^/]+",
    "str": "[^/]+",
    "int": "[0-9]+",
    "float": r"[0-9]+(?:\.[0-9]+)?",
    "uuid": "[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}",
}
_FROM_ENVIRONMENT = {"os.getenv", "os.environ.get"}
_ONE_SEGMENT = re.compile(r"(?:^|_)(?:id|uuid|pk|slug|key|uid|guid)$|^(?:str|int)$", re.IGNORECASE)
_DEEPEST = 8


def text_of(node: ast.expr, module: Module, project: Project, depth: int = 0) -> str:
    """The text of an expression, with marks where it is not known."""
    if depth > _DEEPEST:
        return MANY
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.Constant(value=int() as number):
            return str(number)
        case ast.JoinedStr():
            return "".join(
                text_of(
                    part.value if isinstance(part, ast.FormattedValue) else part, module, project, depth + 1
                )
                for part in node.values
            )
        case ast.BinOp(op=ast.Add()):
            return "".join(text_of(part, module, project, depth + 1) for part in (node.left, node.right))
        case ast.Name():
            return _name(node, module, project, depth)
        case ast.Attribute():
            return _attribute(node, module, project, depth)
        case ast.Call():
            return _call(node, module, project, depth)
        case ast.Subscript(slice=ast.Constant(value=str() as key)) if _ONE_SEGMENT.search(key):
            return ONE
    found = project.types.of(node, module)
    return ONE if found is not None and found.name in {"builtins.int", "uuid.UUID"} else MANY


def _name(node: ast.Name, module: Module, project: Project, depth: int) -> str:
    scope = module.scopes.binder(node) if node in module.scopes.scope_of else None
    known = [each for each in scope.bindings[node.id] if each.kind != "annotation"] if scope else []
    if len(known) == 1 and known[0].kind == "assign" and known[0].value is not None:
        found = text_of(known[0].value, module, project, depth + 1)
        if MANY not in found:
            return found
    elif len(known) == 1 and known[0].kind == "import":
        imported = _elsewhere(node.id, module, project, depth)
        if imported is not None:
            return imported
    return ONE if _ONE_SEGMENT.search(node.id) else _by_type(node, module, project)


def _elsewhere(name: str, module: Module, project: Project, depth: int) -> str | None:
    """What an imported module-level name holds, where it is bound once."""
    from codemods.engine.names.index import Found

    answer = project.index.attribute(module.path, [name], project.layout.name(module.path))
    if not isinstance(answer, Found) or answer.kind != "value":
        return None
    return constant(answer.path, answer.name, project, depth)


def constant(path: str, name: str, project: Project, depth: int = 0) -> str | None:
    """The text of a module-level name that is bound once; None where it is not."""
    module = project.module(path)
    bindings = module.scopes.module.bindings.get(name, []) if module is not None else []
    if module is None or len(bindings) != 1 or bindings[0].value is None or bindings[0].kind != "assign":
        return None
    return text_of(bindings[0].value, module, project, depth + 1)


def _attribute(node: ast.Attribute, module: Module, project: Project, depth: int) -> str:
    base = project.types.of(node.value, module)
    if base is not None and base.kind == "module" and base.path:
        from codemods.engine.names.index import Found

        answer = project.index.attribute(base.path, [node.attr], base.name)
        if isinstance(answer, Found) and answer.kind == "value":
            found = constant(answer.path, answer.name, project, depth)
            if found is not None:
                return found
    if base is not None and base.kind in {"instance", "class"} and base.path:
        field = _class_text(base, node.attr, project, depth)
        if field is not None:
            return field
    if _ONE_SEGMENT.search(node.attr):
        return ONE
    return _by_type(node, module, project)


def _class_text(base: object, name: str, project: Project, depth: int) -> str | None:
    """A field's text: configuration may change it, so that it is a symbol, with its default where that is plain."""
    from codemods.engine.inference.type_model import Type

    assert isinstance(base, Type)
    found = project.types.class_def(base)
    if found is None:
        return None
    module, definition = found
    for statement in definition.body:
        target = (
            statement.targets[0]
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1
            else statement.target
            if isinstance(statement, ast.AnnAssign)
            else None
        )
        if isinstance(target, ast.Name) and target.id == name:
            assert isinstance(statement, (ast.Assign, ast.AnnAssign))
            value = statement.value
            if isinstance(value, ast.Call):
                given = next((each.value for each in value.keywords if each.arg == "default"), None)
                value = given or (value.args[0] if value.args else None)
            text = text_of(value, module, project, depth + 1) if value is not None else MANY
            plain = text if not set(text) & {MANY, ONE, SYMBOL} else None
            return symbol(f"{base.name}.{name}", plain)
    return None


def _call(node: ast.Call, module: Module, project: Project, depth: int) -> str:
    called = project.types.qualified(node.func, module)
    if called in {"builtins.str", "builtins.int"} and len(node.args) == 1:
        return text_of(node.args[0], module, project, depth + 1)
    if called == "uuid.uuid4":
        return ONE
    if called in _FROM_ENVIRONMENT and node.args and isinstance(node.args[0], ast.Constant):
        default = text_of(node.args[1], module, project, depth + 1) if len(node.args) > 1 else MANY
        return symbol(str(node.args[0].value), default if not set(default) & {MANY, ONE, SYMBOL} else None)
    return _by_type(node, module, project)


def _by_type(node: ast.expr, module: Module, project: Project) -> str:
    found = project.types.of(node, module)
    return ONE if found is not None and found.name in {"builtins.int", "uuid.UUID", "uuid.uuid4()"} else MANY


def symbol(name: str, default: str | None) -> str:
    """A value that configuration may change."""
    return f"{SYMBOL}{name}{END}" if default is None else f"{SYMBOL}{name}{DEFAULT}{default}{END}"


def settled(path: str) -> str:
    """The path with every symbol's default in its place, ``MANY`` where there is none."""
    return _SYMBOL.sub(lambda found: MANY if found[2] is None else found[2], path)


def is_plain(path: str) -> bool:
    """Whether the text is known to the last character."""
    return not set(path) & {MANY, ONE, SYMBOL}


def serves(route: str, request: str) -> bool:
    """Whether a route's path may serve a request's. Slashes at the end and doubled ones count for nothing."""
    (first, rest), (other, asked) = led(route), led(request)
    if first and first == other:
        route, request = rest, asked
    return _meet(segments(_SYMBOL.sub(MANY, route)), segments(_SYMBOL.sub(MANY, request)))


def led(path: str) -> tuple[str, str]:
    """The symbol that a path begins with (empty for none), and the rest."""
    found = _SYMBOL.match(path)
    return (found[0], path[found.end() :]) if found is not None else ("", path)


def joined(prefix: str, path: str) -> str:
    """A prefix and the path after it."""
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}" if prefix and path.startswith("/") else prefix + path


@lru_cache(maxsize=4096)
def segments(path: str) -> tuple[str, ...]:
    """The parts between slashes, without query; ``MANY`` stands by itself, parameters of a path converter are ``MANY``."""
    path = _PARAMETER.sub(lambda found: found[0] if (found[2] or "") in _CONVERTERS else MANY, path)
    found: list[str] = []
    for part in path.partition("?")[0].split("/"):
        if MANY in part:
            found += [MANY] if part == MANY else [ONE, MANY] if not part.startswith(MANY) else [MANY]
        elif part:
            found.append(part)
    return tuple(found)


def _meet(route: tuple[str, ...], request: tuple[str, ...]) -> bool:
    if route and route[0] == MANY:
        return _meet(route[1:], request) or (bool(request) and _meet(route, request[1:]))
    if request and request[0] == MANY:
        return _meet(route, request[1:]) or (bool(route) and _meet(route[1:], request))
    if not route or not request:
        return not route and not request
    return _same(route[0], request[0]) and _meet(route[1:], request[1:])


@lru_cache(maxsize=4096)
def _same(route: str, request: str) -> bool:
    given = ONE in request
    if given and (ONE in route or "{" in route):
        return True
    if given:
        return re.fullmatch(".*".join(map(re.escape, request.split(ONE))), route) is not None
    if ONE in route or "{" in route:
        pattern, last = "", 0
        for found in _PARAMETER.finditer(route):
            pattern += re.escape(route[last : found.start()]) + _CONVERTERS[found[2] or ""]
            last = found.end()
        pattern += re.escape(route[last:])
        return re.fullmatch(pattern.replace(re.escape(ONE), ".+"), request) is not None
    return route == request
