"""Apps and routers that are handed to functions: the repository's own are followed, strange ones may add anything."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.names.traverse import walk
from codemods.libraries.fastapi.arguments import at, keyword
from codemods.libraries.fastapi.kinds import is_harmless, role_of
from codemods.libraries.fastapi.model import Place, Route
from codemods.libraries.fastapi.nodes import Included, Node, Nodes, anything
from codemods.libraries.fastapi.origins import Origin, argument, origins
from codemods.libraries.fastapi.paths import text_of

if TYPE_CHECKING:
    from codemods.engine.project import Module

_SOUNDS = re.compile(r"app(?:lication)?\d*$|router\d*$|api$", re.IGNORECASE)
_MAKES = ("FastAPI", "Starlette", "APIRouter")
_WORD = re.compile(r"\w+")


def hands_on(reader: Nodes, call: ast.Call, module: Module, only: ast.arg | None = None) -> None:
    """An app or router as an argument: own functions are followed, strange ones may add anything."""
    for given in (*call.args, *(each.value for each in call.keywords)):
        if not isinstance(given, (ast.Name, ast.Attribute)) or not may_be_one(given, reader, module, only):
            continue
        role = role_of(reader.project.types.of(given, module), reader.project)
        if role not in {"app", "router"} and not (only is not None and _is(given, only, module)):
            continue
        owners = [reader.node(origin) for origin in origins(given, module, reader.project)]
        if owners:
            hand(reader, call, given, owners, module)


def hand(reader: Nodes, call: ast.Call, given: ast.expr, owners: list[Node], module: Module) -> None:
    """What a call does to the apps and routers ``owners``, which its argument ``given`` means."""
    place = Place(module.path, call.lineno, call.col_offset)
    called = reader.project.types.of(call.func, module)
    if called is not None and called.kind == "class":
        called = reader.project.types.member(called, "__init__") or called
    definition = (
        reader.project.types.function_def(called)
        if called is not None and called.kind == "function"
        else None
    )
    if definition is not None:
        function = definition[1]
        every = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        taken = next((each for each in every if argument(call, function, each) is given), None)
        if taken is not None:
            inner = Origin(definition[0], taken)
            reader.node(inner)
            reader.add(owners, Included("", inner.place))
            return
    if called is not None and called.name == "builtins.getattr" and isinstance(at(call, 1), ast.Constant):
        return
    if called is not None and not called.path and is_harmless(called.name):
        if called.last == "expose" and "Instrumentator" in called.name:
            endpoint = keyword(call, "endpoint")
            path = text_of(endpoint, module, reader.project) if endpoint is not None else "/metrics"
            reader.add(owners, Route(path, ("GET",), place))
        return
    if not is_test(module.path):
        reader.add(owners, anything("", place))


def follow(reader: Nodes) -> None:
    """Reads what functions do with the parameters that apps are handed in by, and who calls those functions."""
    done: set[Place] = set()
    while todo := [place for place in reader.handed if place not in done]:
        for place in todo:
            done.add(place)
            module, function, parameter = reader.handed[place]
            for statement in function.body:
                for node in walk(statement):
                    if isinstance(node, ast.Call):
                        hands_on(reader, node, module, parameter)
    taken = {
        entry.target
        for node in reader.nodes.values()
        for entry in node.entries
        if isinstance(entry, Included)
    }
    reader.loose += [Included("", place) for place in done if place not in taken]


def may_be_one(
    given: ast.Name | ast.Attribute, reader: Nodes, module: Module, only: ast.arg | None = None
) -> bool:
    """Whether a name may mean an app or router, before its type is asked for: it sounds so, or is bound to one here."""
    name = given.id if isinstance(given, ast.Name) else given.attr
    if _SOUNDS.search(name) or (only is not None and only.arg == name):
        return True
    known = reader.bound.get(module.path)
    if known is None:
        lines = [line for line in module.source.text.splitlines() if any(name in line for name in _MAKES)]
        known = reader.bound[module.path] = {word for line in lines for word in _WORD.findall(line)}
    return name in known


def _is(given: ast.expr, parameter: ast.arg, module: Module) -> bool:
    return (
        isinstance(given, ast.Name)
        and given in module.scopes.scope_of
        and any(binding.node is parameter for binding in module.scopes.bindings(given))
    )
