"""Does anything in the repository bring a counter back to 0 while its key lives?

Only then would a first hit come twice in one window: ``DECR`` back to 0, or a ``SET`` of 0 or of something unknown.
Deleting the key is harmless: the next hit starts a new window either way.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.atomic_redis.callers import parameter, passed
from codemods.atomic_redis.commands import KEY_NAMES, RESETS
from codemods.atomic_redis.expressions import same
from codemods.engine.files.testing import is_test
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.atomic_redis.calls import Command
    from codemods.engine.project import Module, Project

_DEPTH = 4
_SHORT = 3
_MANY_KEYS = frozenset({"mset", "msetnx"})
_ONTO = frozenset({"rename", "renamenx", "copy"})


@dataclass
class Origin:
    """What a key is made of: its literal text, the names of what builds it, and whether a part comes from outside."""

    literals: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    unknown: bool = False

    @property
    def known(self) -> bool:
        """Whether it can be told apart from other keys."""
        return bool(self.literals or self.names)

    def meets(self, other: Origin) -> bool:
        """Whether both may be the same key."""
        if self.names & other.names:
            return True
        if self.literals and other.literals:
            return any(
                one.startswith(two) or two.startswith(one) for one in self.literals for two in other.literals
            )
        return False


def origin(node: ast.expr | None, module: Module, project: Project, depth: int = 0) -> Origin:
    """What a key expression is made of."""
    found = Origin()
    _collect(node, module, project, found, depth)
    return found


def _collect(node: ast.expr | None, module: Module, project: Project, found: Origin, depth: int) -> None:
    if node is None or depth > _DEPTH:
        found.unknown = True
        return
    match node:
        case ast.Constant(value=str() | bytes() as value):
            text = value.decode("latin-1") if isinstance(value, bytes) else value
            head = re.split(r"[{%]", text, maxsplit=1)[0]
            if head.strip(":_-. "):
                found.literals.add(head)
            else:
                found.unknown = True
        case ast.JoinedStr(values=values) if values:
            first = values[0]
            _collect(
                first.value if isinstance(first, ast.FormattedValue) else first, module, project, found, depth
            )
        case ast.BinOp(op=ast.Add() | ast.Mod(), left=left):
            _collect(left, module, project, found, depth)
        case ast.Call(func=ast.Attribute(attr="format" | "encode" | "lower" | "join", value=inner)):
            _collect(inner, module, project, found, depth)
        case ast.Call(func=ast.Name(id="str"), args=[inner]):
            _collect(inner, module, project, found, depth)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            found.names.add(name)
            known = project.types.of(node.func, module)
            definition = (
                project.types.function_def(known) if known is not None and known.kind == "function" else None
            )
            for part in walk(definition[1]) if definition else ():
                if isinstance(part, ast.Return) and part.value is not None and definition is not None:
                    _collect(part.value, definition[0], project, found, depth + 1)
        case ast.Attribute(attr=name):
            found.names.add(name)
        case ast.Name():
            _name(node, module, project, found, depth)
        case _:
            found.unknown = True


def _name(node: ast.Name, module: Module, project: Project, found: Origin, depth: int) -> None:
    if node not in module.scopes.scope_of:
        found.unknown = True
        return
    scope = module.scopes.binder(node)
    bindings = scope.bindings[node.id] if scope is not None else []
    if not bindings:
        found.unknown = True
    for binding in bindings:
        if isinstance(binding.node, ast.arg):
            found.unknown = True
        elif binding.kind == "import":
            found.names.add(node.id)
        elif binding.value is not None and binding.kind in {"assign", "walrus"}:
            if scope is module.scopes.module:
                found.names.add(node.id)
            _collect(binding.value, module, project, found, depth + 1)
        else:
            found.unknown = True


def what_resets(write: Command, module: Module, project: Project) -> str | None:
    """Where the repository may bring this counter back to 0, in words; None where it never does."""
    assert write.key is not None
    own = origin(write.key, module, project)
    if own.unknown and not own.known:
        _from_callers(write.key, module, project, own)
    for path in _files(own, module, project):
        other = project.module(path)
        if other is None or (is_test(path) and path != module.path):
            continue
        for part in walk(other.tree):
            if isinstance(part, ast.Assign) and _stores_item(part, other, write, own, project):
                return f"{path}:{part.lineno} stores an item under what may be the same key"
            if (
                not isinstance(part, ast.Call)
                or not isinstance(part.func, ast.Attribute)
                or part is write.call
            ):
                continue
            if _resets(part, other) and _is_same(part, other, write, own, module, project):
                return f"{path}:{part.lineno} calls {part.func.attr}() on what may be the same key"
    return None


def _from_callers(key: ast.expr, module: Module, project: Project, own: Origin) -> None:
    found = parameter(key, module)
    if found is None:
        return
    for other, _, given in passed(*found, module, project):
        if is_test(other.path) or given is None:
            continue
        more = origin(given, other, project, 1)
        own.literals |= more.literals
        own.names |= more.names


def _files(own: Origin, module: Module, project: Project) -> list[str]:
    """The counter's file, every file that counts down, and those that hold the key's text or the names that build it."""
    found = {module.path}
    for needle in (b".decr", b"incrby(", b".mset(", b".msetnx("):
        found.update(project.containing(needle))
    for text in own.literals:
        for quote in ("",) if len(text) > _SHORT else ("'", '"'):
            found.update(project.containing((quote + text).encode("utf-8", "replace")))
    for name in own.names:
        if len(name) > 3:
            found.update(project.containing(name.encode()))
    return sorted(found)


def _resets(call: ast.Call, module: Module) -> bool:
    """Whether a call may write a number of 0 or less; by its name, whoever it is called on."""
    assert isinstance(call.func, ast.Attribute)
    name = call.func.attr
    if name in {"eval", "evalsha"}:
        return True
    if name in {"incr", "incrby", "hincrby"}:
        amount = next((word.value for word in call.keywords if word.arg == "amount"), None)
        amount = amount or (call.args[1] if len(call.args) > 1 and name != "hincrby" else None)
        return isinstance(amount, ast.UnaryOp) and isinstance(amount.op, ast.USub)
    if name not in RESETS or not (call.args or call.keywords):
        return False
    if name in {"set", "setex", "psetex", "getset"}:
        value = _stored(call, name)
        return value is not None and not _harmless(value, module)
    return True


def _stored(call: ast.Call, name: str) -> ast.expr | None:
    place = 2 if name in {"setex", "psetex"} else 1
    if len(call.args) > place:
        return call.args[place]
    return next((word.value for word in call.keywords if word.arg == "value"), None)


def _harmless(value: ast.expr, module: Module) -> bool:
    """A value that is no number of 0 or less, to be seen at a glance."""
    del module
    match value:
        case ast.Constant(value=bool()):
            return True
        case ast.Constant(value=int() | float() as number):
            return number > 0
        case ast.Constant(value=str() as text):
            return not re.fullmatch(r"\s*(0+|-\d+)\s*", text)
        case ast.JoinedStr() | ast.Dict() | ast.List():
            return True
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in {"dumps", "model_dump_json", "json", "isoformat", "hexdigest", "encode"}
    return False


def _stores_item(part: ast.Assign, other: Module, write: Command, own: Origin, project: Project) -> bool:
    """``r[key] = 0``, which redis-py sends as ``SET``."""
    if _harmless(part.value, other):
        return False
    return any(
        isinstance(target, ast.Subscript)
        and _speaks_of_redis(target.value, write)
        and _may_be(target.slice, other, own, project)
        for target in part.targets
    )


def _speaks_of_redis(receiver: ast.expr, write: Command) -> bool:
    """The counter's own client, or what is called like one: ``os.rename`` and ``shutil.copy`` are not meant."""
    return same(receiver, write.receiver) or bool(
        re.search(r"redis|valkey|pipe|client", ast.unparse(receiver), re.IGNORECASE)
    )


