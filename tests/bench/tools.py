"""The commands that are compared, and what each needs before it runs."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.tree import python_files

_BIN = Path(sys.executable).parent
_FIRST_FOUR = ("atomic-redis", "lazy-client", "mock-target", "secretstr")
_FIXIT_RULES = ("avoid_or_in_except", "no_redundant_lambda", "use_async_sleep_in_async_def")


@dataclass(frozen=True)
class Tool:
    """``prepare`` and ``restore`` run outside the measured time; a slow tool is run less often."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = lambda: None
    restore: Callable[[], None] = lambda: None
    slow: bool = False


def patchwright(tree: Path) -> list[str]:
    """The command that scans ``tree``."""
    return [str(_BIN / "patchwright"), "check", str(tree), "--format", "json"]


def empty(folder: Path) -> None:
    """Makes ``folder`` exist and hold nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def tools(tree: Path, scratch: Path) -> list[Tool]:
    """All tools on ``tree``; caches lie in ``scratch``. The first one fills the cache that the next two use."""
    cache = scratch / "cache"
    kept = {"PATCHWRIGHT_CACHE_DIR": str(cache)}
    few = scratch / "cache-of-four"
    changed = _edited(tree)
    before = changed.read_bytes()
    return [
        Tool("Patchwright, nothing cached", patchwright(tree), kept, prepare=lambda: empty(cache)),
        Tool("Patchwright again", patchwright(tree), kept),
        Tool(
            "Patchwright, one file changed",
            patchwright(tree),
            kept,
            prepare=lambda: _append(changed, before),
            restore=lambda: _write(changed, before),
        ),
        Tool(
            "Patchwright, the first four rules, nothing cached",
            [*patchwright(tree), "--select", ",".join(_FIRST_FOUR)],
            {"PATCHWRIGHT_CACHE_DIR": str(few)},
            prepare=lambda: empty(few),
        ),
        Tool(
            "ruff, S,BLE,TRY,ASYNC",
            [
                str(_BIN / "ruff"),
                "check",
                "--no-cache",
                "--isolated",
                "--select",
                "S,BLE,TRY,ASYNC",
                str(tree),
            ],
        ),
        Tool(
            "LibCST, parsing alone",
            [sys.executable, "-m", "tests.bench.parse_all", str(tree)],
            {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            slow=True,
        ),
        Tool(
            "Fixit, three rules",
            [
                str(_BIN / "fixit"),
                "--rules",
                ",".join(f"fixit.rules.{rule}" for rule in _FIXIT_RULES),
                "lint",
                str(tree),
            ],
            slow=True,
        ),
    ]


def _edited(tree: Path) -> Path:
    """The file that is changed: one of middle size among those that a rule looks at closely, if there are any."""
    files = python_files(tree)
    wanted = (b"redis", b"SecretStr", b"OpenAI(", b"boto3")
    hits = [path for path in files if any(word in path.read_bytes() for word in wanted)]
    by_size = sorted(hits or files, key=lambda path: path.stat().st_size)
    return by_size[len(by_size) // 2]


def _append(path: Path, before: bytes) -> None:
    _write(path, before + f"\n# changed at {time.time_ns()}\n".encode())


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
