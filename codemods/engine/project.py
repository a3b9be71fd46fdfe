"""A repository as rules see it: modules parsed on demand, bounded in memory, every question noted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple, cast

from codemods.engine.files.source import UNREADABLE, Source, Unreadable
from codemods.engine.module import Module
from codemods.engine.names.facts import Facts, facts_of
from codemods.engine.names.imported_names import importers
from codemods.engine.names.layout import Layout
from codemods.engine.names.noted_layout import NotedLayout, answer_of, joined
from codemods.engine.names.pins import Declared, Pins, declared, manifests_stamp, pin_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.files.snapshot import Snapshot
    from codemods.engine.inference.types import Types
    from codemods.engine.names.index import Index

__all__ = ["UNANSWERED", "Module", "Project"]

_PARSED = 96
UNANSWERED = "?"
"""The answer to a question that only the run that asked it could answer: nothing that rests on it is taken over."""

Value = TypeVar("Value")
Given = TypeVarTuple("Given")


class Project:
    """The repository under analysis. Nothing of it is imported or run."""

    def __init__(self, snapshot: Snapshot, options: dict[str, dict[str, object]] | None = None) -> None:
        self.snapshot = snapshot
        self.options = options or {}
        self._modules: OrderedDict[str, Module | Unreadable] = OrderedDict()
        self._facts: dict[str, Facts | None] = {}
        self._bytes: dict[str, bytes] = {}
        self._holders: dict[bytes, list[str]] = {}
        self._remembered: dict[Hashable, tuple[object, dict[tuple[str, str], str]]] = {}
        self._python = frozenset(snapshot.python)
        self._trace: dict[tuple[str, str], str] | None = None

    @property
    def python(self) -> frozenset[str]:
        """The paths of the Python files. Results that ask for all hold until one comes or goes: see ``has``."""
        if self._trace is not None:
            self.note("python", "", self._paths)
        return self._python

    def has(self, path: str) -> bool:
        """Whether there is such a Python file."""
        found = path in self._python
        self.note("has", path, str(found))
        return found

    def exists(self, path: str) -> bool:
        """Whether a file or folder of the repository has this path, whatever it holds: data files too."""
        found = self.snapshot.exists(path)
        self.note("exists", path, str(found))
        return found

    def has_below(self, folder: str) -> bool:
        """Whether there are Python files below a folder, whose path ends in ``/``."""
        found = any(path.startswith(folder) for path in self._python)
        self.note("below", folder, str(found))
        return found

    @cached_property
    def _paths(self) -> str:
        return joined(sorted(self._python))

    @property
    def skipped(self) -> Mapping[str, str]:
        """Which files and folders were left out, and why."""
        self.note("skipped", "", joined(sorted(self.snapshot.skipped)))
        return self.snapshot.skipped

    @property
    def manifests(self) -> Sequence[str]:
        """The packaging files. Results that ask for them hold until any of them changes; see ``pins``."""
        self.note("manifests", "", self._manifests)
        return self.snapshot.manifests

    @cached_property
    def layout(self) -> NotedLayout:
        """Which dotted name is which file."""
        return NotedLayout(self._layout, self.note)

    @cached_property
    def _layout(self) -> Layout:
        return Layout(self.snapshot)

    @cached_property
    def pins(self) -> Pins:
        """Which versions of Python and of libraries the repository asks for."""
        return Pins(lambda: self._declared, self.note)

    @cached_property
    def _declared(self) -> Declared:
        with self.tracing(apart=True):
            return self.kept(_read_manifests)

    @cached_property
    def index(self) -> Index:
        """Names across modules."""
        from codemods.engine.names.index import Index

        return Index(self)

    @cached_property
    def types(self) -> Types:
        """The types of expressions, where they can be proven."""
        from codemods.engine.inference.types import Types

        return Types(self)

    def read(self, path: str) -> bytes:
        """The bytes of a file; ``UNREADABLE`` if it vanished."""
        data = self._bytes.get(path)
        if data is None:
            try:
                data = self.snapshot.read(path)
            except OSError:
                data = UNREADABLE
            self._bytes[path] = data
        return data

    @property
    def trace(self) -> object:
        """The recording under way; another object for each one, so that short-lived memories know when to forget."""
        return self._trace

    def note(self, kind: str, key: str, answer: str) -> None:
        """Remember that a result depends on this answer."""
        if self._trace is not None:
            self._trace[kind, key] = answer

    @contextmanager
    def tracing(self, *, apart: bool = False) -> Iterator[dict[tuple[str, str], str]]:
        """All questions asked inside, with their answers; kept results hold while the answers are the same.

        They count for a recording around this one too, unless it is ``apart``.
        """
        outer, self._trace = self._trace, {}
        try:
            yield self._trace
        finally:
            inner, self._trace = self._trace, outer
            if outer is not None and not apart:
                outer.update(inner)

    def remembered(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """``compute()``, worked out once in this run for each ``key``; what it asked counts for everyone who is given it."""
        kept = self._remembered.get(key)
        if kept is None:
            with self.tracing() as notes:
                value = compute()
            self._remembered[key] = (value, notes)
            return value
        if self._trace is not None:
            self._trace.update(kept[1])
        return cast("Value", kept[0])

    def kept(self, compute: Callable[[Project, *Given], Value], *arguments: *Given) -> Value:
        """``compute(project, *arguments)``, as ``remembered``; later runs may take it over, while its answers hold.

        ``compute`` is a function of a module, so that its name and its package's code say what it works out;
        ``arguments`` are plain texts and numbers, and the result is plain data.
        """
        key = (compute.__module__, compute.__qualname__, arguments)
        return self.remembered(key, lambda: compute(self, *arguments))

    def answer(self, kind: str, key: str) -> str:
        """Today's answer to a question noted before; ``UNANSWERED`` where it can't be asked again."""
        if kind == "file":
            return self.snapshot.digest(key) if key in self._python else ""
        if kind == "containing":
            return joined(self._containing(key.encode("utf-8", "surrogateescape")))
        if kind == "importers":
            return joined(self._importers_of(key.encode()))
        if kind == "has":
            return str(key in self._python)
        if kind == "exists":
            return str(self.snapshot.exists(key))
        if kind == "below":
            return str(any(path.startswith(key) for path in self._python))
        if kind == "python":
            return self._paths
        if kind == "pin":
            return pin_of(self._declared, key)
        if kind == "manifests":
            return self._manifests
        if kind == "skipped":
            return joined(sorted(self.snapshot.skipped))
        found = answer_of(self._layout, kind, key)
        return UNANSWERED if found is None else found

    @cached_property
    def _manifests(self) -> str:
        return manifests_stamp(self.snapshot)

    def module(self, path: str) -> Module | None:
        """The parsed file; None where it is unknown or can't be parsed."""
        self.note("file", path, self.snapshot.digest(path) if path in self._python else "")
        if path not in self._python:
            return None
        known = self._parsed(path)
        return None if isinstance(known, Unreadable) else known

    def _parsed(self, path: str) -> Module | Unreadable:
        known = self._modules.get(path)
        if known is None:
            try:
                known = Module(Source(path, self.read(path)))
            except Unreadable as reason:
                known = reason
            self._modules[path] = known
            while len(self._modules) > _PARSED:
                self._modules.popitem(last=False)
        else:
            self._modules.move_to_end(path)
        return known

    def facts(self, path: str) -> Facts | None:
        """What the file defines; None where it is unknown or can't be parsed."""
        self.note("file", path, self.snapshot.digest(path) if path in self._python else "")
        if path not in self._facts:
            known = self._parsed(path) if path in self._python else None
            self._facts[path] = facts_of(known.source) if isinstance(known, Module) else None
        return self._facts[path]

    def containing(self, *needles: bytes) -> list[str]:
        """The Python files whose bytes hold every one of ``needles``, sorted."""
        found: list[str] | None = None
        for needle in needles:
            holders = self._holders.get(needle)
            if holders is None:
                holders = self._holders[needle] = self._containing(needle)
            self.note("containing", needle.decode("utf-8", "surrogateescape"), joined(holders))
            found = list(holders) if found is None else sorted(set(found).intersection(holders))
        return found or []

    def _containing(self, needle: bytes) -> list[str]:
        return [path for path in self.snapshot.python if needle in self.read(path)]

    def matching(self, test: Callable[[bytes, *Given], bool], *arguments: *Given) -> list[str]:
        """The Python files whose bytes pass ``test(data, *arguments)``, sorted.

        ``test`` is a function of a module and looks at nothing else; ``arguments`` are plain texts, or tuples of them.
        """
        found = self._matching(test, *arguments)
        self.note("matching", f"{test.__module__}.{test.__qualname__}{arguments!r}", joined(found))
        return found

    def _matching(self, test: Callable[[bytes, *Given], bool], *arguments: *Given) -> list[str]:
        return [path for path in self.snapshot.python if test(self.read(path), *arguments)]

    def importers(self, name: str) -> tuple[str, ...]:
        """The files whose ``from ... import`` statements hold ``name``, sorted; too many rather than too few."""
        found = self._importers_of(name.encode())
        self.note("importers", name, joined(found))
        return found

    def _importers_of(self, name: bytes) -> tuple[str, ...]:
        return self._importers.get(name, ())

    @cached_property
    def _importers(self) -> Mapping[bytes, tuple[str, ...]]:
        return importers(self.snapshot.python, self.read)

    def locate(self, name: str, near: str | None = None) -> list[str]:
        """The files that dotted module ``name`` may be, as seen from file ``near``; best first, empty for none."""
        return self.layout.locate(name, near)


def _read_manifests(project: Project) -> Declared:
    _ = project.manifests
    return declared(project.snapshot)
