"""Analyses run in processes that are bounded in time and memory, and whose end harms nobody else."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.analysis.errors import AnalysisCrashed, AnalysisTooLarge, AnalysisTooLong
from bot.analysis.pool import AnalysisPool
from tests.bot.analysis import work
from tests.bot.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def pool() -> Iterator[AnalysisPool]:
    pool = AnalysisPool(2, 1024)
    yield pool
    pool.close()


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_call_gives_its_result(pool: AnalysisPool) -> None:
    assert pool.run(work.add, 1, 2, seconds=30) == 3


def test_processes_are_niced_and_have_the_rules_imported(pool: AnalysisPool) -> None:
    nice, modules = pool.run(work.state, seconds=30)
    assert nice == os.nice(0) + 10
    assert "codemods.atomic_redis" in modules
    assert "libcst" in modules


def test_what_the_function_raises_is_raised(pool: AnalysisPool) -> None:
    with pytest.raises(ValueError, match="no such thing"):
        pool.run(work.fail, "no such thing", seconds=30)


def test_what_cannot_be_pickled_harms_nobody(pool: AnalysisPool) -> None:
    with pytest.raises(RuntimeError, match="TwoArgumentsError"):
        pool.run(work.fail_unpicklably, seconds=30)
    with pytest.raises((AttributeError, TypeError, RuntimeError)):
        pool.run(work.unpicklable, seconds=30)
    assert pool.run(work.add, 2, 3, seconds=30) == 5


def test_time_is_limited_and_other_calls_go_on(pool: AnalysisPool, tmp_path: Path) -> None:
    gate, started = tmp_path / "gate", tmp_path / "started"
    with ThreadPoolExecutor(1) as threads:
        other = threads.submit(pool.run, work.wait_for, gate, seconds=60)
        with pytest.raises(AnalysisTooLong, match=r"longer than 0\.5 seconds"):
            pool.run(work.sleep, 60, started, seconds=0.5)
        gate.touch()
        assert other.result()
    assert not alive(int(started.read_text()))
    assert pool.run(work.add, 1, 1, seconds=30) == 2


def test_memory_is_limited(pool: AnalysisPool) -> None:
    with pytest.raises(AnalysisTooLarge, match="more than 1024 MB"):
        pool.run(work.allocate, 4096, seconds=30)
    assert pool.run(work.allocate, 64, seconds=30) == 64 * 2**20


def test_a_process_that_dies_is_replaced(pool: AnalysisPool, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with ThreadPoolExecutor(1) as threads:
        other = threads.submit(pool.run, work.wait_for, gate, seconds=60)
        with pytest.raises(AnalysisCrashed, match="SIGKILL"):
            pool.run(work.kill_itself, seconds=30)
        with pytest.raises(AnalysisCrashed, match="code 7"):
            pool.run(work.leave, 7, seconds=30)
        gate.touch()
        assert other.result()
    assert pool.run(work.add, 1, 1, seconds=30) == 2


def test_processes_that_die_between_calls_are_replaced(pool: AnalysisPool) -> None:
    first = pool.run(work.process_id, seconds=30)
    os.kill(first, signal.SIGKILL)
    until(lambda: not alive(first))

    def works() -> bool:
        try:
            return pool.run(work.add, 1, 1, seconds=30) == 2
        except AnalysisCrashed:
            return False

    until(works)
    until(lambda: sum(each.name == "pebble_pool_worker" for each in multiprocessing.active_children()) == 2)


def test_a_closed_pool_says_so() -> None:
    pool = AnalysisPool(1, 0, warm_rules=False)
    pool.close()
    assert pool.healthy() == "the analysis pool is closed"
    with pytest.raises(AnalysisCrashed, match="stopping"):
        pool.run(work.add, 1, 1, seconds=1)


def test_processes_die_with_their_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-m", "tests.bot.analysis.parent", str(tmp_path / "gate")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert parent.stdout is not None
    children = [int(each) for each in parent.stdout.readline().split()]
    assert len(children) == 2
    assert all(alive(child) for child in children)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: not any(alive(child) for child in children))
