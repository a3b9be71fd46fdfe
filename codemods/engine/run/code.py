"""What code a kept result was made by: results of other code are not taken over."""

from __future__ import annotations

import sys
from functools import cache
from hashlib import blake2b
from pathlib import Path

_OWN = Path(__file__).parents[2]


@cache
def code_of(module: str) -> str:
    """Changes when any code in an imported module's top package, in this one, or Python itself does.

    A rule may rest on whatever its package holds: on other rules, on what is known of libraries.
    """
    top = sys.modules.get(module.partition(".")[0])
    places = [Path(folder) for folder in getattr(top, "__path__", ())]
    if not places and (file := getattr(top, "__file__", None)):
        places = [Path(file)]
    return "\n".join([*(_stamp(place) for place in places if place != _OWN), _stamp(_OWN), sys.version])


@cache
def _stamp(place: Path) -> str:
    """Of a folder's Python files, or of one file: their names, sizes and times."""
    state = blake2b(digest_size=8)
    for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
        try:
            status = path.stat()
        except OSError:
            continue
        line = f"{path.relative_to(place)} {status.st_size} {status.st_mtime_ns}\n"
        state.update(line.encode("utf-8", "surrogateescape"))
    return state.hexdigest()
