"""Clients and what is made from them at the top level: the sites that become lazy together."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.finding import Refused
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.lazy_client.sites import Site
from codemods.lazy_client.timing import when

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_MAKING = frozenset(
    {"client", "resource", "collection", "database", "bucket", "blob", "container", "table", "index", "queue"}
    | {"register_script", "pubsub", "lock", "with_options", "options", "open_by_key", "channel", "chat", "db"}
)
_MAKING_STARTS = ("get_", "create_", "with_", "as_", "from_", "make_", "build_")
_READING = frozenset({"get_caller_identity", "get_item", "get_object", "get_secret_value", "get_parameter"})


def chain_of(root: Site, sites: list[Site], module: Module, project: Project) -> list[Site]:
    """``root`` and everything in the module that is derived from it, in source order.

    Raises Refused where one of them is used while the module is imported in a way that cannot wait.
    """
    members = [root]
    todo = [root]
    while todo:
        site = todo.pop(0)
        scope = module.scopes.module
        for load in module.scopes.loads(scope, site.name):
            moment = when(load, module)
            if moment.time != "import":
                continue
            statement = _top(load, module)
            if any(statement is member.statement or statement in member.setup for member in members):
                continue
            if statement is site.statement:
                continue
            if _is_setup(statement, load) and site.shape == "plain":
                site.setup.append(statement)
                continue
            link = _link(statement, load, sites, module, project)
            if link is None:
                name = "" if site is root else f"`{site.name}`, which is made from it, is used "
                said = name or "it is used "
                raise Refused(f"{said}{moment.how} (line {load.lineno}), while the module is imported")
            if link.refusal:
                raise Refused(
                    f"`{link.name}` (line {link.statement.lineno}) is made from it, and there {link.refusal}"
                )
            members.append(link)
            todo.append(link)
    return sorted(members, key=lambda member: member.statement.lineno)


def _top(node: ast.AST, module: Module) -> ast.stmt:
    found = module.statement(node)
    for parent in module.ancestors(node):
        if isinstance(parent, ast.stmt):
            found = parent
    return found


def _is_setup(statement: ast.stmt, load: ast.Name) -> bool:
    """``client.max_retries = 3`` right after the definition: configuration that moves along."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    target: ast.expr = statement.targets[0]
    if not isinstance(target, ast.Attribute):
        return False
    while isinstance(target, ast.Attribute):
        target = target.value
    return target is load


def _link(
    statement: ast.stmt, load: ast.Name, sites: list[Site], module: Module, project: Project
) -> Site | None:
    known = next((site for site in sites if site.statement is statement), None)
    if known is not None:
        return known
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value, annotation = statement.targets[0], statement.value, None
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target, value, annotation = statement.target, statement.value, statement.annotation
    else:
        return None
    if not isinstance(target, ast.Name) or not _makes(value, load, module, project):
        return None
    return Site(target.id, statement, statement, "derived", [value], None, None, annotation)


def _makes(value: ast.expr, load: ast.Name, module: Module, project: Project) -> bool:
    """Whether ``value`` is an object made from the client, and not data that is fetched with it."""
    if value is load:
        return True
    node: ast.expr = value
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        if isinstance(node, ast.Call):
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(load in walk(argument) for argument in arguments):
                return node is value and _takes(node, load, arguments, module, project)
            if not isinstance(node.func, ast.Attribute) or not _is_making(node.func.attr):
                return False
            node = node.func.value
        else:
            node = node.value
    return node is load


def _is_making(name: str) -> bool:
    if name in _READING:
        return False
    return name in _MAKING or name[:1].isupper() or name.startswith(_MAKING_STARTS)


def _takes(
    call: ast.Call, load: ast.Name, arguments: list[ast.expr], module: Module, project: Project
) -> bool:
    """``RedisCache(client, ...)``, ``instrument(client)``: the client itself is an argument."""
    if load not in arguments or not dotted(call.func):
        return False
    known = project.types.of(call.func, module)
    last = (dotted(call.func) or "").rpartition(".")[2]
    if known is not None and known.kind in {"class", "external"} and not known.name.startswith("builtins."):
        return True
    return (known is None and last[:1].isupper()) or (known is not None and known.kind == "function")
