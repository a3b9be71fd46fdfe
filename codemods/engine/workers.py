"""Runs many small tasks on several processes, with a time bound on each, and survives what they do."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from types import FrameType

State = TypeVar("State")
Task = TypeVar("Task")
Result = TypeVar("Result")

_state: Any = None


class TooSlow(BaseException):
    """The time is over. Not an Exception, so that no rule swallows it."""


class Crashed:
    """Stands for the result of a task whose process died."""


class Workers(Generic[State]):
    """Runs ``function(state, task)`` for many tasks, in this process or in ``processes`` others.

    Results come in the order of the tasks. ``state`` crosses to the processes once: by forking where this process
    has one thread on Linux, by pickling otherwise; where it can't be pickled all is done here.
    """

    def __init__(self, state: State, processes: int) -> None:
        self._state = state
        self._processes = processes
        self._forks = sys.platform == "linux" and threading.active_count() == 1

    def run(
        self, function: Callable[[State, Task], Result], tasks: Sequence[Task]
    ) -> Iterator[Result | Crashed]:
        """The results of all tasks."""
        if self._processes < 2 or len(tasks) < 2 or not self._crosses():
            for task in tasks:
                yield function(self._state, task)
            return
        from concurrent.futures.process import BrokenProcessPool

        done = 0
        with self._pool(self._processes) as pool:
            try:
                for result in pool.map(_call, [(function, task) for task in tasks]):
                    yield result
                    done += 1
            except BrokenProcessPool:
                died = True
            else:
                died = False
        if not died:
            return
        for task in tasks[done:]:  # each in a process of its own, to know whose fault it is
            with self._pool(1) as pool:
                try:
                    yield pool.submit(_call, (function, task)).result()
                except BrokenProcessPool:
                    yield Crashed()

    def _crosses(self) -> bool:
        if self._forks:
            return True
        try:
            pickle.dumps(self._state)
        except Exception:  # noqa: BLE001 - whatever a rule's own pickling raises
            return False
        return True

    @contextlib.contextmanager
    def _pool(self, processes: int) -> Iterator[ProcessPoolExecutor]:
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        global _state  # noqa: PLW0603 - what forked children find
        if not self._forks:
            context = multiprocessing.get_context("spawn")
            pool = ProcessPoolExecutor(processes, context, _set_up, (self._state,))
        else:
            _state = self._state
            gc.freeze()
            pool = ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), _set_up, (None,))
        try:
            yield pool
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            if self._forks:
                gc.unfreeze()
                _state = None


def _set_up(state: object) -> None:
    global _state  # noqa: PLW0603 - one state a process
    if state is not None:
        _state = state
    gc.set_threshold(50_000, 20, 50)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means


def _call(work: tuple[Callable[[Any, Task], Result], Task]) -> Result:
    function, task = work
    return function(_state, task)


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
