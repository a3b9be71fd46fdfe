"""Which scope binds which name inside one module: assignments, imports, parameters, and who reads them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from codemods.engine.names.traverse import CHILD_FIELDS, children

type_kinds = Literal["module", "class", "function", "lambda", "comprehension"]
Kind = Literal[
    "assign", "import", "function", "class", "parameter", "for", "with", "except", "walrus", "augmented",
    "delete", "match", "comprehension", "annotation", "unpacked",
]  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Binding:
    """One place that binds a name.

    ``node`` is the statement, alias, argument or name that binds; ``value`` the expression it is bound to,
    where there is exactly one (not for unpacking, ``for``, ``except``); ``annotation`` as written.
    """

    name: str
    kind: Kind
    node: ast.AST
    value: ast.expr | None = None
    annotation: ast.expr | None = None


@dataclass(eq=False)
class Scope:
    """A namespace: the module, a class body, a function, lambda or comprehension."""

    kind: type_kinds
    node: ast.AST
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    global_names: set[str] = field(default_factory=set)
    nonlocal_names: set[str] = field(default_factory=set)
    loads: dict[str, list[ast.Name]] = field(default_factory=dict)

    def binds(self, name: str) -> bool:
        """Whether the name is bound in this very scope."""
        return name in self.bindings


class Scopes:
    """The scopes of one module.

    ``scope_of[node]`` gives the scope in which a ``Name`` or a scope-making node is evaluated.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.module = Scope("module", tree, None)
        self.all: list[Scope] = [self.module]
        self.own: dict[ast.AST, Scope] = {tree: self.module}
        self.scope_of: dict[ast.AST, Scope] = {}
        self._here = self.module
        for statement in tree.body:
            self.visit(statement)

    # --- questions

    def lookup(self, name: str, scope: Scope) -> Scope | None:
        """The scope that binds ``name`` as seen from ``scope``; None for builtins and undefined names."""
        current: Scope | None = scope
        first = True
        while current is not None:
            if name in current.global_names:
                return self.module if self.module.binds(name) else None
            if (
                (first or current.kind != "class")
                and current.binds(name)
                and name not in current.nonlocal_names
            ):
                return current
            first = False
            current = current.parent
        return None

    def binder(self, node: ast.Name) -> Scope | None:
        """The scope that binds what this name reads or writes."""
        return self.lookup(node.id, self.scope_of[node])

    def bindings(self, node: ast.Name) -> list[Binding]:
        """All the places that bind what this name reads; empty for builtins and undefined names."""
        scope = self.binder(node)
        return scope.bindings[node.id] if scope else []

    def loads(self, scope: Scope, name: str) -> list[ast.Name]:
        """Every read of ``name`` that means ``scope``'s binding, in source order."""
        found = [
            node
            for other in self.all
            for node in other.loads.get(name, ())
            if self.lookup(name, other) is scope
        ]
        return sorted(found, key=lambda node: (node.lineno, node.col_offset))

    # --- building

    def _bind(self, name: str, kind: Kind, node: ast.AST, value: ast.expr | None = None, annotation: ast.expr | None = None) -> None:  # fmt: skip
        scope = self._here
        if kind == "walrus":
            while scope.kind == "comprehension" and scope.parent is not None:
                scope = scope.parent
        if name in scope.global_names:
            scope = self.module
        elif name in scope.nonlocal_names:
            outer = scope.parent
            while outer is not None and not (outer.kind == "function" and outer.binds(name)):
                outer = outer.parent
            scope = outer or scope
        scope.bindings.setdefault(name, []).append(Binding(name, kind, node, value, annotation))

    def _target(self, target: ast.expr, kind: Kind, node: ast.AST, value: ast.expr | None = None) -> None:
        if isinstance(target, ast.Name):
            self.scope_of[target] = self._here
            self._bind(target.id, kind, node, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            pairs = (
                zip(target.elts, value.elts, strict=True)
                if isinstance(value, (ast.Tuple, ast.List))
                and len(value.elts) == len(target.elts)
                and not any(isinstance(item, ast.Starred) for item in (*target.elts, *value.elts))
                else None
            )
            if pairs is not None:
                for item, part in pairs:
                    self._target(item, kind, node, part)
            else:
                for item in target.elts:
                    self._target(item, "unpacked" if kind == "assign" else kind, node)
        elif isinstance(target, ast.Starred):
            self._target(target.value, "unpacked", node)
        else:
            self.visit(target)

    def _inside(self, kind: type_kinds, node: ast.AST) -> Scope:
        scope = Scope(kind, node, self._here)
        self.all.append(scope)
        self.own[node] = scope
        self.scope_of[node] = self._here
        return scope

    def visit(self, node: ast.AST) -> None:
        """Notes what a node and all below it bind and read."""
        visitor = _VISITORS.get(node.__class__)
        if visitor is not None:
            visitor(self, node)
        else:
            self._below(node)

    def _below(self, node: ast.AST) -> None:
        for child in children(node):
            self.visit(child)

    def visit_Name(self, node: ast.Name) -> None:
        """A name that is read, or the target of a ``del``."""
        self.scope_of[node] = self._here
        if isinstance(node.ctx, ast.Load):
            self._here.loads.setdefault(node.id, []).append(node)
        elif isinstance(node.ctx, ast.Del):
            self._bind(node.id, "delete", node)
        else:
            self._bind(node.id, "assign", node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """``a = b = value``."""
        self.visit(node.value)
        for target in node.targets:
            self._target(target, "assign", node, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """``a: T`` and ``a: T = value``."""
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self.scope_of[node.target] = self._here
            kind: Kind = "assign" if node.value is not None else "annotation"
            self._bind(node.target.id, kind, node, node.value, node.annotation)
        else:
            self.visit(node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """``a += value`` reads and binds."""
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self.scope_of[node.target] = self._here
            self._bind(node.target.id, "augmented", node)
        else:
            self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        """``(a := value)``."""
        self.visit(node.value)
        self.scope_of[node.target] = self._here
        self._bind(node.target.id, "walrus", node, node.value)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        """The loop variable."""
        self.visit(node.iter)
        self._target(node.target, "for", node)
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    visit_AsyncFor = visit_For

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        """``with value as name``."""
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self._target(item.optional_vars, "with", node, item.context_expr)
        for statement in node.body:
            self.visit(statement)

    visit_AsyncWith = visit_With

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        """``except E as name``."""
        if node.type is not None:
            self.visit(node.type)
        if node.name is not None:
            self._bind(node.name, "except", node)
        for statement in node.body:
            self.visit(statement)

    def visit_Import(self, node: ast.Import) -> None:
        """``import a.b`` binds ``a``; ``import a.b as c`` binds ``c``."""
        for alias in node.names:
            self._bind(alias.asname or alias.name.partition(".")[0], "import", alias)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """``from m import a``; a star binds the name ``*``."""
        for alias in node.names:
            self._bind(alias.asname or alias.name, "import", alias)

    def visit_Global(self, node: ast.Global) -> None:
        """``global a``."""
        self._here.global_names.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        """``nonlocal a``."""
        self._here.nonlocal_names.update(node.names)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Decorators, defaults and annotations are evaluated outside, the body inside."""
        for outside in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if outside is not None:
                self.visit(outside)
        self._bind(node.name, "function", node)
        scope = self._inside("function", node)
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
        for argument in every:
            if argument.annotation is not None:
                self.visit(argument.annotation)
        if node.returns is not None:
            self.visit(node.returns)
        outer, self._here = self._here, scope
        for argument in every:
            self._bind(argument.arg, "parameter", argument, None, argument.annotation)
        self._declare(node)
        for statement in node.body:
            self.visit(statement)
        self._here = outer

    visit_AsyncFunctionDef = visit_FunctionDef

    def _declare(self, function: ast.AST) -> None:
        """Global and nonlocal statements hold for the whole function, also above their line."""
        todo = children(function)
        while todo:
            node = todo.pop()
            if isinstance(node, (ast.Global, ast.Nonlocal)):
                self.visit(node)
            elif not isinstance(
                node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.expr)
            ):
                todo += children(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Defaults outside, body inside."""
        for outside in (*node.args.defaults, *node.args.kw_defaults):
            if outside is not None:
                self.visit(outside)
        scope = self._inside("lambda", node)
        outer, self._here = self._here, scope
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
        for argument in every:
            self._bind(argument.arg, "parameter", argument)
        self.visit(node.body)
        self._here = outer

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Decorators, bases and keywords outside, body inside."""
        for outside in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.visit(outside)
        self._bind(node.name, "class", node)
        scope = self._inside("class", node)
        outer, self._here = self._here, scope
        for statement in node.body:
            self.visit(statement)
        self._here = outer

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        self.visit(node.generators[0].iter)
        scope = self._inside("comprehension", node)
        outer, self._here = self._here, scope
        for number, generator in enumerate(node.generators):
            if number:
                self.visit(generator.iter)
            self._target(generator.target, "comprehension", node)
            for condition in generator.ifs:
                self.visit(condition)
        if isinstance(node, ast.DictComp):
            self.visit(node.key)
            self.visit(node.value)
        else:
            self.visit(node.elt)
        self._here = outer

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        """``case pattern as name``."""
        if node.name is not None:
            self._bind(node.name, "match", node)
        self._below(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        """``case [*name]``."""
        if node.name is not None:
            self._bind(node.name, "match", node)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        """``case {**name}``."""
        if node.rest is not None:
            self._bind(node.rest, "match", node)
        self._below(node)


_VISITORS: dict[type[ast.AST], Callable[[Scopes, Any], None]] = {
    kind: visitor for kind in CHILD_FIELDS if (visitor := getattr(Scopes, f"visit_{kind.__name__}", None))
}
