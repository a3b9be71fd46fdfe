"""What evaluating an expression costs, does and gives, as far as the code proves it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import children, walk

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_DEPTH = 4
_PURE = frozenset({
    "int", "str", "float", "bool", "bytes", "len", "max", "min", "abs", "round", "sum", "repr", "tuple", "list", "dict",
    "set", "sorted", "ord", "chr", "hex", "enumerate", "zip", "range", "reversed", "map", "format", "isinstance",
    "cast", "ceil", "floor", "timedelta", "dumps", "quote", "getattr", "UUID", "Decimal", "asdict", "jsonable_encoder",
})  # fmt: skip
_PURE_METHODS = frozenset({
    "format", "encode", "decode", "lower", "upper", "strip", "lstrip", "rstrip", "replace", "join", "hex", "title",
    "total_seconds", "timestamp", "isoformat", "strftime", "hexdigest", "digest", "dumps", "split", "partition",
    "rpartition", "items", "keys", "values", "get", "copy", "model_dump", "model_dump_json", "dict", "json", "to_dict",
    "to_json", "date", "zfill", "casefold", "removeprefix", "removesuffix", "index", "count", "startswith", "endswith",
    "serialize", "SerializeToString", "ceil", "floor", "timedelta", "sha256", "md5", "sha1", "asdict", "bit_length",
})  # fmt: skip
_CHANGING = frozenset({
    "now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "uuid4", "uuid1", "random", "randint",
    "choice", "token_hex", "token_urlsafe", "token_bytes", "uniform", "randrange", "gmtime", "localtime", "next", "pop", "popleft", "popitem", "urandom", "secrets", "getrandbits", "sample", "shuffle", "readline", "read",
})  # fmt: skip
_SECONDS = {"weeks": 604800, "days": 86400, "hours": 3600, "minutes": 60, "seconds": 1, "milliseconds": 0.001, "microseconds": 0.000001}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``unknown``: a call of which nothing is known. ``changing``: gives another value each time.

    ``waits``: awaits, yields or binds a name, so that it cannot be moved at all. Empty text where not.
    """

    unknown: str = ""
    changing: str = ""
    waits: str = ""

    @property
    def free(self) -> bool:
        """No effect and no cost worth a thought."""
        return not self.unknown and not self.waits

    @property
    def stable(self) -> bool:
        """Free, and the same value every time."""
        return self.free and not self.changing

    @property
    def reason(self) -> str:
        """What stands against it, in words."""
        return self.waits or self.unknown or self.changing

    def joined(self, other: Evaluation) -> Evaluation:
        """What holds for both together."""
        return Evaluation(
            self.unknown or other.unknown, self.changing or other.changing, self.waits or other.waits
        )


_NOTHING = Evaluation()


def evaluation(node: ast.expr, module: Module, project: Project, depth: int = 0) -> Evaluation:
    """What evaluating ``node`` may do besides giving a value."""
    result = _NOTHING
    todo: list[ast.AST] = [node]
    while todo:
        part = todo.pop()
        match part:
            case ast.Await() | ast.Yield() | ast.YieldFrom() | ast.NamedExpr():
                word = type(part).__name__.removesuffix("From").lower()
                return Evaluation(waits="binds a name" if word == "namedexpr" else f"uses {word}")
            case ast.Lambda():
                continue
            case ast.Call():
                result = result.joined(_call(part, module, project, depth))
        todo.extend(children(part))
    return result


def _call(call: ast.Call, module: Module, project: Project, depth: int) -> Evaluation:
    name = dotted(call.func)
    last = call.func.attr if isinstance(call.func, ast.Attribute) else (name or "")
    shown = f"calls {ast.unparse(call.func)}()"
    if last in _CHANGING:
        return Evaluation(changing=shown)
    known = project.types.of(call.func, module)
    if known is not None and known.kind == "function":
        return _own_function(call, module, project, depth)
    if isinstance(call.func, ast.Attribute) and last in _PURE_METHODS:
        return _NOTHING
    return _NOTHING if last in _PURE else Evaluation(unknown=shown)


