"""A FastAPI service that cannot be asked whether it works; the page beside this file explains the rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.engine.finding import Applicability, Change, Refused
from codemods.libraries.fastapi import table_of
from codemods.libraries.fastapi.deployed import constructing, construction, deployed, handled, is_aside
from codemods.libraries.fastapi.paths import segments, settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project
    from codemods.libraries.fastapi import Route

_SEGMENT = re.compile(
    r"_?(?:health|ready|readiness|live|liveness|alive|probes?|heartbeat|ping|pong|status|monitor(?:ing)?|up|uptime|ok)"
    r"(?:z|s|[-_]?(?:check|checks|probe|status))?",
    re.IGNORECASE,
)
_HANDLER = re.compile(
    r"health|readiness|liveness|heartbeat|is_alive|is_ready|(?:^|_)ping(?:$|_)|(?:^|_)status$", re.IGNORECASE
)
_ROOT = re.compile(rb"status|health|alive|running|\bok\b|\bup\b|version", re.IGNORECASE)
_PATHS = re.compile(rb"""["']/[\w/]*(?:health|readyz?|livez?|liveness|ping|heartbeat)[\w]*/?["']""")


class NoReadiness:
    """See ``no_readiness.md``."""

    name = "no-readiness"
    version = 1
    scope = "repository"

    def candidates(self, project: Project) -> Iterable[str]:
        """The files that construct an app, examples and tests aside."""
        return constructing(project)

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding, where the app is constructed."""
        app = deployed(project) if project.kept(lacking) == module.path else None
        call = construction(app, module) if app is not None else None
        if app is None or call is None:
            return
        yield module.finding(
            self.name,
            call,
            f"None of this app's {len(handled(app))} routes tells whether it works: a load balancer or container"
            " platform sends requests to an instance that cannot serve them, and keeps one that hangs.",
            Applicability.DISPLAY_ONLY,
            "All its routes are known, and none is a health or readiness route by its path or handler."
            ' Add a route such as `@app.get("/healthz")` that answers at once, and `@app.get("/readyz")`'
            " that asks the database with a short timeout and answers 503 where that fails; name them in the"
            " platform's probes.",
        )

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """Never written: what "ready" means is the service's own. Raises Refused."""
        raise Refused(finding.reason)


def lacking(project: Project) -> str:
    """The file of the service that nothing can ask for its health; empty where there is no such service."""
    app = deployed(project)
    if app is None:
        return ""
    table = table_of(project)
    if any(_answers(route, project) for route in table.routes if not is_aside(route.at.path)):
        return ""
    if any(
        "health" in name.lower() or "probe" in name.lower()
        for each in table.apps
        for name in each.middlewares
    ):
        return ""
    if project.containing(b"healthcheck") and project.pins.mentions("fastapi-health"):
        return ""
    others = project.matching(names_probes)
    return "" if any(not is_aside(path) for path in others) else app.at.path


def names_probes(data: bytes) -> bool:
    """Whether a file may answer probes by itself: it names such a path and looks at a request's."""
    return _PATHS.search(data) is not None and (
        b"url.path" in data or b"scope[" in data or b"fastapi" in data
    )


def _answers(route: Route, project: Project) -> bool:
    """Whether a route is there for probes: by its path's last segment, its handler's name, or what ``/`` answers."""
    parts = segments(settled(route.path))
    if _HANDLER.search(route.handler) and not any("{" in part for part in parts):
        return True
    if parts and _SEGMENT.fullmatch(parts[-1]) and not any("{" in part for part in parts):
        return True
    if not parts and route.takes("GET") and route.handler_at is not None:
        path, line = route.handler_at
        lines = project.read(path).splitlines()[line - 1 : line + 14]
        return _ROOT.search(b"\n".join(lines)) is not None
    return False


RULE = NoReadiness()
