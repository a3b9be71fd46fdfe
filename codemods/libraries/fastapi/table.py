"""The table of all apps and routes of a project, made once."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.libraries.fastapi.handing import follow
from codemods.libraries.fastapi.model import App, Place, Route, Table
from codemods.libraries.fastapi.nodes import Included, Node
from codemods.libraries.fastapi.paths import MANY, joined
from codemods.libraries.fastapi.reading import Reader

if TYPE_CHECKING:
    from codemods.engine.project import Project

_SPEAKS = re.compile(
    rb"FastAPI\(|APIRouter\(|Starlette\(|include_router\(|add_(?:api_)?(?:websocket_)?route\(|\.mount\(|add_middleware\("
    rb"|^[ \t]*@[\w.]+\.(?:get|post|put|delete|patch|head|options|trace|websocket|websocket_route|api_route|route)\(",
    re.MULTILINE,
)
_HANDS = re.compile(rb"\((?:self\.)?\w{0,20}?(?:app|api|router|application)[,)]")
_MOST = 20_000


def table_of(project: Project) -> Table:
    """All apps of FastAPI and Starlette that the project constructs, with what each may serve."""
    return project.kept(_table)


def _table(project: Project) -> Table:
    if not project.containing(b"FastAPI") and not project.containing(b"Starlette"):
        return Table()
    reader = Reader(project)
    handing = {path for path in project.matching(hands_on_apps) if not is_test(path)}
    for path in sorted(handing.union(project.matching(speaks_of_routes))):
        module = project.module(path)
        if module is not None:
            reader.read(module)
        elif b"APIRouter" in project.read(path):
            reader.loose.append(Route(MANY, (), Place(path, 1, 0), guess=True))
    follow(reader)
    return _Flat(reader).table()


def speaks_of_routes(data: bytes) -> bool:
    """Whether a file may make apps or routers, or add to them."""
    return _SPEAKS.search(data) is not None


def hands_on_apps(data: bytes) -> bool:
    """Whether a file may hand an app or router to a function."""
    return _HANDS.search(data) is not None


class _Flat:
    def __init__(self, reader: Reader) -> None:
        self.nodes = reader.nodes
        self.loose = reader.loose
        self.met: set[Place] = set()

    def table(self) -> Table:
        """The apps with all their routes, prefixes applied."""
        loose = self.loosened()
        mounted = {
            entry.target
            for node in self.nodes.values()
            for entry in node.entries
            if isinstance(entry, Included) and entry.mounted
        }
        apps = []
        for place, node in sorted(self.nodes.items()):
            if node.role == "app":
                found = [*self.below(place, "", frozenset()), *loose]
                unique = tuple(dict.fromkeys(found))[:_MOST]
                middlewares = tuple(dict.fromkeys(self.middlewares(place, frozenset())))
                apps.append(App(place, node.kind, unique, middlewares, place in mounted, node.rooted))
        stray = [
            route
            for place, node in sorted(self.nodes.items())
            if place not in self.met and node.role == "router"
            for route in self.below(place, "", frozenset())
        ]
        return Table(tuple(apps), tuple(dict.fromkeys(stray)))

    def loosened(self) -> list[Route]:
        """What is added to something unknown may be served by any app, below any prefix."""
        found: list[Route] = []
        for entry in self.loose:
            if isinstance(entry, Included):
                found += self.below(entry.target, joined(MANY, entry.prefix), frozenset())
            else:
                found.append(replace(entry, path=joined(MANY, entry.path)))
        return found

    def below(self, place: Place, prefix: str, seen: frozenset[Place]) -> list[Route]:
        """The routes of one node and of all that it includes."""
        node = self.nodes.get(place)
        if node is None or place in seen:
            return []
        self.met.add(place)
        seen |= {place}
        prefix = joined(prefix, node.prefix)
        found: list[Route] = []
        for entry in node.entries:
            if isinstance(entry, Included):
                found += self.below(entry.target, joined(prefix, entry.prefix), seen)
            else:
                found.append(replace(entry, path=joined(prefix, entry.path)))
            if len(found) > _MOST:
                break
        return found

    def middlewares(self, place: Place, seen: frozenset[Place]) -> list[str]:
        """Those of an app, and of the parameters that it is handed on by."""
        node: Node | None = self.nodes.get(place)
        if node is None or place in seen:
            return []
        inner = [entry.target for entry in node.entries if isinstance(entry, Included) and not entry.mounted]
        return [
            *node.middlewares,
            *(name for each in inner for name in self.middlewares(each, seen | {place})),
        ]
