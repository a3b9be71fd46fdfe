"""A name replaced where it is defined, while the code under test holds its own copy of it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.names.index import Found, Outside
from codemods.engine.names.traverse import walk
from codemods.mock_target.reach import Function, reached, tests_of

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.mock_target.sites import Site

_MOST_IMPORTERS = 60
"""A name that more files import is a logger or a settings object, or one of several things of the same name."""

_RELOADS = (b"reload(", b"sys.modules", b"import_module(", b"__import__(", b"runpy")


@dataclass(frozen=True, slots=True)
class Place:
    """A name bound in a file's top level; ``module`` is the file's dotted name."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Use:
    """A function (file and first line) that reads the name bound at ``place``."""

    place: Place
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Copied:
    """A replacement without effect.

    ``patched``: what the test replaces. ``meant``: the copies that the test's own calls reach. ``elsewhere``: the
    project's other copies.
    """

    patched: Place
    meant: tuple[Place, ...]
    elsewhere: tuple[Place, ...]


def copied(site: Site, module: Module, project: Project, all_sites: list[Site]) -> Copied | None:
    """What the code under test holds, where the site replaces something that it never looks at; None otherwise.

    Proven are: a function that the test reaches reads its module's own copy, imported when that module was; nothing
    that the test may reach reads the name where it is replaced; the test does not replace the copy as well.
    """
    reloads = ("mock-target", "reloads", module.path)
    if site.spy or project.remembered(reloads, lambda: _reloads(module.source.data)):
        return None
    patched = target_of(site, module, project)
    if patched is None:
        return None
    importers = [path for path in project.importers(patched.name) if not is_test(path)]
    if not importers or len(importers) > _MOST_IMPORTERS:
        return None
    tests = tests_of(site, module)
    if not tests:
        return None
    copies = holders(patched, project)
    if copies is None or len(copies) < 2:
        return None
    here = _reads(patched, project)
    found = reached(tests, module, project, whole=bool(here))
    if here and not found.complete:
        return None
    uses = [use for place in copies[1:] if place.path in found.paths() for use in _reads(place, project)]
    if any(found.functions.get((use.path, use.line)) for use in uses):
        # It is imported inside a function on the way there, maybe after the replacement.
        return None
    meant = {use.place for use in uses if (use.path, use.line) in found.functions}
    if not meant:
        return None
    replaced = {
        target_of(other, module, project)
        for other in all_sites
        if other is not site and _may_run_together(other, tests, module)
    }
    if meant & replaced or _read_by_test(patched, module, project):
        return None
    outside = _outside_reads(patched, project)
    if outside is None:
        return None
    effective = {(use.path, use.line) for use in here} | outside
    if effective & found.functions.keys() or (effective and not found.complete):
        return None
    order = sorted(meant, key=lambda place: place.path)
    rest = sorted({*copies} - meant - {patched}, key=lambda place: place.path)
    return Copied(patched, tuple(order), tuple(rest))


def _may_run_together(other: Site, tests: list[Function], module: Module) -> bool:
    """Whether another replacement may hold in one of the tests; one in a fixture may hold in any."""
    others = tests_of(other, module)
    return not others or any(test in tests for test in others)


_INSIDE = re.compile(rb"^[ \t]+from[ \t]", re.MULTILINE)


def _reloads(data: bytes) -> bool:
    return any(needle in data for needle in _RELOADS)


def target_of(site: Site, module: Module, project: Project) -> Place | None:
    """The top-level name that a site replaces; None for members of classes, libraries and what isn't found."""
    if site.target:
        owner, name = ".".join(site.target[:-1]), site.target[-1]
        found = project.locate(owner, module.path)
        if len(found) != 1:
            return None
        path = found[0]
    else:
        if site.base is None:
            return None
        known = project.types.of(site.base, module)
        if known is None or known.kind != "module" or not known.path:
            return None
        path, name = known.path, site.name
    facts = project.facts(path)
    if facts is None or name not in facts.names:
        return None
    return Place(path, name)


def holders(patched: Place, project: Project) -> list[Place] | None:
    """``patched`` and all top-level names that are copies of it, directly or through others; None if unclear."""
    found = [patched]
    for place in found:
        for path in project.importers(place.name):
            if is_test(path):
                continue
            facts = project.facts(path)
            if facts is None:
                return None
            for bound, name in facts.names.items():
                if name.kind != "import" or name.attribute != place.name or name.typing_only:
                    continue
                if project.index.imported_file(path, name.module, name.level) != place.path:
                    continue
                if name.conditional:
                    return None
                copy = Place(path, bound)
                if copy not in found:
                    found.append(copy)
            if any(
                project.index.imported_file(path, star, level) == place.path for star, level in facts.stars
            ):
                return None
    return found


