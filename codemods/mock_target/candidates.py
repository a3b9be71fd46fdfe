"""What a target that doesn't exist may mean: told by the code that runs under the mock, or by likeness alone."""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.inference.definitions import child
from codemods.engine.names.index import Found
from codemods.engine.names.traverse import walk
from codemods.mock_target import stdlib
from codemods.mock_target.exercised import exercised
from codemods.mock_target.existence import Gone, judge

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.mock_target.exercised import Exercised
    from codemods.mock_target.sites import Site

Function = ast.FunctionDef | ast.AsyncFunctionDef
_LIKE = 0.8
_MOST = 6


@dataclass(frozen=True, slots=True)
class Meant:
    """What a site should name instead.

    ``parts`` is the whole dotted target. ``sure``: told by the code that the test reaches. ``others``: all candidates,
    where there is not exactly one; then ``parts`` is empty.
    """

    parts: tuple[str, ...] = ()
    sure: bool = False
    why: str = ""
    others: tuple[str, ...] = ()


def meant(site: Site, gone: Gone, taken: frozenset[str], module: Module, project: Project) -> Meant:
    """The one candidate for a missing target, or those that there are. ``taken`` are names patched beside it."""
    if gone.what == "library":
        near = stdlib.near(gone.inside, gone.part)
        return _close((*gone.prefix, near, *gone.rest), near) if near else Meant()
    if gone.what in {"hidden", "instance"}:
        return Meant()
    search = _Search(site, gone, taken, module, project, exercised(site, module, project))
    if gone.what in {"member", "attribute"}:
        return search.renamed_member()
    moved = search.moved()
    if moved is not None:
        return moved
    return search.renamed_name() if gone.what == "name" else Meant(others=_elsewhere(gone, module, project))


def _close(parts: tuple[str, ...], name: str) -> Meant:
    return Meant(parts, why=f"`{name}` is the only name there that is spelt much the same")


@dataclass(frozen=True, eq=False, slots=True)
class _Search:
    site: Site
    gone: Gone
    taken: frozenset[str]
    module: Module
    project: Project
    running: Exercised

    def moved(self) -> Meant | None:
        """The same name, where the code that runs under the mock looks it up."""
        gone = self.gone
        pieces = (gone.part, *gone.rest) if gone.what == "name" else gone.rest
        for start in range(1 if gone.what == "name" else len(pieces)):
            name, tail = pieces[start], pieces[start + 1 :]
            targets: dict[tuple[str, ...], str] = {}
            for path, user, line in self._lookups(name):
                parts = self._spelt(path, name, tail)
                if parts is not None and parts != self.site.target:
                    targets.setdefault(parts, f"`{user}` line {line}")
            if len(targets) == 1:
                ((found, where),) = targets.items()
                why = f"the code that the test reaches looks `{name}` up there ({where})"
                # Where the module that was named runs too, its own look-up may have gone for good.
                own = gone.what == "name" and any(module.path == gone.path for module, _ in self.running)
                return Meant(found, sure=not own or gone.typing_only, why=why)
            if targets:
                return Meant(others=tuple(sorted(".".join(parts) for parts in targets)))
        return None

    def _lookups(self, name: str) -> list[tuple[str, str, int]]:
        """Where running functions look a name up: the file in which a replacement works, the user and its line."""
        found: list[tuple[str, str, int]] = []
        for module, function in self.running:
            if name not in module.source.text:
                continue
            for node in walk(function):
                if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
                    scopes = module.scopes
                    if node in scopes.scope_of and scopes.binder(node) is scopes.module:
                        found.append((module.path, module.path, node.lineno))
                elif isinstance(node, ast.Attribute) and node.attr == name:
                    owner = self.project.types.of(node.value, module)
                    if owner is not None and owner.kind == "module" and owner.path:
                        found.append((owner.path, module.path, node.lineno))
                elif isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
                    path = self.project.index.imported_file(module.path, node.module, node.level)
                    if path is not None:
                        found.append((path, module.path, node.lineno))
        return found

    def _spelt(self, path: str, name: str, tail: tuple[str, ...]) -> tuple[str, ...] | None:
        """The target that replaces ``name`` in the file ``path``, as the test would write it, where that exists."""
        project, site = self.project, self.site
        facts = project.facts(path)
        bound = facts.names.get(name) if facts is not None else None
        if bound is None or bound.typing_only:
            return None
        top = site.target[0] if site.target else ""
        for dotted in sorted(project.layout.names(path), key=lambda each: each.partition(".")[0] != top):
            if project.locate(dotted, self.module.path)[:1] != [path]:
                continue
            parts = (*dotted.split("."), name, *tail)
            answer = judge(parts, site.way, self.module, project)
            if isinstance(answer, Gone) or (tail and not isinstance(answer, Found)):
                return None
            return parts
        return None

    def renamed_name(self) -> Meant:
        """A name of the module that is spelt much the same."""
        facts = self.project.facts(self.gone.path)
        known = [] if facts is None else [name for name, one in facts.names.items() if not one.typing_only]
        close = [name for name in _alike(self.gone.part, known) if name not in self.taken]
        used = [name for name in close if any(path == self.gone.path for path, _, _ in self._lookups(name))]
        return self._chosen(close, used)

    def _chosen(self, close: list[str], used: list[str]) -> Meant:
        gone = self.gone
        if len(close) != 1:
            return Meant(others=tuple(".".join((*gone.prefix, name)) for name in close))
        parts = (*gone.prefix, close[0], *gone.rest)
        if self.site.target and isinstance(judge(parts, self.site.way, self.module, self.project), Gone):
            return Meant()
        if used == close and ("async" in close[0].lower()) == ("async" in gone.part.lower()):
            why = f"the code that the test reaches uses `{close[0]}` there, the only name much like it"
            return Meant(parts, sure=True, why=why)
        return _close(parts, close[0])

    def renamed_member(self) -> Meant:
        """The method of that class that the running code calls, if it is one; a close name; the only public one."""
        gone, site = self.gone, self.site
        methods = _methods(gone, self.project)
        plain = {name for name, node in methods.items() if _replaceable(node, site)}
        called = sorted(self._called() & plain - self.taken)
        close = [name for name in _alike(gone.part, sorted(plain)) if name not in self.taken]
        if len(called) == 1:
            why = f"`{called[0]}` is the only method of the class that the code under test calls"
            return Meant((*gone.prefix, called[0], *gone.rest), sure=True, why=why)
        if close:
            return self._chosen(close, [name for name in close if name in called])
        public = [name for name in methods if not name.startswith("_")]
        if not called and len(public) == 1 and public[0] in plain and public[0] not in self.taken:
            why = f"`{public[0]}` is the only public method of the class"
            return Meant((*gone.prefix, public[0], *gone.rest), why=why)
        shown = called if len(called) <= _MOST else []
        return Meant(others=tuple(".".join((*gone.prefix, name)) for name in shown))

    def _called(self) -> set[str]:
        """The methods of the class that running code calls on it, or on what inherits from it."""
        found: set[str] = set()
        name = f"{self.project.layout.name(self.gone.path)}.{self.gone.owner}"
        for module, function in self.running:
            for node in walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    owner = self.project.types.of(node.func.value, module)
                    if owner is None or owner.kind not in {"instance", "class"} or not owner.path:
                        continue
                    if owner.name == name or name in self.project.types.ancestry(owner):
                        found.add(node.func.attr)
        return found


