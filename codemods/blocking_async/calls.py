"""Which calls block, and which of them run on the event loop."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.libraries import requests

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_PROCESSES = {f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output")}
_LASTS = {"sleep", "run", "call", "check_call", "check_output"}


@dataclass(frozen=True, slots=True)
class Blocking:
    """A call that blocks: ``called`` as written; ``session`` is the expression of a requests session that is asked."""

    called: str
    sleeps: bool = False
    session: ast.expr | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call runs: the coroutine, and whether it stands in a part of a comprehension that runs for each item."""

    function: ast.AsyncFunctionDef
    repeated: bool


def running(call: ast.Call, module: Module) -> Place | None:
    """The coroutine whose own code the call is; None for code of functions, lambdas and classes inside it.

    A call inside an f-string has no place either: Python 3.11 does not know it.
    """
    child: ast.AST = call
    repeated = False
    for parent in module.ancestors(call):
        match parent:
            case ast.AsyncFunctionDef():
                return Place(parent, repeated) if child in parent.body else None
            case ast.FunctionDef() | ast.Lambda() | ast.ClassDef() | ast.JoinedStr():
                return None
            case ast.comprehension() if child is not parent.iter:
                repeated = True
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                repeated = repeated or child is not parent.generators[0]
        child = parent
    return None


def blocking(call: ast.Call, module: Module, project: Project) -> Blocking | None:
    """What blocks there; None for anything that is not proven to."""
    func = call.func
    if not isinstance(func, (ast.Name, ast.Attribute)) or isinstance(module.parents.get(call), ast.Await):
        return None
    called = module.source.segment(func)
    name = project.types.qualified(func, module) if _may_block(func, module) else None
    if name == "time.sleep":
        is_zero = len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and not call.args[0].value
        return None if is_zero else Blocking(called, sleeps=True)
    if name in _PROCESSES:
        return Blocking(called)
    sender = requests.sender(func, module, project)
    return Blocking(called, session=sender.session) if sender is not None else None


def _may_block(func: ast.Name | ast.Attribute, module: Module) -> bool:
    """A cheap question before a dear one: what is called so, and where the name is imported from."""
    if isinstance(func, ast.Name):
        return requests.imported_from(func, module) in {"time", "subprocess"}
    return func.attr in _LASTS and isinstance(func.value, ast.Name)
