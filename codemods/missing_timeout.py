"""A request that waits without end; the page beside this file explains the rule."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.edits.arguments import add_argument
from codemods.engine.edits.comments import comments_of
from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Edit, Refused
from codemods.engine.inference.definitions import own_nodes
from codemods.engine.names.facts import dotted
from codemods.libraries import requests
from codemods.libraries.silenced import is_silenced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

_DEFAULT = 10
_HTTPX_CLIENTS = {"httpx.Client", "httpx.AsyncClient"}
_HTTPX = {*_HTTPX_CLIENTS, "httpx.Timeout", *(f"httpx.{verb}" for verb in requests.VERBS)}
_AIOHTTP = {"aiohttp.ClientTimeout", "aiohttp.client.ClientTimeout"}
_RUNNERS = {
    "asyncio.to_thread",
    "fastapi.concurrency.run_in_threadpool",
    "starlette.concurrency.run_in_threadpool",
}
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BEFORE_TIMEOUT = 8
"""Arguments of ``Session.request`` that stand before ``timeout``."""

_SLOW = re.compile(
    r"generat|complet|/chat|infer|predict|embed|rerank|transcri|synthes|speech|stream|\bsse\b|poll|getupdates|/subscribe"
    r"|/wait|render|export|/train|ollama|llm|openai|anthropic|/messages(?=[\"'?]|$)|/events?\b|execut|(?:run|simple)_query|/query\b"
    r"|api\.mistral|openrouter|dashscope|deepseek|generativelanguage|api-inference|/ocr\b|txt2img|img2img|whisper",
    re.IGNORECASE,
)
"""Words of addresses, functions and classes whose answers are known to take long: models, long polling, jobs, streams."""

_WORD_BEFORE = re.compile(r"\w*$")
_WORD_AFTER = re.compile(r"\w*")
_NEIGHBOUR = re.compile(r"//(?:localhost|127\.0\.0\.1)\b")
_SLOW_FOLDERS = re.compile(r"(?:^|/)(?:llms?|embeddings?|inference|rerank\w*|query_runner)(?:/|\.|_)")
_SLOW_BODY = re.compile(r"""["'](?:messages|prompt)["']\s*:""")

_SILENCED = frozenset({"S113", "B113", "W3101", "missing-timeout"})
_LIMITS = re.compile(r"timeout|time_limit|fail_after|move_on_after|deadline", re.IGNORECASE)
_STREAMS = {
    "iter_lines", "iter_any", "iter_chunked", "iter_chunks", "ws_connect", "aiter_lines", "aiter_bytes", "StreamResponse",
    "SSEClient", "StreamingResponse", "EventSource", "iter_text", "aiter_text", "aiter_raw", "iter_raw",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    """A call that waits without end: how its file names it, what bounds it or why nothing is written, what was proven."""

    called: str
    edits: tuple[Edit, ...]
    refusal: str
    proof: str
    notes: tuple[str, ...] = ()


class MissingTimeout:
    """See ``missing_timeout.md``."""

    name = "missing-timeout"
    version = 1
    options = frozenset({"timeout-seconds"})

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that speak of one of the libraries."""
        return sorted(path for path in project.matching(_speaks) if not is_test(path))

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each call that may wait without end."""
        seconds = _seconds(project)
        for call in module.nodes(ast.Call):
            if any(keyword.arg is None for keyword in call.keywords):
                continue  # it may be in there
            found = _by_requests(call, module, project, seconds) or _by_others(call, module, project, seconds)
            if found is not None and not _is_silenced(call, module):
                yield _finding(self.name, call, found, module, seconds)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The argument that bounds the wait."""
        assert isinstance(finding.evidence, _Found)
        return Change(finding.evidence.edits)


def _speaks(data: bytes) -> bool:
    return (
        requests.imported_by(data)
        or (b"httpx" in data and b"imeout" in data)
        or (b"aiohttp" in data and b"ClientTimeout" in data)
    ) and b"ruleid:" not in data  # a sample that some rule of Semgrep's is to find


def _seconds(project: Project) -> str:
    """The limit as the patch writes it."""
    given = project.options.get("missing-timeout", {}).get("timeout-seconds", _DEFAULT)
    usable = isinstance(given, (int, float)) and not isinstance(given, bool) and given > 0
    return f"{given:g}" if usable else str(_DEFAULT)


def _finding(rule: str, call: ast.Call, found: _Found, module: Module, seconds: str) -> Finding:
    return module.finding(
        rule,
        call,
        f"`{found.called}` waits without end for a server that accepts the connection and does not answer.",
        Applicability.DISPLAY_ONLY if found.refusal else Applicability.UNSAFE,
        found.refusal
        or f"{found.proof} A person must look: an answer that takes longer than {seconds} seconds to begin is an "
        "error afterwards.",
        notes=() if found.refusal else found.notes,
        evidence=found,
    )


# --- requests


def _by_requests(call: ast.Call, module: Module, project: Project, seconds: str) -> _Found | None:
    func, arguments = call.func, call.args
    if arguments and (dotted(func) or "").rpartition(".")[2] in {"to_thread", "run_in_threadpool"}:
        if project.types.qualified(func, module) not in _RUNNERS:
            return None
        func, arguments = arguments[0], arguments[1:]
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    timeout = given.get("timeout")
    if timeout is not None and not _is(timeout, None):
        return None
    sender = requests.sender(func, module, project)
    if sender is None or any(isinstance(each, ast.Starred) for each in call.args):
        return None
    if sender.session is not None and (
        len(arguments) > _BEFORE_TIMEOUT or requests.sets_timeouts_from_afar(project)
    ):
        return None
    if _is_limited(call, module):
        return None
    place = given.get("url") or next(iter(arguments[1:] if sender.verb == "request" else arguments), None)
    streamed = "stream" in given and not _is(given["stream"], False)
    refusal = _slow(place, call, module, streamed=streamed)
    gives_work = sender.verb not in {"get", "head"}
    if not refusal and gives_work and place is not None and _NEIGHBOUR.search(module.source.segment(place)):
        refusal = "No patch: a service of the same machine is given work, and how long it takes only a person knows."
    edits: tuple[Edit, ...] = ()
    if timeout is not None:
        refusal = refusal or _explained(timeout, module)
        edits = (_replaced(timeout, seconds, module),)
    elif not refusal:
        try:
            edits = (add_argument(module.source, call, f"timeout={seconds}"),)
        except Refused as reason:
            refusal = str(reason)
    return _Found(
        module.source.segment(func),
        edits,
        refusal,
        "No `timeout=` is given, and requests has none of its own.",
        ("With `stream=True` the limit holds for each read, not for the whole body.",) if streamed else (),
    )


def _slow(place: ast.expr | None, call: ast.Call, module: Module, *, streamed: bool) -> str:
    """Why ten seconds may be too few: words of the address or the function, or a stream that may rightly be silent."""
    around = [each.name for each in module.ancestors(call) if isinstance(each, _NAMED)]
    texts = [*around, *([module.source.segment(place)] if place is not None else ())]
    values = [keyword.value for keyword in call.keywords if keyword.arg in {"json", "data", "params"}]
    bodies = [module.source.segment(each) for each in values]
    for part in [place, *values]:
        if isinstance(part, ast.Name) and part in module.scopes.scope_of:
            (texts if part is place else bodies).extend(
                module.source.segment(bound.value)
                for bound in module.scopes.bindings(part)
                if bound.value is not None
            )
    found = next((word for text in texts for word in _slow_words(text)), None)
    if found is None and (folder := _SLOW_FOLDERS.search(module.path)):
        found = folder[0].strip("/._")
    if found is None and any(_SLOW_BODY.search(text) for text in bodies):
        found = "a prompt"
    if found is not None:
        return f"No patch: the answer may rightly take long to come (`{found}`), and how long, only a person knows."
    if streamed and _streams(call, module):
        return "No patch: the answer is read as a stream, which may rightly be silent for long."
    return ""


# --- httpx and aiohttp, which have limits of their own until someone takes them away


def _by_others(call: ast.Call, module: Module, project: Project, seconds: str) -> _Found | None:
    last = (dotted(call.func) or "").rpartition(".")[2]
    if last == "ClientTimeout":
        return _by_aiohttp(call, module, project, seconds)
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    timeout = given.get("timeout")
    if last == "Timeout":
        timeout = timeout or next(iter(call.args), None)
        if len(call.args) + len(call.keywords) != 1:
            return None
    if timeout is None or not _is(timeout, None) or given.keys() & {"transport", "app"}:
        return None
    name = project.types.qualified(call.func, module)
    if name not in _HTTPX and not _is_client_method(call.func, module, project):
        return None
    refusal = ""
    if b".stream(" in module.source.data or _streams(call, module):
        refusal = "No patch: this file reads streams, which may rightly be silent for long."
    place = next(iter(call.args[1:] if last == "request" else call.args), None)
    return _Found(
        module.source.segment(call.func),
        (_replaced(timeout, seconds, module),),
        refusal or _slow(place, call, module, streamed=False) or _explained(timeout, module),
        "`timeout=None` takes away the limit of 5 seconds that httpx has.",
    )


def _is_client_method(func: ast.expr, module: Module, project: Project) -> bool:
    if not isinstance(func, ast.Attribute) or func.attr not in requests.VERBS:
        return False
    found = project.types.of(func.value, module)
    return found is not None and found.kind == "instance" and found.name in _HTTPX_CLIENTS


def _by_aiohttp(call: ast.Call, module: Module, project: Project, seconds: str) -> _Found | None:
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
    given |= dict(zip(("total", "connect", "sock_read", "sock_connect"), call.args, strict=False))
    total = given.get("total")
    bounded = {name for name, value in given.items() if not _is(value, None)}
    if (total is not None and not _is(total, None) and not _is(total, 0)) or "sock_read" in bounded:
        return None
    if given.keys() & {"sock_read"} or project.types.qualified(call.func, module) not in _AIOHTTP:
        return None
    refusal = ""
    if _streams(call, module) or _slow(None, call, module, streamed=False):
        refusal = "No patch: answers are read as streams here, which may rightly be silent for long."
    elif total is not None:
        refusal = _explained(total, module)
    text = f"sock_read={seconds}"
    if not bounded & {"connect", "sock_connect"}:
        text = f"sock_connect={seconds}, {text}"
    edits: tuple[Edit, ...] = ()
    try:
        edits = (add_argument(module.source, call, text),)
    except Refused as reason:
        refusal = refusal or str(reason)
    return _Found(
        module.source.segment(call.func),
        edits,
        refusal,
        "Without `total` and `sock_read` nothing bounds the wait; aiohttp's own 5 minutes hold only where no "
        "`ClientTimeout` is given.",
        ("A download may take as long as it takes, while bytes keep coming.",),
    )


# --- what several ask


def _is(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is type(value) and node.value == value


def _replaced(timeout: ast.expr, seconds: str, module: Module) -> Edit:
    return Edit(module.path, *module.source.span(timeout), seconds)


def _is_limited(call: ast.Call, module: Module) -> bool:
    """Whether something around the call ends it in time: ``with Timeout(5):``, a decorator, an alarm."""
    for around in module.ancestors(call):
        if isinstance(around, (ast.With, ast.AsyncWith)) and any(
            isinstance(item.context_expr, ast.Call) and _LIMITS.search(dotted(item.context_expr.func) or "")
            for item in around.items
        ):
            return True
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if any(_LIMITS.search(module.source.segment(each)) for each in around.decorator_list):
                return True
            return any(
                isinstance(part, ast.Call) and dotted(part.func) in {"signal.alarm", "signal.setitimer"}
                for part in own_nodes(around)
            )
    return False


def _slow_words(text: str) -> Iterator[str]:
    """The words of a text that speak of long answers, whole; what makes tokens is done at once."""
    for match in _SLOW.finditer(text):
        start = match.start() + (match[0][0] == "/")
        before, after = _WORD_BEFORE.search(text[:start]), _WORD_AFTER.match(text, match.end())
        word = f"{before[0] if before else ''}{text[start : match.end()]}{after[0] if after else ''}"
        if "generat" not in word.lower() or "token" not in word.lower():
            yield word


def _streams(call: ast.Call, module: Module) -> bool:
    """Whether the function reads line by line or passes on what comes."""
    function = module.function(call)
    return function is not None and any(
        isinstance(part, ast.Call)
        and (dotted(part.func) or _attribute(part.func)).rpartition(".")[2] in _STREAMS
        for part in own_nodes(function)
    )


def _attribute(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else ""


def _explained(timeout: ast.expr, module: Module) -> str:
    """Somebody who says no timeout and says why has thought of it."""
    line = module.source.position(module.source.span(timeout)[0])[0]
    if any(
        each.line == line or (each.own_line and each.line == line - 1) for each in comments_of(module.source)
    ):
        return "No patch: `None` is given, and the comment beside it may say why."
    return ""


def _is_silenced(call: ast.Call, module: Module) -> bool:
    """Whether the line tells Bandit or ruff to say nothing of this; a call inside an f-string has no place to edit."""
    if any(isinstance(each, ast.JoinedStr) for each in module.ancestors(call)):
        return True
    return is_silenced(range(call.lineno, (call.end_lineno or call.lineno) + 1), module, _SILENCED)


RULE = MissingTimeout()
