"""The types of expressions, where declarations and assignments prove them; never from a name alone."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from codemods.engine.inference.annotations import Annotations
from codemods.engine.inference.callables import Callables
from codemods.engine.inference.classes import Classes
from codemods.engine.inference.containers import MAPPING_METHODS, indexed, item_of, part_of, taken
from codemods.engine.inference.definitions import Function, fixture_name
from codemods.engine.inference.type_model import NONE, Type, awaited, join
from codemods.engine.names.index import Found, Outside
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.names.scopes import Binding, Scope
    from codemods.engine.project import Module, Project

__all__ = ["Function", "Type", "Types"]

_DEEPEST = 96
_MADE_BY_BUILTIN = {"str", "bytes", "int", "float", "bool", "list", "dict", "set"}
_SAME_TYPE = {
    "capitalize", "casefold", "center", "expandtabs", "format", "join", "ljust", "lower", "lstrip", "removeprefix",
    "removesuffix", "replace", "rjust", "rstrip", "strip", "swapcase", "title", "translate", "upper", "zfill",
}  # fmt: skip
_RESULTS = {
    **{f"builtins.{text}.{method}": f"builtins.{text}" for text in ("str", "bytes") for method in _SAME_TYPE},
    "builtins.str.encode": "builtins.bytes",
    "builtins.bytes.decode": "builtins.str",
    "builtins.bytes.hex": "builtins.str",
    "pydantic.SecretStr.get_secret_value": "builtins.str",
    "pydantic.SecretBytes.get_secret_value": "builtins.bytes",
}


@dataclass
class Kept:
    """What is remembered of one parsed module; it goes when the module's tree goes."""

    types: dict[ast.expr, Type | None] = field(default_factory=dict)
    by_fixture: dict[str, Function] | None = None

    def fixtures(self, module: Module) -> dict[str, Function]:
        """The pytest fixtures that the module defines, by name; the first of equal names."""
        if self.by_fixture is None:
            self.by_fixture = {}
            for node in walk(module.tree) if b"fixture" in module.source.data else ():
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    name = fixture_name(node)
                    if name is not None:
                        self.by_fixture.setdefault(name, node)
        return self.by_fixture


