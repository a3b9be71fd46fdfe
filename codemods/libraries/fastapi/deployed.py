"""The app of a repository that somebody runs as a service, if there is one."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.libraries.fastapi.kinds import FILES
from codemods.libraries.fastapi.table import table_of

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.libraries.fastapi.model import App, Route

_ASIDE = re.compile(
    r"(?:^|/)(?:examples?|samples?|demos?|docs?|docs_src|tutorials?|benchmarks?|bench|scripts?|tools?|cookbook|notebooks?"
    r"|playground|templates?|plugins?|fixtures|mocks?|fakes?|archives?|legacy|deprecated|venv|env|site-packages)(?:/|$)"
    r"|(?:^|[/_])(?:example|sample|demo|mock|fake|stub|dev)[^/]*\.py$|\{\{|(?:^|/)cli[^/]*\.py$",
    re.IGNORECASE,
)
_TOOLS = re.compile(rb"^[ \t]*(?:import|from)[ \t]+(?:argparse|typer|click|fire)\b", re.MULTILINE)
_FUNCTIONS = (
    b"Mangum(",
    b"modal.asgi_app",
    b"asgi_app()",
    b"AsgiFunctionApp(",
    b"functions_framework",
    b"from_fastapi(",
)
_FEWEST = 3


def is_aside(path: str) -> bool:
    """Whether a file is a test, an example, a script or a template."""
    return is_test(path) or _ASIDE.search(path) is not None


def constructing(project: Project) -> list[str]:
    """The files that construct an app, examples and tests aside."""
    return [path for path in project.containing(b"FastAPI(") if not is_aside(path)]


def construction(app: App, module: Module) -> ast.Call | None:
    """The call in this file that constructs the app."""
    here = (app.at.line, app.at.column)
    return next((call for call in module.nodes(ast.Call) if (call.lineno, call.col_offset) == here), None)


def handled(app: App) -> tuple[Route, ...]:
    """The routes that the repository's own functions serve, outside of tests."""
    return tuple(route for route in app.routes if route.handler_at is not None and not is_test(route.at.path))


def deployed(project: Project) -> App | None:
    """The app with the most routes, of those that are run as a service.

    None for libraries, examples, tools that start a server by the way, functions in a cloud (AWS Lambda, Modal), apps with
    fewer than three routes of their own, and apps of which some routes are unknown (static files aside).
    """
    if any(project.containing(needle) for needle in _FUNCTIONS) or project.pins.mentions("mangum"):
        return None
    found = [app for app in table_of(project).apps if _is_service(app, project)]
    best = max(found, key=lambda app: len(handled(app)), default=None)
    if best is None or any(route.guess and route.handler != FILES for route in best.routes):
        return None
    return best


def _is_service(app: App, project: Project) -> bool:
    return (
        app.kind in {"fastapi.FastAPI", "fastapi.applications.FastAPI"}
        and not app.mounted
        and not is_aside(app.at.path)
        and len(handled(app)) >= _FEWEST
        and _TOOLS.search(project.read(app.at.path)) is None
    )
