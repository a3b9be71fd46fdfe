"""``python -m MODULE`` without waiting for its imports: forked from a process that has made them once."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, cast

PIPE, STDOUT = subprocess.PIPE, subprocess.STDOUT
_LENGTH = 4
_ASKING = threading.Lock()


class Forked:
    """One process, with as much of ``subprocess.Popen``'s text mode as tests need.

    It is a fork of a process with one thread that has imported the service's modules and done nothing else, and
    runs its module as ``python -m`` does: what it does, and how it dies, is its own.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        stderr: IO[str] | int,
        stdin: int = subprocess.DEVNULL,
    ) -> None:
        self.returncode: int | None = None
        self.stdin: IO[str] | None = None
        own: list[int] = []
        reading, output = os.pipe()
        own.append(output)
        if stdin == PIPE:
            given, writing = os.pipe()
            self.stdin = os.fdopen(writing, "w", buffering=1)
        else:
            given = os.open(os.devnull, os.O_RDONLY)
        own.append(given)
        errors = output if stderr == STDOUT else cast("IO[str]", stderr).fileno()
        status, ending = os.pipe()
        self._ending = os.fdopen(status, "rb", buffering=0)  # open as long as a thread may look at it
        self._reading = threading.Lock()
        own.append(ending)
        asked = {"module": module, "arguments": list(arguments), "env": dict(env), "cwd": str(Path.cwd())}
        data = json.dumps(asked).encode()
        with _ASKING:
            server = _server()
            socket.send_fds(server, [len(data).to_bytes(_LENGTH, "little")], [given, output, errors, ending])
            server.sendall(data)
            self.pid = int.from_bytes(_exactly(server, _LENGTH), "little")
        for each in own:
            os.close(each)
        self.stdout: IO[str] = os.fdopen(reading, errors="replace")

    def poll(self) -> int | None:
        """The exit code, or minus the signal that ended it; None while it runs."""
        return self.returncode if self._over(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """As ``poll``, when it has ended. Raises subprocess.TimeoutExpired."""
        if not self._over(timeout):
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """``kill -9``."""
        self.send_signal(signal.SIGKILL)

    def _over(self, timeout: float | None) -> bool:
        if self.returncode is not None:
            return True
        if not select.select([self._ending], [], [], timeout)[0]:
            return False
        with self._reading:
            if self.returncode is None:
                status = self._ending.read(_LENGTH)
                assert status, "the process that processes are forked from has ended"
                self.returncode = os.waitstatus_to_exitcode(int.from_bytes(status, "little"))
        return True


@cache
def _server() -> socket.socket:
    """The line to this process's own server, which ends when the line is closed: with this process at the latest."""
    ours, theirs = socket.socketpair()
    subprocess.Popen(
        [sys.executable, "-m", "tests.forks.server", str(theirs.fileno())], pass_fds=[theirs.fileno()]
    )
    theirs.close()
    return ours


def _exactly(line: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = line.recv(count - len(data))
        assert more, "the process that processes are forked from has ended"
        data += more
    return data
