"""The whole change for one client: what else becomes lazy, who follows, which names are free."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.finding import Refused
from codemods.engine.names.traverse import walk
from codemods.lazy_client.ambient import ambient_doubts
from codemods.lazy_client.annotations import must_quote, style_of, type_text
from codemods.lazy_client.branches import exported_beside, stores
from codemods.lazy_client.chain import chain_of
from codemods.lazy_client.evidence import Lazy, Part, Spot
from codemods.lazy_client.fastapi import key_check
from codemods.lazy_client.followers import Follower
from codemods.lazy_client.hazards import look_for_hazards
from codemods.lazy_client.moving import check_movable, own_key
from codemods.lazy_client.naming import Namer, default_names
from codemods.lazy_client.places import is_django_settings, refuses_to_start, stem
from codemods.lazy_client.reference import Reference, References, Role
from codemods.lazy_client.spots import name_span
from codemods.lazy_client.timing import Reach, when

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.lazy_client.sites import Finder, Site

Imports = list[tuple[str, str, str | None, str | None]]


@dataclass(frozen=True)
class Planned:
    """A change that can be written. ``doubts`` make it unsafe."""

    evidence: Lazy
    uses: int
    files: int
    doubts: tuple[str, ...]
    notes: tuple[str, ...]


class Planner:
    """Plans the changes of one module; sites of one chain share theirs."""

    def __init__(self, module: Module, project: Project, finder: Finder, sites: list[Site]) -> None:
        self.module = module
        self.project = project
        self.finder = finder
        self.sites = sites
        self.reach = Reach(project)
        self.done: dict[Site, Planned | Refused] = {}

    def plan(self, site: Site) -> Planned:
        """The change for one site. Raises Refused."""
        known = self.done.get(site)
        if known is None:
            try:
                chain = chain_of(site, self.sites, self.module, self.project) if not site.refusal else [site]
            except Refused as reason:
                known = reason
            else:
                known = self._try(chain)
                for member in chain:
                    self.done[member] = known
            self.done[site] = known
        if isinstance(known, Refused):
            raise known
        return known

    def _try(self, chain: list[Site]) -> Planned | Refused:
        try:
            return self._chain(chain)
        except Refused as reason:
            return reason

    def _chain(self, chain: list[Site]) -> Planned:
        for site in chain:
            if site.refusal:
                raise Refused(site.refusal)
            self._check_line(site)
            line = refuses_to_start(site.call, self.module) if site.call is not None else None
            if line is not None:
                raise Refused(
                    f"line {line} refuses to start without what it needs, which a client that is built later would not change"
                )
            if site.name.isupper() and is_django_settings(self.module):
                raise Refused("Django reads this module's names through `django.conf.settings`")
        group = frozenset(site.name for site in chain)
        for site in chain:
            check_movable(site, self.module, self.project, group)
            self._check_beside(site)
        moved = {node for site in chain for line in (site.statement, *site.setup) for node in walk(line)}
        references: dict[Site, References] = {}
        for site in chain:
            ignored: set[ast.AST] = {
                load
                for load in self.module.scopes.loads(self.module.scopes.module, site.name)
                if load in moved and when(load, self.module).time == "import"
            }
            references[site] = Follower(site, self.module, self.project, self.reach, ignored).follow()
            self._inner(site, ignored, references[site])
        self._check_used(chain, references)
        doubts = self._doubts(chain, references)
        stubbed = False
        for site in chain:
            hazards = look_for_hazards([each for each in chain if each.match is not None], self.module, self.project, references[site])  # fmt: skip
            stubbed = stubbed or hazards.stubbed
            doubts += [doubt for doubt in hazards.doubts if doubt not in doubts]
        return self._written(chain, references, doubts, stubbed=stubbed)

    # --- conditions

    def _check_line(self, site: Site) -> None:
        """The statement must have its lines to itself."""
        source = self.module.source
        for statement in (site.statement, *site.setup):
            start, end = source.span(statement)
            before = source.text[source.line_start(statement.lineno) : start]
            after = source.text[
                end : source.line_start((statement.end_lineno or statement.lineno) + 1)
            ].strip()
            if before.strip() or (after and not after.startswith("#")):
                raise Refused("it shares its line with another statement")

    def _check_beside(self, site: Site) -> None:
        if site.shape != "branches":
            return
        for name in exported_beside(site, self.module):
            for path in self.project.containing(name.encode(), stem(self.module.path).encode()):
                facts = self.project.facts(path) if path != self.module.path else None
                if facts is not None and any(
                    known.attribute == name
                    and self.project.index.imported_file(path, known.module, known.level) == self.module.path
                    for known in facts.names.values()
                ):
                    raise Refused(f"the statement that binds it also binds `{name}`, which {path} imports")

    def _inner(self, site: Site, ignored: set[ast.AST], references: References) -> None:
        """References from statements that move: what is derived calls the getter, configuration uses the global."""
        key = (self.module.path, site.name)
        setup = {node for line in site.setup for node in walk(line)}
        for node in ignored:
            assert isinstance(node, ast.Name)
            start, end = name_span(node, self.module)
            role: Role = "close" if node in setup else "read"
            text = "<private>" if node in setup else "<getter>()"
            references.found.append(
                Reference(self.module.path, start, end, node.lineno, role, text, key, key)
            )

    def _check_used(self, chain: list[Site], references: dict[Site, References]) -> None:
        for site in chain:
            found = references[site]
            if found.used:
                continue
            if site.shape == "derived":
                raise Refused(
                    f"`{site.name}` (line {site.statement.lineno}) is made from it on import, and nothing reads it"
                )
            if found.only_tests:
                raise Refused(f"only tests refer to `{site.name}`")
            raise Refused(f"nothing in this project uses `{site.name}`, so there is nothing to build later")

    def _doubts(self, chain: list[Site], references: dict[Site, References]) -> list[str]:
        doubts: list[str] = []
        for site in chain:
            doubts += references[site].doubts
            doubts += ambient_doubts(site, self.module, self.project)
            if site.shape == "derived":
                doubts.append(f"`{site.name}` is made from it and becomes lazy with it")
            if site.shape == "wrapped":
                doubts.append(f"`{site.name}` is what is made from the client, not the client itself")
            if site.fallback:
                doubts.append(
                    f"`{site.name}` may be None, and its condition is evaluated again on each use while it is"
                )
        return list(dict.fromkeys(doubts))

    # --- writing down

    def _written(self, chain: list[Site], references: dict[Site, References], doubts: list[str], *, stubbed: bool) -> Planned:  # fmt: skip
        namer = Namer(self.module, self.project, self._reserved(chain))
        parts: list[Part] = []
        spots: dict[tuple[str, int, int, str], Spot] = {}
        imports: Imports = []
        notes: list[str] = []
        for site in chain:
            found = references[site]
            private = namer.private(site)
            names = namer.getter(site, found)
            own = names[self.module.path, site.name]
            for each in found.found:
                text = each.template.replace("<getter>", names[each.key]).replace(
                    "<source>", names[each.source]
                )
                text = text.replace("<private>", private).replace("<plain>", own)
                spots[each.path, each.start, each.end, text] = Spot(each.path, each.start, each.end, text)
            imports += [(path, name, own, None) for path, name in found.needs]
            parts.append(self._part(site, private, own, imports, stubbed=stubbed))
            notes += self._notes(site, parts[-1], found)
        uses = sum(
            len([each for each in references[site].found if each.role in {"read", "close"}]) for site in chain
        )
        files = len(
            {each.path for site in chain for each in references[site].found if each.role in {"read", "close"}}
        )
        ordered = tuple(sorted(spots.values(), key=lambda spot: (spot.path, spot.start, spot.end, spot.text)))
        evidence = Lazy(tuple(parts), ordered, tuple(dict.fromkeys(imports)))
        return Planned(evidence, uses, files, tuple(doubts), tuple(dict.fromkeys(notes)))

    def _reserved(self, chain: list[Site]) -> frozenset[str]:
        """Names that earlier clients of the same module will take."""
        first = min(self.sites.index(site) for site in chain if site in self.sites)
        return frozenset(
            name for site in self.sites[:first] if site not in chain for name in default_names(site.name)
        )

    def _part(self, site: Site, private: str, getter: str, imports: Imports, *, stubbed: bool) -> Part:
        source, path = self.module.source, self.module.path
        start, end = source.span(site.statement)
        text = type_text(site, self.module, self.project, self.finder)
        style = style_of(site, self.module, self.project)
        if style.name and " | " in text:
            text = ""
        if not text and self._is_typed():
            text = "Any"
            imports.append((path, "typing", "Any", None))
        if style.needed and text not in {"", "Any"}:
            imports.append((path, "typing", "Optional", None))
        check = key_check(site, self.module, self.project)
        if check is not None and check.needed:
            alias = None if check.needed == "HTTPException" else check.needed
            imports.append((path, "fastapi", "HTTPException", alias))
        branches = site.shape == "branches"
        return Part(
            path, site.name, private, getter, start, end, branches,
            (start, end) if branches else (self._value_start(site), end),
            tuple(self._stores(site)) if branches else (),
            tuple(source.span(line) for line in site.setup),
            text.strip('"'), site.fallback, style.name,
            text.startswith('"') or self._may_be_a_function(site) or must_quote(text, site, self.module, stubbed=stubbed, needed=style.needed or text == "Any"),
            _doc(site, self.finder),
            *((check.key, check.error, check.detail) if check is not None else ()),
        )  # fmt: skip

    def _may_be_a_function(self, site: Site) -> bool:
        """What a library names like a class need not be one; the table's are known to be."""
        if site.shape != "derived" or site.annotation is not None or not isinstance(site.values[0], ast.Call):
            return False
        known = self.project.types.of(site.values[0].func, self.module)
        return known is None or known.kind != "class"

    def _value_start(self, site: Site) -> int:
        """Where the right side begins, with the brackets around it."""
        source = self.module.source
        before = site.annotation
        if before is None:
            assert isinstance(site.statement, ast.Assign)
            before = site.statement.targets[0]
        at = source.text.index("=", source.span(before)[1]) + 1
        return at + len(source.text[at:]) - len(source.text[at:].lstrip(" \t"))

    def _stores(self, site: Site) -> list[tuple[int, int]]:
        """Targets in the branches, with their annotations: a global cannot be annotated in a function."""
        source = self.module.source
        found = []
        for node in stores(site):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            start, end = source.span(target)
            if isinstance(node, ast.AnnAssign):
                _, end = source.span(node.annotation)
            found.append((start, end))
        return found

    def _is_typed(self) -> bool:
        return any(
            isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns is not None
            for node in self.module.tree.body
        )

    def _notes(self, site: Site, part: Part, references: References) -> list[str]:
        notes = []
        if part.key:
            notes.append("Without the key the getter raises HTTPException 503; before, the import failed.")
            check = key_check(site, self.module, self.project)
            own = own_key(site)
            if check is not None and own and check.variable != own:
                where = f"`{check.variable}`" if check.variable else "the variable it names"
                notes.append(f"Before, a client that found {where} unset could still take its key from `{own}`; the getter answers 503 then.")  # fmt: skip
            if references.swallowed:
                notes.append("An `except Exception` would swallow that 503: " + ", ".join(dict.fromkeys(references.swallowed)) + ".")  # fmt: skip
        else:
            notes.append("Wrong configuration shows on first use, no longer on import.")
        return [*notes, *references.notes]


def _doc(site: Site, finder: Finder) -> str:
    vendors = {match.client.vendor for match in map(finder.match, _calls(site)) if match is not None}
    mixed = len(vendors) > 1
    if site.match is None or site.shape == "wrapped" or mixed:
        subject = f"`{site.name}`"
    else:
        client = site.match.client
        subject = f"the {client.vendor} {client.noun}"
    return f"Return {subject}, created on first use."


def _calls(site: Site) -> list[ast.Call]:
    return [node for value in site.values for node in walk(value) if isinstance(node, ast.Call)]