def _own_function(call: ast.Call, module: Module, project: Project, depth: int) -> Evaluation:
    """One of the repository's own functions is free when all it does is to give an expression's value."""
    shown = f"calls {ast.unparse(call.func)}()"
    known = project.types.of(call.func, module)
    definition = project.types.function_def(known) if known is not None else None
    if definition is None or depth >= _DEPTH:
        return Evaluation(unknown=shown)
    other, function = definition
    if isinstance(function, ast.AsyncFunctionDef):
        return Evaluation(unknown=shown)
    marks = {(dotted(mark) or "").rpartition(".")[2] for mark in function.decorator_list}
    if marks - {"staticmethod", "classmethod", "property"}:
        return Evaluation(unknown=shown)
    result = _NOTHING
    for statement in function.body:
        match statement:
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.Raise():
                continue
            case ast.Return(value=None):
                continue
            case (
                ast.Return(value=ast.expr() as value)
                | ast.Assign(targets=[ast.Name()], value=value)
                | ast.AnnAssign(target=ast.Name(), value=ast.expr() as value)
            ):
                result = result.joined(evaluation(value, other, project, depth + 1))
            case ast.If() if all(isinstance(part, (ast.Return, ast.Raise, ast.Assign)) for part in [*statement.body, *statement.orelse]):  # fmt: skip
                result = result.joined(evaluation(statement.test, other, project, depth + 1))
                for part in [*statement.body, *statement.orelse]:
                    inner = getattr(part, "value", None)
                    if isinstance(inner, ast.expr):
                        result = result.joined(evaluation(inner, other, project, depth + 1))
            case _:
                return Evaluation(unknown=shown)
    return Evaluation(unknown=shown if result.unknown else "", changing=shown if result.changing else "")


def same(one: ast.expr | None, other: ast.expr | None) -> bool:
    """Whether two expressions are written the same, apart from white space and quotes."""
    if one is None or other is None or type(one) is not type(other):
        return False
    return ast.dump(one) == ast.dump(other)


def names_read(node: ast.AST) -> set[str]:
    """The plain names that an expression reads."""
    return {part.id for part in walk(node) if isinstance(part, ast.Name)}


def rebinds(statement: ast.stmt, *read: ast.expr) -> bool:
    """Whether a statement binds, stores or deletes a name, attribute or item that one of the expressions reads."""
    names = set().union(*(names_read(node) for node in read))
    shown = {
        ast.unparse(part)
        for node in read
        for part in walk(node)
        if isinstance(part, (ast.Attribute, ast.Subscript))
    }
    for part in walk(statement):
        match part:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                bound = name
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                if ast.unparse(part) in shown:
                    return True
                continue
            case ast.alias(name=name, asname=other):
                bound = other or name.partition(".")[0]
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                bound = name
            case _:
                continue
        if bound in names:
            return True
    return False


def constant_number(
    node: ast.expr | None, module: Module, project: Project, depth: int = 0
) -> float | int | None:
    """The number that an expression always gives, a ``timedelta`` as whole seconds; None where it isn't proven.

    Constants are followed through names, classes and modules as long as each is bound once, to a literal.
    """
    if node is None or depth > _DEPTH * 2:
        return None
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            found = constant_number(inner, module, project, depth + 1)
            return -found if found is not None else None
        case ast.BinOp(op=ast.Mult() | ast.Add() | ast.Sub()):
            return _arithmetic(node, module, project, depth)
        case ast.Call():
            return _constant_call(node, module, project, depth)
        case ast.Name() | ast.Attribute():
            return _constant_name(node, module, project, depth)
    return None


def _arithmetic(node: ast.BinOp, module: Module, project: Project, depth: int) -> float | int | None:
    left = constant_number(node.left, module, project, depth + 1)
    right = constant_number(node.right, module, project, depth + 1)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Mult):
        return left * right
    return left + right if isinstance(node.op, ast.Add) else left - right


