"""requests: which expressions are its functions and its sessions' methods, and what sets timeouts from afar."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test

if TYPE_CHECKING:
    from codemods.engine.inference.type_model import Type
    from codemods.engine.project import Module, Project

VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
_SESSIONS = frozenset(
    ["requests.Session", "requests.session()", "requests.sessions.Session", "requests.sessions.session()"]
)
_ADAPTERS = frozenset(["requests.adapters.HTTPAdapter", "requests.sessions.HTTPAdapter"])
_SENDS = frozenset({*VERBS, "send"})
_IMPORT = re.compile(rb"^[ \t]*(?:import|from)[ \t][^\n]*\brequests\b", re.MULTILINE)
_TELLING = re.compile(r"request|session|client|http", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sender:
    """What sends a request: ``verb`` of requests itself, or of ``session``."""

    verb: str
    session: ast.expr | None = None


def imported_by(data: bytes) -> bool:
    """Whether a file imports something that is called requests, as far as its bytes tell."""
    return b"requests" in data and _IMPORT.search(data) is not None


def sender(node: ast.expr, module: Module, project: Project) -> Sender | None:
    """The function or method that ``node`` names (``requests.get``, ``self.session.post``); None for anything else.

    Methods of the repository's own sessions count only where the class leaves requests' way of sending as it is.
    """
    if isinstance(node, ast.Attribute) and node.attr in VERBS:
        if not _imports(module):
            return None
        if isinstance(node.value, ast.Name) and not _may_send(node.value, module):
            return None
        found = project.types.of(node.value, module)
        if found is None:
            return None
        if found.kind == "external":
            return Sender(node.attr) if found.name in {"requests", "requests.api"} else None
        if found.kind == "instance" and _is_plain_session(found, project):
            return Sender(node.attr, node.value)
        return None
    if isinstance(node, ast.Name) and imported_from(node, module) in {"requests", "requests.api"}:
        name = project.types.qualified(node, module) or ""
        home, _, verb = name.rpartition(".")
        return Sender(verb) if verb in VERBS and home in {"requests", "requests.api"} else None
    return None


def _imports(module: Module) -> bool:
    return any(
        alias.name.partition(".")[0] == "requests" or alias.asname == "requests"
        for node in module.nodes(ast.Import)
        for alias in node.names
    ) or any((node.module or "").partition(".")[0] == "requests" for node in module.nodes(ast.ImportFrom))


def imported_from(node: ast.Name, module: Module) -> str | None:
    """The module that a ``from`` import takes the name from, as written there: a cheap question before a dear one."""
    for binding in module.scopes.bindings(node) if node in module.scopes.scope_of else ():
        statement = module.parents.get(binding.node)
        if isinstance(statement, ast.ImportFrom) and not statement.level:
            return statement.module
    return None


def _may_send(node: ast.Name, module: Module) -> bool:
    """Whether a name is worth asking what it is; what is imported under a name of another kind is not."""
    bindings = module.scopes.bindings(node) if node in module.scopes.scope_of else []
    return any(
        not isinstance(binding.node, ast.alias) or _TELLING.search(f"{binding.node.name} {binding.name}")
        for binding in bindings
    )


def _is_plain_session(found: Type, project: Project) -> bool:
    if found.name in _SESSIONS:
        return True
    if not found.path or not any(name in _SESSIONS for name in project.types.ancestry(found)):
        return False
    return not any(project.types.classes.method(found, name) for name in _SENDS)


def sets_timeouts_from_afar(project: Project) -> bool:
    """Whether something in the repository gives sessions a timeout that their calls do not show.

    That is an adapter of another kind than requests' own that is mounted, or a replaced ``request`` or ``send``.
    """
    return project.remembered("requests: timeouts from afar", lambda: _from_afar(project))


def _from_afar(project: Project) -> bool:
    for path in project.containing(b".mount(", b"dapter"):
        module = project.module(path) if not is_test(path) else None
        for call in module.nodes(ast.Call) if module is not None else ():
            if isinstance(call.func, ast.Attribute) and call.func.attr == "mount" and len(call.args) == 2:
                prefix, adapter = call.args
                if isinstance(prefix, ast.Constant) and str(prefix.value).startswith("/"):
                    continue  # a web framework's
                assert module is not None
                if _may_set_timeouts(adapter, module, project):
                    return True
    for needle in (b".request = ", b".send = "):
        for path in project.containing(needle, b"imeout"):
            if not is_test(path) and b"requests" in project.read(path):
                return True
    return False


def _may_set_timeouts(adapter: ast.expr, module: Module, project: Project) -> bool:
    found = project.types.of(adapter, module)
    if found is None or found.kind != "instance":
        return True
    if found.name in _ADAPTERS:
        return False
    where = project.types.class_def(found)
    if where is None or not any(name in _ADAPTERS for name in project.types.ancestry(found)):
        return True
    home, node = where
    return any(
        "timeout" in home.source.segment(part)
        for part in node.body
        if isinstance(part, ast.FunctionDef) and part.name in {"send", "get_connection", "init_poolmanager"}
    )
