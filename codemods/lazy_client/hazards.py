"""Tests that rely on the client being built while its module is imported."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Refused
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.lazy_client.modules import loads, module_of, split_target
from codemods.lazy_client.moving import changed_key, environment_keys
from codemods.lazy_client.needles import DYNAMIC, imported_inside, mentions, word
from codemods.lazy_client.patch_calls import PatchCall, patch_call
from codemods.lazy_client.places import stem
from codemods.lazy_client.strings import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project
    from codemods.lazy_client.reference import References
    from codemods.lazy_client.sites import Site

_RELOADING = frozenset({"reload", "import_module", "__import__"})


@dataclass(frozen=True)
class Hazards:
    """What tests do around the import. ``stubbed``: some put a stand-in for the library into ``sys.modules``."""

    stubbed: bool
    doubts: tuple[str, ...]


def look_for_hazards(sites: list[Site], module: Module, project: Project, references: References) -> Hazards:
    """Raises Refused where a test would no longer do what it does."""
    found = _Looking(sites, module, project, references)
    doubts = [*found.environment(), *found.guarded_imports()]
    for path in found.test_files():
        other = project.module(path)
        if other is not None:
            found.constructors(other)
            found.failing_imports(other)
    found.import_time_changes()
    return Hazards(found.stubs(), tuple(dict.fromkeys(doubts)))


class _Looking:
    def __init__(self, sites: list[Site], module: Module, project: Project, references: References) -> None:
        self.sites = sites
        self.home = module
        self.project = project
        self.stems = {stem(path) for path, _ in references.holders}
        self.paths = {path for path, _ in references.holders}
        self.names = {site.match.name for site in sites if site.match is not None}
        self.written = {dotted(site.call.func) or "" for site in sites if site.call is not None}
        self.keys = {key for site in sites for key in environment_keys(site)}
        self.seen: set[str] = set()
        self.loading: dict[str, bool] = {}
        self.top = project.layout.name(module.path).partition(".")[0]

    def test_files(self) -> Iterator[str]:
        """Tests that patch a constructor, or import something where an error or another environment is expected."""
        roots = {each.partition(".")[0] for each in self.written}
        ends = {(name.partition(".")[0], name.rpartition(".")[2]) for name in self.names}
        for marker in (b"patch", b"setattr(", b"raises(", b"assertRaises"):
            for path in self.project.containing(marker):
                if path in self.seen or not is_test(path):
                    continue
                self.seen.add(path)
                data = self.project.read(path)
                patches = any(word(each).search(data) for each in roots) or any(
                    word(last).search(data) and word(top).search(data) for top, last in ends
                )
                expects = b"raises(" in data or b"assertRaises" in data or b"patch.dict" in data
                if patches or (expects and (imported_inside(self.top).search(data) or DYNAMIC.search(data))):
                    yield path

    def loads(self, path: str) -> bool:
        """Whether importing a file imports a module that holds the client; worked out once for each file."""
        if path not in self.loading:
            self.loading[path] = loads(path, self.paths, self.project)
        return self.loading[path]

    def mentions_home(self, module: Module) -> bool:
        """Whether a file imports a module that holds the client, or names one in a dotted string."""
        return any(mentions(each, module.source.data) for each in self.stems)

    # --- constructors

    def constructors(self, module: Module) -> None:
        """Patches of the constructor: the client was built before they began, and now would be built inside them."""
        for node in walk(module.tree):
            call = patch_call(node) if isinstance(node, ast.Call) else None
            if call is None or call.kind not in {"patch", "set"} or _is_permanent(call, module):
                continue
            where = f"{module.path}:{call.node.lineno}"
            if self._patches_in_home(call, module):
                raise Refused(f"{where} patches the constructor, and would now see the client being built")
            in_force = self._patches_library(call, module) and (
                self._by_module() or self._imports_inside(call, module)
            )
            if in_force and (self.mentions_home(module) or self.loads(module.path)):
                raise Refused(f"{where} patches the constructor while modules are imported or used")

    def _patches_in_home(self, call: PatchCall, module: Module) -> bool:
        roots = {each.partition(".")[0] for each in self.written}
        if call.text is not None:
            text = fold(call.text, module, self.project)
            split = split_target(text, module.path, self.project) if text else None
            return split is not None and split[1] == self.home.path and split[2][0] in roots
        if call.object is not None and call.attribute is not None:
            name = fold(call.attribute, module, self.project)
            return name in roots and module_of(call.object, module, self.project) == self.home.path
        return False

    def _patches_library(self, call: PatchCall, module: Module) -> bool:
        if call.text is not None:
            return fold(call.text, module, self.project) in self.names
        if call.object is not None and call.attribute is not None:
            owner = self.project.types.qualified(call.object, module)
            return f"{owner}.{fold(call.attribute, module, self.project)}" in self.names
        return False

    def _by_module(self) -> bool:
        """Whether the definition reaches its constructor through the library's module, as ``openai.OpenAI``."""
        return any("." in each and not each.endswith(".from_url") for each in self.written)

    def _imports_inside(self, call: PatchCall, module: Module) -> bool:
        """Whether something is imported or reloaded where the patch is in force."""
        region: ast.AST = module.tree
        for parent in module.ancestors(call.node):
            if isinstance(
                parent, (ast.With, ast.AsyncWith, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            ):
                region = parent
                break
        if region is module.tree:
            return True
        return any(
            isinstance(node, (ast.Import, ast.ImportFrom))
            or (isinstance(node, ast.Call) and (dotted(node.func) or "").rpartition(".")[2] in _RELOADING)
            for node in walk(region)
        )

    # --- imports that are meant to fail, or to see something

    def failing_imports(self, module: Module) -> None:
        """``with pytest.raises(...)`` or a changed environment around the import of the defining module."""
        if not self.mentions_home(module) and self.top not in module.source.text:
            return
        for node in walk(module.tree):
            if not isinstance(node, (ast.With, ast.AsyncWith)):
                continue
            names = [
                dotted(item.context_expr.func) or ""
                for item in node.items
                if isinstance(item.context_expr, ast.Call)
            ]
            if not any(self._imports_home(part, module) for line in node.body for part in walk(line)):
                continue
            if any(
                name.rpartition(".")[2] in {"raises", "assertRaises", "assertRaisesRegex"} for name in names
            ):
                raise Refused(f"{module.path}:{node.lineno} expects the import to fail")
            if any(self._is_temporary(item.context_expr, module) for item in node.items):
                raise Refused(f"{module.path}:{node.lineno} changes the environment only while it imports")

    def _imports_home(self, node: ast.AST, module: Module) -> bool:
        """Whether a node imports a module that holds the client, directly or through others."""
        if (
            isinstance(node, ast.Call)
            and (dotted(node.func) or "").rpartition(".")[2] in _RELOADING
            and node.args
        ):
            found = module_of(node, module, self.project)
            return found is None or self.loads(found)
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            return False
        level = node.level if isinstance(node, ast.ImportFrom) else 0
        home = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        for name in [home, *(".".join(filter(None, [home, alias.name])) for alias in node.names)]:
            path = self.project.index.imported_file(module.path, name, level) if name or level else None
            if path is not None and self.loads(path):
                return True
        return False

    def _is_temporary(self, node: ast.expr, module: Module) -> bool:
        if (
            not isinstance(node, ast.Call)
            or not (dotted(node.func) or "").endswith("patch.dict")
            or not node.args
        ):
            return False
        target = node.args[0]
        name = dotted(target) or (fold(target, module, self.project) or "")
        return name in {"os.environ", "environ", "sys.modules", "modules"}

    # --- the environment

    def environment(self) -> Iterator[str]:
        """Tests that take away what the constructor reads, and use the module that defines the client."""
        for path in self.project.containing(b"environ"):
            yield from self._environment_in(path)
        for path in self.project.containing(b"delenv("):
            yield from self._environment_in(path)

    def _environment_in(self, path: str) -> Iterator[str]:
        if not is_test(path) or not any(mentions(each, self.project.read(path)) for each in self.stems):
            return
        module = self.project.module(path)
        for node in walk(module.tree) if module is not None else ():
            if module is None or not isinstance(node, ast.Call):
                continue
            name = (dotted(node.func) or "").rpartition(".")
            clears = (
                name[2] == "dict"
                and name[0].endswith("patch")
                and any(
                    keyword.arg == "clear" and isinstance(keyword.value, ast.Constant) and keyword.value.value
                    for keyword in node.keywords
                )
            )
            removes = (
                name[2] == "delenv" or (name[2] == "pop" and name[0].endswith("environ"))
            ) and node.args
            key = fold(node.args[0], module, self.project) if removes and node.args else None
            if (clears and "environ" in ast.unparse(node.args[0] if node.args else node)) or (
                key is not None and key in self.keys
            ):
                yield f"{path}:{node.lineno} takes away environment variables; a client built on first use needs them then"

    def import_time_changes(self) -> None:
        """Modules that import it under one environment and go on under another: the constructor would see the latter."""
        keys = {key for site in self.sites for key in environment_keys(site, given=True)}
        paths = {path for key in keys for path in self.project.containing(key.encode(), b"environ")}
        for path in sorted(paths):
            if path == self.home.path or is_test(path):
                continue
            module = self.project.module(path)
            if module is not None:
                self._changes_after_import(module, keys)

    def _changes_after_import(self, module: Module, keys: set[str]) -> None:
        changes = [
            (node, key)
            for node in walk(module.tree)
            if isinstance(node, (ast.Call, ast.Subscript)) and (key := changed_key(node)) in keys
        ]
        if not changes:
            return
        for node in walk(module.tree):
            if not isinstance(node, (ast.Import, ast.ImportFrom)) and not (
                isinstance(node, ast.Call) and (dotted(node.func) or "").rpartition(".")[2] in _RELOADING
            ):
                continue
            later = [
                (change, key)
                for change, key in changes
                if change.lineno > node.lineno and module.function(change) is module.function(node)
            ]
            if later and self._imports_home(node, module):
                change, key = later[0]
                raise Refused(
                    f"{module.path}:{change.lineno} changes the environment variable {key} after importing it"
                )

    def guarded_imports(self) -> Iterator[str]:
        """Imports of the defining module in a ``try`` whose handler makes up for a missing key."""
        for each in sorted(self.stems):
            for path in self.project.containing(b"except", each.encode()):
                if is_test(path) or not imported_inside(each).search(self.project.read(path)):
                    continue
                module = self.project.module(path)
                for node in walk(module.tree) if module is not None else ():
                    if not isinstance(node, ast.Try) or module is None or all(_only_import_error(handler) for handler in node.handlers):  # fmt: skip
                        continue
                    for line in node.body:
                        if self._imports_holder(line, path):
                            yield f"{path}:{line.lineno} handles errors of importing it, which no longer occur"

    def _imports_holder(self, node: ast.stmt, path: str) -> bool:
        index = self.project.index
        if isinstance(node, ast.Import):
            return any(index.imported_file(path, alias.name, 0) in self.paths for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            inner = [".".join(filter(None, [node.module, alias.name])) for alias in node.names]
            return any(
                index.imported_file(path, each, node.level) in self.paths
                for each in (node.module or "", *inner)
            )
        return False

    def stubs(self) -> bool:
        """Whether a test that comes near puts something of its own in the library's place."""
        tops = {name.partition(".")[0] for name in self.names}
        for path in self.project.containing(b"sys.modules"):
            data = self.project.read(path)
            if not is_test(path) or not any(top.encode() in data for top in tops):
                continue
            near = path.endswith("conftest.py") or any(mentions(each, data) for each in self.stems)
            if near or self.loads(path):
                return True
        return False


def _is_permanent(call: PatchCall, module: Module) -> bool:
    """``patch(...).start()`` at a top level: in force from the first import to the end."""
    above = module.parents.get(call.node)
    return isinstance(above, ast.Attribute) and above.attr == "start" and module.function(call.node) is None


def _only_import_error(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all((dotted(kind) or "") in {"ImportError", "ModuleNotFoundError"} for kind in kinds if kind is not None) and handler.type is not None  # fmt: skip
