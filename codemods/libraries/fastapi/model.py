"""Apps and their routes, as the table of a project holds them: plain data, kept from run to run."""

from __future__ import annotations

from dataclasses import dataclass

from codemods.libraries.fastapi.paths import MANY, serves, settled


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something is constructed (or a parameter stands): file, line from 1, column as ``ast`` counts."""

    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Route:
    """What one route serves.

    ``path`` is whole, with all prefixes, and marked as in ``paths``. ``methods`` is empty where any method is served;
    a websocket's is ``("WEBSOCKET",)``. ``handler`` is the function's name, ``path`` and first line of its file in
    ``handler_at`` (the line of ``def``), where it is known. ``at``: the decorator or call that adds the route.
    ``guess``: nobody knows what is served there (an unknown router, a mounted app); such a route may serve anything.
    """

    path: str
    methods: tuple[str, ...]
    at: Place
    handler: str = ""
    handler_at: tuple[str, int] | None = None
    guess: bool = False

    def takes(self, method: str) -> bool:
        """Whether the route serves this method (upper case, or ``WEBSOCKET``)."""
        return not self.methods or method in self.methods or (method == "HEAD" and "GET" in self.methods)

    def serves(self, path: str) -> bool:
        """Whether the route may serve a request's path, marked as in ``paths``."""
        return serves(self.path, path)

    @property
    def shown(self) -> str:
        """The path as a person would write it, with the defaults of settings."""
        return settled(self.path).replace(MANY, "...") or "/"


@dataclass(frozen=True, slots=True)
class App:
    """An application that is constructed in this repository, and all that it may serve.

    ``kind`` is the class as imported (``fastapi.FastAPI``). ``middlewares`` are the names of what is added as
    middleware. ``mounted``: below another app. ``rooted``: has a root path, which requests may carry or lack.
    """

    at: Place
    kind: str
    routes: tuple[Route, ...]
    middlewares: tuple[str, ...] = ()
    mounted: bool = False
    rooted: bool = False

    @property
    def whole(self) -> bool:
        """Whether all routes are known, at every path."""
        return not any(route.guess for route in self.routes)


@dataclass(frozen=True, slots=True)
class Table:
    """All apps of the project, in order of file and line; ``stray`` are routes of routers that no known app includes."""

    apps: tuple[App, ...] = ()
    stray: tuple[Route, ...] = ()

    def app(self, at: Place) -> App | None:
        """The app that is constructed there."""
        return next((app for app in self.apps if app.at == at), None)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route once."""
        return tuple(dict.fromkeys([*(route for app in self.apps for route in app.routes), *self.stray]))
