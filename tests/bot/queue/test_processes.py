from __future__ import annotations

import subprocess
import sys

from bot.queue import processes
from tests.bot.waiting import until


def test_a_process_that_lives_has_not_ended():
    assert not processes.has_ended(processes.own())


def test_a_process_that_was_killed_here_has_ended_even_before_its_parent_knows():
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from bot.queue import processes; print(processes.own(), flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    name = child.stdout.readline().strip()
    assert not processes.has_ended(name)
    child.kill()
    until(lambda: processes.has_ended(name))
    child.wait()
    assert processes.has_ended(name)


def test_of_processes_on_other_machines_and_of_nonsense_nothing_is_known():
    host, _, pid, start = processes.own().split(" ")
    for name in (f"{host} other-boot/pid:[1] {pid} {start}", f"{host} ? {pid} ?", "some-host", "", None):
        assert not processes.has_ended(name)


def test_another_process_under_the_same_number_is_not_the_one_that_ended():
    host, place, pid, start = processes.own().split(" ")
    assert processes.has_ended(f"{host} {place} {pid} {int(start) - 1}")
