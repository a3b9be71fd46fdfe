"""A project that remembers from run to run which file holds which needle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.engine.project import Project
from codemods.engine.run.cache import key, packed, unpacked

if TYPE_CHECKING:
    from codemods.engine.files.snapshot import Snapshot
    from codemods.engine.run.cache import Cache

_MOST_NEEDLES = 3_000


class RememberingProject(Project):
    """Answers ``containing`` from memory for files whose content was seen before; reads only the others.

    ``place`` tells one project's memory from another's. What is remembered is by content hash: it can be
    incomplete, but not wrong.
    """

    def __init__(
        self, snapshot: Snapshot, options: dict[str, dict[str, object]], cache: Cache, place: str
    ) -> None:
        super().__init__(snapshot, options)
        self._cache = cache
        self._key = key("needles", place)
        self._answers: dict[bytes, list[str]] = {}
        self._seen, self._hits = self._recalled()
        self._fresh = False

    def _recalled(self) -> tuple[dict[str, int], dict[bytes, frozenset[int]]]:
        """The contents seen before, by digest, and for each needle the numbers of those that hold it."""
        blob = self._cache.load([self._key]).get(self._key)
        value = None if blob is None else unpacked(blob)
        if not isinstance(value, tuple) or len(value) != 2:
            return {}, {}
        digests, hits = value
        return {digest: number for number, digest in enumerate(digests)}, hits

    def _containing(self, needle: bytes) -> list[str]:
        found = self._answers.get(needle)
        if found is None:
            found = self._answers[needle] = self._looked_up(needle)
        return found

    def _looked_up(self, needle: bytes) -> list[str]:
        hits = self._hits.get(needle)
        if hits is None:
            self._fresh = True
            return [path for path in self.snapshot.python if needle in self.read(path)]
        digest, seen = self.snapshot.digest, self._seen
        found = []
        for path in self.snapshot.python:
            number = seen.get(digest(path))
            if number is None:
                self._fresh = True
            if needle in self.read(path) if number is None else number in hits:
                found.append(path)
        return found

    def remember(self) -> None:
        """Keeps the answers of this run, and those of earlier ones that still say something of every file."""
        if not self._fresh:
            return
        digests = [self.snapshot.digest(path) for path in self.snapshot.python]
        numbers = {digest: number for number, digest in enumerate(dict.fromkeys(digests))}
        by_path = dict(zip(self.snapshot.python, digests, strict=True))
        hits = {
            needle: frozenset(numbers[by_path[path]] for path in paths)
            for needle, paths in self._answers.items()
        }
        if numbers.keys() <= self._seen.keys():
            old = {number: numbers[digest] for digest, number in self._seen.items() if digest in numbers}
            for needle, held in self._hits.items():
                hits.setdefault(needle, frozenset(old[number] for number in held if number in old))
        kept = dict(list(hits.items())[:_MOST_NEEDLES])
        self._cache.store({self._key: packed((tuple(numbers), kept))})
