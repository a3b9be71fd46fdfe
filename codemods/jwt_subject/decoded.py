"""Where the project reads the subject of its JWTs, and whether it takes it for a number."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Edit
from codemods.engine.inference.definitions import own_nodes
from codemods.jwt_subject.numbers import is_number, is_number_column

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_DECODERS = {"jwt.decode", "jwt.api_jwt.decode", "jose.jwt.decode"}


@dataclass(frozen=True, slots=True)
class Read:
    """One place that reads the subject: ``number`` where it is taken for an ``int``; ``edit`` makes it one again."""

    path: str
    line: int
    number: bool
    edit: Edit | None


def reads_of(project: Project) -> tuple[Read, ...]:
    """All places that read the subject of a decoded JWT, tests left out, without those inside ``int()`` and ``str()``."""
    found: list[Read] = []
    for path in project.containing(b"jwt", b"decode"):
        module = project.module(path) if not is_test(path) else None
        if module is not None:
            nodes: list[ast.Subscript | ast.Call] = [*module.nodes(ast.Subscript), *module.nodes(ast.Call)]
            found += [one for node in nodes if (one := _read(node, module, project)) is not None]
    return tuple(found)


def _read(node: ast.Subscript | ast.Call, module: Module, project: Project) -> Read | None:
    if isinstance(node, ast.Subscript):
        key, claims = node.slice, node.value
        if not isinstance(node.ctx, ast.Load):
            return None
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        key, claims = node.args[0], node.func.value
    else:
        return None
    if not isinstance(key, ast.Constant) or key.value != "sub" or not _is_decoded(claims, module, project):
        return None
    around = module.parents.get(node)
    if (
        isinstance(around, ast.Call)
        and isinstance(around.func, ast.Name)
        and around.func.id in {"int", "str"}
    ):
        return None
    number = _taken_for_number(node, module, project)
    return Read(module.path, node.lineno, number, _as_number(node, key, claims, module))


def _is_decoded(claims: ast.expr, module: Module, project: Project) -> bool:
    if isinstance(claims, ast.Call):
        called = project.types.of(claims.func, module)
        if called is None:
            return False
        if called.name in _DECODERS:
            return True
        definition = project.types.function_def(called) if called.kind == "function" else None
        return definition is not None and any(
            isinstance(each, ast.Return)
            and isinstance(each.value, (ast.Call, ast.Name))
            and _is_decoded(each.value, definition[0], project)
            for each in own_nodes(definition[1])
        )
    if isinstance(claims, ast.Name) and claims in module.scopes.scope_of:
        values = [each.value for each in module.scopes.bindings(claims) if each.value is not None]
        return any(isinstance(each, ast.Call) and _is_decoded(each, module, project) for each in values)
    return False


def _taken_for_number(node: ast.expr, module: Module, project: Project) -> bool:
    """Whether the value is declared to be an ``int``, compared with one, or given to a parameter that is one."""
    around = module.parents.get(node)
    if isinstance(around, ast.AnnAssign):
        declared = project.types.annotation(around.annotation, module)
        return declared is not None and declared.name == "builtins.int"
    if (
        isinstance(around, ast.Assign)
        and len(around.targets) == 1
        and isinstance(around.targets[0], ast.Name)
    ):
        scope = module.scopes.binder(around.targets[0])
        loads = module.scopes.loads(scope, around.targets[0].id) if scope is not None else []
        return any(_used_as_number(load, module, project) for load in loads)
    return _used_as_number(node, module, project)


def _used_as_number(node: ast.expr, module: Module, project: Project) -> bool:
    around = module.parents.get(node)
    if isinstance(around, ast.Return):
        function = module.function(around)
        returns = function.returns if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
        declared = project.types.annotation(returns, module) if returns is not None else None
        return declared is not None and declared.name == "builtins.int"
    if isinstance(around, ast.Compare) and len(around.ops) == 1:
        other = around.left if around.comparators[0] is node else around.comparators[0]
        if is_number(other, module, project):
            return True
        if isinstance(other, ast.Attribute):
            owner = project.types.of(other.value, module)
            if owner is not None and owner.kind == "class":
                return is_number_column(owner, other.attr, project)
    if (
        isinstance(around, ast.Call)
        and isinstance(around.func, ast.Name)
        and around.func.id == "isinstance"
        and len(around.args) == 2
        and around.args[0] is node
    ):
        return isinstance(around.args[1], ast.Name) and around.args[1].id == "int"
    if (
        isinstance(around, ast.Call)
        and node in around.args
        and isinstance(around.func, ast.Attribute)
        and around.func.attr == "get"
    ):
        model = project.types.of(around.args[0], module) if len(around.args) == 2 else None
        if model is not None and model.kind == "class":
            return is_number_column(model, "id", project)
    if isinstance(around, ast.keyword):
        call = module.parents.get(around)
        return isinstance(call, ast.Call) and _takes_number(call, around.arg, module, project)
    if isinstance(around, ast.Call) and node in around.args:
        return _takes_number(around, around.args.index(node), module, project)
    return False


def _takes_number(call: ast.Call, place: int | str | None, module: Module, project: Project) -> bool:
    """Whether the repository's own plain function that is called declares the parameter at ``place`` as an ``int``."""
    called = project.types.of(call.func, module)
    definition = (
        project.types.function_def(called) if called is not None and called.kind == "function" else None
    )
    if definition is None or any(isinstance(each, ast.Starred) for each in call.args):
        return False
    home, function = definition
    arguments = [*function.args.posonlyargs, *function.args.args]
    if isinstance(home.parents.get(function), ast.ClassDef) or function.decorator_list:
        return False
    if isinstance(place, int):
        parameter = arguments[place] if place < len(arguments) else None
    else:
        named = [*arguments, *function.args.kwonlyargs]
        parameter = next((each for each in named if each.arg == place), None)
    if parameter is None or parameter.annotation is None:
        return False
    declared = project.types.annotation(parameter.annotation, home)
    return declared is not None and declared.name == "builtins.int"


def _as_number(
    node: ast.Subscript | ast.Call, key: ast.Constant, claims: ast.expr, module: Module
) -> Edit | None:
    source = module.source
    start, end = source.span(node)
    if isinstance(node, ast.Subscript):
        return Edit(module.path, start, end, f"int({source.segment(node)})")
    if (
        isinstance(claims, ast.Name)
        and len(node.args) == 1
        and not isinstance(module.parents.get(node), (ast.BoolOp, ast.Compare))
    ):
        written = source.segment(key)
        return Edit(
            module.path, start, end, f"int({claims.id}[{written}]) if {written} in {claims.id} else None"
        )
    return None
