"""One file's imports, the uses of what they bind, and its texts, from one of the two names to the other."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codemods.engine.module import Module
    from codemods.engine.project import Project
    from codemods.src_import.declared import Choice
    from codemods.src_import.folders import Folder
    from codemods.src_import.loads import Load

_FROM_SRC = re.compile(r"from[ \t]+(src\.)(?=\w)")
_FROM = re.compile(r"from[ \t]+(?=\w)")
_NAMES_A_MODULE = frozenset([
    "patch", "setattr", "delattr", "multiple", "import_module", "importorskip", "__import__", "find_spec", "reload", "spy",
])  # fmt: skip
"""Functions whose first argument is the dotted name of a module, or of something in one."""

_PREFIX = "src."


class Unclear(Exception):  # noqa: N818 - an answer, not a failure
    """What must change can't be known whole; ``str(unclear)`` says where and why, without a full stop."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """Replace ``text[start:end]`` of a file."""

    path: str
    start: int
    end: int
    text: str


class Renaming:
    """What one file needs to write ``choice`` only."""

    def __init__(self, module: Module, folder: Folder, choice: Choice, project: Project) -> None:
        self._module = module
        self._source = module.source
        self._folder = folder
        self._adds = choice == "src"
        self._project = project

    def edits(self, wrong: Sequence[Load]) -> list[Replacement]:
        """All of them, in order. Raises Unclear."""
        found = [*self._texts()]
        nodes = {id(load.node): load.node for load in wrong}
        for node in nodes.values():
            found += self._from(node) if isinstance(node, ast.ImportFrom) else self._import(node)
        found += self._uses([node for node in nodes.values() if isinstance(node, ast.Import)])
        if not self._adds:
            self._check_whole()
        return sorted(set(found), key=lambda each: each.start)

    def _at(self, node: ast.AST) -> str:
        return f"{self._module.path}:{getattr(node, 'lineno', 1)}"

    def _prefix(self, start: int) -> Replacement:
        """``src.`` put in, or taken away, where a dotted name begins."""
        if self._adds:
            return Replacement(self._module.path, start, start, _PREFIX)
        if not self._source.text.startswith(_PREFIX, start):
            line = self._source.position(start)[0]
            raise Unclear(f"{self._module.path}:{line} writes the name in pieces")
        return Replacement(self._module.path, start, start + len(_PREFIX), "")

    def _from(self, node: ast.ImportFrom) -> Iterator[Replacement]:
        start, end = self._source.span(node)
        if node.module == "src":
            if any(alias.name not in self._folder.tops for alias in node.names):
                raise Unclear(f"{self._at(node)} imports other names of `src`, too")
            line_start = self._source.text[:start].rpartition("\n")[2]
            if line_start.strip() or self._source.lines[(node.end_lineno or 1) - 1].split("#")[
                0
            ].rstrip().endswith(";"):
                raise Unclear(f"{self._at(node)} shares its line with another statement")
            for alias in node.names:
                self._check_free(alias.name, node)
            text = [
                f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
                for alias in node.names
            ]
            yield Replacement(self._module.path, start, end, f"{self._source.newline}{line_start}".join(text))
            return
        match = (_FROM if self._adds else _FROM_SRC).match(self._source.text, start)
        if match is None:
            raise Unclear(f"{self._at(node)} writes the name in pieces")
        yield self._prefix(match.end() if self._adds else match.start(1))

    def _import(self, node: ast.Import) -> Iterator[Replacement]:
        for alias in node.names:
            first, _, rest = alias.name.partition(".")
            named = rest.partition(".")[0] if first == "src" else first
            if named not in self._folder.tops or (first == "src") is self._adds:
                continue
            if self._adds and not rest and not alias.asname:
                if len(node.names) > 1:
                    raise Unclear(f"{self._at(node)} imports several modules at once")
                start, end = self._source.span(node)
                yield Replacement(self._module.path, start, end, f"from src import {alias.name}")
            else:
                yield self._prefix(self._source.span(alias)[0])

    def _uses(self, nodes: Sequence[ast.Import]) -> Iterator[Replacement]:
        """The reads of what ``import a.b.c`` binds, which is ``a``."""
        bound = {
            alias: alias.name.partition(".")[0]
            for node in nodes
            for alias in node.names
            if not alias.asname and "." in alias.name
        }
        wanted = {"src"} if not self._adds else self._folder.tops
        for name in sorted(set(bound.values()) & wanted):
            scopes = [scope for scope in self._module.scopes.all if scope.binds(name)]
            for scope in scopes:
                if any(binding.node not in bound for binding in scope.bindings[name]):
                    raise Unclear(f"{self._module.path} binds `{name}` in other ways, too")
                for load in self._module.scopes.loads(scope, name):
                    around = self._module.parents[load]
                    if not isinstance(around, ast.Attribute) or (
                        not self._adds and around.attr not in self._folder.tops
                    ):
                        raise Unclear(f"{self._at(load)} uses `{name}` as a whole")
                    if not self._adds:
                        self._check_free(around.attr, load)
                    yield self._prefix(self._source.span(load)[0])
        if self._adds and bound:
            self._check_free("src", nodes[0])

    def _check_free(self, name: str, node: ast.AST) -> None:
        """Raises Unclear where ``name``, which an import is going to bind, means something else in this file."""
        for scope in self._module.scopes.all:
            for binding in scope.bindings.get(name, ()):
                alias = binding.node
                whole = alias.name if isinstance(alias, ast.alias) else ""
                if whole.removeprefix(_PREFIX).partition(".")[0] != name and whole != "src":
                    raise Unclear(
                        f"`{name}`, as {self._at(node)} would call it, is something else in that file"
                    )

    def _check_whole(self) -> None:
        """Raises Unclear where ``src`` itself is imported, or everything in it."""
        for node in self._module.nodes(ast.Import):
            if any(alias.name == "src" for alias in node.names):
                raise Unclear(f"{self._at(node)} imports `src` as a whole")
        for each in self._module.nodes(ast.ImportFrom):
            if each.module == "src" and not each.level and any(alias.name == "*" for alias in each.names):
                raise Unclear(f"{self._at(each)} imports all of `src`")

    def _texts(self) -> Iterator[Replacement]:
        """Names of modules in texts: where they are known to be such they change, elsewhere they are a doubt."""
        joined = "|".join(sorted(self._folder.tops))
        if self._adds:
            exact = re.compile(rf"(?:{joined})(?:\.\w+)+(?::[\w.]+)?")
            spoken = exact
        else:
            exact = re.compile(rf"src\.(?:{joined})(?:\.\w+)*(?::[\w.]+)?")
            spoken = re.compile(rf"(?<![\w./])src\.(?:{joined})\b")
        for node in self._module.nodes(ast.Constant):
            if not isinstance(node.value, str) or isinstance(self._module.parents[node], ast.Expr):
                continue
            whole = exact.fullmatch(node.value) is not None
            if not whole and (self._adds or not spoken.search(node.value)):
                continue
            if self._adds and not self._is_module(node.value):
                continue
            if not whole or not self._names_a_module(node):
                raise Unclear(f"{self._at(node)} has the name in a text whose meaning is not known")
            opening = re.match(r"[rRuU]?(?:\"\"\"|'''|\"|')", self._source.segment(node))
            if opening is None:
                raise Unclear(f"{self._at(node)} writes the name in pieces")
            yield self._prefix(self._source.span(node)[0] + opening.end())

    def _is_module(self, text: str) -> bool:
        """Whether a dotted text begins with a module of the folder, below its packages' own names."""
        parts = re.split(r"[.:]", text)
        path = f"{self._folder.path}/{parts[0]}/{parts[1]}"
        return self._project.has(f"{path}.py") or self._project.has(f"{path}/__init__.py")

    def _names_a_module(self, node: ast.Constant) -> bool:
        """Whether the text is the target of a mock, the name of an import, or a key of ``sys.modules``."""
        assert isinstance(node.value, str)
        if ":" in node.value:
            return False
        parent = self._module.parents[node]
        match parent:
            case ast.Call(args=[first, *_]) if first is node:
                last = (dotted(parent.func) or "").rpartition(".")[2]
                return last in _NAMES_A_MODULE or (dotted(parent.func) or "").startswith("sys.modules.")
            case ast.Call(args=[first, second, *_]) if second is node:
                return dotted(first) == "sys.modules"
            case ast.Subscript(value=value):
                return dotted(value) == "sys.modules"
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[value]):
                return dotted(value) == "sys.modules"
            case ast.Dict():
                call = self._module.parents[parent]
                return (
                    isinstance(call, ast.Call)
                    and (dotted(call.func) or "").endswith("patch.dict")
                    and any(
                        dotted(each) == "sys.modules"
                        or (isinstance(each, ast.Constant) and each.value == "sys.modules")
                        for each in call.args
                    )
                )
        return False
