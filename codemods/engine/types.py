"""The types of expressions, where declarations and assignments prove them; never from a name alone."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from codemods.engine.facts import dotted
from codemods.engine.index import Found, Outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.project import Module, Project
    from codemods.engine.scopes import Binding, Scope

_DEPTH = 24
Function = ast.FunctionDef | ast.AsyncFunctionDef
ValueKind = Literal["instance", "class", "module", "function", "external", "none"]
_WRAPPERS = {"Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "InitVar", "Mapped"}
_GENERATORS = {
    "Generator", "Iterator", "Iterable", "AsyncGenerator", "AsyncIterator", "AsyncIterable", "Coroutine", "Awaitable",
}  # fmt: skip
_SELF = {"typing.Self", "typing_extensions.Self"}


@dataclass(frozen=True, slots=True)
class Type:
    """What an expression is.

    ``kind`` ``instance``: an object whose class is ``name``: qualified for the repository's own classes (then ``path``
    is the file of the class), as imported for libraries (``redis.asyncio.Redis``), ``builtins.str`` for literals; the
    result of calling a library's function is written with brackets (``redis.from_url()``, ``boto3.Session.client()``).
    ``class``, ``function``, ``module``: the repository's own object. ``external``: a library's object named ``name``.
    ``optional``: may also be None. ``args``: type arguments. ``proof``: where it was learnt.
    """

    name: str
    kind: ValueKind = "instance"
    optional: bool = False
    args: tuple[Type, ...] = ()
    path: str = field(default="", compare=False)
    proof: str = field(default="", compare=False)


_NONE = Type("None", "none")


class Types:
    """Inference over the whole repository, on demand. Silence (None) wherever two answers are possible."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._memo: dict[tuple[str, int, int], Type | None] = {}
        self._trace: object = None
        self._active: set[tuple[str, int, int]] = set()

    # --- questions

    def of(self, node: ast.expr, module: Module) -> Type | None:
        """The type of an expression in ``module``; None where it isn't proven."""
        if self.project.trace is not self._trace:
            self._memo.clear()
            self._trace = self.project.trace
        key = (module.path, id(node), id(module))
        if key in self._memo:
            return self._memo[key]
        if key in self._active or len(self._active) > _DEPTH * 4:
            return None
        self._active.add(key)
        try:
            found = self._of(node, module)
        finally:
            self._active.discard(key)
        self._memo[key] = found
        return found

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
        yield found.name
        seen: set[tuple[str, str]] = set()
        todo = [found]
        while todo:
            current = todo.pop(0)
            definition = self.class_def(current)
            if definition is None or (current.path, current.name) in seen:
                continue
            seen.add((current.path, current.name))
            module, node = definition
            for base in node.bases:
                named = self.of(base.value if isinstance(base, ast.Subscript) else base, module)
                if named is not None:
                    yield named.name
                    todo.append(named)

    def class_def(self, found: Type) -> tuple[Module, ast.ClassDef] | None:
        """The class statement of one of the repository's own types."""
        if not found.path or found.kind not in {"instance", "class"}:
            return None
        module = self.project.module(found.path)
        if module is None:
            return None
        own = found.name
        for prefix in (*self.project.layout.names(found.path), self.project.layout.name(found.path)):
            if own.startswith(f"{prefix}."):
                own = own[len(prefix) + 1 :]
                break
        return _find_class(module, own)

    def member(self, found: Type, name: str) -> Type | None:
        """The type of attribute ``name`` of an instance or class of the repository's own; bases are followed."""
        return self._member(found, name, set())

    # --- expressions

    def _of(self, node: ast.expr, module: Module) -> Type | None:
        match node:
            case ast.Constant(value=value):
                return _NONE if value is None else Type(f"builtins.{type(value).__name__}", proof="a literal")
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
                return _awaited(self.of(node.value, module))
            case ast.NamedExpr():
                return self.of(node.value, module)
            case ast.IfExp():
                return _join([self.of(node.body, module), self.of(node.orelse, module)])
            case ast.BoolOp(op=ast.Or()):
                parts = [self.of(value, module) for value in node.values]
                joined = _join(parts)
                last = parts[-1]
                if joined is not None and last is not None and last.kind != "none" and not last.optional:
                    return replace(joined, optional=False)
                return joined
            case ast.BoolOp():
                return None
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

    def bound(self, name: str, scope: Scope, module: Module) -> Type | None:
        """The type of ``name`` as ``scope`` binds it: all its bindings must agree."""
        bindings = scope.bindings.get(name, [])
        annotated = [binding for binding in bindings if binding.annotation is not None]
        if annotated and annotated[0].kind != "parameter":
            return self.annotation(annotated[0].annotation, module)
        found: list[Type | None] = []
        for binding in bindings:
            if binding.kind in {"delete", "annotation"}:
                continue
            found.append(self._binding(binding, scope, module))
        return _join(found)

    def _binding(self, binding: Binding, scope: Scope, module: Module) -> Type | None:
        node = binding.node
        if isinstance(node, ast.alias):
            return self._imported(node, module)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return Type(self._own_name(node, module), "function", path=module.path)
        if isinstance(node, ast.ClassDef):
            return Type(self._own_name(node, module), "class", path=module.path)
        if isinstance(node, ast.arg):
            return self._parameter(node, scope, module)
        if binding.kind == "with" and binding.value is not None:
            return self._entered(binding.value, module, is_async=isinstance(node, ast.AsyncWith))
        if binding.kind in {"assign", "walrus"} and binding.value is not None:
            found = self.of(binding.value, module)
            if found is not None and found.kind == "instance":
                line = getattr(node, "lineno", 0)
                return replace(found, proof=found.proof or f"assigned at {module.path}:{line}")
            return found
        if (
            binding.kind == "for"
            and isinstance(node, (ast.For, ast.AsyncFor))
            and isinstance(node.target, ast.Name)
        ):
            many = self.of(node.iter, module)
            return many.args[0] if many is not None and len(many.args) == 1 else None
        return None

    def _own_name(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, module: Module) -> str:
        around = [
            parent.name
            for parent in module.ancestors(node)
            if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        ]
        return ".".join([self.project.layout.name(module.path), *reversed(around), node.name])

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
        called = self.of(node.func, module)
        if called is None:
            return None
        if called.kind == "class":
            return Type(called.name, path=called.path, proof=f"built at {module.path}:{node.lineno}")
        if called.kind == "function":
            return self.returned(called)
        if called.kind not in {"external", "instance"} or called.path:
            return None
        last = called.name.rpartition(".")[2]
        if called.name in {"typing.cast", "typing_extensions.cast"} and len(node.args) == 2:
            return self.annotation(node.args[0], module)
        if (
            called.name in {"fastapi.Depends", "fastapi.Security", "fastapi.param_functions.Depends"}
            and node.args
        ):
            return self.provided(node.args[0], module)
        if called.kind == "external" and called.name.startswith("builtins."):
            return (
                Type(called.name)
                if last in {"str", "bytes", "int", "float", "bool", "list", "dict", "set"}
                else None
            )
        proof = f"built at {module.path}:{node.lineno}"
        if called.kind == "external" and last[:1].isupper():
            return Type(called.name, proof=proof)
        return Type(f"{called.name}()", proof=proof)

    def provided(self, dependency: ast.expr, module: Module) -> Type | None:
        """What FastAPI injects for ``Depends(dependency)``: a function's result, or an instance of a class."""
        found = self.of(dependency, module)
        if found is None:
            return None
        if found.kind == "class":
            return Type(found.name, path=found.path, proof=found.proof)
        if found.kind == "function":
            return _yielded(self.returned(found))
        return None

    def _subscript(self, node: ast.Subscript, module: Module) -> Type | None:
        base = self.of(node.value, module)
        if base is None or isinstance(node.slice, ast.Slice):
            return None
        if base.kind in {"external", "class"}:
            return base
        if base.name in {"builtins.list", "typing.List", "typing.Sequence"} and len(base.args) == 1:
            return base.args[0]
        if base.name in {"builtins.dict", "typing.Dict", "typing.Mapping"} and len(base.args) == 2:
            return base.args[1]
        return None

    # --- functions

    def function_def(self, found: Type) -> tuple[Module, Function] | None:
        """The ``def`` of one of the repository's own functions or methods."""
        module = self.project.module(found.path) if found.path else None
        if module is None:
            return None
        home = self.project.layout.name(found.path)
        own = found.name.removeprefix(f"{home}.").split(".")
        node: ast.AST | None = module.tree
        for part in own:
            node = _child(node, part)
            if node is None:
                return None
        return (module, node) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None

    def returned(self, found: Type) -> Type | None:
        """What calling one of the repository's own functions gives (a coroutine for ``async def``)."""
        definition = self.function_def(found)
        return self.result(definition[1], definition[0]) if definition else None

    def result(self, function: Function, module: Module, own: Type | None = None) -> Type | None:
        """What calling ``function`` gives: its annotation, else what all its returns (or yields) agree on."""
        yields = [part for part in _own_nodes(function) if isinstance(part, (ast.Yield, ast.YieldFrom))]
        inner: Type | None
        if function.returns is not None:
            inner = self.annotation(function.returns, module)
            if inner is not None and inner.name in _SELF:
                inner = own or self._class_around(function, module)
        elif yields:
            values = [self.of(part.value, module) if part.value else _NONE for part in yields]
            joined = _join(values)
            return Type("typing.Generator", args=(joined,)) if joined is not None else None
        else:
            returns = [part for part in _own_nodes(function) if isinstance(part, ast.Return)]
            if not returns:
                return None
            inner = _join([self.of(part.value, module) if part.value else _NONE for part in returns])
        if inner is None:
            return None
        if isinstance(function, ast.AsyncFunctionDef) and not yields:
            return Type("typing.Coroutine", args=(inner,), proof=inner.proof)
        return inner

    def _entered(self, value: ast.expr, module: Module, *, is_async: bool) -> Type | None:
        found = self.of(value, module)
        if found is None:
            return None
        if found.name.rpartition(".")[2] in _GENERATORS:
            return _yielded(found)
        if found.path:
            method = self._find_method(found, "__aenter__" if is_async else "__enter__")
            return _awaited(self.result(method[1], method[0], found)) if method else None
        return found

    def _parameter(self, node: ast.arg, scope: Scope, module: Module) -> Type | None:
        function = scope.node
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
        if node in (function.args.vararg, function.args.kwarg):
            return None
        default = _default(function, node)
        if node.annotation is not None:
            found = self.annotation(node.annotation, module)
            if found is not None and isinstance(default, ast.Constant) and default.value is None:
                return replace(found, optional=True)
            if found is not None or default is None:
                return found
        if isinstance(default, ast.Call):
            name = dotted(default.func)
            if name is not None and name.rpartition(".")[2] in {"Depends", "Security"} and default.args:
                return self.provided(default.args[0], module)
        first = (function.args.posonlyargs + function.args.args)[:1]
        if first and first[0] is node and isinstance(module.parents.get(function), ast.ClassDef):
            marks = {dotted(item) for item in function.decorator_list}
            own = self._class_around(function, module)
            if own is not None and "staticmethod" not in marks:
                return replace(own, kind="class") if "classmethod" in marks else own
            return None
        if default is None and (function.name.startswith("test") or _fixture_name(function)):
            return self.fixture(node.arg, module, function)
        return None

    def _class_around(self, function: Function, module: Module) -> Type | None:
        parent = module.parents.get(function)
        return (
            Type(self._own_name(parent, module), path=module.path)
            if isinstance(parent, ast.ClassDef)
            else None
        )

    def fixture(self, name: str, module: Module, asking: Function | None = None) -> Type | None:
        """What the pytest fixture ``name`` gives, as seen from ``module``: its own, then each ``conftest.py`` above."""
        folder = module.path.split("/")[:-1]
        places = [module.path] + [
            "/".join([*folder[:depth], "conftest.py"]) for depth in range(len(folder), -1, -1)
        ]
        for path in dict.fromkeys(places):
            other = module if path == module.path else self.project.module(path)
            if other is None:
                continue
            for node in ast.walk(other.tree):
                if (
                    isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
                    and node is not asking
                    and _fixture_name(node) == name
                ):
                    found = self.result(node, other)
                    return _yielded(found)
        return None

    # --- classes

    def _find_method(self, found: Type, name: str) -> tuple[Module, Function] | None:
        for module, node in self._lineage(found):
            for part in node.body:
                if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) and part.name == name:
                    return module, part
        return None

    def _lineage(self, found: Type) -> Iterator[tuple[Module, ast.ClassDef]]:
        seen: set[tuple[str, str]] = set()
        todo = [found]
        while todo and len(seen) < _DEPTH:
            current = todo.pop(0)
            definition = self.class_def(current)
            if definition is None or (current.path, current.name) in seen:
                continue
            seen.add((current.path, current.name))
            yield definition
            module, node = definition
            for base in node.bases:
                named = self.of(base.value if isinstance(base, ast.Subscript) else base, module)
                if named is not None and named.kind == "class":
                    todo.append(named)

    def _member(self, found: Type, name: str, seen: set[str]) -> Type | None:
        for module, node in self._lineage(found):
            answer = self._own_member(found, node, name, module)
            if answer is not None:
                return answer[0]
        del seen
        return None

    def _own_member(
        self, found: Type, node: ast.ClassDef, name: str, module: Module
    ) -> tuple[Type | None] | None:
        """The type of an attribute that this very class binds, in a 1-tuple; None if it doesn't bind it."""
        scope = module.scopes.own[node]
        if scope.binds(name):
            binding = scope.bindings[name][-1]
            if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                marks = {(dotted(item) or "").rpartition(".")[2] for item in binding.node.decorator_list}
                if marks & {"property", "cached_property", "setter", "computed_field"}:
                    getter = scope.bindings[name][0].node
                    if isinstance(getter, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        return (self.result(getter, module, found),)
                return (Type(self._own_name(binding.node, module), "function", path=module.path),)
            if not (isinstance(binding.value, ast.Constant) and binding.annotation is None):
                return (self.bound(name, scope, module),)
        values: list[Type | None] = []
        stores = _self_stores(node).get(name, [])
        if scope.binds(name):
            values.append(self.bound(name, scope, module))
        for store in stores:
            statement = module.statement(store)
            if isinstance(statement, ast.AnnAssign) and statement.target is store:
                return (self.annotation(statement.annotation, module),)
            if isinstance(statement, ast.Assign) and store in statement.targets:
                values.append(self.of(statement.value, module))
            else:
                values.append(None)
        return (_join(values),) if values else None

    # --- annotations

    def annotation(self, node: ast.expr | None, module: Module) -> Type | None:
        """The type that an annotation names: ``Optional``, ``| None``, ``Annotated``, strings and aliases are seen through."""
        match node:
            case None:
                return None
            case ast.Constant(value=None):
                return _NONE
            case ast.Constant(value=str() as text):
                return self._text_annotation(text, node, module)
            case ast.BinOp(op=ast.BitOr()):
                return _join([self.annotation(node.left, module), self.annotation(node.right, module)])
            case ast.Subscript():
                return self._generic(node, module)
            case ast.Name() | ast.Attribute():
                return self._named(node, module)
        return None

    def _text_annotation(self, text: str, node: ast.Constant, module: Module) -> Type | None:
        try:
            parsed = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError):
            return None
        scope = module.scopes.module
        for part in ast.walk(parsed):
            ast.copy_location(part, node) if isinstance(part, (ast.expr, ast.stmt)) else None
            if isinstance(part, ast.Name):
                module.scopes.scope_of[part] = scope
            for child in ast.iter_child_nodes(part):
                module.parents[child] = part
        module.kept.append(parsed)
        return self.annotation(parsed, module)

    def _named(self, node: ast.expr, module: Module) -> Type | None:
        proof = f"annotated at {module.path}:{getattr(node, 'lineno', 0)}"
        found = self.of(node, module) if not isinstance(node, ast.Name) else self._alias_or(node, module)
        if found is None:
            return None
        if found.kind in {"class", "external"}:
            return Type(found.name, path=found.path, proof=proof)
        return found if found.kind == "instance" and found.proof.startswith("annotated") else None

    def _alias_or(self, node: ast.Name, module: Module) -> Type | None:
        """A name in an annotation: a class, or an alias such as ``RedisDep = Annotated[Redis, ...]``."""
        where = self._definition(node, module)
        if where is not None:
            other, value = where
            if isinstance(value, (ast.Subscript, ast.BinOp)):
                return self.annotation(value, other)
        return self.of(node, module)

    def _definition(self, node: ast.Name, module: Module) -> tuple[Module, ast.expr] | None:
        if node not in module.scopes.scope_of:
            return None
        bindings = module.scopes.bindings(node)
        if len(bindings) != 1:
            return None
        binding = bindings[0]
        if binding.value is not None and binding.kind == "assign":
            return module, binding.value
        if type(binding.node).__name__ == "TypeAlias":
            value = getattr(binding.node, "value", None)
            return (module, value) if isinstance(value, ast.expr) else None
        statement = module.parents.get(binding.node) if isinstance(binding.node, ast.alias) else None
        if isinstance(binding.node, ast.alias) and isinstance(statement, ast.ImportFrom):
            target = self.project.index.imported_file(module.path, statement.module, statement.level)
            other = self.project.module(target) if target else None
            if other is None or target is None:
                return None
            answer = self.project.index.attribute(
                target, [binding.node.name], self.project.layout.name(target)
            )
            if isinstance(answer, Found) and answer.kind == "value":
                home = self.project.module(answer.path)
                bound = home.scopes.module.bindings.get(answer.name, []) if home else []
                if home is not None and len(bound) == 1 and bound[0].value is not None:
                    return home, bound[0].value
        return None

    def _generic(self, node: ast.Subscript, module: Module) -> Type | None:
        head = self.of(node.value, module)
        parts: list[ast.expr] = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        last = (head.name if head is not None else dotted(node.value) or "").rpartition(".")[2]
        if last == "Annotated":
            return self._annotated(parts, module)
        if last == "Optional":
            found = self.annotation(parts[0], module)
            return replace(found, optional=True) if found is not None else None
        if last == "Union":
            return _join([self.annotation(part, module) for part in parts])
        if last in _WRAPPERS:
            return self.annotation(parts[0], module)
        if head is None:
            return None
        args = tuple(self.annotation(part, module) or Type("?") for part in parts)
        return Type(head.name, path=head.path, args=args, proof=f"annotated at {module.path}:{node.lineno}")

    def _annotated(self, parts: list[ast.expr], module: Module) -> Type | None:
        found = self.annotation(parts[0], module)
        if found is not None:
            return found
        for part in parts[1:]:
            if (
                isinstance(part, ast.Call)
                and (dotted(part.func) or "").rpartition(".")[2] == "Depends"
                and part.args
            ):
                return self.provided(part.args[0], module)
        return None


