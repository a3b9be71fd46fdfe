"""What answers requests without a route: middleware that rewrites paths or answers itself, handlers of 404."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.project import Module


def answers_by_itself(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, module: Module) -> bool:
    """Whether middleware rewrites the path, or answers with success without asking the app."""
    text = module.source.segment(node)
    if re.search(r"""scope\[["'](?:path|raw_path)["']\]\s*=|\._url\s*=""", text):
        return True
    for part in walk(node):
        if isinstance(part, ast.Call):
            func = part.func
            name = (
                func.id
                if isinstance(func, ast.Name)
                else func.attr
                if isinstance(func, ast.Attribute)
                else ""
            )
            if name.endswith("Response") and name != "StreamingResponse" and not _fails(part):
                return True
    return False


def _fails(call: ast.Call) -> bool:
    """Whether a response has a status of its own that is an error, or that of another response."""
    given = next((keyword.value for keyword in call.keywords if keyword.arg == "status_code"), None)
    if given is None:
        given = call.args[1] if len(call.args) > 1 else None
    if given is None:
        return False
    if isinstance(given, ast.Constant):
        return isinstance(given.value, int) and given.value >= 400
    last = given.attr if isinstance(given, ast.Attribute) else given.id if isinstance(given, ast.Name) else ""
    return not re.match(r"HTTP_[123]|OK$|CREATED$|ACCEPTED$|NO_CONTENT$", last)


def catches_missing(
    status: ast.expr, handler: ast.FunctionDef | ast.AsyncFunctionDef | None, module: Module
) -> bool:
    """Whether an exception handler may turn a path that nobody serves into something else than a 404."""
    if isinstance(status, ast.Constant):
        return status.value == 404
    name = (
        status.attr
        if isinstance(status, ast.Attribute)
        else status.id
        if isinstance(status, ast.Name)
        else ""
    )
    if "404" in name or name == "NOT_FOUND":
        return True
    if name not in {"HTTPException", "StarletteHTTPException", "Exception"}:
        return False
    text = module.source.segment(handler) if handler is not None else "404"
    return any(
        word in text for word in ("404", "NOT_FOUND", "FileResponse", "RedirectResponse", "TemplateResponse")
    )