def _elsewhere(gone: Gone, module: Module, project: Project) -> tuple[str, ...]:
    """Modules of the project that define what a missing module was to hold; they prove nothing."""
    if not gone.rest:
        return ()
    name = gone.rest[-1]
    found = []
    for path in project.containing(name.encode()):
        facts = None if is_test(path) or path == module.path else project.facts(path)
        bound = facts.names.get(name) if facts is not None else None
        if bound is not None and bound.kind in {"function", "class", "value"}:
            found.append(f"{project.layout.name(path)}.{name}")
        if len(found) > _MOST:
            return ()
    return tuple(sorted(found))


def _methods(gone: Gone, project: Project) -> dict[str, Function]:
    module = project.module(gone.path)
    if module is None:
        return {}
    node: ast.AST | None = module.tree
    for part in gone.owner.split("."):
        node = child(node, part)
    return {
        item.name: item
        for item in getattr(node, "body", [])
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))
        and not (item.name.startswith("__") and item.name.endswith("__"))
    }


def _replaceable(method: Function, site: Site) -> bool:
    """Whether a mock of the kind that the site makes can stand for a method."""
    if any("property" in ast.unparse(mark) for mark in method.decorator_list):
        return False
    asynchronous = isinstance(method, ast.AsyncFunctionDef)
    made = [*site.call.args[1:], *(keyword.value for keyword in site.call.keywords)]
    for value in made:
        text = ast.unparse(value)
        if "AsyncMock" in text:
            return asynchronous
        if "PropertyMock" in text:
            return False
        if isinstance(value, ast.Lambda) and asynchronous:
            return False
    return True


def _alike(part: str, names: list[str]) -> list[str]:
    """The names that may be ``part`` misspelt or lightly renamed, likest first."""
    if len(part) < 4:
        return []
    likes = [
        name
        for name in names
        if len(name) >= 4
        and name.startswith("_") == part.startswith("_")
        and name[:1].isupper() == part[:1].isupper()
        and difflib.SequenceMatcher(None, part, name).ratio() >= _LIKE
    ]
    return sorted(likes, key=lambda name: -difflib.SequenceMatcher(None, part, name).ratio())
