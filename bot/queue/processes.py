"""Processes by names that outlive them, so that a later one on the same machine can tell that they have ended."""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path

_PROC = Path("/proc")
_UNKNOWN = "?"


@cache
def own() -> str:
    """The own process: its host's name for people, the machine's boot and process namespace, its id and its start.

    Process ids mean something within one boot and one namespace only; containers have namespaces of their own.
    [proc(5), pid_namespaces(7)]
    """
    return " ".join([socket.gethostname()[:64], _place(), str(os.getpid()), _start(os.getpid()) or _UNKNOWN])


def has_ended(process: str | None) -> bool:
    """Whether a process that ``own`` named is known to have ended; False where this machine can't tell."""
    parts = (process or "").split(" ")
    if len(parts) != 4 or parts[1] != _place() or _UNKNOWN in parts[1:]:
        return False
    return _start(int(parts[2])) != parts[3]


@cache
def _place() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').readlink()}"
    except OSError:  # no Linux
        return _UNKNOWN


def _start(pid: int) -> str | None:
    """When a process was started, in clock ticks since the boot; None if there is none, or only its remains."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]
