"""The rule itself: engines for a server database whose pool hands out connections untested."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.edits.arguments import add_argument
from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Edit
from codemods.engine.names.traverse import walk
from codemods.libraries import database_url, sqlalchemy
from codemods.pool_pre_ping.lifetime import is_migration, is_script, is_script_folder, lives_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

_FIRST = (1, 2)
_OWN_POOL = {"creator", "async_creator", "pool", "strategy", "module", "pool_pre_ping", None}
_KEEP = {"QueuePool", "AsyncAdaptedQueuePool", "FallbackAsyncAdaptedQueuePool"}
_TUNED = ("pool_size", "max_overflow", "pool_timeout", "pool_recycle", "pool_use_lifo")
_SERVER_ARGS = {
    "sslmode", "ssl", "connect_timeout", "server_settings", "command_timeout", "statement_cache_size", "options",
    "prepared_statement_cache_size", "application_name", "keepalives", "keepalives_idle", "charset", "timezone",
    "prepare_threshold", "read_timeout", "write_timeout",
}  # fmt: skip
_DRIVERS = (
    "psycopg", "psycopg2", "psycopg2-binary", "asyncpg", "pg8000", "psycopg-binary", "pymysql", "mysqlclient",
    "aiomysql", "asyncmy", "mysql-connector-python", "mariadb", "pyodbc", "pymssql", "aioodbc", "oracledb", "cx-oracle",
)  # fmt: skip
_CHECKS = re.compile(
    rb"assert_(?:called|any_call|has_calls)\w*with|assert_(?:any_call|has_calls)|call_args|setattr\("
)
_PINGS = (b"engine_connect", b'"checkout"', b"'checkout'")


class PoolPrePing:
    """See ``pool_pre_ping.md``."""

    name = "pool-pre-ping"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that make an engine, apart from tests and scripts."""
        made = {*project.containing(b"create_engine"), *project.containing(b"create_async_engine")}
        return sorted(path for path in made if not is_test(path) and not is_script_folder(path))

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each engine that lives on, for a server, without a test of its connections."""
        data = module.source.data
        if (
            is_migration(module)
            or is_script(module)
            or any(mark in data for mark in _PINGS)
            or _is_old(project)
        ):
            return
        for call in module.nodes(ast.Call):
            handle = sqlalchemy.handle_of(call, module, project)
            if handle is None or handle.kind != "engine" or not _makes_engine(call, module, project):
                continue
            proof = _server(call, module, project)
            if proof is not None and lives_on(call, module):
                tests = _expecting(call, module, project)
                yield module.finding(
                    self.name,
                    call,
                    "This engine hands out pooled connections untested: once the server or a proxy has closed an idle "
                    "one, the next query on it fails.",
                    Applicability.UNSAFE if tests else Applicability.SAFE,
                    f"A person must look: a test says what the engine is made with ({', '.join(tests)})."
                    if tests
                    else proof,
                    notes=(
                        "Each time that a connection is taken from the pool, the server is asked once more.",
                    ),
                    evidence=(add_argument(module.source, call, "pool_pre_ping=True"),),
                )

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """``pool_pre_ping=True`` as the engine's last argument."""
        assert isinstance(finding.evidence, tuple)
        return Change(tuple(edit for edit in finding.evidence if isinstance(edit, Edit)))


def _expecting(call: ast.Call, module: Module, project: Project) -> list[str]:
    """Tests that put something else in this function's place and look at its arguments."""
    func = call.func
    name = (func.attr if isinstance(func, ast.Attribute) else module.source.segment(func)).encode()
    home = project.layout.name(module.path).rpartition(".")[2].encode()
    return [
        path
        for path in project.containing(name, home)
        if is_test(path)
        and _CHECKS.search(data := project.read(path))
        and re.search(rb"[\"'](?:[\w.]*\.)?" + re.escape(name) + rb"[\"']", data)
    ][:3]


def _is_old(project: Project) -> bool:
    highest = project.pins.highest("sqlalchemy")
    return highest is not None and highest <= _FIRST


def _makes_engine(call: ast.Call, module: Module, project: Project) -> bool:
    """Whether the call itself is ``create_engine`` with a pool of SQLAlchemy's choice."""
    found = project.types.of(call.func, module)
    if (
        found is None
        or found.kind != "external"
        or found.last not in {"create_engine", "create_async_engine"}
    ):
        return False
    if len(call.args) != 1 or isinstance(call.args[0], ast.Starred):
        return bool(not call.args and any(keyword.arg == "url" for keyword in call.keywords)) and _own(
            call, module, project
        )
    return _own(call, module, project)


def _own(call: ast.Call, module: Module, project: Project) -> bool:
    for keyword in call.keywords:
        if keyword.arg in _OWN_POOL:
            return False
        if keyword.arg == "poolclass":
            chosen = project.types.of(keyword.value, module)
            if chosen is None or chosen.last not in _KEEP:
                return False
    return True


def _server(call: ast.Call, module: Module, project: Project) -> str | None:
    """Why the database is a server's; None where it may well be a file."""
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    url = call.args[0] if call.args else named["url"]
    branch = _branch(call, module)
    strings = {
        part.value for part in walk(call) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    if branch == "file" or "check_same_thread" in strings:
        return None
    databases = database_url.databases_of(url, module, project)
    if databases:
        if not databases <= database_url.SERVERS:
            return None
        return f"The URL is for a server ({', '.join(sorted(databases))})."
    if branch == "server":
        return "The URL is not SQLite's: that is another branch."
    tuned = next((name for name in _TUNED if name in named), None) or next(iter(_SERVER_ARGS & strings), None)
    if tuned is not None:
        return f"The URL is not in sight; `{tuned}` is said of a server's connections. On SQLite a ping does no harm."
    driver = next((name for name in _DRIVERS if project.pins.mentions(name)), None)
    if driver is not None and b"sqlite" not in module.source.data and not _speaks_of_sqlite(project):
        return f"The URL is not in sight; the repository declares {driver}. On SQLite a ping does no harm."
    return None


def _speaks_of_sqlite(project: Project) -> bool:
    """Whether a URL of SQLite's stands anywhere but in tests: the application may well run on it."""
    found = {*project.containing(b"sqlite:"), *project.containing(b"sqlite+aiosqlite")}
    return any(not is_test(path) for path in found)


def _branch(call: ast.Call, module: Module) -> str | None:
    """Which side of a test for SQLite the call is on: ``file``, ``server``, or None without such a test."""
    inner: ast.AST = call
    for around in module.ancestors(call):
        if isinstance(around, (ast.If, ast.IfExp)) and inner is not around.test:
            words = [part.value for part in walk(around.test) if isinstance(part, ast.Constant)]
            if any(isinstance(word, str) and "sqlite" in word for word in words):
                negated = isinstance(around.test, ast.UnaryOp) or any(
                    isinstance(part, ast.Compare) and isinstance(part.ops[0], (ast.NotEq, ast.NotIn))
                    for part in walk(around.test)
                )
                body = around.body if isinstance(around.body, list) else [around.body]
                return "file" if (inner in body) != negated else "server"
        inner = around
    return None


RULE = PoolPrePing()
