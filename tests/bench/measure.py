"""Runs one command and says what it took."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ToolError(Exception):
    """A measured command failed; ``str(error)`` holds the end of what it printed."""


@dataclass(frozen=True)
class Taken:
    """Seconds on the clock, seconds of processor time in all processes, and bytes at the peak."""

    wall: float
    cpu: float
    peak: int

    @classmethod
    def middle(cls, runs: Sequence[Taken]) -> Taken:
        """The median of each number, and of the peaks the highest."""
        return cls(
            median(run.wall for run in runs),
            median(run.cpu for run in runs),
            max(run.peak for run in runs),
        )


def run(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, watch: float | None = None
) -> Taken:
    """Runs ``command`` in ``folder`` and waits; exit code 1 means that it found something.

    The peak is the largest single process as the kernel counts it, and with ``watch`` the sum over the
    process tree where that is more: proportional set sizes, looked at every ``watch`` seconds. Looking often
    costs time. Raises ToolError for any other exit code, and where it ended with a traceback.
    """
    printed = folder / "printed.txt"
    with printed.open("wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env={**os.environ, **environment}, cwd=folder
        )
        watcher = _Watcher(process.pid, watch) if watch else None
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        peak = watcher.stop() if watcher else 0
    process.returncode = os.waitstatus_to_exitcode(status)
    end = printed.read_text(errors="replace")[-2000:]
    if process.returncode not in (0, 1) or "Traceback (most recent call last)" in end:
        raise ToolError(f"{' '.join(command)} ended with {process.returncode}:\n{end}")
    return Taken(wall, usage.ru_utime + usage.ru_stime, max(peak, usage.ru_maxrss * 1024))


class _Watcher(threading.Thread):
    """Looks at the memory of a process and its descendants every ``seconds``."""

    def __init__(self, pid: int, seconds: float) -> None:
        super().__init__(daemon=True)
        self._pid, self._seconds, self._peak = pid, seconds, 0
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.wait(self._seconds):
            self._peak = max(self._peak, sum(map(_proportional, _tree(self._pid))))

    def stop(self) -> int:
        """The highest sum seen, in bytes."""
        self._over.set()
        self.join()
        return self._peak


def _tree(pid: int) -> list[int]:
    found = [pid]
    for known in found:
        for listing in Path(f"/proc/{known}/task").glob("*/children"):
            try:
                found.extend(int(child) for child in listing.read_text().split())
            except OSError:
                continue
    return found


def _proportional(pid: int) -> int:
    try:
        with Path(f"/proc/{pid}/smaps_rollup").open() as lines:
            return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
    except OSError:
        return 0
