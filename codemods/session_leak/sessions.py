"""Which call makes a session of its own, and whether its methods are awaited."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.libraries.fastapi.origins import origins
from codemods.libraries.sqlalchemy import handle_named, handle_of

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project


def made_by(call: ast.expr | None, module: Module, project: Project) -> bool | None:
    """Whether the session that ``call`` makes is an asynchronous one; None where no new session is proven.

    A ``scoped_session`` gives the session of its thread, which belongs to whoever removes it.
    """
    if not isinstance(call, ast.Call):
        return None
    made = handle_of(call, module, project)
    if made is None or made.kind != "session":
        return None
    maker = handle_of(call.func, module, project)
    if maker is not None and maker.kind == "factory":
        return made.is_async if made.is_async is not None else _class_of(call.func, module, project)
    named = project.types.of(call.func, module)
    if named is None or named.kind not in {"class", "external"} or not named.last[:1].isupper():
        return None
    for name in project.types.ancestry(named) if named.path else (named.name,):
        handle = handle_named(name)
        if handle is not None and handle.kind == "session":
            return handle.is_async
    return None


def _class_of(factory: ast.expr, module: Module, project: Project) -> bool | None:
    """Whether a ``sessionmaker`` is told to make asynchronous sessions: ``sessionmaker(engine, class_=AsyncSession)``."""
    found: set[bool | None] = set()
    for origin in origins(factory, module, project):
        call = origin.node
        if not isinstance(call, ast.Call) or any(keyword.arg is None for keyword in call.keywords):
            return None
        given = next((keyword.value for keyword in call.keywords if keyword.arg == "class_"), None)
        if given is None:
            found.add(False)
            continue
        named = project.types.of(given, origin.module)
        names = [] if named is None else project.types.ancestry(named) if named.path else [named.name]
        handles = [handle for name in names if (handle := handle_named(name)) is not None]
        found.add(handles[0].is_async if handles else None)
    return found.pop() if len(found) == 1 else None