def _constant_call(node: ast.Call, module: Module, project: Project, depth: int) -> float | int | None:
    name = project.types.qualified(node.func, module)
    if name == "datetime.timedelta":
        total: float = 0
        names = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"]
        parts = [
            *zip(names, node.args, strict=False),
            *((word.arg or "", word.value) for word in node.keywords),
        ]
        for unit, value in parts:
            found = constant_number(value, module, project, depth + 1)
            if found is None or unit not in _SECONDS:
                return None
            total += found * _SECONDS[unit]
        return total
    if name == "builtins.int" and len(node.args) == 1 and not node.keywords:
        found = constant_number(node.args[0], module, project, depth + 1)
        return int(found) if found is not None else None
    if isinstance(node.func, ast.Attribute) and node.func.attr == "total_seconds" and not node.args:
        return constant_number(node.func.value, module, project, depth + 1)
    if name == "builtins.max" and not node.keywords:
        bounds = [constant_number(value, module, project, depth + 1) for value in node.args]
        proven = [value for value in bounds if value is not None]
        return max(proven) if proven and max(proven) > 0 else None
    return None


def _constant_name(
    node: ast.Name | ast.Attribute, module: Module, project: Project, depth: int
) -> float | int | None:
    """A constant of this module, of another, or of a class; each must have exactly one binding."""
    if isinstance(node, ast.Name):
        if node not in module.scopes.scope_of:
            return None
        scope = module.scopes.binder(node)
        if scope is None:
            return None
        bindings = scope.bindings[node.id]
        if len(bindings) != 1:
            return None
        if bindings[0].kind == "assign" and bindings[0].value is not None:
            return constant_number(bindings[0].value, module, project, depth + 1)
        if bindings[0].kind != "import" or not isinstance(bindings[0].node, ast.alias):
            return None
        statement = module.parents[bindings[0].node]
        if not isinstance(statement, ast.ImportFrom):
            return None
        path = project.index.imported_file(module.path, statement.module, statement.level)
        return _constant_in(path, bindings[0].node.name, project, depth) if path else None
    owner = project.types.of(node.value, module)
    if owner is None:
        return None
    if owner.kind == "module" and owner.path:
        return _constant_in(owner.path, node.attr, project, depth)
    definition = project.types.class_def(owner)
    if definition is None:
        return None
    home, found = definition
    if _is_dataclass(found) or any(_is_settings(base) for base in project.types.ancestry(owner)):
        return None
    scope = home.scopes.own[found]
    bindings = scope.bindings.get(node.attr, [])
    if len(bindings) != 1 or bindings[0].value is None:
        return None
    if any(
        isinstance(part, ast.Attribute) and part.attr == node.attr and not isinstance(part.ctx, ast.Load)
        for part in walk(home.tree)
    ):
        return None
    return constant_number(bindings[0].value, home, project, depth + 1)


def _is_settings(base: str) -> bool:
    """Classes whose fields are only defaults: the environment, a file or the caller decides."""
    return base.partition(".")[0] in {
        "pydantic",
        "pydantic_settings",
        "environ",
        "attr",
        "attrs",
        "dataclasses",
    }


def _constant_in(path: str, name: str, project: Project, depth: int) -> float | int | None:
    from codemods.engine.names.index import Found

    answer = project.index.attribute(path, [name], project.layout.name(path))
    if not isinstance(answer, Found) or answer.kind != "value":
        return None
    other = project.module(answer.path)
    bindings = other.scopes.module.bindings.get(answer.name, []) if other is not None else []
    if other is None or len(bindings) != 1 or bindings[0].kind != "assign":
        return None
    return constant_number(bindings[0].value, other, project, depth + 1)


def _is_dataclass(node: ast.ClassDef) -> bool:
    """Classes whose fields are arguments of the constructor too."""
    return bool(node.decorator_list)
