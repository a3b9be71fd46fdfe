"""The inside of one analysis process: its limits, and how a call and its answer cross over."""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable

OUT_OF_MEMORY = 83
"""The exit code of a process that reached its memory limit: no other one is sure to say so then."""

NICENESS = 10
_PR_SET_PDEATHSIG = 1


def prepare(parent: int, megabytes: int, modules: tuple[str, ...], warm_rules: bool) -> None:
    """Make this process a good child of ``parent``, and import what every analysis needs.

    It dies with its parent (Linux: ``prctl(2)``), yields the processor to the service, may not take more than
    ``megabytes`` of address space (0: no limit), and ends at SIGTERM at once. SIGINT is the parent's to act on.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # it died before it could be told
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    for module in modules:
        importlib.import_module(module)
    if warm_rules:
        from codemods.engine import registry

        registry.select(None)
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # syntax trees are many small objects that all live
    if megabytes:
        limit = megabytes * 2**20
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard < 0 else min(limit, hard), hard))


def call(function: Callable[..., object], arguments: tuple[object, ...]) -> bytes:
    """``(True, result)`` or ``(False, exception)``, pickled here: what cannot cross over must not harm the pool.

    A process that ran out of memory is not used again.
    """
    try:
        try:
            return pickle.dumps((True, function(*arguments)), protocol=pickle.HIGHEST_PROTOCOL)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - carried to the caller, who raises it
            return _carried(error)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _carried(error: Exception) -> bytes:
    try:
        data = pickle.dumps((False, error), protocol=pickle.HIGHEST_PROTOCOL)
        pickle.loads(data)  # noqa: S301 - made on the line above
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - exceptions may break in any way when they are pickled
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}, which could not be passed on")))
    return data
