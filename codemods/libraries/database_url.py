"""Which databases an expression of a database URL may name, as far as its text is in sight."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import Function, default_of, own_nodes, self_stores
from codemods.engine.names.index import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.names.scopes import Binding
    from codemods.engine.project import Module, Project

SERVERS = frozenset(
    {"postgresql", "postgres", "mysql", "mariadb", "mssql", "oracle", "cockroachdb", "redshift"}
)
_DEEPEST = 10
_SCHEME = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9_]*)(?:\+\w*)?(?::|\+|$)")
_SAME = {
    "unicode_string",
    "render_as_string",
    "get_secret_value",
    "strip",
    "rstrip",
    "set",
    "update_query_dict",
}
_READS = ("os.getenv", "os.environ.get", "decouple.config", "starlette.config.Config", "environ.Env")
_DSN = {
    "PostgresDsn": "postgresql", "CockroachDsn": "cockroachdb", "MySQLDsn": "mysql", "MariaDBDsn": "mariadb",
}  # fmt: skip
_URLS = {"sqlalchemy.URL", "sqlalchemy.engine.URL", "sqlalchemy.engine.url.URL"}
_MAKES = {"sqlalchemy.make_url", "sqlalchemy.engine.make_url", "sqlalchemy.engine.url.make_url"}


def databases_of(node: ast.expr, module: Module, project: Project) -> set[str]:
    """The dialects (``postgresql``, ``sqlite``) that a URL may name; empty where none of its text is in sight.

    Defaults count (``os.getenv("DATABASE_URL", "sqlite:///app.db")``): something else may come from outside. A URL that
    has ``postgres://`` replaced in it counts as one that may begin so.
    """
    return set(_Reader(project).read(node, module, 0))


class _Reader:
    def __init__(self, project: Project) -> None:
        self.project = project

    def read(self, node: ast.expr | None, module: Module, depth: int) -> Iterator[str]:
        if node is None or depth > _DEEPEST:
            return
        depth += 1
        match node:
            case ast.Constant(value=str() as text):
                yield from _scheme(text)
            case ast.JoinedStr(values=[first, *_]):
                inner = first.value if isinstance(first, ast.FormattedValue) else first
                yield from self.read(inner, module, depth)
            case ast.BinOp(op=ast.Add() | ast.Mod(), left=left):
                yield from self.read(left, module, depth)
            case ast.BoolOp(values=values):
                for value in values:
                    yield from self.read(value, module, depth)
            case ast.IfExp(body=body, orelse=orelse):
                yield from self.read(body, module, depth)
                yield from self.read(orelse, module, depth)
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                yield from self.read(value, module, depth)
            case ast.Call():
                yield from self._call(node, module, depth)
            case ast.Name():
                yield from self._name(node, module, depth)
            case ast.Attribute():
                yield from self._attribute(node, module, depth)

    def _call(self, node: ast.Call, module: Module, depth: int) -> Iterator[str]:
        func, types = node.func, self.project.types
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        if isinstance(func, ast.Attribute):
            if func.attr == "replace" and len(node.args) >= 2:
                yield from self.read(func.value, module, depth)
                for part in node.args[:2]:
                    yield from self.read(part, module, depth)
                return
            if func.attr in _SAME or func.attr == "format":
                yield from self.read(func.value, module, depth)
                return
            if func.attr == "build" and "scheme" in named:
                yield from self.read(named["scheme"], module, depth)
                return
        found = types.of(func, module)
        name = found.name if found is not None else ""
        if name in _MAKES or name == "builtins.str" or name.removesuffix(".create") in _URLS:
            yield from self.read(named.get("drivername", next(iter(node.args), None)), module, depth)
        elif name.startswith(_READS):
            yield from self.read(named.get("default", next(iter(node.args[1:2]), None)), module, depth)
        elif name in {"pydantic.Field", "pydantic.fields.Field"}:
            yield from self.read(named.get("default", next(iter(node.args), None)), module, depth)
        elif found is not None and found.kind == "function":
            definition = types.function_def(found)
            if definition is not None:
                yield from self._returned(definition[1], definition[0], depth)

    def _name(self, node: ast.Name, module: Module, depth: int) -> Iterator[str]:
        if node not in module.scopes.scope_of:
            return
        for home, binding in self._bindings(node, module):
            yield from self._bound(binding, home, depth)

    def _bindings(self, node: ast.Name, module: Module) -> Iterator[tuple[Module, Binding]]:
        for binding in module.scopes.bindings(node):
            alias = binding.node
            if not isinstance(alias, ast.alias):
                yield module, binding
                continue
            statement = module.parents[alias]
            if isinstance(statement, ast.ImportFrom):
                index = self.project.index
                target = index.imported_file(module.path, statement.module, statement.level)
                if target is not None:
                    yield from self._in_module(target, alias.name)

    def _in_module(self, path: str, name: str) -> Iterator[tuple[Module, Binding]]:
        answer = self.project.index.attribute(path, [name], self.project.layout.name(path))
        home = self.project.module(answer.path) if isinstance(answer, Found) else None
        if isinstance(answer, Found) and home is not None:
            for binding in home.scopes.module.bindings.get(answer.name, []):
                yield home, binding

    def _bound(self, binding: Binding, home: Module, depth: int) -> Iterator[str]:
        yield from self._annotated(binding.annotation, home)
        if isinstance(binding.node, ast.arg):
            function = home.parents.get(home.parents[binding.node])
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield from self.read(default_of(function, binding.node), home, depth)
        elif isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from self._returned(binding.node, home, depth)
        else:
            yield from self.read(binding.value, home, depth)

    def _annotated(self, annotation: ast.expr | None, module: Module) -> Iterator[str]:
        found = self.project.types.annotation(annotation, module)
        if found is not None and found.name.startswith("pydantic") and found.last in _DSN:
            yield _DSN[found.last]

    def _attribute(self, node: ast.Attribute, module: Module, depth: int) -> Iterator[str]:
        base = self.project.types.of(node.value, module)
        if base is None or not base.path:
            return
        if base.kind == "module":
            for home, binding in self._in_module(base.path, node.attr):
                yield from self._bound(binding, home, depth)
            return
        for home, definition in self.project.types.classes.lineage(base):
            bound = home.scopes.own[definition].bindings.get(node.attr, [])
            stores = self_stores(definition).get(node.attr, [])
            for binding in bound:
                yield from self._bound(binding, home, depth)
            for store in stores:
                statement = home.statement(store)
                if isinstance(statement, (ast.Assign, ast.AnnAssign)):
                    yield from self.read(statement.value, home, depth)
            if bound or stores:
                return

    def _returned(self, function: Function, home: Module, depth: int) -> Iterator[str]:
        yield from self._annotated(function.returns, home)
        for part in own_nodes(function):
            if isinstance(part, ast.Return):
                yield from self.read(part.value, home, depth)


def _scheme(text: str) -> Iterator[str]:
    found = _SCHEME.match(text)
    if found is not None:
        yield found[1].lower()
