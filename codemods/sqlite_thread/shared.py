"""Connections that threads share: where they are kept, and who uses them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.finding import Refused
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.engine.project import Module, Project

_CONNECT = {"sqlite3.connect", "sqlite3.dbapi2.connect", "sqlite3.Connection"}
_ONE_LOOP = {"aiogram", "discord", "nextcord", "disnake", "telethon", "pyrogram", "hikari"}
_LOCK = re.compile(r"lock|mutex|semaphore", re.IGNORECASE)
_SETTINGS = {"row_factory", "text_factory", "isolation_level"}
_EACH_CONNECTIONS = {
    "create_function", "create_aggregate", "create_collation", "create_window_function", "set_trace_callback",
    "set_authorizer", "set_progress_handler", "enable_load_extension", "load_extension", "interrupt", "total_changes",
    "in_transaction", "autocommit", "backup", "iterdump", "blobopen", *_SETTINGS,
}  # fmt: skip
_SETS_UP = {"execute", "executescript", "create_function", "create_aggregate", "create_collation"}
_TRANSACTION = re.compile(r"\s*(?:insert|update|delete|replace|begin|savepoint)\b", re.IGNORECASE)
_OF_CONNECTION = re.compile(
    r"\s*(?:pragma\s+(?!user_version|application_id|journal_mode|page_size|auto_vacuum)\w+\s*=|attach\b|create\s+temp)",
    re.IGNORECASE,
)
_COMMITS = re.compile(r"\s*(?:commit|end)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Shared:
    """``statement`` keeps the connection that ``call`` opens under ``name``: of the module, or of ``owner``'s instances."""

    call: ast.Call
    statement: ast.stmt
    name: str
    owner: ast.ClassDef | None
    called: str
    uses: tuple[ast.Name | ast.Attribute, ...]


def is_one_threads(module: Module) -> bool:
    """Whether the file belongs to an asynchronous bot and says nothing of threads: all of it runs on one loop."""
    names = {alias.name.partition(".")[0] for node in module.nodes(ast.Import) for alias in node.names}
    names |= {(node.module or "").partition(".")[0] for node in module.nodes(ast.ImportFrom)}
    words = module.source.data.replace(b"check_same_thread", b"").lower()
    return bool(names & _ONE_LOOP) and b"thread" not in words and b"executor" not in words


def shared(call: ast.Call, module: Module, project: Project) -> Shared | None:
    """The connection that this call opens for all threads; None for any other."""
    off = next((each.value for each in call.keywords if each.arg == "check_same_thread"), None)
    if not isinstance(off, ast.Constant) or off.value is not False:
        return None
    statement = module.parents.get(call)
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is not call:
        return None
    if project.types.qualified(call.func, module) not in _CONNECT:
        return None
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    target = targets[0]
    if isinstance(target, ast.Name):
        scope = module.scopes.binder(target)
        if scope is not module.scopes.module:
            return None
        uses: list[ast.Name | ast.Attribute] = [*module.scopes.loads(scope, target.id)]
        return Shared(call, statement, target.id, None, target.id, tuple(uses))
    owner = next((each for each in module.ancestors(call) if isinstance(each, ast.ClassDef)), None)
    if owner is None or dotted(target) != f"self.{getattr(target, 'attr', '')}":
        return None
    assert isinstance(target, ast.Attribute)
    uses = [
        node
        for node in walk(owner)
        if isinstance(node, ast.Attribute)
        and node.attr == target.attr
        and dotted(node.value) == "self"
        and isinstance(node.ctx, ast.Load)
    ]
    return Shared(call, statement, target.attr, owner, f"self.{target.attr}", tuple(uses))


def is_locked(found: Shared, module: Module) -> bool:
    """Whether some use is under a lock: then somebody has thought of threads, and the rest is theirs to judge."""
    for use in found.uses:
        for around in module.ancestors(use):
            if isinstance(around, (ast.With, ast.AsyncWith)) and any(
                _LOCK.search(module.source.segment(item.context_expr)) for item in around.items
            ):
                return True
            if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(
                isinstance(part, ast.Call) and (dotted(part.func) or "").endswith(".acquire")
                for part in walk(around)
            ):
                return True
    return False


def settings_after(found: Shared, block: list[ast.stmt]) -> list[ast.stmt]:
    """The statements directly behind the connection's that set it up: its ``row_factory``, its PRAGMAs, its functions."""
    result: list[ast.stmt] = []
    for statement in block[block.index(found.statement) + 1 :]:
        if not _sets_up(statement, found.called):
            break
        result.append(statement)
    return result


