"""Classes of the repository: where they are defined, what they inherit, and the types of their attributes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import Function, find_inside, self_stores
from codemods.engine.inference.type_model import Type, join
from codemods.engine.names.facts import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.inference.types import Types
    from codemods.engine.project import Module

_MOST_BASES = 24
_GETTERS = {"property", "cached_property", "setter", "getter", "deleter", "computed_field", "hybrid_property"}


class Classes:
    """Looks classes up; asks ``types`` for the types of what they hold."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.project = types.project

    def definition(self, found: Type) -> tuple[Module, ast.ClassDef] | None:
        """The class statement of one of the repository's own types."""
        if not found.path or found.kind not in {"instance", "class"}:
            return None
        module = self.project.module(found.path)
        if module is None:
            return None
        own = found.name
        layout = self.project.layout
        for prefix in (*layout.names(found.path), layout.name(found.path)):
            if own.startswith(f"{prefix}."):
                own = own[len(prefix) + 1 :]
                break
        node = find_inside(module.tree, own)
        return (module, node) if isinstance(node, ast.ClassDef) else None

    def ancestry(self, found: Type) -> Iterator[str]:
        """The type's own name and its base classes' names, as far as they are in sight, nearest first."""
        yield found.name
        for module, node in self.lineage(found):
            for base in node.bases:
                named = self.base(base, module)
                if named is not None:
                    yield named.name

    def lineage(self, found: Type) -> Iterator[tuple[Module, ast.ClassDef]]:
        """The statements of the class and of its bases in the repository, nearest first."""
        seen: set[tuple[str, str]] = set()
        todo = [found]
        while todo and len(seen) < _MOST_BASES:
            current = todo.pop(0)
            definition = self.definition(current)
            if definition is None or (current.path, current.name) in seen:
                continue
            seen.add((current.path, current.name))
            yield definition
            module, node = definition
            for base in node.bases:
                named = self.base(base, module)
                if named is not None and named.kind == "class":
                    todo.append(named)

    def base(self, base: ast.expr, module: Module) -> Type | None:
        """The class that an expression in a class statement's bases names; type arguments are left out."""
        return self.types.of(base.value if isinstance(base, ast.Subscript) else base, module)

    def method(self, found: Type, name: str) -> tuple[Module, Function] | None:
        """The ``def`` of a method, own or inherited."""
        for module, node in self.lineage(found):
            for part in node.body:
                if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) and part.name == name:
                    return module, part
        return None

    def member(self, found: Type, name: str) -> Type | None:
        """The type of attribute ``name``, own or inherited."""
        for module, node in self.lineage(found):
            answer = self._own(found, node, name, module)
            if answer is not None:
                return answer[0]
        return None

    def _own(self, found: Type, node: ast.ClassDef, name: str, module: Module) -> tuple[Type | None] | None:
        """The type of an attribute that this very class binds, in a 1-tuple; None if it doesn't bind it."""
        scope = module.scopes.own[node]
        values: list[Type | None] = []
        if scope.binds(name):
            binding = scope.bindings[name][-1]
            if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                return (self._method_or_property(binding.node, scope.bindings[name][0].node, module, found),)
            if _is_enum(node) and binding.annotation is None:
                return (Type(found.name, path=found.path, proof=f"a member at {module.path}:{node.lineno}"),)
            if binding.annotation is not None or not isinstance(binding.value, ast.Constant):
                return (self.types.bound(name, scope, module),)
            values.append(self.types.bound(name, scope, module))
        for store in self_stores(node).get(name, []):
            statement = module.statement(store)
            if isinstance(statement, ast.AnnAssign) and statement.target is store:
                return (self.types.annotation(statement.annotation, module),)
            if isinstance(statement, ast.Assign) and store in statement.targets:
                values.append(self.types.of(statement.value, module))
            else:
                values.append(_unpacked(statement, store, self.types, module))
        return (join(values),) if values else None

    def _method_or_property(self, last: Function, first: ast.AST, module: Module, found: Type) -> Type | None:
        marks = {(dotted(item) or "").rpartition(".")[2] for item in last.decorator_list}
        if not marks & _GETTERS:
            return Type(self.types.own_name(last, module), "function", path=module.path)
        getter = first if isinstance(first, (ast.FunctionDef, ast.AsyncFunctionDef)) else last
        return self.types.result(getter, module, found)


def _unpacked(statement: ast.stmt, store: ast.Attribute, types: Types, module: Module) -> Type | None:
    """``self.a, self.b = one, other``."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, (ast.Tuple, ast.List)):
        return None
    for target in statement.targets:
        if (
            isinstance(target, (ast.Tuple, ast.List))
            and store in target.elts
            and len(target.elts) == len(statement.value.elts)
            and not any(isinstance(item, ast.Starred) for item in (*target.elts, *statement.value.elts))
        ):
            return types.of(statement.value.elts[target.elts.index(store)], module)
    return None


def _is_enum(node: ast.ClassDef) -> bool:
    return any(
        (dotted(base) or "").rpartition(".")[2] in {"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"}
        for base in node.bases
    )
