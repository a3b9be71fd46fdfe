"""A project that remembers from run to run what its files hold, and what was worked out from them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

from codemods.engine.project import Project
from codemods.engine.run.answers import Answers
from codemods.engine.run.code import code_of
from codemods.engine.run.contents import Contents
from codemods.engine.run.results import Results

if TYPE_CHECKING:
    from codemods.engine.files.snapshot import Snapshot
    from codemods.engine.run.cache import Cache

Value = TypeVar("Value")
Given = TypeVarTuple("Given")


class RememberingProject(Project):
    """Answers ``containing`` and its kin from memory for files whose content was seen before; reads only the others.

    ``place`` tells one project's memory from another's. What is remembered is by content hash, or holds only while
    the answers that it rests on are the same: it can be incomplete, but not wrong.
    """

    def __init__(
        self, snapshot: Snapshot, options: dict[str, dict[str, object]], cache: Cache, place: str
    ) -> None:
        super().__init__(snapshot, options)
        self._cache = cache
        self._place = place
        self._contents = Contents(snapshot, self.read, cache, place)
        self._answers = Answers(self)
        self._results: dict[str, Results] = {}

    def _containing(self, needle: bytes) -> list[str]:
        return self._contents.holding(needle, lambda data: needle in data)

    def _matching(self, test: Callable[[bytes, *Given], bool], *arguments: *Given) -> list[str]:
        about = f"{test.__module__}.{test.__qualname__}{arguments!r}\n{code_of(test.__module__)}"
        return self._contents.holding(about, lambda data: test(data, *arguments))

    def _importers_of(self, name: bytes) -> tuple[str, ...]:
        return self._contents.naming(name)

    def kept(self, compute: Callable[[Project, *Given], Value], *arguments: *Given) -> Value:
        """See ``Project.kept``."""
        family = f"{compute.__module__}.{compute.__qualname__}"
        results = self._results.get(family)
        if results is None:
            about = (family, code_of(compute.__module__), self._asked_for)
            results = self._results[family] = Results(self._cache, self._place, about, compute.__module__)
        return self.remembered((family, arguments), lambda: self._recalled(results, compute, *arguments))

    def _recalled(
        self, results: Results, compute: Callable[[Project, *Given], Value], *arguments: *Given
    ) -> Value:
        name = repr(arguments)
        known = results.recall(name, self._answers)
        if known is not None:
            for (kind, key), answer in known.trace:
                self.note(kind, key, answer)
            return known.value  # type: ignore[return-value]
        with self.tracing() as trace:
            value = compute(self, *arguments)
        results.learn(name, value, trace)
        return value

    @cached_property
    def _asked_for(self) -> str:
        return repr(sorted((rule, sorted(given.items(), key=repr)) for rule, given in self.options.items()))

    def remember(self) -> None:
        """Keeps what this run learned."""
        self._contents.remember()
        for results in self._results.values():
            results.remember()
