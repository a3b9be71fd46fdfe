"""Imports the service once and forks a process for each request: ``python -m tests.forks.server SOCKET``.

A request is a line's length and the file descriptors for input, output, errors and the exit status, then the line:
JSON with module, arguments, env and cwd. The answer is the process id.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading

MODULES = (
    "alembic.command",
    "alembic.runtime.migration",
    "bot.checkout",
    "bot.jobs.run",
    "bot.queue.dbos_queue",
    "bot.receive.connection",
    "bot.receive.receive",
    "bot.serve",
    "bot.service_cli",
    "bot.services",
    "bot.setup.serving",
    "bot.setup.waiting",
    "bot.web",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "typer",
    "uvicorn.loops.auto",
)
_LENGTH = 4
_DESCRIPTORS = 4


def main() -> None:
    """Serves until the line is closed; in a forked process, runs what was asked for and comes back at its end."""
    line = socket.socket(fileno=int(sys.argv[1]))
    for module in MODULES:
        importlib.import_module(module)
    assert threading.active_count() == 1, "a fork of a process with threads is not whole"
    endings: dict[int, int] = {}
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready = select.select([line, woken], [], [])[0]
        if woken in ready:
            os.read(woken, 1000)
            _bury(endings)
        if line not in ready:
            continue
        data, descriptors, _, _ = socket.recv_fds(line, _LENGTH, _DESCRIPTORS)
        if not data:
            return
        length, text = int.from_bytes(data, "little"), b""
        while len(text) < length:
            text += line.recv(length - len(text))
        *streams, ending = descriptors
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for each in (woken, wake, ending, *endings.values()):
                os.close(each)
            line.close()
            _become(json.loads(text), streams)
            return
        endings[pid] = ending
        line.sendall(pid.to_bytes(_LENGTH, "little"))
        for each in streams:
            os.close(each)


def _bury(endings: dict[int, int]) -> None:
    for pid in list(endings):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            ending = endings.pop(pid)
            os.write(ending, status.to_bytes(_LENGTH, "little"))
            os.close(ending)


def _become(asked: dict[str, object], streams: list[int]) -> None:
    """What the interpreter does for ``python -m``, in a process that has begun already."""
    for number, each in enumerate(streams):
        os.dup2(each, number)
    for each in {*streams} - {0, 1, 2}:
        os.close(each)
    sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace")
    os.environ.clear()
    os.environ.update(asked["env"])  # type: ignore[call-overload]
    os.chdir(str(asked["cwd"]))
    sys.argv[1:] = asked["arguments"]  # type: ignore[assignment]
    runpy.run_module(str(asked["module"]), run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
