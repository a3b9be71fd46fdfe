"""What may read a text once it is stored or handed over: later reads, parameters, fields, functions that show."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.secretstr import display
from codemods.secretstr.reads import all_reads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.names.scopes import Scope
    from codemods.engine.project import Module, Project

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_RUNNING = {
    "to_thread", "submit", "run_in_executor", "add_task", "map", "partial", "call_soon", "call_later", "Thread", "Timer",
    "call_soon_threadsafe", "apply", "apply_async", "create_task", "run_sync", "partialmethod", "starmap", "reduce",
}  # fmt: skip


def reads_after(
    target: ast.expr, where: ast.AST | None, module: Module, project: Project
) -> Iterator[tuple[Module, ast.expr]]:
    """The reads that may see what ``where`` puts into ``target`` (None: all of them)."""
    if isinstance(target, ast.Subscript):
        yield from reads_after(target.value, where, module, project)
    elif isinstance(target, ast.Attribute):
        yield from _attribute_reads(target, module, project)
    elif isinstance(target, ast.Name):
        local = module.scopes.binder(target)
        for other, read in all_reads(target, module, project):
            if (
                other is not module
                or local is None
                or local is module.scopes.module
                or where is None
                or (not _before(read, where, module) and not _bound_anew(target.id, where, read, module))
            ):
                yield other, read
        function = module.function(target)
        for part in ast.walk(function) if function is not None else ():
            if isinstance(part, ast.Call) and dotted(part.func) in {"locals", "vars"} and not part.args:
                yield module, part


def _attribute_reads(
    target: ast.Attribute, module: Module, project: Project
) -> Iterator[tuple[Module, ast.expr]]:
    """Reads of an attribute of the repository's own class, or of the very same expression in the same function."""
    owner = project.types.of(target.value, module)
    holders = {id(node) for _, node in project.types.classes.lineage(owner)} if owner is not None else set()
    written = ast.unparse(target)
    function = module.function(target)
    for path in project.containing(target.attr.encode()):
        other = project.module(path)
        for node in ast.walk(other.tree) if other is not None else ():
            if other is None or not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
                continue
            if node.attr != target.attr or node is target:
                continue
            if other is module and ast.unparse(node) == written and other.function(node) is function:
                yield other, node
            elif holders:
                found = project.types.of(node.value, other)
                lineage = project.types.classes.lineage(found) if found is not None else ()
                if any(id(each) in holders for _, each in lineage):
                    yield other, node


def _before(read: ast.expr, where: ast.AST, module: Module) -> bool:
    """Whether a read has happened when ``where`` stores: above it in the same function, in no loop around both."""
    if module.function(read) is not module.function(where):
        return False
    if (read.lineno, read.col_offset) > (getattr(where, "lineno", 0), getattr(where, "col_offset", 0)):
        return False
    around = set(module.ancestors(where))
    return not any(isinstance(each, _LOOPS) and each in around for each in module.ancestors(read))


def _bound_anew(name: str, where: ast.AST, read: ast.expr, module: Module) -> bool:
    """Whether the same block gives the variable another value between the store and the read."""
    if not isinstance(where, (ast.Assign, ast.AnnAssign)) or module.function(read) is not module.function(
        where
    ):
        return False
    parent = module.parents[where]
    for _, block in ast.iter_fields(parent):
        if isinstance(block, list) and where in block:
            for statement in block[block.index(where) + 1 :]:
                if (
                    isinstance(statement, ast.Assign)
                    and (statement.end_lineno or statement.lineno) < read.lineno
                    and any(isinstance(each, ast.Name) and each.id == name for each in statement.targets)
                    and not any(isinstance(each, _LOOPS) for each in module.ancestors(where))
                ):
                    return True
    return False