def _join(found: Iterable[Type | None]) -> Type | None:
    """What all of several answers agree on; None makes it optional, an unknown makes it unknown."""
    result: Type | None = None
    optional = False
    count = 0
    for one in found:
        count += 1
        if one is None:
            return None
        if one.kind == "none":
            optional = True
            continue
        if result is None:
            result = one
        elif (result.name, result.kind) != (one.name, one.kind):
            return None
        optional = optional or one.optional
    if result is None:
        return _NONE if count else None
    return replace(result, optional=True) if optional and not result.optional else result


def _awaited(found: Type | None) -> Type | None:
    if found is not None and found.name.rpartition(".")[2] in {"Coroutine", "Awaitable"} and found.args:
        return found.args[-1]
    return found


def _yielded(found: Type | None) -> Type | None:
    while found is not None and found.name.rpartition(".")[2] in _GENERATORS and found.args:
        last = found.name.rpartition(".")[2] == "Coroutine"
        found = found.args[-1] if last else found.args[0]
    return found


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function's body without those of functions and classes inside it."""
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            todo.extend(ast.iter_child_nodes(node))


def _default(function: Function, node: ast.arg) -> ast.expr | None:
    positional = [*function.args.posonlyargs, *function.args.args]
    if node in positional:
        place = positional.index(node) - (len(positional) - len(function.args.defaults))
        return function.args.defaults[place] if place >= 0 else None
    if node in function.args.kwonlyargs:
        return function.args.kw_defaults[function.args.kwonlyargs.index(node)]
    return None


