"""The types that annotations name: ``Optional``, ``| None``, ``Annotated``, strings and aliases are seen through."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.engine.inference.type_model import NONE, Type, join
from codemods.engine.names.facts import dotted
from codemods.engine.names.index import Found

if TYPE_CHECKING:
    from codemods.engine.inference.types import Types
    from codemods.engine.names.scopes import Binding
    from codemods.engine.project import Module

_DEPTH = 12
_WRAPPERS = {"Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "InitVar", "Mapped"}
_NEW_TYPES = {"typing.NewType", "typing_extensions.NewType"}


class Annotations:
    """Reads annotations; asks ``types`` what the names in them mean."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.project = types.project
        self._depth = 0

    def read(self, node: ast.expr | None, module: Module) -> Type | None:
        """The type that an annotation names; None where it isn't one type."""
        if self._depth > _DEPTH:  # an alias that names itself, such as Json = dict[str, "Json"]
            return None
        self._depth += 1
        try:
            return self._read(node, module)
        finally:
            self._depth -= 1

    def _read(self, node: ast.expr | None, module: Module) -> Type | None:
        match node:
            case None:
                return None
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=str() as text):
                return self._text(text, node, module)
            case ast.BinOp(op=ast.BitOr()):
                return join([self.read(node.left, module), self.read(node.right, module)])
            case ast.Subscript():
                return self._generic(node, module)
            case ast.Name() | ast.Attribute():
                return self._named(node, module)
        return None

    def _text(self, text: str, node: ast.Constant, module: Module) -> Type | None:
        parsed = module.annotations.get(node)
        if parsed is None:
            parsed = _parsed(text, node, module)
            if parsed is None:
                return None
            module.annotations[node] = parsed
        return self.read(parsed, module)

    def _named(self, node: ast.Name | ast.Attribute, module: Module) -> Type | None:
        alias = self._alias(node, module)
        if alias is not None:
            home, value = alias
            return self.read(value, home)
        found = self.types.of(node, module)
        if found is not None and found.kind in {"class", "external"}:
            proof = f"annotated at {module.path}:{node.lineno}"
            return Type(found.name, path=found.path, proof=proof)
        return None

    def _alias(self, node: ast.Name | ast.Attribute, module: Module) -> tuple[Module, ast.expr] | None:
        """What an alias such as ``RedisDep = Annotated[Redis, ...]`` stands for, and where; None for other names."""
        where = self._definition(node, module)
        if where is None:
            return None
        home, binding = where
        value = binding.value
        if type(binding.node).__name__ == "TypeAlias":
            value = getattr(binding.node, "value", None)
        if isinstance(value, (ast.Subscript, ast.BinOp)):
            return home, value
        if (
            isinstance(value, ast.Call)
            and len(value.args) == 2
            and self.types.qualified(value.func, home) in _NEW_TYPES
        ):
            return home, value.args[1]
        declared = dotted(binding.annotation) or ""
        if declared.rpartition(".")[2] == "TypeAlias" and value is not None:
            return home, value
        return None

    def _definition(self, node: ast.Name | ast.Attribute, module: Module) -> tuple[Module, Binding] | None:
        """The one binding of a name, followed through ``from`` imports and modules."""
        if isinstance(node, ast.Attribute):
            base = self.types.of(node.value, module)
            if base is None or base.kind != "module" or not base.path:
                return None
            return self._in_module(base.path, node.attr)
        if node not in module.scopes.scope_of:
            return None
        bindings = module.scopes.bindings(node)
        if len(bindings) != 1:
            return None
        alias = bindings[0].node
        if not isinstance(alias, ast.alias):
            return module, bindings[0]
        statement = module.parents.get(alias)
        if not isinstance(statement, ast.ImportFrom):
            return None
        target = self.project.index.imported_file(module.path, statement.module, statement.level)
        return self._in_module(target, alias.name) if target else None

    def _in_module(self, path: str, name: str) -> tuple[Module, Binding] | None:
        answer = self.project.index.attribute(path, [name], self.project.layout.name(path))
        if not isinstance(answer, Found) or answer.kind != "value":
            return None
        home = self.project.module(answer.path)
        bound = home.scopes.module.bindings.get(answer.name, []) if home else []
        return (home, bound[0]) if home is not None and len(bound) == 1 else None

    def _generic(self, node: ast.Subscript, module: Module) -> Type | None:
        head = self.types.of(node.value, module)
        parts: list[ast.expr] = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        last = (head.name if head is not None else dotted(node.value) or "").rpartition(".")[2]
        if last == "Annotated":
            return self._annotated(parts, module)
        if last == "Optional":
            found = self.read(parts[0], module)
            return replace(found, optional=True) if found is not None else None
        if last == "Union":
            return join([self.read(part, module) for part in parts])
        if last in _WRAPPERS:
            return self.read(parts[0], module)
        if head is None:
            return None
        args = tuple(self.read(part, module) or Type("?") for part in parts)
        return Type(head.name, path=head.path, args=args, proof=f"annotated at {module.path}:{node.lineno}")

    def _annotated(self, parts: list[ast.expr], module: Module) -> Type | None:
        found = self.read(parts[0], module)
        if found is not None:
            return found
        for part in parts[1:]:
            if (
                isinstance(part, ast.Call)
                and (dotted(part.func) or "").rpartition(".")[2] in {"Depends", "Security"}
                and part.args
            ):
                return self.types.provided(part.args[0], module)
        return None


def _parsed(text: str, node: ast.Constant, module: Module) -> ast.expr | None:
    """A quoted annotation as an expression whose names are looked up where the quotes stand."""
    try:
        parsed = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    scopes = module.scopes
    scope = scopes.module
    for around in module.ancestors(node):
        own = scopes.own.get(around)
        if own is not None and own.kind in {"class", "module"}:
            scope = own
            break
    for part in ast.walk(parsed):
        if isinstance(part, (ast.expr, ast.stmt)):
            ast.copy_location(part, node)
        if isinstance(part, ast.Name):
            scopes.scope_of[part] = scope
        for each in ast.iter_child_nodes(part):
            module.parents[each] = part
    return parsed
