"""Loggers: which expression is one, of which library, and what a call of it says."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

Kind = Literal["logging", "structlog", "loguru"]

_BY_TYPE: dict[str, Kind] = {
    "logging.getLogger()": "logging",
    "logging.Logger": "logging",
    "logging.LoggerAdapter": "logging",
    "logging.getLogger().getChild()": "logging",
    "logging.Logger.getChild()": "logging",
    "celery.utils.log.get_task_logger()": "logging",
    "celery.utils.log.get_logger()": "logging",
    "multiprocessing.get_logger()": "logging",
    "multiprocessing.log_to_stderr()": "logging",
    "django.utils.log.logging.getLogger()": "logging",
    "structlog.get_logger()": "structlog",
    "structlog.getLogger()": "structlog",
    "structlog.stdlib.get_logger()": "structlog",
    "structlog.stdlib.BoundLogger": "structlog",
    "structlog.BoundLogger": "structlog",
    "structlog.typing.FilteringBoundLogger": "structlog",
}
_BY_NAME: dict[str, Kind] = {"logging": "logging", "logging.root": "logging", "loguru.logger": "loguru"}
_APPS = {"flask.Flask", "flask.current_app", "flask.globals.current_app", "quart.Quart", "quart.current_app"}
_BOUND = re.compile(r"(loguru|structlog)\.[\w.()]+\.(?:bind|opt|new|unbind|patch)\(\)$")


def kind_of(node: ast.expr, module: Module, project: Project) -> Kind | None:
    """Whose logger ``node`` is; None where it is not proven to be one.

    The module ``logging`` counts as a logger: it has the methods of the root logger.
    """
    found = project.types.of(node, module)
    if isinstance(node, ast.Attribute) and node.attr == "logger" and _is_flask(node.value, module, project):
        return "logging"
    if found is not None:
        if found.kind in {"external", "module"}:
            return _BY_NAME.get(found.name)
        if found.kind == "instance" and not found.optional:
            bound = _BOUND.match(found.name)
            if bound is not None:
                return "loguru" if bound[1] == "loguru" else "structlog"
            return next((_BY_TYPE[name] for name in project.types.ancestry(found) if name in _BY_TYPE), None)
    return None


def _is_flask(node: ast.expr, module: Module, project: Project) -> bool:
    """Whether ``node`` is a Flask or Quart application: its ``logger`` is one of the standard library."""
    found = project.types.of(node, module)
    if found is None:
        return False
    if found.kind == "instance":
        return not _APPS.isdisjoint(project.types.ancestry(found))
    return found.name in _APPS
