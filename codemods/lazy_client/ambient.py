"""What a definition asks of its surroundings: files, the working directory, the clock. Later they may answer otherwise."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import own_nodes
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project
    from codemods.lazy_client.sites import Site

_DEPTH = 2
_FILE, _FOLDER, _CLOCK = "read a file", "depend on the working directory", "depend on the time"
_CHANCE, _PROGRAM, _NETWORK, _PROCESS = (
    "draw a random value",
    "run a program",
    "fetch something",
    "ask for the process",
)
_CALLS = {
    **dict.fromkeys(("open", "io.open", "codecs.open", "os.listdir", "os.scandir", "glob.glob"), _FILE),
    **dict.fromkeys(("os.path.exists", "os.path.isfile", "path.exists", "path.isfile"), _FILE),
    **dict.fromkeys(("os.getcwd", "getcwd", "Path.cwd", "pathlib.Path.cwd", "os.path.abspath"), _FOLDER),
    **dict.fromkeys(("os.path.realpath", "abspath", "realpath"), _FOLDER),
    **dict.fromkeys(("time.time", "time.time_ns", "time.monotonic", "time.perf_counter"), _CLOCK),
    **dict.fromkeys(("uuid.uuid1", "uuid.uuid4", "uuid1", "uuid4", "os.urandom"), _CHANCE),
    **dict.fromkeys(("os.popen", "os.system"), _PROGRAM),
    **dict.fromkeys(("urlopen", "urllib.request.urlopen"), _NETWORK),
    **dict.fromkeys(("os.getpid", "os.getppid", "threading.get_ident"), _PROCESS),
}  # fmt: skip
_HOMES = {
    "random": _CHANCE, "secrets": _CHANCE, "subprocess": _PROGRAM, "requests": _NETWORK, "httpx": _NETWORK,
    "tempfile": _FILE, "shutil": _FILE,
}  # fmt: skip
_METHODS = {
    "read_text": _FILE, "read_bytes": _FILE, "is_file": _FILE, "iterdir": _FILE, "absolute": _FOLDER,
    "utcnow": _CLOCK, "today": _CLOCK,
}  # fmt: skip
_MADE = frozenset(
    {"Client", "AsyncClient", "Session", "Timeout", "Limits", "HTTPTransport", "AsyncHTTPTransport"}
)


def ambient_doubts(site: Site, module: Module, project: Project) -> list[str]:
    """What the definition's arguments ask of their surroundings, each as a sentence's second half."""
    asked = [
        f"its arguments {what} (line {line}), from now on at the first use"
        for part in (site.statement, *site.setup)
        for what, line in _asked(list(walk(part)), module, project, 0)
    ]
    return list(dict.fromkeys(asked))


def _asked(nodes: list[ast.AST], module: Module, project: Project, depth: int) -> Iterator[tuple[str, int]]:
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        what = _what(node)
        if what:
            yield what, node.lineno
        elif depth < _DEPTH and isinstance(node.func, (ast.Name, ast.Attribute)):
            known = project.types.of(node.func, module)
            found = (
                project.types.function_def(known) if known is not None and known.kind == "function" else None
            )
            for inner, _ in (
                _asked(list(own_nodes(found[1])), found[0], project, depth + 1) if found is not None else ()
            ):
                yield f"{inner} in `{dotted(node.func)}`", node.lineno


def _what(call: ast.Call) -> str:
    name = dotted(call.func) or ""
    home, _, last = name.rpartition(".")
    if not name and isinstance(call.func, ast.Attribute):
        last = call.func.attr
    if isinstance(call.func, ast.Attribute) and last in _METHODS:
        what = _METHODS[last]
    elif last == "now" and home.rpartition(".")[2] in {"datetime", "timezone", "pendulum", "arrow"}:
        what = _CLOCK
    else:
        what = _CALLS.get(name) or ("" if last in _MADE else _HOMES.get(home, ""))
    if what in {_FILE, _FOLDER} and any(
        isinstance(node, ast.Name) and node.id == "__file__" for node in walk(call)
    ):
        return "" if what == _FOLDER else what
    return what
