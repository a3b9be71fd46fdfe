"""Processes for work that needs the processor, so that the service's own threads keep answering."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple, cast

from pebble import ProcessExpired, ProcessPool

from bot.analysis.errors import AnalysisCrashed, AnalysisTooLarge, AnalysisTooLong
from bot.analysis.process import OUT_OF_MEMORY, call, prepare
from bot.watching import metrics

if TYPE_CHECKING:
    from pebble import ProcessFuture

Ts = TypeVarTuple("Ts")
T = TypeVar("T")

WARM = (
    "libcst",
    "codemods.engine.run.analyse",
    "codemods.engine.run.patching",
    "codemods.engine.settings.config",
)
"""What a process imports before its first call."""


class AnalysisPool:
    """``processes`` processes that run functions for threads of this one, each call bounded in time and memory.

    Make it in the main thread. ``memory_megabytes`` bounds the address space of one process, in 2**20 bytes;
    0 is no limit. ``warm`` names modules to import ahead of the engine's own. A process is renewed after
    ``calls_per_process`` calls, so that what one repository leaves behind does not add up.
    """

    def __init__(
        self,
        processes: int,
        memory_megabytes: int,
        *,
        warm: tuple[str, ...] = (),
        warm_rules: bool = True,
        calls_per_process: int = 500,
    ) -> None:
        self._processes, self._megabytes = processes, memory_megabytes
        self._modules, self._warm_rules = (*WARM, *warm), warm_rules
        self._calls = calls_per_process
        self._lock = threading.Lock()
        self._closed = False
        # The signal of a parent's death is sent when the thread that made the child ends (prctl(2)),
        # so the processes are made in a thread that lives as long as the pool.
        self._keeper = ThreadPoolExecutor(1, thread_name_prefix="analysis-pool")
        self._pool = self._started()

    def run(self, function: Callable[[*Ts], T], *arguments: *Ts, seconds: float) -> T:
        """``function(*arguments)`` in a process; call it from a worker thread, it blocks.

        ``function`` is importable, arguments and result can be pickled. ``seconds`` count from when a process
        begins with it. Raises AnalysisTooLong, AnalysisTooLarge, AnalysisCrashed, and whatever ``function``
        raises. Calls that run beside it go on in any case.
        """
        future = self._scheduled(function, arguments, seconds)
        try:
            answer = future.result()
        except FutureTimeoutError:
            raise AnalysisTooLong(seconds) from None
        except ProcessExpired as error:
            if error.exitcode == OUT_OF_MEMORY:
                raise AnalysisTooLarge(self._megabytes) from None
            raise AnalysisCrashed(_ending(error.exitcode)) from None
        except (BrokenProcessPool, CancelledError):
            raise AnalysisCrashed("was ended with its pool") from None
        fine, value = pickle.loads(answer)  # noqa: S301 - written by our own process
        if fine:
            return cast("T", value)
        raise value

    def healthy(self) -> str | None:
        """None, or a sentence that says why no analysis can be run."""
        return "the analysis pool is closed" if self._closed else None

    def close(self) -> None:
        """End all processes; calls that are running raise AnalysisCrashed. Drain the queue first."""
        with self._lock:
            self._closed = True
            pool = self._pool
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()
        self._keeper.shutdown()

    def _scheduled(
        self, function: Callable[..., object], arguments: tuple[object, ...], seconds: float
    ) -> ProcessFuture[bytes]:
        with self._lock:
            if self._closed:
                raise AnalysisCrashed("was not started: the service is stopping")
            if not self._pool.active:
                # A process that dies between two calls takes its whole pool out of use.
                self._pool.join()
                self._pool = self._started()
                metrics.POOL_RESTARTS.inc()
            return self._pool.schedule(call, args=(function, arguments), timeout=seconds)

    def _started(self) -> ProcessPool:
        pool = ProcessPool(
            max_workers=self._processes,
            max_tasks=self._calls,
            initializer=prepare,
            initargs=(os.getpid(), self._megabytes, self._modules, self._warm_rules),
            context=multiprocessing.get_context("spawn"),
        )
        self._keeper.submit(lambda: pool.active).result()
        return pool


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"
