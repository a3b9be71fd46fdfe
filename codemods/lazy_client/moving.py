"""Whether an expression means the same when it is evaluated later, inside a getter."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.finding import Refused
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.names.scopes import Binding
    from codemods.engine.project import Module, Project
    from codemods.lazy_client.sites import Site

_CONSUMING = frozenset({"pop", "popitem", "popleft", "read", "readline", "readlines", "get_nowait", "send"})
_ASKING = frozenset({"input", "getpass", "getpass.getpass", "next", "anext", "click.prompt", "typer.prompt"})
_MUTATING = frozenset(
    {
        "append",
        "extend",
        "insert",
        "update",
        "setdefault",
        "clear",
        "remove",
        "add",
        "discard",
        "sort",
        "reverse",
    }
    | {"pop", "popitem", "__setitem__", "__delitem__", "seek", "close"}
)
_OWN_KEYS = {
    **{
        name: f"{name.upper().replace(' ', '_')}_API_KEY"
        for name in ("OpenAI", "Azure OpenAI", "Anthropic", "Groq")
    },
    **{name: f"{name.upper()}_API_KEY" for name in ("Together", "Pinecone", "Tavily")},
    "Cohere": "CO_API_KEY",
    "Google GenAI": "GOOGLE_API_KEY",
    "Replicate": "REPLICATE_API_TOKEN",
}
_ENVIRON_CHANGES = frozenset({"pop", "clear", "update", "popitem"})


def check_movable(site: Site, module: Module, project: Project, group: frozenset[str]) -> None:
    """Raises Refused where something that the definition reads may be another thing by the time of its first use."""
    moved = set(walk(site.statement))
    for extra in site.setup:
        moved.update(walk(extra))
    for node in moved:
        _check_consuming(node, module)
    scopes = module.scopes
    names: dict[str, ast.Name] = {}
    for node in moved:
        if (
            isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Load)
            and scopes.binder(node) is scopes.module
        ):
            names.setdefault(node.id, node)
    for name in sorted(names):
        if name in group or name == site.name:
            continue
        bindings = scopes.module.bindings[name]
        if all(binding.node in moved for binding in bindings):
            continue
        _check_rebinding(name, bindings, site, moved, module)
        if not all(
            isinstance(binding.node, (ast.alias, ast.FunctionDef, ast.ClassDef)) for binding in bindings
        ):
            _check_mutation(name, site, moved, module)
    _check_attributes(site, moved, module)
    read = {key for node in moved for key in _environment_key(node)}
    read.update(environment_keys(site, given=True))
    if read:
        _check_environment(read, site, moved, module, project)


def _check_consuming(node: ast.AST, module: Module) -> None:
    if isinstance(node, ast.NamedExpr):
        raise Refused(f"its arguments bind `{node.target.id}` (line {node.lineno})")
    if isinstance(node, (ast.Await, ast.Yield, ast.YieldFrom)):
        raise Refused("its arguments wait for something")
    if not isinstance(node, ast.Call):
        return
    name = dotted(node.func) or ""
    if name in _ASKING:
        raise Refused(
            f"its arguments call `{name}()`, which should run once and on import (line {node.lineno})"
        )
    if (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in _CONSUMING
        and isinstance(node.func.value, ast.Name)
    ):
        if node.func.value.id in module.scopes.module.bindings and _is_import(node.func.value.id, module):
            return
        raise Refused(
            f"its arguments use up `{node.func.value.id}` by `.{node.func.attr}()` (line {node.lineno})"
        )
    if name.rpartition(".")[2] in {"parse_args", "parse_known_args"}:
        raise Refused("its arguments parse the command line")


def _is_import(name: str, module: Module) -> bool:
    return all(isinstance(binding.node, ast.alias) for binding in module.scopes.module.bindings[name])


def _check_rebinding(
    name: str, bindings: list[Binding], site: Site, moved: set[ast.AST], module: Module
) -> None:
    written = {_alias_text(binding, module) for binding in bindings}
    if len(written) == 1 and None not in written:
        return
    end = site.statement.end_lineno or site.statement.lineno
    for binding in bindings:
        if binding.kind == "annotation" or binding.node in moved:
            continue
        line = getattr(binding.node, "lineno", 0)
        if binding.kind == "except":
            raise Refused(f"its arguments read `{name}`, which exists only inside an `except` block")
        if binding.kind == "delete":
            raise Refused(f"its arguments read `{name}`, which line {line} deletes")
        if line > end or module.function(binding.node) is not None:
            raise Refused(f"its arguments read `{name}`, which line {line} binds again")


def _alias_text(binding: Binding, module: Module) -> str | None:
    if not isinstance(binding.node, ast.alias):
        return None
    statement = module.parents[binding.node]
    home = f"{statement.level}{statement.module}" if isinstance(statement, ast.ImportFrom) else ""
    return f"{home}:{binding.node.name}"


def _check_mutation(name: str, site: Site, moved: set[ast.AST], module: Module) -> None:
    end = site.statement.end_lineno or site.statement.lineno
    for load in module.scopes.loads(module.scopes.module, name):
        if load in moved:
            continue
        later = load.lineno > end or module.function(load) is not None
        parent = module.parents[load]
        while isinstance(parent, (ast.Attribute, ast.Subscript)) and isinstance(parent.ctx, ast.Load):
            called = module.parents[parent]
            if (
                isinstance(parent, ast.Attribute)
                and isinstance(called, ast.Call)
                and called.func is parent
                and parent.attr in _MUTATING
                and later
            ):
                raise Refused(f"its arguments read `{name}`, which line {load.lineno} changes")
            parent = module.parents[parent]
        if isinstance(parent, (ast.Attribute, ast.Subscript)) and later and _roots_in(parent, load):
            raise Refused(f"its arguments read `{name}`, which line {load.lineno} changes")


def _check_attributes(site: Site, moved: set[ast.AST], module: Module) -> None:
    """``settings.url`` must not be set below."""
    read = {
        dotted(node) for node in moved if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }
    read -= {None}
    end = site.statement.end_lineno or site.statement.lineno
    for node in walk(module.tree) if read else ():
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and node not in moved:
            later = node.lineno > end or module.function(node) is not None
            if later and dotted(node) in read:
                raise Refused(f"its arguments read `{dotted(node)}`, which line {node.lineno} sets")


def _roots_in(node: ast.expr, load: ast.Name) -> bool:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node is load


def _environment_key(node: ast.AST) -> Iterator[str]:
    """The name of the environment variable that a node reads; ``*`` for one that is not a literal."""
    if isinstance(node, ast.Call) and (dotted(node.func) or "") in {
        "os.getenv",
        "getenv",
        "os.environ.get",
        "environ.get",
    }:
        yield _literal(node.args[0]) if node.args else "*"
    elif (
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Load)
        and dotted(node.value) in {"os.environ", "environ"}
    ):
        yield _literal(node.slice)


def _literal(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "*"


def _check_environment(
    read: set[str], site: Site, moved: set[ast.AST], module: Module, project: Project
) -> None:
    """The variables that the arguments read must not be changed by code that runs after the definition."""
    end = site.statement.end_lineno or site.statement.lineno
    for path in [module.path, *(_changing_files(read, module.path, project))]:
        other = module if path == module.path else project.module(path)
        if other is None:
            continue
        for node in walk(other.tree):
            if node in moved or not isinstance(node, (ast.Call, ast.Subscript)):
                continue
            key = changed_key(node)
            if key is None or not (key in read or "*" in {key, *read}):
                continue
            line = node.lineno
            earlier = other is module and line < end and module.function(node) is None
            if not earlier and (path == module.path or _takes_away(node)):
                raise Refused(
                    f"building it reads the environment variable {key}, which {path}:{line} changes"
                )


def _changing_files(read: set[str], own: str, project: Project) -> Iterator[str]:
    from codemods.engine.files.testing import is_test

    for key in sorted(read - {"*"}):
        for path in project.containing(key.encode(), b"environ"):
            if path != own and not is_test(path):
                yield path


def changed_key(node: ast.Call | ast.Subscript) -> str | None:
    """The environment variable that a node sets or takes away; ``*`` for an unknown one, None for none."""
    if isinstance(node, ast.Subscript):
        changes = dotted(node.value) in {"os.environ", "environ"} and not isinstance(node.ctx, ast.Load)
        return _literal(node.slice) if changes else None
    name = dotted(node.func) or ""
    if name in {"os.unsetenv", "os.putenv"}:
        return _literal(node.args[0]) if node.args else "*"
    home, _, last = name.rpartition(".")
    if home in {"os.environ", "environ"} and last in _ENVIRON_CHANGES:
        if last == "update" and not node.args:
            return None
        return _literal(node.args[0]) if node.args and last == "pop" else "*"
    return None


def _takes_away(node: ast.Call | ast.Subscript) -> bool:
    return isinstance(node, ast.Call) or isinstance(node.ctx, ast.Del)


def environment_keys(site: Site, *, given: bool = False) -> Iterator[str]:
    """The environment variables that a definition reads; the vendor's own not where ``given`` and a key is written."""
    for value in site.values:
        for node in walk(value):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.fullmatch(r"[A-Z][A-Z0-9_]{3,}", node.value)
            ):
                yield node.value
    if site.match is not None and not (given and _has_key(site)):
        yield own_key(site) or f"{re.sub(r'[^A-Z0-9]+', '_', site.match.client.vendor.upper())}_API_KEY"
        if site.match.client.vendor == "AWS":
            yield from ("AWS_DEFAULT_REGION", "AWS_REGION")


def own_key(site: Site) -> str:
    """The environment variable in which the vendor's client looks for its key by itself; empty where it has none."""
    return _OWN_KEYS.get(site.match.client.vendor, "") if site.match is not None else ""


def _has_key(site: Site) -> bool:
    """Whether the constructor is told its key, so that it does not look for one."""
    if site.call is None or site.match is None:
        return False
    client = site.match.client
    return any(keyword.arg in client.keys for keyword in site.call.keywords) or 0 <= client.position < len(
        site.call.args
    )
