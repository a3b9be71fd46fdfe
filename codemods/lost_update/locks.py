"""What keeps two transactions apart already, and what a lock on the row could not hold."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import own_nodes
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.libraries import sqlalchemy

if TYPE_CHECKING:
    from codemods.engine.inference.definitions import Function
    from codemods.engine.inference.type_model import Type
    from codemods.engine.project import Module, Project
    from codemods.lost_update.reads import Read
    from codemods.lost_update.writes import Write

_LOCKS = re.compile(
    r"(?<![A-Za-z])[lL]ock|(?<=[a-z])Lock|(?<![A-Z])LOCK|[mM]utex|[sS]emaphore|[sS]ynchroni[sz]ed|(?i:for.update)|nowait"
)
_SERVERS = (b"postgres", b"mysql", b"mariadb", b"oracle", b"mssql", b"psycopg", b"asyncpg")
_SERVER_PACKAGES = (
    "psycopg", "psycopg2", "psycopg2-binary", "psycopg-binary", "asyncpg", "pymysql", "mysqlclient", "aiomysql", "asyncmy",
    "pg8000", "oracledb", "pyodbc", "mysql-connector-python",
)  # fmt: skip
_SLOW = (
    "requests.", "httpx.", "urllib.request.", "time.sleep", "subprocess.", "smtplib.", "stripe.", "boto3.", "openai.",
)  # fmt: skip
_ENDS = {"commit", "rollback", "close", "begin", "refresh", "expire", "expire_all", "merge"}


def is_migration(path: str) -> bool:
    """Whether a file is one of alembic's scripts, which run alone."""
    return any(
        folder in {"alembic", "versions", "migrations", "revisions"} for folder in path.split("/")[:-1]
    )


def is_guarded(function: Function, module: Module) -> bool:
    """Whether the function, or something around it, speaks of a lock in any way."""
    return bool(_LOCKS.search(module.source.segment(function))) or any(
        _LOCKS.search(module.source.segment(mark)) for mark in function.decorator_list
    )


def keeps_apart(project: Project) -> bool:
    """Whether the repository's transactions are isolated so that one of two fails."""
    return bool(
        project.containing(b"SERIALIZABLE")
        or project.containing(b"REPEATABLE READ")
        or project.containing(b"REPEATABLE_READ")
    )


def has_version(model: Type, project: Project) -> bool:
    """Whether the mapper counts versions: a second writer gets a ``StaleDataError``."""
    return any(
        isinstance(part, ast.Constant) and part.value in {"version_id_col", "version_id_generator"}
        for _, node in project.types.classes.lineage(model)
        for part in walk(node)
    )


def reads_others_too(model: Type, project: Project) -> bool:
    """Whether a relationship of the model is loaded by an outer join, which PostgreSQL locks no rows of."""
    for _, node in project.types.classes.lineage(model):
        for part in walk(node):
            if isinstance(part, ast.keyword) and part.arg == "lazy" and isinstance(part.value, ast.Constant):
                if part.value.value in {"joined", False}:
                    return True
            elif isinstance(part, ast.keyword) and part.arg == "with_polymorphic":
                return True
    return False


def is_sqlite_only(project: Project) -> bool:
    """Whether nothing in the repository speaks of another database than SQLite."""
    if any(project.pins.mentions(name) for name in _SERVER_PACKAGES) or not project.containing(b"sqlite"):
        return False
    return not any(project.containing(word) for word in _SERVERS)


def is_committed(read: Read, write: Write, function: Function, module: Module) -> bool:
    """Whether the write is sent in the function, in the transaction of the read."""
    session = dotted(read.session) if read.session is not None else None
    ends: list[int] = []
    sent = False
    for node in own_nodes(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = dotted(node.func.value) or ""
        mine = owner == session if session is not None else owner.endswith("session")
        if not mine:
            continue
        if node.func.attr in _ENDS and read.statement.lineno < node.lineno < write.statement.lineno:
            ends.append(node.lineno)
        if node.func.attr in {"commit", "flush"} and node.lineno > write.statement.lineno:
            sent = True
    around = [
        each for each in module.ancestors(read.statement) if isinstance(each, (ast.With, ast.AsyncWith))
    ]
    begun = any(
        isinstance(part, ast.Attribute) and part.attr == "begin"
        for each in around
        for item in each.items
        for part in walk(item)
    )
    return not ends and (sent or begun)


def waits_for(read: Read, write: Write, function: Function, module: Module, project: Project) -> str:
    """What the function waits for beside the database while the row would be locked; empty for nothing."""
    session = dotted(read.session) if read.session is not None else ""
    until = min(
        (
            node.lineno
            for node in own_nodes(function)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"commit", "flush"}
            and node.lineno > write.statement.lineno
        ),
        default=write.statement.lineno,
    )
    for node in own_nodes(function):
        if not isinstance(node, (ast.Call, ast.Await)) or not (read.statement.lineno < node.lineno < until):
            continue
        call = node.value if isinstance(node, ast.Await) else node
        if not isinstance(call, ast.Call):
            continue
        if isinstance(node, ast.Await):
            given = {dotted(each) for each in [*call.args, *(keyword.value for keyword in call.keywords)]}
            owner = dotted(call.func.value) if isinstance(call.func, ast.Attribute) else None
            if (
                session not in given
                and owner != session
                and sqlalchemy.handle_of(_owner(call), module, project) is None
            ):
                return module.source.segment(call.func)
        name = project.types.qualified(call.func, module) or ""
        if name.startswith(_SLOW):
            return module.source.segment(call.func)
    return ""


def _owner(call: ast.Call) -> ast.expr:
    return call.func.value if isinstance(call.func, ast.Attribute) else call.func
