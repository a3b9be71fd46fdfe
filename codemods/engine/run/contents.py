"""What the files of a project hold, remembered by content: needles, patterns, and names in import statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.engine.names.imported_names import names_imported
from codemods.engine.run.cache import key, packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from codemods.engine.files.snapshot import Snapshot
    from codemods.engine.run.cache import Cache

_MOST_NEEDLES = 3_000
_IMPORTS = "names in import statements"


class Contents:
    """The memory of one project's contents: which of them hold what, by number.

    A test's answers are known either for all contents of the last run or not at all.
    """

    def __init__(self, snapshot: Snapshot, read: Callable[[str], bytes], cache: Cache, place: str) -> None:
        self._paths: Sequence[str] = snapshot.python
        self._digest = snapshot.digest
        self._read = read
        self._cache = cache
        self._key = key("contents", "2", place)
        self._seen: dict[str, int] = {}
        self._hits: dict[bytes | str, frozenset[int]] = {}
        self._names: dict[bytes, tuple[int, ...]] | None = None
        self._recall()
        self._numbers: list[int | None] = [self._seen.get(self._digest(path)) for path in self._paths]
        self._new = [path for path, number in zip(self._paths, self._numbers, strict=True) if number is None]
        self._places: dict[int, list[str]] = {}
        for path, number in zip(self._paths, self._numbers, strict=True):
            if number is not None:
                self._places.setdefault(number, []).append(path)
        self._answers: dict[bytes | str, list[str]] = {}
        self._new_names: dict[bytes, list[str]] | None = None
        self._fresh = False

    def _recall(self) -> None:
        blob = self._cache.load([self._key]).get(self._key)
        value = None if blob is None else unpacked(blob)
        if isinstance(value, tuple) and len(value) == 3:
            digests, self._hits, self._names = value
            self._seen = {digest: number for number, digest in enumerate(digests)}

    def holding(self, about: bytes | str, test: Callable[[bytes], bool]) -> list[str]:
        """The paths whose bytes pass a test, sorted; ``about`` says all that the test's answer depends on."""
        found = self._answers.get(about)
        if found is None:
            found = self._answers[about] = self._looked_up(about, test)
        return list(found)

    def _looked_up(self, about: bytes | str, test: Callable[[bytes], bool]) -> list[str]:
        hits = self._hits.get(about)
        if hits is None:
            self._fresh = True
            return [path for path in self._paths if test(self._read(path))]
        known = [path for number in hits for path in self._places.get(number, ())]
        return sorted([*known, *(path for path in self._new if test(self._read(path)))])

    def naming(self, name: bytes) -> tuple[str, ...]:
        """The paths whose ``from ... import`` statements hold ``name``, sorted."""
        if self._new_names is None:
            self._fresh = self._fresh or self._names is None
            self._new_names = {}
            for path in self._paths if self._names is None else self._new:
                for each in names_imported(self._read(path)):
                    self._new_names.setdefault(each, []).append(path)
        known = () if self._names is None else self._names.get(name, ())
        places = [path for number in known for path in self._places.get(number, ())]
        return tuple(sorted([*places, *self._new_names.get(name, ())]))

    def remember(self) -> None:
        """Keeps the answers of this run, and those of earlier ones that still say something of every file."""
        if not self._fresh and not self._new:
            return
        digests = [self._digest(path) for path in self._paths]
        numbers = {digest: number for number, digest in enumerate(dict.fromkeys(digests))}
        by_path = {path: numbers[digest] for path, digest in zip(self._paths, digests, strict=True)}
        moved = {number: numbers[digest] for digest, number in self._seen.items() if digest in numbers}

        def renumbered(held: Iterable[int]) -> Iterable[int]:
            return (moved[number] for number in held if number in moved)

        hits = {about: frozenset(by_path[path] for path in paths) for about, paths in self._answers.items()}
        if not self._new:
            for about, held in self._hits.items():
                hits.setdefault(about, frozenset(renumbered(held)))
        kept = dict(list(hits.items())[:_MOST_NEEDLES])
        self._cache.store({self._key: packed((tuple(numbers), kept, self._named(by_path, moved)))})

    def _named(self, by_path: dict[str, int], moved: dict[int, int]) -> dict[bytes, tuple[int, ...]] | None:
        if self._new_names is None:
            return None if self._new or self._names is None else _renumbered(self._names, moved)
        names = {} if self._names is None else _renumbered(self._names, moved)
        for name, paths in self._new_names.items():
            names[name] = tuple(dict.fromkeys((*names.get(name, ()), *(by_path[path] for path in paths))))
        return names


def _renumbered(names: dict[bytes, tuple[int, ...]], moved: dict[int, int]) -> dict[bytes, tuple[int, ...]]:
    kept = (
        (name, tuple(moved[number] for number in held if number in moved)) for name, held in names.items()
    )
    return {name: held for name, held in kept if held}
