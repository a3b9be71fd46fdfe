"""Short names for things, by which they are known again in markers and trailers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b

from codemods.engine.run.diff import line_changes


def patch_digest(changed: Mapping[str, tuple[bytes, bytes]]) -> str:
    """20 hexadecimal digits for a change, given as ``{path: (before, after)}``.

    They come from the paths and, of each change, its old and new lines with one line around them; not from where
    they stand. The same digest on a newer base therefore means the same change, and that git merges the old commit
    without a conflict: it needs one untouched line between two changes (tried with ``git merge-file``).
    """
    words: list[str] = []
    for path in sorted(changed):
        words.append(f"file {path}")
        before, after = (_lines(data) for data in changed[path])
        for a1, a2, b1, b2 in line_changes(before, after):
            words += ["change", *before[max(0, a1 - 1) : a1], "old", *before[a1:a2], "new", *after[b1:b2]]
            words += ["below", *before[a2 : a2 + 1]]
    return digest(words, 10)


def path_mark(path: str) -> str:
    """8 hexadecimal digits for a path."""
    return digest([path], 4)


def digest(words: Iterable[str], size: int) -> str:
    """``2 * size`` hexadecimal digits for a sequence of texts, however they are cut."""
    state = blake2b(digest_size=size)
    for word in words:
        data = word.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "big") + data)
    return state.hexdigest()


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "surrogateescape").split("\n")
