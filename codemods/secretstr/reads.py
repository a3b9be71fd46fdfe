"""Where a variable, an attribute, or what a function gives is read: in its own file and in others."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.names.index import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.inference.definitions import Function
    from codemods.engine.project import Module, Project


def reads_of(target: ast.expr, module: Module) -> Iterator[ast.expr]:
    """Every read in this file of the variable, or of ``self.attribute``, that ``target`` binds."""
    if isinstance(target, ast.Name):
        scope = module.scopes.binder(target)
        if scope is not None:
            yield from module.scopes.loads(scope, target.id)
            if scope.kind == "class":
                yield from _attribute_reads(target.id, module)
    elif (
        isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id in {"self", "cls"}
    ):
        yield from _attribute_reads(target.attr, module)
    elif isinstance(target, ast.Subscript) and isinstance(target.value, (ast.Name, ast.Attribute)):
        yield from reads_of_container(target.value, module)


def all_reads(target: ast.expr, module: Module, project: Project) -> Iterator[tuple[Module, ast.expr]]:
    """The reads of a variable in this file and in others."""
    yield from ((module, read) for read in reads_of(target, module))
    yield from reads_elsewhere(target, module, project)


def _attribute_reads(name: str, module: Module) -> Iterator[ast.expr]:
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Load)
            and node.attr == name
            and isinstance(node.value, ast.Name)
            and node.value.id in {"self", "cls"}
        ):
            yield node


def reads_elsewhere(target: ast.expr, module: Module, project: Project) -> Iterator[tuple[Module, ast.expr]]:
    """The reads in other files of a name that ``target`` binds at this module's top level."""
    if not isinstance(target, ast.Name) or module.scopes.binder(target) is not module.scopes.module:
        return
    name = target.id
    for path in project.containing(name.encode()):
        other = project.module(path) if path != module.path else None
        if other is None:
            continue
        for local, bindings in other.scopes.module.bindings.items():
            if any(isinstance(each.node, ast.alias) and each.node.name == name for each in bindings):
                answer = project.index.attribute(path, [local], project.layout.name(path))
                if isinstance(answer, Found) and (answer.path, answer.name) == (module.path, name):
                    yield from ((other, read) for read in other.scopes.loads(other.scopes.module, local))
        for node in ast.walk(other.tree):
            if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Load):
                owner = project.types.of(node.value, other)
                if owner is not None and (owner.kind, owner.path) == ("module", module.path):
                    yield other, node


def reads_of_container(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """The reads of the dictionary that ``node[...] = value`` changes, other than to change it."""
    for read in reads_of(node, module):
        parent = module.parents.get(read)
        if not (isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store)):
            yield read


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
