"""Who owns which file, as a CODEOWNERS file says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from codemods.engine.files.ignored import Patterns

_MOST_LINES = 3_000


@dataclass(frozen=True, slots=True)
class _Line:
    pattern: Patterns
    direct: str | None
    owners: str

    def holds(self, path: str) -> bool:
        if self.direct is not None and path.rpartition("/")[0] != self.direct:
            return False
        return self.pattern.holds(path)


class Owners:
    """The owners of paths. Of several lines that match, the last one counts, as GitHub has it."""

    def __init__(self, text: str) -> None:
        lines = (_line(line) for line in text.splitlines()[:_MOST_LINES])
        self._lines = [line for line in lines if line is not None][::-1]
        self.of = cache(self._of)

    def __bool__(self) -> bool:
        return bool(self._lines)

    def _of(self, path: str) -> str:
        """The owners in the order of the line, with a space between them; empty for nobody."""
        return next((line.owners for line in self._lines if line.holds(path)), "")


def _line(text: str) -> _Line | None:
    pattern, *owners = text.partition(" #")[0].split()[:20] or [""]
    if not pattern or pattern.startswith(("#", "!", "[")):
        return None
    # In CODEOWNERS "docs/*" means the files in it, and not those in its folders.
    direct = pattern[:-2].strip("/") if pattern.endswith("/*") and "*" not in pattern[:-1] else None
    return _Line(Patterns([pattern]), direct, " ".join(owners))
