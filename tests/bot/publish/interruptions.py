"""Faults at the n-th write of a job: GitHub fails before or after the effect, or the process dies there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.github.faults import Fault

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient

READS = ("GET", "HEAD")


class Died(BaseException):
    """Stands for ``kill -9``: nothing in the service catches it."""


@dataclass
class WriteFault(Fault):
    """Strikes writes alone; tokens are none."""

    def matches(self, method: str, path: str, data: bytes) -> bool:
        """Whether a request is one of those."""
        return method not in READS and "access_tokens" not in path


def failing_before(number: int) -> Fault:
    """The write is not carried out, and answered 500."""
    return WriteFault("status 500", "*", "*", skip=number, status=500, body={"message": "Server Error"})


def failing_after(number: int) -> Fault:
    """The write is carried out, and answered 502."""
    return WriteFault("502 after the effect", "*", "*", skip=number, status=502, body=b"<html>", effect=True)


def meanwhile(number: int, action: Callable[[], object]) -> Fault:
    """Somebody does something just before the write takes effect."""
    return WriteFault("meanwhile", "*", "*", skip=number, before=action)


def dying(client: RepositoryClient, number: int) -> RepositoryClient:
    """The client of a process that dies just after its write with this number, from 0, before it sees the answer."""
    requests: Any = client._requests
    answer, writes = requests.answer, 0

    def counted(verb: str, *rest: Any, **more: Any) -> Any:
        nonlocal writes
        given = answer(verb, *rest, **more)
        if verb not in READS:
            writes += 1
            if writes == number + 1:
                raise Died
        return given

    requests.answer = counted
    return client
