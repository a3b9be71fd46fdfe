"""SQLAlchemy: which expression is an engine, a connection or a session, and which version the repository may have."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

Kind = Literal["engine", "connection", "session", "factory", "extension"]


@dataclass(frozen=True, slots=True)
class Handle:
    """What statements are given to, or what makes such a thing.

    ``kind``: ``factory`` is a ``sessionmaker`` or ``async_sessionmaker``; a ``scoped_session`` counts as the session that
    it stands for; ``extension`` is Flask-SQLAlchemy's ``db``. ``is_async``: its methods are awaited; None where both
    may be (``sessionmaker(class_=...)``). ``proof`` says where it was learnt.
    """

    kind: Kind
    is_async: bool | None = False
    proof: str = ""


_ENGINE, _CONNECTION, _SESSION = Handle("engine"), Handle("connection"), Handle("session")
_FACTORY = Handle("factory", None)
_BASES: dict[str, Handle] = {
    **dict.fromkeys(
        [
            *(f"sqlalchemy.{home}create_engine()" for home in ("", "engine.", "engine.create.", "future.")),
            *(f"sqlalchemy.{home}engine_from_config()" for home in ("", "engine.", "engine.create.")),
            *(f"sqlalchemy.{home}Engine" for home in ("", "engine.", "engine.base.", "future.")),
            "sqlmodel.create_engine()",
        ],
        _ENGINE,
    ),
    **dict.fromkeys(
        [f"sqlalchemy.ext.asyncio.{home}{name}" for home in ("", "engine.") for name in
         ("create_async_engine()", "async_engine_from_config()", "AsyncEngine")],
        replace(_ENGINE, is_async=True),
    ),
    **dict.fromkeys(
        [f"sqlalchemy.{home}Connection" for home in ("", "engine.", "engine.base.", "future.")]
        + ["alembic.op.get_bind()", "flask_migrate.op.get_bind()"],
        _CONNECTION,
    ),
    **dict.fromkeys(
        [f"sqlalchemy.ext.asyncio.{home}AsyncConnection" for home in ("", "engine.")],
        replace(_CONNECTION, is_async=True),
    ),
    **dict.fromkeys(
        [
            "sqlalchemy.orm.Session", "sqlalchemy.orm.session.Session", "sqlmodel.Session", "sqlmodel.orm.session.Session",
            "sqlalchemy.orm.scoped_session()", "sqlalchemy.orm.scoping.scoped_session()", "sqlalchemy.orm.scoped_session",
            "sqlalchemy.orm.create_session()", "sqlalchemy.orm.object_session()", "fastapi_sqlalchemy.db.session",
        ],
        _SESSION,
    ),
    **dict.fromkeys(
        [
            *(f"sqlalchemy.ext.asyncio.{home}AsyncSession" for home in ("", "session.")),
            *(f"sqlalchemy.ext.asyncio.{home}async_scoped_session{call}" for home in ("", "scoping.") for call in ("", "()")),
            "sqlmodel.ext.asyncio.session.AsyncSession", "fastapi_async_sqlalchemy.db.session",
        ],
        replace(_SESSION, is_async=True),
    ),
    **dict.fromkeys(
        [f"sqlalchemy.orm.{home}sessionmaker{call}" for home in ("", "session.") for call in ("", "()")], _FACTORY
    ),
    **dict.fromkeys(
        [f"sqlalchemy.ext.asyncio.{home}async_sessionmaker{call}" for home in ("", "session.") for call in ("", "()")],
        replace(_FACTORY, is_async=True),
    ),
    **dict.fromkeys(
        ["flask_sqlalchemy.SQLAlchemy", "flask_sqlalchemy.extension.SQLAlchemy", "flask_sqlalchemy_lite.SQLAlchemy"],
        Handle("extension"),
    ),
}  # fmt: skip
_STEPS: dict[tuple[Kind, str], Kind] = {
    ("engine", ".connect()"): "connection",
    ("engine", ".begin()"): "connection",
    ("engine", ".execution_options()"): "engine",
    ("engine", ".sync_engine"): "engine",
    ("connection", ".execution_options()"): "connection",
    ("connection", ".connect()"): "connection",
    ("connection", ".sync_connection"): "connection",
    ("connection", ".engine"): "engine",
    ("session", ".connection()"): "connection",
    ("session", ".sync_session"): "session",
    ("session", ".session_factory"): "factory",
    ("session", "()"): "session",
    ("factory", "()"): "session",
    ("factory", ".begin()"): "session",
    ("extension", ".session"): "session",
    ("extension", ".session()"): "session",
    ("extension", ".engine"): "engine",
    ("extension", ".get_engine()"): "engine",
    ("extension", ".create_scoped_session()"): "session",
}
_STEP = re.compile(r"\.\w+\(\)|\(\)|\.\w+")
_SYNC = {".sync_engine", ".sync_connection", ".sync_session"}
_COMPATIBLE = re.compile(
    rb"^[\s\"']*sqlalchemy(?:\[[^\]]*\])?\s*(?:=\s*(?:\{[^}\n]*version\s*=\s*)?[\"'](?:\^|~=?)|~=)\s*1\b",
    re.IGNORECASE | re.MULTILINE,
)
_NEEDS_OLD = {"flask-sqlalchemy": (3,), "sqlmodel": (0, 0, 14), "apache-airflow": (3,)}
"""Below these versions the libraries ask for an SQLAlchemy below 2.0, or do not work with a newer one."""


def handle_of(node: ast.expr, module: Module, project: Project) -> Handle | None:
    """What of SQLAlchemy's an expression is; None where it is not proven to be any of these.

    A connection of a database driver, or of another library with the same methods, is None.
    """
    found = project.types.of(node, module)
    if found is None:
        return _step_of(node, module, project)
    if found.kind == "external":
        return handle_named(found.name) if found.name.endswith(".session") else None
    if found.kind != "instance":
        return None
    for name in project.types.ancestry(found) if found.path else (found.name,):
        handle = handle_named(name)
        if handle is not None:
            return replace(handle, proof=found.proof)
    return None


def _step_of(node: ast.expr, module: Module, project: Project) -> Handle | None:
    """What an attribute or a method of the repository's own subclass of one of SQLAlchemy's classes gives."""
    node = node.value if isinstance(node, ast.Await) else node
    call = isinstance(node, ast.Call)
    inner = node.func if isinstance(node, ast.Call) else node
    if not isinstance(inner, ast.Attribute):
        return None
    base = project.types.of(inner.value, module)
    if base is None or not base.path or base.kind != "instance":
        return None
    for name in project.types.ancestry(base):
        if handle_named(name) is not None:
            return handle_named(f"{name}.{inner.attr}{'()' if call else ''}")
    return None


@lru_cache(maxsize=4096)
def handle_named(name: str) -> Handle | None:
    """What a type's name stands for: ``sqlalchemy.create_engine().connect()`` is a connection."""
    end = len(name)
    while end > 0:
        handle = _BASES.get(name[:end])
        rest = _STEP.findall(name[end:])
        if handle is not None and "".join(rest) == name[end:]:
            for step in rest:
                kind = _STEPS.get((handle.kind, step))
                if kind is None:
                    return None
                handle = replace(handle, kind=kind, is_async=False if step in _SYNC else handle.is_async)
            return handle
        end = max(name.rfind(".", 0, end), name.rfind("(", 0, end))
    return None