def parameter_of(
    call: ast.Call, place: str | int | None, module: Module, project: Project
) -> tuple[Module, Scope, str] | None:
    """The parameter of the repository's own function that ``call`` fills at ``place``: its file, scope and name."""
    known = project.types.of(call.func, module)
    if known is None or not known.path:
        return None
    if known.kind == "function":
        definition = project.types.function_def(known)
    elif known.kind == "class":
        definition = project.types.classes.method(known, "__init__")
    else:
        definition = project.types.classes.method(known, "__call__")
    if definition is None:
        return None
    home, function = definition
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    static = any(ast.unparse(mark) == "staticmethod" for mark in function.decorator_list)
    bound = isinstance(call.func, ast.Attribute) or known.kind != "function"
    if isinstance(home.parents.get(function), ast.ClassDef) and bound and not static:
        positional = positional[1:]
    name: str | None = None
    if isinstance(place, int):
        rest = arguments.vararg
        name = positional[place].arg if place < len(positional) else rest.arg if rest is not None else None
    elif isinstance(place, str):
        known_names = {each.arg for each in (*positional, *arguments.kwonlyargs)}
        rest = arguments.kwarg
        name = place if place in known_names else rest.arg if rest is not None else None
    else:
        rest = arguments.kwarg or arguments.vararg
        name = rest.arg if rest is not None else None
    return (home, home.scopes.own[function], name) if name is not None else None


def decorator_that_shows(function: ast.AST, module: Module, project: Project) -> tuple[str, int] | None:
    """Where one of the repository's decorators shows the arguments of the functions that it wraps."""
    for mark in getattr(function, "decorator_list", ()):
        known = project.types.of(mark.func if isinstance(mark, ast.Call) else mark, module)
        definition = project.types.function_def(known) if known is not None and known.path else None
        for part in ast.walk(definition[1]) if definition is not None else ():
            if definition is None or not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            given = {each.arg for each in (part.args.vararg, part.args.kwarg) if each is not None}
            for call in ast.walk(part):
                if not isinstance(call, ast.Call) or not display.shows(call):
                    continue
                if any(isinstance(each, ast.Name) and each.id in given for each in ast.walk(call)):
                    return definition[0].path, call.lineno
    return None


def field_of(
    call: ast.Call, place: str | int | None, module: Module, project: Project
) -> tuple[Module, str, ast.expr] | None:
    """The field of the repository's own data class or model that ``call`` fills: its file, name and annotation."""
    known = project.types.of(call.func, module)
    if known is None or not known.path or known.kind != "class":
        return None
    for home, node in project.types.classes.lineage(known):
        fields = [
            (home, part.target.id, part.annotation)
            for part in node.body
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
        ]
        if isinstance(place, int) and place < len(fields):
            return fields[place]
        found = next((each for each in fields if each[1] == place), None)
        if found is not None:
            return found
    return None


def shows_by_function(call: ast.Call, module: Module, project: Project) -> bool:
    """Whether what is called, or what the call runs, shows its arguments under another name or by a detour."""
    if _is_showing(call.func, module, project):
        return True
    last = call.func.attr if isinstance(call.func, ast.Attribute) else dotted(call.func) or ""
    if last in _RUNNING:
        given = [*call.args, *(each.value for each in call.keywords if each.arg in {"target", "function"})]
        return any(_is_showing(each, module, project, named=True) for each in given)
    known = project.types.of(call.func, module)
    if known is not None and known.path and known.kind == "class":
        bases = project.types.ancestry(known)
        return any(base.rpartition(".")[2].endswith(("Exception", "Error", "Warning")) for base in bases)
    return False


def _is_showing(
    func: ast.expr, module: Module, project: Project, *, named: bool = False, depth: int = 0
) -> bool:
    match func:
        case ast.IfExp(body=body, orelse=orelse):
            return any(_is_showing(each, module, project, named=True) for each in (body, orelse))
        case ast.BoolOp(values=values):
            return any(_is_showing(each, module, project, named=True) for each in values)
        case ast.Call(func=ast.Name(id="getattr"), args=[of, *_]):
            return display.is_logger(dotted(of) or "")
        case ast.Call(func=inner, args=args) if (dotted(inner) or "").rpartition(".")[2] == "partial":
            return bool(args) and _is_showing(args[0], module, project, named=True)
        case ast.Subscript(value=ast.Dict(values=values)):
            return any(_is_showing(each, module, project, named=True) for each in values)
        case ast.Name() | ast.Attribute():
            name = project.types.qualified(func, module) or ""
            if display.is_showing(name):
                return True
            if named and display.shows(ast.Call(func=func, args=[], keywords=[])):
                return isinstance(func, ast.Attribute) or func.id in {"print", "pprint", "repr"}
            if isinstance(func, ast.Name) and depth < 3:
                values = [each.value for each in module.scopes.bindings(func) if each.value is not None]
                return any(_is_showing(each, module, project, named=True, depth=depth + 1) for each in values)
    return False