def _may_be(key: ast.expr | None, other: Module, own: Origin, project: Project) -> bool:
    """Whether a key that nobody else would touch may be the counter's; an unknown one may."""
    its = origin(key, other, project)
    if its.unknown and not its.known and key is not None:
        _from_callers(key, other, project, its)
    return own.meets(its) if own.known and its.known else True


def _mapped(call: ast.Call) -> list[ast.expr | None]:
    """The keys of ``mset({key: value})``; None for those that can't be seen."""
    given = call.args[0] if call.args else next((word.value for word in call.keywords), None)
    match given:
        case ast.Dict(keys=keys, values=values):
            return [
                key
                for key, value in zip(keys, values, strict=True)
                if not (isinstance(value, ast.Constant) and isinstance(value.value, int) and value.value > 0)
            ]
        case ast.DictComp(key=key):
            return [key]
    return [None]


def _is_same(  # noqa: PLR0917 - two sides of a comparison, each with its module
    call: ast.Call, other: Module, write: Command, own: Origin, module: Module, project: Project
) -> bool:
    key = (
        call.args[0]
        if call.args
        else next((word.value for word in call.keywords if word.arg in KEY_NAMES), None)
    )
    assert isinstance(call.func, ast.Attribute)
    if call.func.attr in _MANY_KEYS:
        return any(_may_be(each, other, own, project) for each in _mapped(call))
    if call.func.attr in _ONTO:
        onto = call.args[1] if len(call.args) > 1 else None
        onto = onto or next(
            (word.value for word in call.keywords if word.arg in {"dst", "destination"}), None
        )
        return (
            onto is not None
            and _speaks_of_redis(call.func.value, write)
            and _may_be(onto, other, own, project)
        )
    if call.func.attr in {"eval", "evalsha"}:
        keys = [*call.args, *(word.value for word in call.keywords)]
        near = other is module and own.known
        return near and any(
            own.meets(origin(part, other, project, 2)) for value in keys for part in _parts(value)
        )
    if key is None:
        return False
    if other is module and same(key, write.key) and _same_owner(call, write, module):
        return True
    its = origin(key, other, project)
    if its.unknown and not its.known:
        _from_callers(key, other, project, its)
    if own.known and its.known:
        return own.meets(its)
    down = call.func.attr in {"decr", "decrby", "incr", "incrby"}
    if down:
        return not its.known or not own.known
    near = other is module and _same_owner(call, write, module)
    return near and not its.known


def _parts(value: ast.expr) -> list[ast.expr]:
    return list(value.elts) if isinstance(value, (ast.List, ast.Tuple)) else [value]


def _same_owner(call: ast.Call, write: Command, module: Module) -> bool:
    """Whether both stand in the same class, or, outside of classes, in the same function."""

    def owner(node: ast.AST) -> ast.AST:
        parents = [part for part in module.ancestors(node) if isinstance(part, ast.ClassDef)]
        return parents[-1] if parents else (module.function(node) or module.tree)

    return owner(call) is owner(write.call)
