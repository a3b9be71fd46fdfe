"""Which paths ``.gitignore`` files and exclude globs leave out, decided one folder at a time."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pathspec import GitIgnoreSpec

_ANY_FOLDER = "^(?:.+/)?"
_FOLDER_MARK = re.compile(r"\(\?P<\w+>/\)")
_GROUP_NAME = re.compile(r"\(\?P<\w+>")


class Patterns:
    """One set of gitignore patterns. Most paths match none: two joined expressions find that out quickly."""

    def __init__(self, lines: Iterable[str]) -> None:
        kept = (line for line in lines if line.strip() and not line.startswith("#"))
        self._lines = list(kept)

    def __bool__(self) -> bool:
        return bool(self._lines)

    @cached_property
    def _spec(self) -> GitIgnoreSpec:
        from pathspec import GitIgnoreSpec

        from codemods.engine.files.bounded_globs import BoundedPattern

        lines = self._lines
        try:
            return GitIgnoreSpec.from_lines(lines, BoundedPattern)
        except ValueError:  # one bad pattern must not lose the others: git passes over it too
            return GitIgnoreSpec.from_lines((line for line in lines if _is_pattern(line)), BoundedPattern)

    @cached_property
    def _filters(self) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
        """What may match a last name, and what may match a whole path."""
        names: list[str] = []
        paths: list[str] = []
        for pattern in self._spec.patterns:
            regex = getattr(pattern, "regex", None)
            if pattern.include is None or regex is None:
                continue
            text: str = regex.pattern
            rest = text.removeprefix(_ANY_FOLDER)
            plain = _FOLDER_MARK.sub("", rest).replace("[^/]", "")
            by_name = rest != text and "/" not in plain
            (names if by_name else paths).append(_GROUP_NAME.sub("(?:", rest if by_name else text))
        return _joined(names), _joined(paths)

    @cached_property
    def _names(self) -> dict[str, bool]:
        return {}

    def decides(self, path: str, name: str) -> bool | None:
        """True: left out. False: taken in again by a ``!`` pattern. None: no pattern says anything.

        ``path`` is relative to the folder of the patterns, ``name`` its last part; both end in ``/`` for folders.
        """
        by_name, by_path = self._filters
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = by_name is not None and by_name.match(name) is not None
        if not known and (by_path is None or by_path.match(path) is None):
            return None
        return self._spec.check_file(path).include

    def holds(self, path: str) -> bool:
        """Whether the patterns match ``path`` or a folder that it lies in."""
        return self.culprit(path) is not None

    def culprit(self, path: str) -> str | None:
        """The outermost folder of ``path``, or ``path`` itself, that the patterns match; None for none."""
        if not self._lines:
            return None
        folder, slash, name = path.rpartition("/")
        if slash:
            if folder not in self._folders:
                above = self.culprit(folder)
                own = self.decides(f"{folder}/", f"{folder.rpartition('/')[2]}/")
                self._folders[folder] = above or (folder if own else None)
            if (found := self._folders[folder]) is not None:
                return found
        return path if self.decides(path, name) else None

    @cached_property
    def _folders(self) -> dict[str, str | None]:
        return {}


def _joined(expressions: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{expression})" for expression in expressions)) if expressions else None


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


class Ignored:
    """The patterns that hold in one folder: its own ``.gitignore`` and those of the folders above."""

    def __init__(self, patterns: Patterns, folder: str = "", above: Ignored | None = None) -> None:
        self._patterns = patterns
        self._start = len(folder) + 1 if folder else 0
        self._above = above

    def below(self, folder: str, lines: Iterable[str]) -> Ignored:
        """What holds in ``folder``, whose ``.gitignore`` has these lines."""
        patterns = Patterns(lines)
        return Ignored(patterns, folder, self) if patterns else self

    def leaves_out(self, path: str, name: str) -> bool:
        """Whether ``path`` is left out; ``name`` is its last part, and both end in ``/`` for folders."""
        here: Ignored | None = self
        while here is not None:
            if here._patterns and (decided := here._patterns.decides(path[here._start :], name)) is not None:
                return decided
            here = here._above
        return False