class Types:
    """Inference over the whole repository, on demand. Silence (None) wherever two answers are possible.

    An expression that is asked about while it is being worked out (``r = r or Redis()``) counts as unknown there.
    Answers that rest on such a cut are not remembered past the question, so that no answer depends on what was
    asked before.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.annotations = Annotations(self)
        self.callables = Callables(self)
        self.classes = Classes(self)
        self._kept: WeakKeyDictionary[Module, Kept] = WeakKeyDictionary()
        self._trace: object = None
        self._active: dict[ast.expr, int] = {}
        self._cut: float = math.inf
        self._passing: dict[ast.expr, tuple[Type | None, float]] = {}

    # --- questions

    def of(self, node: ast.expr, module: Module) -> Type | None:
        """The type of an expression in ``module``; None where it isn't proven."""
        known = self.kept(module).types
        if node in known:
            return known[node]
        if node in self._passing:
            answer, cut = self._passing[node]
            self._cut = min(self._cut, cut)
            return answer
        depth = len(self._active)
        if node in self._active or depth > _DEEPEST:
            self._cut = min(self._cut, self._active.get(node, 0))
            return None
        outer, self._cut = self._cut, math.inf
        passing = len(self._passing)
        self._active[node] = depth
        try:
            found = self._of(node, module)
        finally:
            del self._active[node]
        if self._cut >= depth:
            while len(self._passing) > passing:
                self._passing.popitem()
            known[node] = found
            self._cut = outer
        else:
            self._passing[node] = (found, self._cut)
            self._cut = min(self._cut, outer)
        return found

    def kept(self, module: Module) -> Kept:
        """What is remembered of a module, for as long as one recording of the project's answers lasts."""
        if self.project.trace is not self._trace:
            self._kept.clear()
            self._trace = self.project.trace
        kept = self._kept.get(module)
        if kept is None:
            kept = self._kept[module] = Kept()
        return kept

    def qualified(self, node: ast.expr, module: Module) -> str | None:
        """The full dotted name of what a name or attribute means (``openai.OpenAI``), through imports and aliases.

        For the repository's own things it is module plus qualified name. None where it can't be told.
        """
        found = self.of(node, module)
        return (
            found.name
            if found is not None and found.kind in {"external", "class", "function", "module"}
            else None
        )

    def ancestry(self, found: Type) -> Iterator[str]:
        """The type's own name and its base classes' names, as far as they are in sight, nearest first."""
        return self.classes.ancestry(found)

    def class_def(self, found: Type) -> tuple[Module, ast.ClassDef] | None:
        """The class statement of one of the repository's own types."""
        return self.classes.definition(found)

    def member(self, found: Type, name: str) -> Type | None:
        """The type of attribute ``name`` of an instance or class of the repository's own; bases are followed."""
        return self.classes.member(found, name)

    def function_def(self, found: Type) -> tuple[Module, Function] | None:
        """The ``def`` of one of the repository's own functions or methods."""
        return self.callables.definition(found)

    def returned(self, found: Type) -> Type | None:
        """What calling one of the repository's own functions gives (a coroutine for ``async def``)."""
        definition = self.function_def(found)
        return self.result(definition[1], definition[0]) if definition else None

    def result(self, function: Function, module: Module, own: Type | None = None) -> Type | None:
        """What calling ``function`` gives: its annotation, else what all its returns (or yields) agree on."""
        return self.callables.result(function, module, own)

    def provided(self, dependency: ast.expr, module: Module) -> Type | None:
        """What FastAPI injects for ``Depends(dependency)``: a function's result, or an instance of a class."""
        return self.callables.provided(dependency, module)

    def fixture(self, name: str, module: Module, asking: Function | None = None) -> Type | None:
        """What the pytest fixture ``name`` gives, as seen from ``module``: its own, then each ``conftest.py`` above."""
        return self.callables.fixture(name, module, asking)

    def annotation(self, node: ast.expr | None, module: Module) -> Type | None:
        """The type that an annotation names: ``Optional``, ``| None``, ``Annotated``, strings and aliases are seen through."""
        return self.annotations.read(node, module)

    def bound(self, name: str, scope: Scope, module: Module) -> Type | None:
        """The type of ``name`` as ``scope`` binds it: all its bindings must agree."""
        bindings = scope.bindings.get(name, [])
        declared: Type | None = None
        found: list[Type | None] = []
        for binding in bindings:
            if binding.annotation is not None and binding.kind != "parameter":
                stated = self.annotation(binding.annotation, module)
                if declared is None or stated is None:
                    declared = stated
                if stated is None or stated.name.rpartition(".")[2] != "TypeAlias":
                    found.append(stated)
                    continue
            if binding.kind not in {"delete", "annotation"}:
                found.append(self._binding(binding, scope, module))
        if declared is not None and declared.last != "TypeAlias":
            # What a declared name is bound to besides may be unknown, but not proven to be something else.
            found = [one for one in found if one is not None]
        return join(found)

    def own_name(self, node: Function | ast.ClassDef, module: Module) -> str:
        """The qualified name of a definition, with its module's name in front."""
        around = [
            parent.name
            for parent in module.ancestors(node)
            if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        ]
        return ".".join([self.project.layout.name(module.path), *reversed(around), node.name])

    # --- expressions

    def _of(self, node: ast.expr, module: Module) -> Type | None:
        match node:
            case ast.Constant(value=value):
                return NONE if value is None else Type(f"builtins.{type(value).__name__}", proof="a literal")
            case ast.JoinedStr():
                return Type("builtins.str", proof="an f-string")
            case ast.List() | ast.ListComp():
                return Type("builtins.list")
            case ast.Dict() | ast.DictComp():
                return Type("builtins.dict")
            case ast.Name():
                return self._name(node, module)
            case ast.Attribute():
                base = self.of(node.value, module)
                return self._attribute(base, node.attr) if base is not None else None
            case ast.Call():
                return self._call(node, module)
            case ast.Await():
                return awaited(self.of(node.value, module))
            case ast.NamedExpr():
                return self.of(node.value, module)
            case ast.IfExp():
                return join([self.of(node.body, module), self.of(node.orelse, module)])
            case ast.BoolOp(op=ast.Or()):
                parts = [self.of(value, module) for value in node.values]
                joined = join(parts)
                last = parts[-1]
                if joined is not None and last is not None and last.kind != "none" and not last.optional:
                    return replace(joined, optional=False)
                return joined
            case ast.BinOp(op=ast.Add() | ast.Mod()):
                left = self.of(node.left, module)
                return left if left is not None and left.name in {"builtins.str", "builtins.bytes"} else None
            case ast.Subscript():
                return self._subscript(node, module)
        return None

    def _name(self, node: ast.Name, module: Module) -> Type | None:
        scopes = module.scopes
        if node not in scopes.scope_of:
            return None
        scope = scopes.binder(node)
        if scope is None:
            return self._starred(node.id, module) or Type(f"builtins.{node.id}", "external")
        return self.bound(node.id, scope, module)

    def _starred(self, name: str, module: Module) -> Type | None:
        if not module.scopes.module.binds("*"):
            return None
        answer = self.project.index.attribute(module.path, [name], self.project.layout.name(module.path))
        return self._answered(answer) if isinstance(answer, (Found, Outside)) else None

    def _binding(self, binding: Binding, scope: Scope, module: Module) -> Type | None:
        node = binding.node
        if isinstance(node, ast.alias):
            return self._imported(node, module)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return Type(self.own_name(node, module), "function", path=module.path)
        if isinstance(node, ast.ClassDef):
            return Type(self.own_name(node, module), "class", path=module.path)
        if isinstance(node, ast.arg):
            return self.callables.parameter(node, scope, module)
        if binding.kind == "with" and binding.value is not None:
            return self.callables.entered(binding.value, module, is_async=isinstance(node, ast.AsyncWith))
        if binding.kind in {"assign", "walrus"} and binding.value is not None:
            found = self.of(binding.value, module)
            if found is not None and found.kind == "instance":
                line = getattr(node, "lineno", 0)
                return replace(found, proof=found.proof or f"assigned at {module.path}:{line}")
            return found
        if isinstance(node, (ast.For, ast.AsyncFor)):
            return part_of(binding.name, node.target, item_of(self.of(node.iter, module)))
        for part in getattr(node, "generators", ()):
            found = part_of(binding.name, part.target, item_of(self.of(part.iter, module)))
            if found is not None:
                return found
        return None

    def _imported(self, alias: ast.alias, module: Module) -> Type | None:
        statement = module.parents[alias]
        if isinstance(statement, ast.Import):
            name = alias.name if alias.asname else alias.name.partition(".")[0]
            answer = self.project.index.resolve(name, module.path)
        elif isinstance(statement, ast.ImportFrom):
            if statement.level:
                target = self.project.index.imported_file(module.path, statement.module, statement.level)
                if target is None:
                    target = self.project.index.imported_file(
                        module.path, ".".join(filter(None, [statement.module, alias.name])), statement.level
                    )
                    return Type(self.project.layout.name(target), "module", path=target) if target else None
                answer = self.project.index.attribute(target, [alias.name], self.project.layout.name(target))
            else:
                answer = self.project.index.resolve(f"{statement.module}.{alias.name}", module.path)
        else:
            return None
        return self._answered(answer) if isinstance(answer, (Found, Outside)) else None

    def _answered(self, answer: Found | Outside) -> Type | None:
        if isinstance(answer, Outside):
            return Type(answer.name, "external")
        home = self.project.layout.name(answer.path) if answer.kind != "folder" else ""
        match answer.kind:
            case "module":
                return Type(home, "module", path=answer.path)
            case "folder":
                return Type(answer.name, "module")
            case "class":
                return Type(f"{home}.{answer.name}", "class", path=answer.path)
            case "function":
                return Type(f"{home}.{answer.name}", "function", path=answer.path)
            case "value":
                other = self.project.module(answer.path)
                return self.bound(answer.name, other.scopes.module, other) if other is not None else None
        return None

    def _attribute(self, base: Type, name: str) -> Type | None:
        if base.kind == "module":
            answer = (
                self.project.index.attribute(base.path, [name], base.name)
                if base.path
                else self.project.index.resolve(f"{base.name}.{name}")
            )
            return self._answered(answer) if isinstance(answer, (Found, Outside)) else None
        if base.kind == "external" or (base.kind == "instance" and not base.path):
            return Type(f"{base.name}.{name}", base.kind, proof=base.proof)
        if base.kind in {"instance", "class"}:
            return self.member(base, name)
        return None

    def _call(self, node: ast.Call, module: Module) -> Type | None:
        if isinstance(node.func, ast.Attribute) and node.func.attr in MAPPING_METHODS:
            from_mapping = taken(self.of(node.func.value, module), node.func.attr, len(node.args))
            if from_mapping is not None:
                return from_mapping
        called = self.of(node.func, module)
        if called is None:
            return None
        proof = f"built at {module.path}:{node.lineno}"
        if called.kind == "class":
            return Type(called.name, path=called.path, proof=proof)
        if called.kind == "function":
            return self.returned(called)
        if called.kind not in {"external", "instance"} or called.path:
            return None
        if called.name in {"typing.cast", "typing_extensions.cast"} and len(node.args) == 2:
            return self.annotation(node.args[0], module)
        if (
            called.name in {"fastapi.Depends", "fastapi.Security", "fastapi.param_functions.Depends"}
            and node.args
        ):
            return self.provided(node.args[0], module)
        if called.kind == "external" and called.name.startswith("builtins."):
            return Type(called.name) if called.last in _MADE_BY_BUILTIN else None
        if called.kind == "external" and called.last[:1].isupper():
            return Type(called.name, proof=proof)
        return Type(_RESULTS.get(called.name, f"{called.name}()"), proof=proof)

    def _subscript(self, node: ast.Subscript, module: Module) -> Type | None:
        base = self.of(node.value, module)
        if base is None:
            return None
        if isinstance(node.slice, ast.Slice):
            return base if base.name in {"builtins.str", "builtins.bytes", "builtins.list"} else None
        if base.kind == "class" or (base.kind == "external" and base.last[:1].isupper()):
            return base
        if base.name == "builtins.str":
            return base
        return indexed(base)
