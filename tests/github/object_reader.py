"""Running ``git cat-file`` processes, one for each repository that was lately read."""

from __future__ import annotations

import os
import subprocess
import threading
from collections import OrderedDict
from pathlib import Path
from typing import IO

_MOST_READERS = 256

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
"""What git runs with: nothing of the machine's or the user's configuration."""


class _Reader:
    """A running ``git cat-file --batch-command``."""

    def __init__(self, path: Path) -> None:
        self.lock = threading.Lock()
        self._process = subprocess.Popen(
            ["git", "--git-dir", str(path), "cat-file", "--batch-command"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
        )

    def ask(self, command: str, name: str) -> tuple[str, str, int, bytes] | None:
        """``(sha, type, size, contents)`` of an object, None if there is none by that name."""
        source, sink = self._pipes()
        source.write(f"{command} {name}\n".encode("utf-8", "surrogateescape"))
        source.flush()
        header = sink.readline().decode("utf-8", "surrogateescape").rstrip("\n")
        parts = header.rsplit(" ", 2)
        if len(parts) != 3 or not parts[2].isdigit():
            return None
        sha, kind, size = parts[0], parts[1], int(parts[2])
        data = b""
        if command == "contents":
            data = sink.read(size)
            sink.read(1)
        return sha, kind, size, data

    def close(self) -> None:
        """End the process."""
        source, sink = self._pipes()
        source.close()
        self._process.wait()
        sink.close()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


_readers: OrderedDict[Path, _Reader] = OrderedDict()
_readers_lock = threading.Lock()


def ask(repository: Path, command: str, name: str) -> tuple[str, str, int, bytes] | None:
    """``(sha, type, size, contents)`` of an object (``info``: no contents), None if there is none by that name."""
    reader = _reader(repository)
    try:
        return reader.ask(command, name)
    finally:
        reader.lock.release()


def close(repository: Path) -> None:
    """End a repository's process."""
    with _readers_lock:
        reader = _readers.pop(repository, None)
    if reader is not None:
        with reader.lock:
            reader.close()


def _reader(repository: Path) -> _Reader:
    """The repository's process, locked for the caller; the one not used for longest may be ended for it."""
    with _readers_lock:
        reader = _readers.pop(repository, None) or _Reader(repository)
        _readers[repository] = reader
        reader.lock.acquire()
        for path, other in list(_readers.items()):
            if len(_readers) <= _MOST_READERS:
                break
            if other.lock.acquire(blocking=False):
                del _readers[path]
                other.close()
        return reader
