"""What may see the difference once other tasks run during the call."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.blocking_async.shared_state import in_use_on_both_sides
from codemods.engine.files.testing import is_test
from codemods.engine.inference.definitions import own_nodes
from codemods.engine.names.facts import dotted

if TYPE_CHECKING:
    from codemods.blocking_async.calls import Blocking, Place
    from codemods.engine.project import Module, Project

_OTHER_LOOPS = {"trio", "anyio", "curio", "twisted", "gevent", "eventlet", "temporalio", "pyodide", "js"}
_TO_THREAD = (3, 9)
_LOCK = re.compile(r"lock|mutex|semaphore|condition", re.IGNORECASE)
_HARMLESS = {
    "open", "Path.open", "suppress", "contextlib.suppress", "ThreadPoolExecutor", "Session", "requests.Session", "requests.session",
    "TemporaryDirectory", "NamedTemporaryFile", "tempfile.TemporaryDirectory", "tempfile.NamedTemporaryFile",
    "redirect_stdout", "contextlib.redirect_stdout", "st.spinner", "warnings.catch_warnings", "pytest.raises",
    "torch.no_grad", "zipfile.ZipFile", "tarfile.open", "logfire.span", "gr.Blocks",
}  # fmt: skip


def refusal(call: ast.Call, place: Place, found: Blocking, module: Module, project: Project) -> str:
    """Why no patch is written; empty where one is."""
    if place.repeated:
        return (
            "No patch: inside a comprehension the calls would still wait for one another. `asyncio.gather` may be "
            "what is wanted."
        )
    loops = _imports(module) & _OTHER_LOOPS
    if loops:
        return (
            f"No patch: this file works with {', '.join(sorted(loops))}, and the loop need not be asyncio's."
        )
    if _runs_trio(project):
        return "No patch: this repository runs trio, and the loop need not be asyncio's."
    if not found.sleeps:
        python = project.pins.python
        if python is not None and python < _TO_THREAD:
            return (
                "No patch: `asyncio.to_thread` came with Python 3.9, and this repository runs on older ones."
            )
        stream = next((each.value for each in call.keywords if each.arg == "stream"), None)
        if stream is not None and not (isinstance(stream, ast.Constant) and not stream.value):
            return "No patch: with `stream=True` the body is read later, and reading it would still block."
    if found.sleeps and _sleeps_both_ways(call, module, project):
        return "No patch: the loop sleeps beside it already, and this sleep may be there because it stops everything."
    held = _held(call, place.function, module, project)
    if held:
        return (
            f"No patch: `{held}` is held here. A task that waits while it holds a thread's lock stops the loop for good "
            "when another one wants it."
        )
    return ""


def _sleeps_both_ways(call: ast.Call, module: Module, project: Project) -> bool:
    """Whether ``await asyncio.sleep(...)`` stands directly above or below."""
    statement = module.statement(call)
    parent = module.parents[statement]
    blocks = [getattr(parent, name, None) for name in ("body", "orelse", "finalbody")]
    block = next((each for each in blocks if isinstance(each, list) and statement in each), [statement])
    place = block.index(statement)
    return any(
        isinstance(each, ast.Expr)
        and isinstance(each.value, ast.Await)
        and isinstance(each.value.value, ast.Call)
        and project.types.qualified(each.value.value.func, module) == "asyncio.sleep"
        for each in block[max(place - 1, 0) : place + 2]
    )


def _held(call: ast.Call, function: ast.AsyncFunctionDef, module: Module, project: Project) -> str:
    """The lock of a thread that is held during the call."""
    for parent in module.ancestors(call):
        if parent is function:
            break
        for item in parent.items if isinstance(parent, ast.With) else ():
            if _LOCK.search(_said(item.context_expr, module, project)):
                return module.source.segment(item.context_expr)
    for part in own_nodes(function):
        if (
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Attribute)
            and part.func.attr == "acquire"
            and not isinstance(module.parents.get(part), ast.Await)
            and _LOCK.search(_said(part.func.value, module, project))
        ):
            return module.source.segment(part.func.value)
    return ""


def hazard(
    call: ast.Call, function: ast.AsyncFunctionDef, found: Blocking, module: Module, project: Project
) -> str:
    """What a person must look at; empty where nothing in sight could see the difference."""
    shared = in_use_on_both_sides(call, function, module)
    if shared is not None:
        return (
            f"A person must look: `{shared}` is in use before the call and after it, and another task may change it "
            "meanwhile."
        )
    for parent in module.ancestors(call):
        if parent is function:
            break
        for item in parent.items if isinstance(parent, ast.With) else ():
            made = item.context_expr
            inside = any(call is part for part in ast.walk(made))
            if not inside and _last(made) not in _HARMLESS:
                return (
                    f"A person must look: `{module.source.segment(made)}` stays entered while other tasks run, and may "
                    "not be meant for that."
                )
    session = found.session
    if session is not None and not _is_own(session, function, module):
        return (
            f"A person must look: `{module.source.segment(session)}` may be in use by several threads afterwards, which "
            "requests does not promise to allow."
        )
    tests = _mocking(found, module, project)
    if tests:
        return f"A person must look: a test patches `{found.called}` ({', '.join(tests)})."
    return ""


def _said(made: ast.expr, module: Module, project: Project) -> str:
    found = project.types.of(made, module)
    return f"{module.source.segment(made)} {found.name if found is not None else ''}"


def _last(made: ast.expr) -> str:
    return dotted(made.func if isinstance(made, ast.Call) else made) or ""


def _imports(module: Module) -> set[str]:
    found = {alias.name.partition(".")[0] for node in module.nodes(ast.Import) for alias in node.names}
    return found | {
        (node.module or "").partition(".")[0] for node in module.nodes(ast.ImportFrom) if not node.level
    }


def _runs_trio(project: Project) -> bool:
    return any(not is_test(path) for path in project.containing(b"trio.run"))


def _is_own(session: ast.expr, function: ast.AsyncFunctionDef, module: Module) -> bool:
    """Whether the session was made in this very coroutine."""
    if isinstance(session, ast.Call):
        return True
    if not isinstance(session, ast.Name):
        return False
    scope = module.scopes.binder(session)
    return (
        scope is not None
        and scope.node is function
        and all(
            binding.kind in {"assign", "with"} and isinstance(binding.value, ast.Call)
            for binding in scope.bindings[session.id]
        )
    )


def _mocking(found: Blocking, module: Module, project: Project) -> list[str]:
    """Tests that patch the sleep of this module: afterwards it is another function that sleeps."""
    if not found.sleeps:
        return []
    name = project.layout.name(module.path).rpartition(".")[2]
    tests = [path for path in project.containing(b"time", name.encode()) if is_test(path)]
    tests += [
        path for path in project.containing(b"sleep", name.encode()) if is_test(path) and path not in tests
    ]
    return [path for path in tests if _PATCHES_SLEEP.search(project.read(path))][:3]


_PATCHES_SLEEP = re.compile(rb"(?:patch|setattr)[^\n]*\n?[^\n]*(?:[\"'.]sleep\b|\.time[\"'])")
