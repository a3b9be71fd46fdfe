"""Runs many small tasks on several processes, with a time bound on each, and survives what they do."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess
    from types import FrameType

State = TypeVar("State")
Task = TypeVar("Task")
Result = TypeVar("Result")


class TooSlow(BaseException):
    """The time is over. Not an Exception, so that no rule swallows it."""


class Crashed:
    """Stands for the result of a task whose process died."""


class TaskFailed(Exception):  # noqa: N818 - named as its reader thinks of it
    """A task raised in its process; the message has the exception's type and text."""


@dataclass(frozen=True, slots=True)
class _Raised:
    """What a task raised in its process, in words."""

    text: str


@dataclass(slots=True)
class _Hand:
    """One process and the number of the task that it is at."""

    process: BaseProcess
    line: Connection[Any, Any]
    task: int | None = None


class Workers(Generic[State]):
    """Runs ``function(state, task)`` for many tasks, in this process or in ``processes`` others.

    ``state`` crosses to the processes once: by forking where this process has one thread on Linux, by pickling
    otherwise; where it can't be pickled all is done here. Unlike the standard library's pools this starts no
    thread, knows which task a dead process was at, and puts another process in its place.
    """

    def __init__(self, state: State, processes: int) -> None:
        self._state = state
        self._processes = processes
        self._forks = sys.platform == "linux" and threading.active_count() == 1

    def run(
        self, function: Callable[[State, Task], Result], tasks: Sequence[Task]
    ) -> Iterator[Result | Crashed]:
        """The results of all tasks, in their order."""
        if self._processes < 2 or not tasks or not self._crosses():
            for task in tasks:
                yield function(self._state, task)
            return
        import multiprocessing

        context = multiprocessing.get_context("fork" if self._forks else "spawn")
        if self._forks:
            gc.freeze()
        hands: list[_Hand] = []
        try:
            for _ in range(min(self._processes, len(tasks))):
                self._hire(context, function, hands)
            yield from self._handed_out(context, function, tasks, hands)
        finally:
            for hand in hands:
                hand.line.close()
                hand.process.terminate()
                hand.process.join()
            if self._forks:
                gc.unfreeze()

    def _crosses(self) -> bool:
        if self._forks:
            return True
        try:
            pickle.dumps(self._state)
        except Exception:  # noqa: BLE001 - whatever a rule's own pickling raises
            return False
        return True

    def _hire(self, context: BaseContext, function: Callable[[State, Any], Any], hands: list[_Hand]) -> None:
        here, there = context.Pipe()
        # A forked process holds copies of the lines to the others; it closes them, so that each ends when this ends.
        others = [here, *(hand.line for hand in hands)] if self._forks else []
        process = context.Process(target=_work, args=(self._state, function, there, others), daemon=True)  # type: ignore[attr-defined]
        process.start()
        there.close()
        hands.append(_Hand(process, here))

    def _handed_out(
        self,
        context: BaseContext,
        function: Callable[[State, Task], Result],
        tasks: Sequence[Task],
        hands: list[_Hand],
    ) -> Iterator[Result | Crashed]:
        from multiprocessing.connection import wait

        waiting = deque(range(len(tasks)))
        results: dict[int, Result | Crashed] = {}
        following = 0
        while following < len(tasks):
            for hand in hands:
                if hand.task is None and waiting:
                    hand.task = waiting.popleft()
                    with contextlib.suppress(OSError):  # a dead process is noticed when its line is read
                        hand.line.send(tasks[hand.task])
            for line in wait([hand.line for hand in hands if hand.task is not None]):
                hand = next(each for each in hands if each.line is line)
                assert hand.task is not None
                try:
                    result = hand.line.recv()
                except (EOFError, OSError):
                    result = Crashed()
                    hands.remove(hand)
                    hand.line.close()
                    hand.process.join()
                    self._hire(context, function, hands)
                if isinstance(result, _Raised):
                    raise TaskFailed(result.text)
                results[hand.task] = result
                hand.task = None
            while following in results:
                yield results.pop(following)
                following += 1


def _work(
    state: State,
    function: Callable[[State, Any], Any],
    line: Connection[Any, Any],
    others: list[Connection[Any, Any]],
) -> None:
    """What a process does until its line is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.set_threshold(50_000, 20, 50)
    for other in others:
        other.close()
    with contextlib.suppress(EOFError, OSError):
        while True:
            task = line.recv()
            try:
                answer = pickle.dumps(function(state, task), protocol=5)
            except Exception as error:  # noqa: BLE001 - it is raised again in the parent
                answer = pickle.dumps(_Raised(f"{type(error).__name__}: {error}"))
            line.send_bytes(answer)


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises TooSlow inside when the time is over. Without effect outside a main thread, or without timers."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