def _fixture_name(function: Function) -> str | None:
    """The name of the fixture that a function defines; None if it isn't one."""
    for mark in function.decorator_list:
        name = dotted(mark.func if isinstance(mark, ast.Call) else mark) or ""
        if name.rpartition(".")[2] in {"fixture", "yield_fixture"}:
            if isinstance(mark, ast.Call):
                for keyword in mark.keywords:
                    if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                        return str(keyword.value.value)
            return function.name
    return None


def _child(node: ast.AST | None, name: str) -> ast.AST | None:
    todo = list(getattr(node, "body", []))
    found: ast.AST | None = None
    while todo:
        part = todo.pop(0)
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if part.name == name:
                found = part
        elif isinstance(part, (ast.If, ast.Try, ast.With, ast.AsyncWith, ast.For, ast.While)):
            todo += [*part.body, *getattr(part, "orelse", []), *getattr(part, "finalbody", [])]
            for handler in getattr(part, "handlers", []):
                todo += handler.body
    return found


def _find_class(module: Module, name: str) -> tuple[Module, ast.ClassDef] | None:
    node: ast.AST | None = module.tree
    for part in name.split("."):
        node = _child(node, part)
    return (module, node) if isinstance(node, ast.ClassDef) else None


def _self_stores(node: ast.ClassDef) -> dict[str, list[ast.Attribute]]:
    """Where the methods of a class assign to attributes of their first parameter."""
    found: dict[str, list[ast.Attribute]] = {}
    for method in node.body:
        if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        first = (method.args.posonlyargs + method.args.args)[:1]
        if not first:
            continue
        for part in ast.walk(method):
            if (
                isinstance(part, ast.Attribute)
                and isinstance(part.ctx, ast.Store)
                and isinstance(part.value, ast.Name)
                and part.value.id == first[0].arg
            ):
                found.setdefault(part.attr, []).append(part)
    return found
