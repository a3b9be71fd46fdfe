"""What is known of each app, router and parameter, while the files are read."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import Function
from codemods.libraries.fastapi.construction import constructed
from codemods.libraries.fastapi.hazards import answers_by_itself
from codemods.libraries.fastapi.kinds import FILES, Role, role_of
from codemods.libraries.fastapi.model import Place, Route
from codemods.libraries.fastapi.origins import Origin, origins
from codemods.libraries.fastapi.paths import MANY, symbol, text_of

if TYPE_CHECKING:
    from codemods.engine.inference.type_model import Type
    from codemods.engine.project import Module, Project

_UNKNOWN_PREFIX = symbol("", None)


@dataclass(frozen=True, slots=True)
class Included:
    """Another router or app, under a prefix. ``mounted``: as an app of its own."""

    prefix: str
    target: Place
    mounted: bool = False


@dataclass
class Node:
    """One app, router or parameter, and what is known to be added to it."""

    role: Role | str
    kind: str
    prefix: str = ""
    entries: list[Route | Included] = field(default_factory=list)
    middlewares: list[str] = field(default_factory=list)
    rooted: bool = False
    files: bool = False


class Nodes:
    """All that is known so far.

    ``nodes`` by the place of their construction; ``loose``: what is added to something that could not be told;
    ``handed``: the parameters that apps and routers are handed in by; ``bound``: by file, names that stand beside
    their classes there.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.nodes: dict[Place, Node] = {}
        self.loose: list[Route | Included] = []
        self.handed: dict[Place, tuple[Module, Function, ast.arg]] = {}
        self.bound: dict[str, set[str]] = {}

    def owners(self, receiver: ast.expr, module: Module) -> list[Node] | None:
        """The nodes that an expression means; None where it is proven to be something else, empty if unknown."""
        if role_of(self.project.types.of(receiver, module), self.project) is None:
            return None
        return [self.node(origin) for origin in origins(receiver, module, self.project)]

    def node(self, origin: Origin) -> Node:
        """The node of an origin, made when it is first met."""
        place = origin.place
        known = self.nodes.get(place)
        if known is not None:
            return known
        call, module = origin.node, origin.module
        if isinstance(call, ast.arg):
            made = self.nodes[place] = Node("parameter", "")
            function = module.parents[module.parents[call]]
            assert isinstance(function, Function)
            self.handed[place] = (module, function, call)
            return made
        found = self.project.types.of(call, module)
        role = role_of(found, self.project) or "other"
        kind = found.name if found is not None else ""
        made = self.nodes[place] = Node(role, kind, self.own_prefix(call, module) if role == "router" else "")
        if role == "other":
            made.files = found is not None and any(
                name.rpartition(".")[2] == FILES for name in (kind, *self.project.types.ancestry(found))
            )
            made.entries.append(anything("", place))
        else:
            constructed(made, call, module, self)
            if found is not None and found.path and self.adds_by_itself(found):
                made.entries.append(anything("", place))
        return made

    def own_prefix(self, call: ast.Call, module: Module) -> str:
        """The prefix that a router is constructed with."""
        prefix = ""
        for keyword in call.keywords:
            if keyword.arg == "prefix":
                prefix = text_of(keyword.value, module, self.project)
            elif keyword.arg is None:
                prefix = _UNKNOWN_PREFIX
        return prefix

    def adds_by_itself(self, found: Type) -> bool:
        """Whether a class derived from an app or router does more than pass on what it is given."""
        definition = self.project.types.class_def(found)
        return definition is None or any(
            isinstance(node, Function) and node.name not in {"openapi", "build_middleware_stack", "__call__"}
            for node in definition[1].body
        )

    def add(self, owners: list[Node] | None, entry: Route | Included) -> None:
        """Adds to all that are meant; to everything where none is known."""
        for owner in owners or ():
            owner.entries.append(entry)
        if owners == []:
            self.loose.append(entry)

    def include(
        self,
        owners: list[Node],
        target: ast.expr | None,
        prefix: ast.expr | None,
        at: tuple[ast.Call, Module],
        *,
        mounted: bool = False,
    ) -> None:
        """A router or app, which the expression ``target`` means, below ``prefix``."""
        call, module = at
        place = Place(module.path, call.lineno, call.col_offset)
        text = text_of(prefix, module, self.project) if prefix is not None else ""
        made = origins(target, module, self.project) if target is not None else ()
        if not made:
            self.add(owners, anything(text, place))
        for origin in made:
            node = self.node(origin)
            if node.role == "other" and node.files:
                self.add(owners, replace(anything(text, place), handler=FILES))
            else:
                self.add(owners, Included(text, origin.place, mounted))

    def middleware(self, owners: list[Node], given: ast.expr | None, place: Place, module: Module) -> None:
        """Middleware by its name; the repository's own is looked at."""
        if given is None:
            return
        found = self.project.types.of(given, module)
        name = found.name if found is not None else module.source.segment(given)
        for owner in owners:
            owner.middlewares.append(name)
        if found is not None and found.path:
            definition = self.project.types.class_def(found)
            if definition is None or answers_by_itself(definition[1], definition[0]):
                self.add(owners or None, anything("", place))

    def function(self, node: ast.expr, module: Module) -> tuple[Function, Module] | None:
        """The repository's own function that an expression names."""
        found = self.project.types.of(node, module)
        definition = (
            self.project.types.function_def(found) if found is not None and found.kind == "function" else None
        )
        return (definition[1], definition[0]) if definition else None


def anything(prefix: str, place: Place) -> Route:
    """A route that may serve anything below a prefix."""
    return Route(f"{prefix.rstrip('/')}/{MANY}", (), place, guess=True)
