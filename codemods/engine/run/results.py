"""What one function worked out for each of its arguments, kept while the answers that it rests on are the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.run.cache import key, packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codemods.engine.run.answers import Answers, Question, Trace
    from codemods.engine.run.cache import Cache


@dataclass(frozen=True, slots=True)
class Known:
    """A kept value and the questions that it rests on."""

    value: object
    trace: Trace


class Results:
    """The results of one function in one project, in one entry of the cache.

    Many results rest on the same answers, so these are listed once, and the results name them by number.
    """

    def __init__(self, cache: Cache, place: str, about: tuple[str, ...], module: str) -> None:
        self._cache = cache
        self._key = key("results", place, *about)
        self._packages = [module.partition(".")[0]]
        self._table: tuple[tuple[Question, str], ...] = ()
        self._stored: dict[str, tuple[bytes, tuple[int, ...]]] = {}
        self._recall()
        self._hold: list[bool | None] = [None] * len(self._table)
        self._used: dict[str, tuple[bytes, Trace]] = {}
        self._fresh = False

    def _recall(self) -> None:
        blob = self._cache.load([self._key]).get(self._key)
        value = None if blob is None else unpacked(blob)
        if isinstance(value, tuple) and len(value) == 2:
            self._table, self._stored = value

    def recall(self, name: str, answers: Answers) -> Known | None:
        """What is known under ``name``, if it still holds."""
        stored = self._stored.get(name)
        if stored is None or not all(self._holds(number, answers) for number in stored[1]):
            return None
        trace = tuple(self._table[number] for number in stored[1])
        self._used[name] = stored[0], trace
        return Known(unpacked(stored[0], self._packages), trace)

    def _holds(self, number: int, answers: Answers) -> bool:
        holds = self._hold[number]
        if holds is None:
            holds = self._hold[number] = answers.same(*self._table[number])
        return holds

    def learn(self, name: str, value: object, trace: Mapping[Question, str]) -> None:
        """A result of this run. Raises what pickle raises for what is no plain data."""
        self._used[name] = packed(value), tuple(trace.items())
        self._fresh = True

    def remember(self) -> None:
        """Keeps the results that were asked for in this run."""
        if not self._fresh:
            return
        numbers: dict[tuple[Question, str], int] = {}
        stored = {
            name: (value, tuple(numbers.setdefault(each, len(numbers)) for each in trace))
            for name, (value, trace) in self._used.items()
        }
        self._cache.store({self._key: packed((tuple(numbers), stored))})
