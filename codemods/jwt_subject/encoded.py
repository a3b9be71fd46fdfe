"""Which dictionaries become the claims of a JWT, also through the project's own functions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import own_nodes

if TYPE_CHECKING:
    from codemods.engine.inference.definitions import Function
    from codemods.engine.project import Module, Project

PYJWT = {"jwt.encode", "jwt.api_jwt.encode"}
JOSE = {"jose.jwt.encode"}
_CLAIMS = {"payload", "claims"}
_DEEPEST = 2


def encoder_of(node: ast.expr, module: Module, project: Project) -> str | None:
    """Which encoder takes an expression as its claims: its qualified name; None where none is proven to."""
    around = module.parents.get(node)
    if isinstance(around, ast.Call):
        return taken_by(around, node, module, project)
    if isinstance(around, ast.keyword):
        call = module.parents.get(around)
        return taken_by(call, node, module, project) if isinstance(call, ast.Call) else None
    if isinstance(around, (ast.Assign, ast.AnnAssign)):
        targets = around.targets if isinstance(around, ast.Assign) else [around.target]
        if len(targets) == 1 and isinstance(targets[0], ast.Name):
            return encoder_of_name(targets[0], module, project)
    return None


def encoder_of_name(name: ast.Name, module: Module, project: Project) -> str | None:
    """Which encoder takes a variable as its claims, in the function that binds it; through copies, too."""
    scope = module.scopes.binder(name)
    if scope is None or scope.kind == "class":
        return None
    for load in module.scopes.loads(scope, name.id):
        found = _load_taken(load, module, project, 0)
        if found is not None:
            return found
    return None


def _load_taken(load: ast.Name, module: Module, project: Project, depth: int) -> str | None:
    around = module.parents.get(load)
    if isinstance(around, ast.keyword):
        around = module.parents.get(around)
    if isinstance(around, ast.Call) and load is not around.func:
        if isinstance(around.func, ast.Name) and around.func.id == "dict":
            return _copied(around, module, project, depth)
        return taken_by(around, load, module, project, depth)
    if isinstance(around, ast.Attribute) and around.attr == "copy":
        call = module.parents.get(around)
        return _copied(call, module, project, depth) if isinstance(call, ast.Call) else None
    if isinstance(around, ast.Dict):
        place = around.values.index(load) if load in around.values else -1
        if place >= 0 and around.keys[place] is None:
            return encoder_of(around, module, project) if depth <= _DEEPEST else None
    return None


def _copied(call: ast.Call, module: Module, project: Project, depth: int) -> str | None:
    around = module.parents.get(call)
    if (
        isinstance(around, ast.Assign)
        and len(around.targets) == 1
        and isinstance(around.targets[0], ast.Name)
    ):
        return encoder_of_name(around.targets[0], module, project) if depth <= _DEEPEST else None
    return None


def taken_by(call: ast.Call, given: ast.expr, module: Module, project: Project, depth: int = 0) -> str | None:
    """Which encoder gets ``given`` as its claims from this call: an encoder itself, or a function that hands it on."""
    called = project.types.of(call.func, module)
    if called is None:
        return None
    if called.name in PYJWT | JOSE and called.kind == "external":
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        claims = call.args[0] if call.args else next((named[name] for name in _CLAIMS if name in named), None)
        return called.name if claims is given else None
    if called.kind != "function" or depth > _DEEPEST:
        return None
    definition = project.types.function_def(called)
    if definition is None:
        return None
    home, function = definition
    parameter = _parameter(call, given, function, bound=isinstance(home.parents.get(function), ast.ClassDef))
    if parameter is None:
        return None
    for node in own_nodes(function):
        if isinstance(node, ast.Name) and node.id == parameter and isinstance(node.ctx, ast.Load):
            found = _load_taken(node, home, project, depth + 1)
            if found is not None:
                return found
    return None


def _parameter(call: ast.Call, given: ast.expr, function: Function, *, bound: bool) -> str | None:
    for keyword in call.keywords:
        if keyword.value is given:
            return keyword.arg
    if given not in call.args or any(isinstance(each, ast.Starred) for each in call.args):
        return None
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    if bound and not any(ast.unparse(mark) == "staticmethod" for mark in function.decorator_list):
        names = names[1:]
    place = call.args.index(given)
    return names[place] if place < len(names) else None