def _sets_up(statement: ast.stmt, called: str) -> bool:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        return (
            isinstance(target, ast.Attribute) and target.attr in _SETTINGS and dotted(target.value) == called
        )
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    if dotted(call.func.value) != called or call.func.attr not in _SETS_UP:
        return False
    if not call.func.attr.startswith("execute"):
        return True
    return bool(call.args) and _is_text(call.args[0], re.compile(r"\s*pragma\b", re.IGNORECASE))


def _is_text(node: ast.AST, pattern: re.Pattern[str]) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and pattern.match(node.value) is not None
    )


def check_uses(found: Shared, settings: Iterable[ast.stmt], module: Module) -> list[ast.Name | ast.Attribute]:
    """The uses beside the ``settings``. Raises Refused where one would not be the same with a connection of the thread's own."""
    inside = {part for statement in settings for part in walk(statement)}
    uses = [use for use in found.uses if use not in inside]
    commits_itself = any(each.arg in {"isolation_level", "autocommit"} for each in found.call.keywords)
    for use in uses:
        line = use.lineno
        parent = module.parents[use]
        function = module.function(use)
        if isinstance(parent, (ast.withitem, ast.If, ast.While)) or _is_test(parent):
            continue  # as a condition, a connection is true
        if not isinstance(parent, ast.Attribute):
            raise Refused(
                f"No patch: `{found.called}` is handed on (line {line}), perhaps to another thread."
            )
        if parent.attr == "close":
            raise Refused(
                f"No patch: it is closed on line {line}, where only one thread's connection would be."
            )
        if parent.attr in _EACH_CONNECTIONS:
            raise Refused(
                f"No patch: `{parent.attr}` on line {line} is of one connection, and each thread's needs it."
            )
        call = module.parents.get(parent)
        if not isinstance(call, ast.Call) or call.func is not parent:
            raise Refused(f"No patch: `{parent.attr}` is handed on (line {line}), perhaps to another thread.")
        if parent.attr == "cursor":
            _check_cursor(call, found, module)
        if function is None:
            if any(_is_text(part, _OF_CONNECTION) for part in walk(call)):
                raise Refused(
                    f"No patch: what line {line} sets is of one connection, and each thread's needs it."
                )
            continue
        _check_function(function, found, inside, commits_itself=commits_itself)
    return uses


def _is_test(parent: ast.AST) -> bool:
    return (isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)) or (
        isinstance(parent, ast.Compare) and isinstance(parent.ops[0], (ast.Is, ast.IsNot))
    )


def _check_cursor(call: ast.Call, found: Shared, module: Module) -> None:
    parent = module.parents.get(call)
    if isinstance(parent, ast.Assign):
        target = parent.targets[0]
        if isinstance(target, ast.Name) and module.scopes.binder(target) is not module.scopes.module:
            return
        if module.function(call) is None or isinstance(target, (ast.Name, ast.Attribute)):
            raise Refused(f"No patch: the cursor of line {call.lineno} is kept for all threads, too.")
    if not isinstance(parent, (ast.Attribute, ast.withitem)) and not (
        isinstance(parent, ast.Call) and dotted(parent.func) in {"closing", "contextlib.closing"}
    ):
        raise Refused(f"No patch: the cursor of line {call.lineno} is handed on, perhaps to another thread.")


def _check_function(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    found: Shared,
    settings: set[ast.AST],
    *,
    commits_itself: bool,
) -> None:
    enters = commits = False
    writes: ast.AST | None = None
    for part in walk(function):
        if isinstance(part, (ast.Yield, ast.YieldFrom)):
            raise Refused(
                f"No patch: `{function.name}` is a generator, whose halves may run in different threads."
            )
        if part not in settings and _is_text(part, _OF_CONNECTION):
            raise Refused(
                f"No patch: what `{function.name}` sets is of one connection, and each thread's needs it."
            )
        if isinstance(part, ast.withitem) and dotted(part.context_expr) == found.called:
            enters = True
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "commit":
            commits = True
        if _is_text(part, _COMMITS):
            commits = True
        if _is_text(part, _TRANSACTION):
            writes = part
    if writes is not None and not (enters or commits or commits_itself):
        raise Refused(
            f"No patch: `{function.name}` writes and does not commit. Another function does, and it may run in another "
            "thread."
        )
