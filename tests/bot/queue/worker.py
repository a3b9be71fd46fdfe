"""A process that runs jobs: ``worker.py URL FOLDER``. Reads ``healthy`` and ``drain SECONDS`` from its input.

``KILL_AT=before:begin`` (or ``after:``, any step) makes it kill itself there; ``WORKERS`` is how many jobs it runs
at a time; ``GIVEN_UP`` shortens the time after which silent processes are given up, ``RECOVERIES`` is how often a
job is taken up again after its process died, ``KEEP`` for how many days DBOS's rows are kept.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import make_url

from bot.events.work import CheckPull, UpdateBranch
from bot.jobs.outcome import Dead, Done, Later, Outcome, Retry
from bot.queue import executors, keeper, pauses, workflow
from bot.queue.dbos_queue import DbosQueue
from bot.queue.port import Job, QueueUnusable
from bot.queue.steps import Steps
from bot.store.database import Database
from tests.bot.queue.harness import works_of


def handler(folder: Path) -> Callable[[Job], Outcome]:
    def note(what: str, job: Job, partition: int) -> None:
        with (folder / "log").open("a") as log:
            log.write(f"{what} {job.id} {partition} {os.getpid()} {time.time()}\n")

    def handle(job: Job) -> Outcome:
        assert isinstance(job.work, UpdateBranch | CheckPull)
        note("begin", job, job.work.repository.id)
        try:
            return act(job, *job.work.reason.split())
        finally:
            note("end", job, job.work.repository.id)

    def act(job: Job, does: str, argument: str = "") -> Outcome:
        effect = folder / "effects" / job.id
        if effect.exists():
            return Done(summary="it was done before")
        match does:
            case "later":
                due = folder / f"due-{job.id}"
                if not due.exists():
                    due.write_text((datetime.now(UTC) + timedelta(seconds=float(argument))).isoformat())
                at = datetime.fromisoformat(due.read_text())
                if datetime.now(UTC) < at:
                    return Later(at=at, reason="rate limit")
            case "retry" if job.attempt <= int(argument):
                return Retry(reason=f"attempt {job.attempt} failed")
            case "raise":
                raise RuntimeError("a token: hunter2")
            case "dead":
                if not (folder / argument).exists():
                    return Dead(reason="no permission")
            case "gate":
                while not (folder / argument).exists():
                    time.sleep(0.01)
            case "sleep":
                time.sleep(float(argument))
        effect.touch(exist_ok=False)
        return Done(summary="done", actions=("one",))

    return handle


def kill_at(point: str) -> None:
    when, name = point.split(":")
    step = getattr(Steps, name)

    def killing(*arguments: object) -> object:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = step(*arguments)
        if when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(Steps, name, killing)


def main() -> None:
    url, folder = sys.argv[1], Path(sys.argv[2])
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    if point := os.environ.get("KILL_AT"):
        kill_at(point)
    if given := os.environ.get("PAUSES"):
        pauses.PAUSES = tuple(float(each) for each in given.split())
    if given := os.environ.get("GIVEN_UP"):
        executors.GIVEN_UP, executors.BEAT = int(given), int(given) / 6
    if given := os.environ.get("RECOVERIES"):
        workflow.MOST_RECOVERIES, keeper.EVERY_MINUTE = int(given), 0.5
    queue = DbosQueue(
        Database(make_url(url)),
        works_of,
        workers=int(os.environ.get("WORKERS", "4")),
        keep=timedelta(days=float(os.environ.get("KEEP", "14"))),
    )
    try:
        queue.launch(handler(folder))
    except QueueUnusable as error:
        sys.exit(str(error))
    print("ready", flush=True)
    for line in sys.stdin:
        if line == "healthy\n":
            print(queue.healthy(), flush=True)
        else:
            print("left", queue.drain(float(line.split()[1])), flush=True)
            os._exit(0)


if __name__ == "__main__":
    main()
