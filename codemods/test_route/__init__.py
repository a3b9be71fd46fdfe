"""test-route: a test client's request that no route of the app serves."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Edit, Refused
from codemods.libraries.fastapi.paths import MANY, ONE, settled
from codemods.test_route.expected import fails_without_route
from codemods.test_route.meant import Candidate, candidates
from codemods.test_route.requests import Request, request_of
from codemods.test_route.writing import edit_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project
    from codemods.libraries.fastapi import Route

_REQUESTS = re.compile(
    rb"\.(?:get|post|put|patch|delete|request|stream)\(\s*(?:[\"'][A-Za-z]+[\"']\s*,\s*)?(?:url\s*=\s*)?"
    rb"(?:[fF]?[\"'][^\"'\n]*/|[A-Z_]+\b)"
)
_FEWEST = 1


@dataclass(frozen=True, slots=True)
class _Evidence:
    edit: Edit | None


class TestRoute:
    """See ``test_route.md``."""

    __test__ = False
    name = "test-route"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Tests that make requests, where the project constructs an app."""
        if not project.containing(b"FastAPI(") and not project.containing(b"Starlette("):
            return []
        if not project.containing(b"TestClient") and not project.containing(b"ASGITransport"):
            return []
        return [path for path in project.matching(asks) if is_test(path)]

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each request that fails for certain."""
        for call in module.nodes(ast.Call):
            request = request_of(call, module, project)
            if request is not None:
                yield from self._judge(request, call, module, project)

    def _judge(self, request: Request, call: ast.Call, module: Module, project: Project) -> Iterator[Finding]:
        routes = tuple(dict.fromkeys(route for app in request.apps for route in app.routes))
        serving = [route for route in routes if route.serves(request.whole)]
        if any(route.guess or route.takes(request.method) for route in serving):
            return
        serving = [route for route in serving if route.handler_at is not None]
        if sum(bool(route.handler_at) for route in routes) < _FEWEST:
            return
        middlewares = tuple(name for app in request.apps for name in app.middlewares)
        expected = fails_without_route(call, module, middlewares)
        if expected is None:
            return
        shown = _shown(request)
        if serving:
            methods = sorted({method for route in serving for method in route.methods})
            yield module.finding(
                self.name,
                call,
                f"`{request.method} {shown}` gets a 405: the app serves this path by {' and '.join(methods)} only.",
                Applicability.DISPLAY_ONLY,
                f"{_proof(request, routes, expected)} Which method the test means is not known.",
                evidence=_Evidence(None),
            )
            return
        found = candidates(request.whole, request.method, routes)
        single = (
            found[0]
            if len(found) == 1 and found[0].step.applicability != Applicability.DISPLAY_ONLY
            else None
        )
        edit = (
            edit_of(request, single.step, module)
            if single is not None and _follows(request, single)
            else None
        )
        yield module.finding(
            self.name,
            call,
            f"`{request.method} {shown}` gets a 404: no route of the app serves this path.",
            single.step.applicability
            if single is not None and edit is not None
            else Applicability.DISPLAY_ONLY,
            f"{_proof(request, routes, expected)} {_choice(request.method, found, patched=edit is not None)}",
            evidence=_Evidence(edit),
        )

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The path of the route that is meant. Raises Refused where none is, or several are."""
        assert isinstance(finding.evidence, _Evidence)
        if finding.evidence.edit is None:
            raise Refused(finding.reason)
        return Change((finding.evidence.edit,))


def asks(data: bytes) -> bool:
    """Whether a file may make requests."""
    return _REQUESTS.search(data) is not None


def _follows(request: Request, candidate: Candidate) -> bool:
    """Whether a slash at the end may differ: the client follows the redirect, or both have it or lack it."""
    slash = settled(candidate.route.path).endswith("/")
    return request.follows or slash == request.path.partition("?")[0].endswith("/")


def _shown(request: Request) -> str:
    return settled(request.whole).replace(ONE, "...").replace(MANY, "...")


def _proof(request: Request, routes: tuple[Route, ...], expected: str) -> str:
    home = request.apps[0].at.path
    count = sum(bool(route.handler_at) for route in routes)
    return f"All {count} routes of the app in {home} are known, and the test expects {expected}."


def _choice(method: str, found: list[Candidate], *, patched: bool) -> str:
    if not found:
        return "No route is close enough to be the one that is meant."
    named = [f"`{method} {each.route.shown}` (`{each.route.handler}`)" for each in found[:4]]
    if len(found) > 1:
        return f"Several routes may be meant: {', '.join(named)}."
    if patched:
        return f"Only {named[0]} can be meant: {found[0].step.why}."
    if found[0].step.applicability == Applicability.DISPLAY_ONLY:
        return f"{named[0]} may be meant, but that is not sure enough to write it."
    return f"{named[0]} may be meant; the path is not written in this call as one text."


RULE = TestRoute()
