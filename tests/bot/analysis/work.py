"""Functions that the pool's tests run in its processes."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path


def add(left: int, right: int) -> int:
    return left + right


def process_id() -> int:
    return os.getpid()


def state() -> tuple[int, list[str]]:
    return os.nice(0), sorted(sys.modules)


def sleep(seconds: float, started: Path) -> None:
    started.write_text(str(os.getpid()))
    time.sleep(seconds)


def wait_for(file: Path) -> int:
    while not file.exists():
        time.sleep(0.01)
    return os.getpid()


def allocate(megabytes: int) -> int:
    return len(bytearray(megabytes * 2**20))


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave(code: int) -> None:
    os._exit(code)


class TwoArgumentsError(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def fail(message: str) -> None:
    raise ValueError(message)


def fail_unpicklably() -> None:
    raise TwoArgumentsError("a", "b")


def unpicklable() -> object:
    return lambda: None
