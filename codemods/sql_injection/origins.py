"""Where the parts of a query come from: the code itself, values that cannot carry SQL, or anywhere."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from codemods.engine.names.index import Found
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.inference.type_model import Type
    from codemods.engine.names.scopes import Binding, Scope
    from codemods.engine.project import Module, Project

Origin = Literal["harmless", "built", "joined", "escaped", "any"]

_DEEPEST = 12
_HARMLESS_TYPES = {
    "builtins.int", "builtins.float", "builtins.bool", "datetime.datetime", "datetime.date",
    "datetime.time", "datetime.timedelta", "uuid.UUID", "decimal.Decimal", "fractions.Fraction",
    "uuid.uuid4()", "uuid.uuid1()", "time.time()", "sqlalchemy.UUID", "pydantic.UUID4",
}  # fmt: skip
_HARMLESS_CALLS = {
    "len", "int", "float", "bool", "ord", "round", "abs", "hash", "id", "sum",
}  # fmt: skip
_HARMLESS_METHODS = {
    "isoformat", "strftime", "timestamp", "total_seconds", "date", "toordinal", "bit_length", "count", "index", "hexdigest",
}  # fmt: skip
_KEEPING_METHODS = {
    "upper", "lower", "strip", "lstrip", "rstrip", "title", "capitalize", "casefold", "get", "items", "keys", "values",
    "copy", "removeprefix", "removesuffix", "replace", "split", "format", "pop",
}  # fmt: skip
_KEEPING_CALLS = {
    "str",
    "sorted",
    "list",
    "tuple",
    "set",
    "reversed",
    "enumerate",
    "zip",
    "dict",
    "frozenset",
    "next",
    "iter",
}
_OF_TABLES = {
    "__tablename__",
    "__table__",
    "_meta",
    "__name__",
    "__qualname__",
    "db_table",
    "vendor",
    "settings_dict",
}
_SETTINGS = (
    "pydantic_settings.",
    "pydantic.BaseSettings",
    "pydantic.env_settings",
    "starlette.config",
    "django.conf",
    "dynaconf.",
    "decouple.",
)
_ENVIRONMENT = ("os.environ", "os.getenv()", "os.getcwd()", "os.getpid()", "environs.", "configparser.")
_GROWING = {"append", "extend", "insert", "add", "update"}
_WITHOUT_EFFECT = {
    "join",
    "copy",
    "index",
    "count",
    "sort",
    "reverse",
    "items",
    "keys",
    "values",
    "get",
    "pop",
    "remove",
    "clear",
}


class Origins:
    """Answers for one module; asks of others what they bind."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._active: set[ast.AST] = set()

    def of(self, node: ast.expr, module: Module) -> Origin:
        """``harmless``: text of the code's own, or a value that can't hold SQL. ``built``: put together here, maybe SQL.

        ``joined``: several texts in one; ``escaped``: with its quotes doubled by hand; ``any``: nothing is known.
        """
        if len(self._active) > _DEEPEST:
            return "any"
        if node in self._active:
            return "harmless"  # what a name is built of besides itself decides
        self._active.add(node)
        try:
            return self._of(node, module)
        finally:
            self._active.discard(node)

    def _of(self, node: ast.expr, module: Module) -> Origin:
        if self._is_harmless_type(node, module):
            return "harmless"
        match node:
            case ast.Constant() | ast.Compare():
                return "harmless"
            case ast.JoinedStr():
                parts = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
                return self._together(parts, module, "built")
            case ast.BinOp(op=ast.Sub() | ast.Div() | ast.FloorDiv() | ast.Pow()):
                return "harmless"
            case ast.BinOp(op=ast.Mod(), left=left, right=right):
                return self._together([left, right], module, "built")
            case ast.BinOp(left=left, right=right):
                return self._together([left, right], module, "built")
            case ast.UnaryOp():
                return self.of(node.operand, module)
            case ast.IfExp():
                return self._together([node.body, node.orelse], module, "any")
            case ast.BoolOp():
                return self._together(node.values, module, "any")
            case ast.List() | ast.Tuple() | ast.Set():
                return self._together(node.elts, module, "joined")
            case ast.Dict():
                return self._together(node.values, module, "any")
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                return self._together([node.elt], module, "joined")
            case ast.Starred() | ast.Await() | ast.NamedExpr():
                return self.of(node.value, module)
            case ast.Subscript():
                return self.of(node.value, module)
            case ast.Name():
                return self._name(node, module)
            case ast.Attribute():
                return self._attribute(node, module)
            case ast.Call():
                return self._call(node, module)
        return "any"

    def _together(self, parts: list[ast.expr], module: Module, otherwise: Origin) -> Origin:
        found = [self.of(part, module) for part in parts]
        if all(each == "harmless" for each in found):
            return "harmless"
        for origin in ("escaped", "joined", "built"):
            if origin in found:
                return origin
        return otherwise

    def _is_harmless_type(self, node: ast.expr, module: Module) -> bool:
        found = self.project.types.of(node, module)
        if found is None:
            return False
        if found.kind == "instance" and not found.optional and found.name in _HARMLESS_TYPES:
            return True
        if found.name.startswith((*_SETTINGS, *_ENVIRONMENT)):
            return True
        if found.kind == "instance" and found.path:
            return self._is_enumeration(found)  # a member is one of a few texts
        return False

    def _name(self, node: ast.Name, module: Module) -> Origin:
        scope = module.scopes.binder(node) if node in module.scopes.scope_of else None
        return self._bound(node.id, scope, module) if scope is not None else "any"

    def _bound(self, name: str, scope: Scope, module: Module) -> Origin:
        bindings = scope.bindings.get(name, [])
        found = [self._binding(each, scope, module) for each in bindings if each.kind != "annotation"]
        if not found:
            return "any"
        if scope.kind == "module" and _rebound_elsewhere(name, scope, module):
            return "any"
        if all(each == "harmless" for each in found):
            return self._contents(name, scope, module)
        if len(found) == 1:
            return found[0]
        return next((each for each in ("escaped", "joined", "built") if each in found), "any")

    def _binding(self, binding: Binding, scope: Scope, module: Module) -> Origin:
        node = binding.node
        if binding.kind in {"assign", "walrus"} and binding.value is not None:
            return self.of(binding.value, module)
        if isinstance(node, ast.AugAssign):
            return self.of(node.value, module)
        if isinstance(node, (ast.For, ast.AsyncFor)):
            return self._item(node.iter, module)
        if binding.kind == "comprehension":
            generators = getattr(node, "generators", [])
            return self._item(generators[0].iter, module) if len(generators) == 1 else "any"
        if isinstance(node, ast.alias):
            return self._imported(node, module)
        if isinstance(node, ast.arg):
            return self._parameter(node, scope, module)
        return "any"

    def _item(self, many: ast.expr, module: Module) -> Origin:
        if isinstance(many, ast.Call) and isinstance(many.func, ast.Name) and many.func.id == "range":
            return "harmless"
        return "harmless" if self.of(many, module) == "harmless" else "any"

    def _contents(self, name: str, scope: Scope, module: Module) -> Origin:
        """What a list that starts harmless holds once all that is appended to it is in."""
        for load in module.scopes.loads(scope, name):
            parent = module.parents.get(load)
            if not isinstance(parent, ast.Attribute) or parent.attr not in _GROWING:
                if isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store):
                    statement = module.statement(parent)
                    if isinstance(statement, ast.Assign) and self.of(statement.value, module) != "harmless":
                        return "joined"
                continue
            call = module.parents.get(parent)
            if isinstance(call, ast.Call) and call.func is parent:
                values = [*call.args, *(keyword.value for keyword in call.keywords)]
                if self._together(values, module, "any") != "harmless":
                    return "joined"
        return "harmless"

    def _imported(self, alias: ast.alias, module: Module) -> Origin:
        statement = module.parents.get(alias)
        if not isinstance(statement, ast.ImportFrom):
            return "any"
        target = self.project.index.imported_file(module.path, statement.module, statement.level)
        return self._in_module(target, alias.name) if target is not None else "any"

    def _in_module(self, path: str, name: str) -> Origin:
        answer = self.project.index.attribute(path, [name], self.project.layout.name(path))
        if not isinstance(answer, Found) or answer.kind != "value":
            return "any"
        other = self.project.module(answer.path)
        return self._bound(answer.name, other.scopes.module, other) if other is not None else "any"

    def _parameter(self, node: ast.arg, scope: Scope, module: Module) -> Origin:
        """A parameter of a private function whose every call in this file hands in something harmless."""
        function = scope.node
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or node.arg in {"self", "cls"}:
            return "any"
        if not function.name.startswith("_") or function.name.startswith("__"):
            return "any"
        names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        skipped = (
            1 if isinstance(module.parents.get(function), ast.ClassDef) and names[:1] != [node.arg] else 0
        )
        given: list[ast.expr] = []
        for call in module.nodes(ast.Call):
            called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if called != function.name:
                continue
            if any(isinstance(each, ast.Starred) for each in call.args) or any(
                keyword.arg is None for keyword in call.keywords
            ):
                return "any"
            by_name = [keyword.value for keyword in call.keywords if keyword.arg == node.arg]
            place = names.index(node.arg) - skipped if node.arg in names else len(call.args)
            if by_name:
                given += by_name
            elif place < len(call.args):
                given.append(call.args[place])
        uses = sum(
            (isinstance(each, ast.Name) and each.id == function.name)
            or (isinstance(each, ast.Attribute) and each.attr == function.name)
            for each in walk(module.tree)
        )
        calls = sum(
            (each.func.attr if isinstance(each.func, ast.Attribute) else getattr(each.func, "id", ""))
            == function.name
            for each in module.nodes(ast.Call)
        )
        if not given or uses != calls:
            return "any"
        return "harmless" if self._together(given, module, "any") == "harmless" else "any"

    def _attribute(self, node: ast.Attribute, module: Module) -> Origin:
        if node.attr in _OF_TABLES or (
            isinstance(node.value, ast.Attribute) and node.value.attr in _OF_TABLES
        ):
            return "harmless"
        if node.attr in {"value", "name"} and self._is_member(node.value, module):
            return "harmless"
        base = self.project.types.of(node.value, module)
        if base is None:
            return "any"
        if base.kind == "module" and base.path:
            return self._in_module(base.path, node.attr)
        if not base.path:
            return "any"
        if any(name.startswith(_SETTINGS) for name in self.project.types.ancestry(base)):
            return "harmless"
        for home, owner in self.project.types.classes.lineage(base):
            scope = home.scopes.own[owner]
            stores = _stores(owner, node.attr)
            if not scope.binds(node.attr) and not stores:
                continue
            values = [each.value for each in scope.bindings.get(node.attr, []) if each.value is not None]
            found = [self.of(value, home) for value in values]
            for store in stores:
                statement = home.statement(store)
                if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
                    found.append(self.of(statement.value, home))
                else:
                    found.append("any")
            return "harmless" if found and all(each == "harmless" for each in found) else "any"
        return "any"

    def _is_member(self, node: ast.expr, module: Module) -> bool:
        """Whether it is ``Colour.RED`` of an enumeration."""
        if not isinstance(node, ast.Attribute) or not node.attr.isupper():
            return False
        owner = self.project.types.of(node.value, module)
        return owner is not None and owner.kind == "class" and self._is_enumeration(owner)

    def _is_enumeration(self, found: Type) -> bool:
        names = list(self.project.types.ancestry(found))
        return any(name.rpartition(".")[2] in {"Enum", "IntEnum", "StrEnum"} for name in names[1:])

    def _call(self, node: ast.Call, module: Module) -> Origin:
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(node.func, ast.Name):
            scope = module.scopes.binder(node.func) if node.func in module.scopes.scope_of else None
            if scope is None and node.func.id in _HARMLESS_CALLS:
                return "harmless"
            if scope is None and node.func.id in _KEEPING_CALLS and node.args:
                return self._together(values, module, "any")
            if scope is None and node.func.id in {"min", "max", "repr", "map", "filter"}:
                return "harmless" if self._together(values, module, "any") == "harmless" else "any"
        if isinstance(node.func, ast.Attribute):
            name, base = node.func.attr, node.func.value
            if name in _HARMLESS_METHODS:
                return "harmless"
            if name == "join" and len(node.args) == 1:
                return (
                    "harmless" if self._together([base, *values], module, "any") == "harmless" else "joined"
                )
            if name == "replace" and len(node.args) == 2 and _is_quote(node.args[0]):
                return "escaped"
            if name in _KEEPING_METHODS:
                return self._together([base, *values], module, "built" if name == "format" else "any")
        written = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if any(word in written.lower() for word in ("escape", "quote", "sanit", "adapt", "literal")):
            return "escaped"
        return self._returned(node, module)

    def _returned(self, node: ast.Call, module: Module) -> Origin:
        """What a function of the repository's own gives, where all that it returns is its own."""
        called = self.project.types.of(node.func, module)
        definition = (
            self.project.types.function_def(called)
            if called is not None and called.kind == "function"
            else None
        )
        if definition is None:
            return "any"
        home, function = definition
        returns = [part for part in walk(function) if isinstance(part, ast.Return) and part.value is not None]
        if not returns or (isinstance(function, ast.AsyncFunctionDef) and len(returns) > 4):
            return "any"
        found = [self.of(part.value, home) for part in returns if part.value is not None]
        if all(each == "harmless" for each in found):
            return "harmless"
        return next((each for each in ("escaped", "joined", "built") if each in found), "any")


def _is_quote(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and any(each in node.value for each in "'\"\\`")
    )


def _stores(owner: ast.ClassDef, name: str) -> list[ast.Attribute]:
    from codemods.engine.inference.definitions import self_stores

    return self_stores(owner).get(name, [])


def _rebound_elsewhere(name: str, scope: Scope, module: Module) -> bool:
    """Whether a function rebinds a module's name by ``global``."""
    return any(name in other.global_names for other in module.scopes.all if other is not scope)
