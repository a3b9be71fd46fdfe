"""Definitions that an ``if`` or ``try`` makes: whether the whole statement can move into a getter."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.finding import Refused
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.lazy_client.sites import Site, is_none

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module

_LOGGING = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print"})
_ENDING = frozenset({"exit", "_exit", "quit", "abort"})


def merge(sites: list[Site], module: Module) -> list[Site]:
    """The branches of one statement that bind the same name are one definition. Each refusal is noted on its site."""
    merged: list[Site] = []
    for site in sites:
        if site.shape != "branches" or site.refusal:
            merged.append(site)
            continue
        known = next(
            (other for other in merged if other.shape == "branches" and other.statement is site.statement),
            None,
        )
        if known is not None and known.name == site.name:
            continue
        if known is not None:
            reason = f"the same statement also binds `{{}}` (line {site.statement.lineno})"
            known.refusal = known.refusal or reason.format(site.name)
            site.refusal = reason.format(known.name)
        merged.append(site)
    for site in merged:
        if site.shape == "branches" and not site.refusal:
            site.refusal = _inspect(site, module)
    return merged


def _inspect(site: Site, module: Module) -> str:
    try:
        inside = set(walk(site.statement))
        for binding in module.scopes.module.bindings.get(site.name, ()):
            if binding.node not in inside:
                raise Refused(f"line {getattr(binding.node, 'lineno', 0)} binds the name too")
        values = list(_values(site, [site.statement]))
        site.values = [value for value in values if value is not None]
        if not _always_bound([site.statement], site.name):
            raise Refused("it is bound in some branches only, and elsewhere the name does not exist")
        _check_others(site, module)
    except Refused as reason:
        return str(reason)
    return ""


def stores(site: Site) -> Iterator[ast.Assign | ast.AnnAssign]:
    """The simple statements inside a branching definition that bind its name."""
    for node in walk(site.statement):
        if (isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == site.name for target in node.targets)) or (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == site.name):  # fmt: skip
            yield node


def _values(site: Site, block: list[ast.stmt]) -> Iterator[ast.expr | None]:
    """The values that the name gets, statement by statement. Raises Refused for anything that may not move."""
    for node in block:
        match node:
            case ast.Assign(targets=[ast.Name(id=site.name)]):
                yield node.value
            case ast.AnnAssign(target=ast.Name(id=site.name)):
                if node.value is not None:
                    yield node.value
            case (
                ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(target=ast.Name()) | ast.Pass() | ast.Raise()
            ):
                pass
            case ast.Import() | ast.ImportFrom():
                pass
            case ast.If():
                yield from _values(site, node.body)
                yield from _values(site, node.orelse)
            case ast.Try():
                for part in (
                    node.body,
                    *(handler.body for handler in node.handlers),
                    node.orelse,
                    node.finalbody,
                ):
                    yield from _values(site, part)
            case ast.Expr(value=ast.Call() as call) if _is_message(call):
                pass
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise Refused(f"the statement that binds it does more than that (line {node.lineno})")


def _is_message(call: ast.Call) -> bool:
    name = (dotted(call.func) or "").rpartition(".")
    return name[2] in _LOGGING or (dotted(call.func) or "").startswith("warnings.")


def _always_bound(block: list[ast.stmt], name: str) -> bool:
    """Whether after ``block`` the name is bound, or an exception was raised, whichever way it went."""
    for node in block:
        match node:
            case ast.Raise():
                return True
            case ast.Assign(targets=[ast.Name(id=bound)]) if bound == name:
                return True
            case ast.AnnAssign(target=ast.Name(id=bound), value=ast.expr()) if bound == name:
                return True
            case ast.If() if _always_bound(node.body, name) and _always_bound(node.orelse, name):
                return True
            case ast.Try():
                handlers = all(_always_bound(handler.body, name) for handler in node.handlers)
                if handlers and (_always_bound(node.body, name) or _always_bound(node.orelse, name)):
                    return True
                if _always_bound(node.finalbody, name):
                    return True
    return False


def _check_others(site: Site, module: Module) -> None:
    """Other names that the statement binds may be used inside it only. Raises Refused."""
    inside = set(walk(site.statement))
    scope = module.scopes.module
    for node in inside:
        if isinstance(node, ast.Call) and (dotted(node.func) or "").rpartition(".")[2] in _ENDING:
            raise Refused(f"the statement that binds it may end the process (line {node.lineno})")
    for name, bindings in scope.bindings.items():
        own = [binding for binding in bindings if binding.node in inside]
        if name == site.name or not own:
            continue
        if len(own) < len(bindings):
            raise Refused(f"the statement that binds it also binds `{name}`, which is bound elsewhere too")
        outside = [load for load in module.scopes.loads(scope, name) if load not in inside]
        if outside:
            raise Refused(
                f"the statement that binds it also binds `{name}`, which line {outside[0].lineno} reads"
            )
        if name == "*":
            raise Refused("the statement that binds it also imports everything from a module")
    for load in module.scopes.loads(scope, site.name):
        if load in inside:
            raise Refused(f"it is already used where it is built (line {load.lineno})")


def exported_beside(site: Site, module: Module) -> list[str]:
    """The other names that a branching definition binds; no other file may read them either."""
    inside = set(walk(site.statement))
    return [
        name
        for name, bindings in module.scopes.module.bindings.items()
        if name != site.name and any(binding.node in inside for binding in bindings)
    ]


def has_fallback(values: list[ast.expr]) -> bool:
    """Whether one of the branches binds None."""
    return any(is_none(value) for value in values)
