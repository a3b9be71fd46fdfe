"""Which driver a query is given to, and how that driver takes bind parameters."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from codemods.libraries import sqlalchemy

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

Style = Literal["?", "%s", "$1", ":1", ":name"]


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver and its ``style`` of placeholders.

    ``values``: what the parameters come in, ``(`` a tuple, ``[`` a list, ``{`` a mapping, empty for arguments of their own.
    ``typed``: the server is told, or itself settles, that text is text: it is compared with nothing else.
    ``anywhere``: a placeholder may stand wherever a string may, also as an argument of a function.
    ``doubles``: ``%`` is written ``%%`` in a query with parameters.
    """

    name: str
    style: Style
    values: str
    typed: bool = False
    anywhere: bool = True
    doubles: bool = False
    is_mysql: bool = False


SQLITE = Driver("sqlite3", "?", "(")
_MYSQL = Driver("MySQL", "%s", "(", doubles=True, is_mysql=True)
_PSYCOPG3 = Driver("psycopg", "%s", "(", anywhere=False, doubles=True)
DJANGO = Driver("Django", "%s", "[", doubles=True)
_ORACLE = Driver("oracledb", ":1", "[")
TEXT = Driver("SQLAlchemy", ":name", "{")
OPEN_TEXT = Driver("SQLAlchemy", ":name", "{", anywhere=False)
TYPED_TEXT = Driver("SQLAlchemy", ":name", "{", typed=True, anywhere=False)
_BY_PACKAGE = {
    "sqlite3": SQLITE,
    "aiosqlite": Driver("aiosqlite", "?", "("),
    "psycopg2": Driver("psycopg2", "%s", "(", doubles=True),
    "aiopg": Driver("aiopg", "%s", "(", doubles=True),
    "psycopg": _PSYCOPG3,
    "psycopg_pool": _PSYCOPG3,
    "asyncpg": Driver("asyncpg", "$1", "", typed=True, anywhere=False),
    "pymysql": _MYSQL,
    "MySQLdb": _MYSQL,
    "mysql": _MYSQL,
    "aiomysql": _MYSQL,
    "asyncmy": _MYSQL,
    "flask_mysqldb": _MYSQL,
    "flaskext": _MYSQL,
    "pyodbc": Driver("pyodbc", "?", "("),
    "aioodbc": Driver("aioodbc", "?", "("),
    "oracledb": _ORACLE,
    "cx_Oracle": _ORACLE,
    "duckdb": Driver("duckdb", "?", "[", typed=True),
}
_REPORTED = {"clickhouse_driver": "clickhouse-driver", "clickhouse_connect": "clickhouse-connect"}
_METHODS = {"execute", "executemany"}
_OF_ASYNCPG = {"execute", "fetch", "fetchrow", "fetchval"}
METHODS = _METHODS | _OF_ASYNCPG
"""Methods that run the query that they are given first."""
_TYPED_PACKAGES = ("asyncpg", "pg8000")
_PSYCOPG_PACKAGES = ("psycopg", "psycopg-binary", "psycopg-pool")
_ASYNC_PACKAGES = ("aiosqlite", "aiomysql", "asyncmy")
_UNTYPED_PACKAGES = ("psycopg2", "psycopg2-binary", "pymysql", "mysqlclient", "mysql-connector-python")


@dataclass(frozen=True, slots=True)
class Sink:
    """``call`` runs a query; ``driver`` is None where it is not known whose, and then ``why`` says so."""

    call: ast.Call
    driver: Driver | None
    why: str = ""


def sink_of(call: ast.Call, module: Module, project: Project) -> Sink | None:
    """The driver that a call gives its first argument to as a query; None where it is no such call."""
    if not isinstance(call.func, ast.Attribute) or not call.args:
        return None
    method, receiver = call.func.attr, call.func.value
    if method not in _METHODS | _OF_ASYNCPG:
        return None
    found = project.types.of(receiver, module)
    if found is None:
        driver = DJANGO if _is_django(receiver, module, project) else None
        if driver is None and method not in _METHODS:
            return None
        return Sink(call, driver, "" if driver else "whose cursor or connection this is could not be told")
    if sqlalchemy.handle_of(receiver, module, project) is not None:
        return (
            Sink(call, None, "SQLAlchemy takes bind parameters in `text()`") if method in _METHODS else None
        )
    names = list(project.types.ancestry(found)) if found.path else [found.name]
    for name in names:
        package = name.partition(".")[0]
        if name.startswith(("django.db.connection.cursor()", "django.db.connections", "django.db.backends.")):
            return Sink(call, DJANGO)
        if package in {"mysql", "flaskext"} and not name.startswith(("mysql.connector.", "flaskext.mysql.")):
            continue
        if package in _BY_PACKAGE and method in (_OF_ASYNCPG if package == "asyncpg" else _METHODS):
            return Sink(call, _BY_PACKAGE[package])
        if package in _REPORTED and method in _METHODS:
            return Sink(call, None, f"{_REPORTED[package]} has parameters with types of its own")
    return None


def _is_django(node: ast.expr, module: Module, project: Project) -> bool:
    """A cursor of ``connections["name"]``."""
    if isinstance(node, ast.Name) and node in module.scopes.scope_of:
        bound = module.scopes.bindings(node)
        value = bound[0].value if len(bound) == 1 else None
        return (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and value.func.attr == "cursor"
            and isinstance(value.func.value, ast.Subscript)
            and project.types.qualified(value.func.value.value, module) == "django.db.connections"
        )
    return False


def text_driver(project: Project, *, is_async: bool, bound: bool) -> Driver:
    """How the repository's SQLAlchemy binds what ``text()`` is given; ``bound``: by ``.bindparams()``.

    With asyncpg the server settles each parameter's type, and the driver takes nothing else. psycopg leaves the type of
    text open, but by ``.bindparams()`` SQLAlchemy knows that it is text, and writes ``::VARCHAR`` behind it.
    """
    pins = project.pins
    if any(pins.mentions(name) for name in _TYPED_PACKAGES) or project.containing(b"postgresql+asyncpg"):
        return TYPED_TEXT
    if any(pins.mentions(name) for name in _PSYCOPG_PACKAGES):
        return TYPED_TEXT if bound else OPEN_TEXT
    packages = _ASYNC_PACKAGES if is_async else _UNTYPED_PACKAGES + _ASYNC_PACKAGES
    if any(pins.mentions(name) for name in packages):
        return TEXT
    if project.containing(b"sqlite") and not project.containing(b"postgres"):
        return TEXT
    return TYPED_TEXT