def _reads(place: Place, project: Project) -> list[Use]:
    """The functions of the place's own module that read the name when they run."""
    module = project.module(place.path)
    if module is None:
        return []
    found = []
    for node in module.scopes.loads(module.scopes.module, place.name):
        function = _runs_in(node, module)
        if function is not None:
            found.append(Use(place, place.path, function.lineno))
    return found


def _runs_in(node: ast.AST, module: Module) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The outermost function in whose body a node lies; decorators, defaults and annotations run before."""
    inner = node
    found: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    for parent in module.ancestors(node):
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner in parent.body:
            found = parent
        inner = parent
    return found


def _outside_reads(patched: Place, project: Project) -> set[tuple[str, int]] | None:
    """Functions of other modules that read the name through its module (``module.name``), or import it when they run.

    Reads at no function's run time have line 0. None where a reader can't be told from a stranger.
    """
    found: set[tuple[str, int]] = set()
    stem = patched.path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2].encode()
    read = re.compile(rb"\." + re.escape(patched.name.encode()) + rb"\b")
    for path in project.containing(patched.name.encode()):
        if is_test(path) or path == patched.path:
            continue
        data = project.read(path)
        quoted = rb"[\"']" + re.escape(patched.name.encode()) + rb"[\"']"
        if b"getattr(" in data and re.search(rb"getattr\([^)]*" + quoted, data):
            return None
        late = path in project.importers(patched.name) and _INSIDE.search(data)
        if not late and not (stem in data and read.search(data)):
            continue
        module = project.module(path)
        if module is None:
            if b"import" in data:
                return None
            continue
        for node in walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr == patched.name:
                owner = project.types.of(node.value, module)
                if owner is not None and owner.kind == "module" and owner.path == patched.path:
                    function = _runs_in(node, module)
                    found.add((path, function.lineno if function else 0))
            elif isinstance(node, ast.ImportFrom):
                function = _runs_in(node, module)
                if function is None or not any(alias.name == patched.name for alias in node.names):
                    continue
                if project.index.imported_file(path, node.module, node.level) == patched.path:
                    found.add((path, function.lineno))
    return found


def _read_by_test(patched: Place, module: Module, project: Project) -> bool:
    """Whether the test file itself reads the name where it is replaced, or imports it while a test runs."""
    stem = patched.path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]
    for node in walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr == patched.name and isinstance(node.ctx, ast.Load):
            owner = project.types.of(node.value, module)
            if owner is None and _is_imported(node.value, module):
                return True
            if owner is not None and owner.kind == "module" and owner.path == patched.path:
                return True
        elif isinstance(node, ast.ImportFrom) and module.function(node) is not None:
            named = any(alias.name == patched.name for alias in node.names)
            if named and (node.module or "").rpartition(".")[2] == stem:
                return True
    return False


def _is_imported(node: ast.expr, module: Module) -> bool:
    """Whether an expression begins with a name that is imported: it may be the module in question."""
    while isinstance(node, ast.Attribute):
        node = node.value
    if not isinstance(node, ast.Name) or node not in module.scopes.scope_of:
        return False
    return any(binding.kind == "import" for binding in module.scopes.bindings(node))


def dotted_names(place: Place, site: Site, module: Module, project: Project) -> str | None:
    """The dotted target by which the test can replace ``place``: as the code imports its module, else in the target's style."""
    names = project.layout.names(place.path)
    if not names:
        return None
    if len(names) > 1:
        imported = [name for name in names if _imports(name, project.read(module.path))]
        top = site.target[0] if site.target else ""
        imported = imported or [name for name in names if name.partition(".")[0] == top]
        names = imported or [name for name in names if _imported_somewhere(name, project)] or names
    answer = project.index.resolve(f"{names[0]}.{place.name}", None)
    if not isinstance(answer, (Found, Outside)):
        return None
    return f"{names[0]}.{place.name}"


def _imported_somewhere(name: str, project: Project) -> bool:
    last = name.rpartition(".")[2].encode()
    return any(_imports(name, project.read(path)) for path in project.containing(last, b"import"))


def _imports(name: str, data: bytes) -> bool:
    """Whether a file's text imports the module by this very name."""
    package, _, last = name.rpartition(".")
    whole = rf"from[ \t]+{re.escape(name)}[ \t]+import\b|import[ \t]+{re.escape(name)}\b(?!\.)"
    inside = rf"|from[ \t]+{re.escape(package)}[ \t]+import\b[^\n]*\b{re.escape(last)}\b" if package else ""
    return re.search(rf"^[ \t]*(?:{whole}{inside})".encode(), data, re.MULTILINE) is not None
