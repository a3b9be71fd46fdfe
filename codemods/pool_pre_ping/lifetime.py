"""How long an engine lives: one that is made for one piece of work keeps no idle connections."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import own_nodes
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.inference.definitions import Function
    from codemods.engine.project import Module

_SCRIPTS = frozenset(
    [
        "scripts", "script", "bin", "tools", "examples", "example", "docs", "doc", "docs_src", "benchmarks", "benchmark",
        "notebooks", "seeds", "seeders", "seed", "fixtures", "samples", "demo", "demos",
    ]
)  # fmt: skip
_SERVES = (
    b"FastAPI(",
    b"Flask(",
    b"Starlette(",
    b"Litestar(",
    b"Sanic(",
    b"Quart(",
    b"uvicorn",
    b"APIRouter(",
    b"Celery(",
)
_MAKERS = {
    "sessionmaker",
    "async_sessionmaker",
    "scoped_session",
    "async_scoped_session",
    "Session",
    "AsyncSession",
}
_OPENS = {"connect", "begin"}


def is_script_folder(path: str) -> bool:
    """Whether a file lies among those that are run for one piece of work, or that only show something."""
    return bool(_SCRIPTS & set(path.split("/")[:-1]))


def is_script(module: Module) -> bool:
    """Whether the file is run for one piece of work: it runs, and serves nothing."""
    data = module.source.data
    return b"__main__" in data and not any(mark in data for mark in _SERVES)


def is_migration(module: Module) -> bool:
    """Whether the file is Alembic's ``env.py``, or belongs to another migration tool."""
    data = module.source.data
    return b"run_migrations" in data or (b"alembic" in data and b"context.configure" in data)


def lives_on(call: ast.Call, module: Module) -> bool:
    """Whether the engine that a call makes outlives the function that it is made in."""
    function = module.function(call)
    statement = module.statement(call)
    if function is None:
        return not _is_opened_while_imported(statement, module)
    if _gives(call, module):
        return True
    names = _bound_names(statement, function)
    if names is None:
        return True
    changed = bool(names)
    while changed:
        changed = False
        for part in own_nodes(function):
            if isinstance(part, (ast.Return, ast.Yield)) and _reads(part, names, handed=True):
                return True
            if (
                isinstance(part, (ast.Assign, ast.AnnAssign))
                and part is not statement
                and part.value is not None
            ):
                if not _reads(part.value, names, handed=True):
                    continue
                more = _bound_names(part, function)
                if more is None:
                    return True
                changed = changed or not more <= names
                names |= more
    return any(
        _reads(part, names)
        for part in own_nodes(function)
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    )


def _gives(call: ast.Call, module: Module) -> bool:
    """Whether the engine is part of what the function returns or yields."""
    inner: ast.AST = call
    for around in module.ancestors(call):
        if isinstance(around, (ast.Return, ast.Yield)):
            return True
        if isinstance(around, ast.stmt) or not _hands_on(around, inner):
            return False
        inner = around
    return False


def _hands_on(around: ast.AST, inner: ast.AST) -> bool:
    """Whether an expression holds what is inside it: ``sessionmaker(engine)``, not ``engine.connect()``."""
    if isinstance(around, ast.Call):
        func = around.func
        name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        return inner is not func and (name in _MAKERS or name[:1].isupper())
    return isinstance(
        around, (ast.Tuple, ast.List, ast.Dict, ast.IfExp, ast.BoolOp, ast.keyword, ast.Await, ast.NamedExpr)
    )


def _bound_names(statement: ast.stmt, function: Function) -> set[str] | None:
    """The local names that a statement binds; None where it stores into something that lives on."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    shared = {
        name
        for part in own_nodes(function)
        if isinstance(part, (ast.Global, ast.Nonlocal))
        for name in part.names
    }
    names: set[str] = set()
    for target in targets:
        for part in walk(target):
            if isinstance(part, (ast.Attribute, ast.Subscript)) or (
                isinstance(part, ast.Name) and part.id in shared
            ):
                return None
            if isinstance(part, ast.Name):
                names.add(part.id)
    return names


def _reads(node: ast.AST, names: set[str], *, handed: bool = False) -> bool:
    """Whether a name is read; ``handed``: as a value itself or inside a maker of sessions, not for one of its methods."""
    if isinstance(node, ast.Name):
        return node.id in names
    for child in ast.iter_child_nodes(node):
        if (
            handed
            and isinstance(node, ast.expr)
            and not isinstance(node, ast.Yield)
            and not _hands_on(node, child)
        ):
            continue
        if _reads(child, names, handed=handed):
            return True
    return False


def _is_opened_while_imported(statement: ast.stmt, module: Module) -> bool:
    """Whether a module's own statements connect, and no function reads the engine: a script without a guard."""
    names = {
        part.id for part in walk(statement) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
    scope = module.scopes.module
    reads = [read for name in names for read in module.scopes.loads(scope, name)]
    opened = any(
        isinstance(parent := module.parents.get(read), ast.Attribute) and parent.attr in _OPENS
        for read in reads
        if module.function(read) is None
    )
    return opened and all(module.function(read) is None for read in reads)