Version = Literal["1", "2", "1 or 2"]


def version_of(project: Project) -> Version:
    """Which major version may be installed: ``1`` and ``2`` where the repository's pins leave no other.

    Without a pin it is today's release, unless something older is pinned that needs an older SQLAlchemy.
    """
    lowest, highest = project.pins.lowest("sqlalchemy"), project.pins.highest("sqlalchemy")
    if lowest is not None and lowest >= (2,):
        return "2"
    if highest is not None and (highest < (2,) or highest in {(2,), (2, 0), (2, 0, 0)}):
        return "1"
    for library, first in _NEEDS_OLD.items():
        theirs = project.pins.highest(library)
        if theirs is not None and theirs[: len(first)] <= first and not any(theirs[len(first) :]):
            return "1"
        if theirs is not None and theirs[: len(first)] < first:
            return "1"
    if lowest is None:
        return "2"
    return "1" if project.kept(_stays_below) else "1 or 2"


def _stays_below(project: Project) -> bool:
    """Whether a pin says "compatible with 1.x" (``^1.4``, ``~=1.4``), whose upper bound is not written out."""
    return any(_COMPATIBLE.search(project.snapshot.read(path)) for path in project.manifests)


def is_used(project: Project) -> bool:
    """Whether any file of the repository names SQLAlchemy, or a library that brings it."""
    return bool(project.containing(b"sqlalchemy") or project.containing(b"sqlmodel"))
