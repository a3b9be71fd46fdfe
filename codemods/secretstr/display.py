"""Where text is for people to read: there the mask is what was wanted, and a secret must not be unwrapped."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted

if TYPE_CHECKING:
    from codemods.engine.inference.definitions import Function
    from codemods.engine.project import Module

_SHOWING = {
    "debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "trace", "success", "notice",
    "print", "print_json", "pprint", "pformat", "repr", "ascii", "input", "echo", "secho", "confirm", "prompt", "rule",
    "fail", "skip", "xfail", "exit", "abort", "flash", "notify", "alert", "toast", "add_row", "add_column", "add_note",
    "set_attribute", "set_tag", "set_context", "set_extra", "add_breadcrumb", "capture_message", "add_event", "bind",
    "contextualize", "jsonify", "render", "render_template", "TemplateResponse", "JSONResponse", "HTMLResponse",
    "PlainTextResponse", "ORJSONResponse", "Response", "HttpResponse", "JsonResponse", "send_message", "reply", "answer",
    "reply_text", "send", "markdown", "caption", "Panel", "Text", "_log", "makeRecord", "set_attributes", "set_extras",
    "set_tags", "set_user", "set_status", "bind_contextvars", "bound_contextvars", "labels", "pp", "ic", "cprint", "rprint",
    "start_as_current_span", "start_span",
    "json_response", "make_response", "UJSONResponse", "add_message", "showwarning",
    "assertNotIn", "assertNotEqual", "assertIn", "assertEqual", "assertTrue", "assertFalse", "assertRegex",
    "assertNotRegex", "assert_called_with", "assert_called_once_with", "assert_not_called",
}  # fmt: skip
_SHOWING_MODULES = ("logging", "warnings", "structlog", "loguru", "rich", "click", "typer", "streamlit", "sentry_sdk", "pprint", "traceback")  # fmt: skip
_SHOWING_WORDS = re.compile(
    r"(?:^|_)(?:log|logs|logging|logger|print|debug|warn|warning|audit|trace|mask|masked|redact|redacted|sanitize|"
    r"sanitise|obfuscate|display|show|describe|description|metric|metrics|banner|fingerprint|preview)(?:_|$)",
    re.IGNORECASE,
)
_MESSAGES = {"args", "detail", "message", "msg", "reason", "description", "help", "title", "label", "summary", "hint", "__doc__", "__notes__"}  # fmt: skip
_LOGGER = re.compile(r"(?:^|[._])(?:log|logger|logging)(?:\W|$)", re.IGNORECASE)
_ERROR = re.compile(r"(?:Error|Exception|Warning|Exit|Failure|Problem|Denied|Invalid|NotFound|Interrupt)$")
_STREAMS = ("stdout.write", "stderr.write", "stdout.writelines", "stderr.writelines", "stdout.buffer.write", "stderr.buffer.write")  # fmt: skip
_SHOWING_KEYWORDS = {"detail", "message", "msg", "reason", "description", "help", "title", "label", "summary", "extra", "hint", "example", "default_message", "tags", "labels"}  # fmt: skip
_SHOWING_FUNCTIONS = re.compile(
    r"^__(?:str|repr|format|rich|rich_repr|repr_args|repr_name|pretty|unicode|bytes|hash|eq|ne|lt)__$|"
    r"(?:^|_)(?:repr|display|describe|mask|masked|redact|redacted|sanitize|sanitise|sanitized|obfuscate|log|logging|safe|"
    r"show|print|debug|summary|summarize|banner|help|pretty|preview|hide|hidden|censor|scrub)(?:_|$)"
)
_ROUTES = {"get", "post", "put", "patch", "delete", "head", "options", "route", "api_route", "websocket", "view", "action", "command", "callback", "tool", "exception_handler"}  # fmt: skip


def shows(call: ast.Call, argument: ast.expr | None = None) -> bool:
    """Whether a call gives its arguments to people: logs, terminals, error messages, responses."""
    last = call.func.attr if isinstance(call.func, ast.Attribute) else dotted(call.func) or ""
    name = dotted(call.func) or last
    if name == "sys.exit" or name.endswith(_STREAMS):
        return True
    if last in _SHOWING or _ERROR.search(last) or _SHOWING_WORDS.search(last):
        return not (
            last in {"send", "Response", "get"}
            and argument is not None
            and _named(call, argument) == "headers"
        )
    if name.partition(".")[0] in _SHOWING_MODULES:
        return True
    return argument is not None and _named(call, argument) in _SHOWING_KEYWORDS


def is_showing(name: str) -> bool:
    """Whether a function's full name says that it shows its arguments: ``builtins.print``, ``rich.print``."""
    return name.partition(".")[0] in _SHOWING_MODULES or name == "builtins.print" or name.endswith(_STREAMS)


def is_logger(name: str) -> bool:
    """Whether an expression's name is that of a logger."""
    return bool(_LOGGER.search(name))


def is_message(attribute: str) -> bool:
    """Whether an attribute holds what people get to read, of an error above all."""
    return attribute in _MESSAGES


def _named(call: ast.Call, argument: ast.expr) -> str | None:
    return next((each.arg for each in call.keywords if each.value is argument), None)


def is_route(function: Function) -> bool:
    """Whether a function's result is shown to a caller from outside: a web route, a command, a tool of a model."""
    for mark in function.decorator_list:
        name = dotted(mark.func if isinstance(mark, ast.Call) else mark) or ""
        if "." in name and name.rpartition(".")[2] in _ROUTES:
            return True
    return False


def shows_its_result(function: Function) -> bool:
    """Whether what a function returns is made for people: ``__repr__``, ``describe``, ``masked_url``, a route."""
    return bool(_SHOWING_FUNCTIONS.search(function.name)) or is_route(function)


def shows_its_name(function: Function) -> bool:
    """Whether a function's name says that it shows what it is given: ``log_setting``, ``mask_value``."""
    return bool(_SHOWING_WORDS.search(function.name))


def expected_to_fail(node: ast.AST, module: Module) -> bool:
    """Whether an error, or what it leaves out, is the point: ``pytest.raises``, ``suppress``, a fallback handler."""
    inner: ast.AST = node
    for around in module.ancestors(node):
        if isinstance(around, (ast.With, ast.AsyncWith)) and inner in around.body:
            for item in around.items:
                call = item.context_expr
                name = (dotted(call.func) or "").rpartition(".")[2] if isinstance(call, ast.Call) else ""
                if name in {"raises", "warns", "suppress"} or name.startswith("assertRaises"):
                    return True
        if isinstance(around, ast.ExceptHandler):
            block = module.parents[around]
            assert isinstance(block, (ast.Try, ast.TryStar))
            if any(
                isinstance(part, ast.Attribute) and part.attr == "get_secret_value"
                for each in block.body
                for part in ast.walk(each)
            ):
                return True
        if isinstance(around, (ast.Try, ast.TryStar)) and inner in around.body and _catches_misuse(around):
            return True
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return False
        inner = around
    return False


def _catches_misuse(block: ast.Try | ast.TryStar) -> bool:
    """``except AttributeError`` or ``except TypeError`` around a use: the program copes with both kinds itself."""
    for handler in block.handlers:
        caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if any((dotted(each) or "").rpartition(".")[2] in {"AttributeError", "TypeError"} for each in caught):
            return True
    return False
