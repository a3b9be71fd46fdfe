"""What code a kept result was made by: results of other code are not taken over."""

from __future__ import annotations

import sys
from functools import cache
from hashlib import blake2b
from pathlib import Path

_ENGINE = Path(__file__).parents[1]


def code_of(module: str) -> str:
    """Changes when the code beside an imported module, the engine's or Python itself does."""
    file = getattr(sys.modules.get(module), "__file__", None)
    beside = _stamp(Path(file).parent) if file else ""
    return "\n".join([beside, _stamp(_ENGINE), sys.version])


@cache
def _stamp(folder: Path) -> str:
    if not folder.is_dir():
        return ""
    state = blake2b(digest_size=8)
    for path in sorted(folder.rglob("*.py")):
        status = path.stat()
        state.update(
            f"{path.name} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape")
        )
    return state.hexdigest()
