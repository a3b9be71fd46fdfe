"""Everything in the repository that refers to one client: imports, reads, re-exports, strings, patches."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Refused
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.lazy_client.mocks import Mocks
from codemods.lazy_client.modules import module_of
from codemods.lazy_client.needles import DYNAMIC, RELATIVE, imported, in_string, word
from codemods.lazy_client.places import stem
from codemods.lazy_client.reads import Reader
from codemods.lazy_client.reference import Holder, Key, References
from codemods.lazy_client.spots import name_span
from codemods.lazy_client.stand_ins import MayBeNone, may_be_none
from codemods.lazy_client.timing import Reach, when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project
    from codemods.lazy_client.sites import Site


class Follower:
    """Finds the references to what one site binds. ``ignored``: loads in the defining module that move with the site."""

    def __init__(
        self, site: Site, module: Module, project: Project, reach: Reach, ignored: set[ast.AST]
    ) -> None:
        self.site = site
        self.home = module
        self.project = project
        self.result = References()
        self.reader = Reader(self.result, reach, ignored)
        self.queue: list[Holder] = []
        self.seen: set[tuple[str, int, int]] = set()
        self.through: dict[str, str] = {}
        self.starred: set[Key] = set()
        self.put: list[tuple[str, MayBeNone]] = []

    def follow(self) -> References:
        """All references. Raises Refused where one can't be followed, or runs on import."""
        start = Holder(self.home.path, self.site.name)
        self._add_holder(start)
        while self.queue:
            holder = self.queue.pop(0)
            self._own_file(holder)
            for path in self._candidates(holder):
                other = self.project.module(path)
                if other is None:
                    raise Refused(f"{path} mentions it and can't be parsed")
                self._imports(holder, other)
                self._attributes(holder, other)
        for path, where in self.through.items():
            package = path.rpartition("/")[0] + "/__init__.py"
            if (package, stem(path)) in self.result.holders:
                raise Refused(f"{where} reads it from a module that its package hides behind the same name")
        mocks = Mocks(self.result, self.home, self.site, self.project)
        for path in self._string_files():
            other = self.project.module(path)
            if other is not None:
                mocks.look(other)
        mocks.finish()
        for where, nothing in self.put:
            if nothing == "yes" or (nothing == "unknown" and self.result.tested):
                raise Refused(f"{where} may put None in its place, which a getter can't follow")
        for each in self.result.found:
            if self.starred & {each.key, each.source}:
                raise Refused(f"{each.path}:{each.line} takes it from a module that imports it with `*`")
        self._unread()
        return self.result

    # --- where to look

    def _candidates(self, holder: Holder) -> Iterator[str]:
        """Files that may import the name from a holder, or read it as the holder's attribute."""
        name, home = word(holder.name), stem(holder.path)
        folder = holder.path.removesuffix("__init__.py") if holder.path.endswith("__init__.py") else None
        starred = set(self.project.containing(b"import *"))
        for path in sorted({*self.project.containing(holder.name.encode()), *starred}):
            if path == holder.path or path.endswith(".pyi"):
                continue
            data = self.project.read(path)
            if not name.search(data) and path not in starred:
                continue
            near = folder is not None and path.startswith(folder) and RELATIVE.search(data)
            if near or imported(home).search(data) or (DYNAMIC.search(data) and word(home).search(data)):
                yield path

    def _string_files(self) -> Iterator[str]:
        """Files that may name a holder in a string, or reach into its namespace."""
        found = {path for path, _ in self.result.holders}
        stems = {stem(path) for path, _ in self.result.holders}
        for _, name in self.result.holders:
            for path in self.project.containing(name.encode()):
                data = self.project.read(path)
                if in_string(name).search(data) and any(word(each).search(data) for each in stems):
                    found.add(path)
        for each in stems:
            for marker in (b"getattr(", b"vars(", b"__dict__", b"getmembers(", b"dir(", b"from_object("):
                found.update(
                    path
                    for path in self.project.containing(marker, each.encode())
                    if imported(each).search(self.project.read(path))
                )
        return iter(sorted(path for path in found if not path.endswith(".pyi")))

    def _unread(self) -> None:
        """Files that are not analysed, and may still use the name."""
        names = {name for _, name in self.result.holders}
        stems = {stem(path) for path, _ in self.result.holders}
        for path in [
            *self.project.skipped,
            *(each for each in self.project.python if each.endswith(".pyi")),
        ]:
            if not path.endswith((".ipynb", ".pyi")):
                continue
            if path.endswith(".pyi") and path.removesuffix("i") not in {
                home for home, _ in self.result.holders
            }:
                continue
            try:
                data = self.project.snapshot.read(path).decode("utf-8", "replace")
            except OSError:
                continue
            written = data.encode()
            if not (path.endswith(".pyi") or any(imported(each).search(written) for each in stems)):
                continue
            if any(word(name).search(written) for name in names):
                raise Refused(f"{path} may use it, and is not analysed")

    # --- the file that holds it

    def _add_holder(self, holder: Holder) -> None:
        if holder.key not in self.result.holders:
            self.result.holders[holder.key] = holder
            self.result.local[holder.key] = holder
            self.queue.append(holder)

    def _own_file(self, holder: Holder) -> None:
        module = self.home if holder.path == self.home.path else self.project.module(holder.path)
        if module is None:
            raise Refused(f"{holder.path} holds it and can't be parsed")
        if holder.source is None:
            scope = module.scopes.module
            inside = set(walk(self.site.statement))
            for binding in scope.bindings[holder.name]:
                if binding.node not in inside:
                    verb = "deletes it" if binding.kind == "delete" else "binds the name again"
                    raise Refused(f"line {getattr(binding.node, 'lineno', 0)} {verb}")
            self.reader.loads(scope, holder.name, module, holder)
        self._exports(holder, module)
        self._dynamic(holder, module)

    def _exports(self, holder: Holder, module: Module) -> None:
        """Entries of ``__all__``; a lazy ``__getattr__`` that knows the name can't be followed."""
        if not module.scopes.module.binds("__all__") and not module.scopes.module.binds("__getattr__"):
            return
        lazily = module.scopes.module.binds("__getattr__")
        for statement in module.tree.body:
            about = _about_all(statement)
            if not about and not lazily:
                continue
            for node in walk(statement):
                if isinstance(node, ast.Constant) and node.value == holder.name:
                    if not about:
                        raise Refused(
                            f"{module.path} looks the name up in its `__getattr__` (line {node.lineno})"
                        )
                    start, end = module.source.span(node)
                    text = module.source.text[start:end]
                    at = text.find(holder.name)
                    if at < 0:
                        raise Refused(f"{module.path}:{node.lineno} exports it in a way that can't be edited")
                    self.reader.note(module, (start + at, start + at + len(holder.name)), "export", "<getter>", holder.key)  # fmt: skip

    def _dynamic(self, holder: Holder, module: Module) -> None:
        for node in walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            name = dotted(node.func)
            if (
                name in {"globals", "vars", "locals"}
                and not node.args
                and (name == "globals" or not module.function(node))
            ):
                above = module.parents[node]
                if isinstance(above, ast.Subscript) and isinstance(above.slice, ast.Constant):
                    if above.slice.value == holder.name:
                        raise Refused(f"{module.path}:{node.lineno} looks the name up in {name}()")
                    continue
                self.result.doubts.append(f"{module.path}:{node.lineno} reads names through `{name}()`")
            elif name in {"exec", "eval"} and holder.source is None:
                self.result.doubts.append(f"{module.path}:{node.lineno} runs text as code")

    # --- files that import it

    def _imports(self, holder: Holder, module: Module) -> None:
        for node in walk(module.tree):
            if not isinstance(node, ast.ImportFrom):
                continue
            if self.project.index.imported_file(module.path, node.module, node.level) != holder.path:
                continue
            for alias in node.names:
                if alias.name == "*":
                    self._star(holder, module, node)
                elif alias.name == holder.name:
                    self._alias(holder, module, node, alias)

    def _star(self, holder: Holder, module: Module, node: ast.ImportFrom) -> None:
        """A star import may carry the name on, as long as nobody takes it from there."""
        facts = self.project.facts(holder.path)
        listed = facts.exported if facts is not None else None
        carried = holder.name in listed if listed is not None else not holder.name.startswith("_")
        if listed is None:
            self.result.exposed.add(module.path)
        if not carried:
            return
        if listed is not None or word(holder.name).search(module.source.data):
            raise Refused(f"{module.path}:{node.lineno} imports it with `*`")
        copy = Holder(module.path, holder.name, holder.key, node.module or "", node.level)
        self.starred.add(copy.key)
        self._add_holder(copy)

    def _alias(self, holder: Holder, module: Module, statement: ast.ImportFrom, alias: ast.alias) -> None:
        bound = alias.asname or alias.name
        where = f"{module.path}:{statement.lineno}"
        if when(statement, module).time == "typing":
            raise Refused(f"{where} imports it for type checking only")
        scope = next(
            each
            for each in module.scopes.all
            if any(binding.node is alias for binding in each.bindings.get(bound, ()))
        )
        if scope.kind == "class":
            raise Refused(f"{where} imports it into a class body")
        for binding in scope.bindings[bound]:
            if binding.node is not alias and not self._same(binding.node, holder, module):
                line = getattr(binding.node, "lineno", 0)
                raise Refused(f"{module.path} binds `{bound}` both by importing it and on line {line}")
        copy = Holder(module.path, bound, holder.key, statement.module or "", statement.level, alias.asname not in {None, alias.name})  # fmt: skip
        start, end = module.source.span(alias)
        text = "<source>" if alias.asname is None else "<source> as <getter>"
        self.reader.note(module, (start, end), "import", text, copy.key, source=holder.key)
        if (module.path, start, -1) in self.seen:
            return
        self.seen.add((module.path, start, -1))
        if scope is module.scopes.module:
            self._add_holder(copy)
        else:
            self.result.local.setdefault(copy.key, copy)
        self.reader.loads(scope, bound, module, copy)

    def _same(self, node: ast.AST, holder: Holder, module: Module) -> bool:
        """Whether another binding imports the same client."""
        statement = module.parents.get(node)
        return (
            isinstance(node, ast.alias)
            and isinstance(statement, ast.ImportFrom)
            and node.name == holder.name
            and self.project.index.imported_file(module.path, statement.module, statement.level)
            == holder.path
        )

    # --- attributes of modules

    def _attributes(self, holder: Holder, module: Module) -> None:
        found = [
            node for node in walk(module.tree) if isinstance(node, ast.Attribute) and node.attr == holder.name
        ]
        mine = [node for node in found if module_of(node.value, module, self.project) == holder.path]
        stored = {module.function(node) for node in mine if not isinstance(node.ctx, ast.Load)}
        for node in mine:
            where = f"{module.path}:{node.lineno}"
            self.through.setdefault(holder.path, where)
            if isinstance(node.ctx, ast.Del):
                raise Refused(f"{where} deletes it")
            if isinstance(node.ctx, ast.Store):
                self._store(node, module, holder, where)
            elif module.function(node) in stored:
                start, end = name_span(node, module)
                self.reader.note(module, (start, end), "patch", "<private>", holder.key)
            else:
                self.reader.read(node, module, holder)
        if len(mine) < len(found) and self._escapes(holder, module):
            raise Refused(
                f"{module.path} passes the module on as a value, and reads `.{holder.name}` of something unknown"
            )

    def _store(self, node: ast.Attribute, module: Module, holder: Holder, where: str) -> None:
        if not is_test(module.path) or holder.source is not None:
            raise Refused(f"{where} assigns to it from outside")
        statement = module.statement(node)
        value = getattr(statement, "value", None)
        if not isinstance(statement, ast.Assign):
            raise Refused(f"{where} sets it in a way that a getter can't follow")
        if value is not None and not _is_saved(value, module, holder):
            self.put.append((where, may_be_none(value, module, self.project)))
        start, end = name_span(node, module)
        self.reader.note(module, (start, end), "patch", "<private>", holder.key)

    def _escapes(self, holder: Holder, module: Module) -> bool:
        """Whether the module object itself is passed on, so that attributes of unknown values may be its own."""
        for node in walk(module.tree):
            if not isinstance(node, (ast.Name, ast.Attribute, ast.Call)) or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):  # fmt: skip
                continue
            parent = module.parents.get(node)
            if isinstance(parent, ast.Attribute):
                continue
            if (
                isinstance(parent, (ast.Return, ast.Yield))
                and module_of(node, module, self.project) == holder.path
            ):
                return True
        return False


def _is_saved(value: ast.expr, module: Module, holder: Holder) -> bool:
    """Whether a test puts back what it took from there before."""
    return isinstance(value, ast.Name) and all(
        isinstance(binding.value, ast.Attribute) and binding.value.attr == holder.name
        for binding in module.scopes.bindings(value)
    )


def _about_all(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return any(dotted(target) == "__all__" for target in targets)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return (dotted(statement.value.func) or "").startswith("__all__.")
    return False
