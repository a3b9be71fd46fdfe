"""The jobs as rows: what each is for, where it stands, and which other one does its work.

Every function works in the caller's transaction. The rows are what the service knows of its jobs; DBOS only
knows which of them is to be run next, as workflows named after the job and the run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.events.work import WORK, CheckPull, UpdateBranch
from bot.jobs.outcome import OUTCOME, Dead, Done, Superseded
from bot.store.tables import DeliveryState, JobState, deliveries, jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from bot.events.work import Work


OPEN = (JobState.WAITING, JobState.RUNNING, JobState.LATER)
"""States of jobs that are still to come to an end."""


_LOOKS_AFRESH = frozenset({"update-branch", "check-pull"})
"""Kinds of work on something as it is when they run, so that a later one always covers an earlier one."""


@dataclass(frozen=True)
class Run:
    """One run of a job: the first, or one after a pause. Each is a workflow of its own."""

    job: str
    number: int
    partition: str

    @property
    def workflow(self) -> str:
        """The id of this run's workflow."""
        return self.job if self.number == 1 else f"{self.job}-try{self.number}"


def now() -> datetime:
    """The time in UTC, for the columns that people read."""
    return datetime.now(UTC)


def read(connection: Connection, job: str, *, lock: bool = True) -> RowMapping | None:
    """The job's row, locked until the transaction ends (PostgreSQL; SQLite has one writer anyway)."""
    chosen = sa.select(jobs).where(jobs.c.id == job)
    found = connection.execute(chosen.with_for_update() if lock else chosen)
    return found.mappings().one_or_none()


def add(connection: Connection, run: Run, delivery: str | None, work: Work | None = None) -> bool:
    """Write a new job's row; False if there is one with its id. ``work`` is None if it is yet to be decided."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {
        "id": run.job,
        "delivery": delivery,
        "partition": run.partition,
        "repository_id": int(run.partition) if run.partition.isdigit() else None,
        "state": JobState.WAITING,
        "place": _place(),
        "run": run.number,
        "failed": 0,
        "queued_at": now(),
        **(decided(work) if work else {}),
    }
    insert = dialect.insert(jobs).values(values).on_conflict_do_nothing(index_elements=["id"])
    return connection.execute(insert.returning(jobs.c.id)).scalar_one_or_none() is not None


def decided(work: Work) -> dict[str, object]:
    """The columns that say what a job is for."""
    return {
        "work": WORK.dump_python(work, mode="json"),
        "branch": _about(work),
    }


def _about(work: Work) -> str | None:
    """By which newer work of the same kind in the same repository takes the place of older."""
    match work:
        case UpdateBranch(branch=branch):
            return branch
        case CheckPull(number=number):
            return f"pull/{number}"
        case _:
            return None


def put_back(connection: Connection, row: RowMapping) -> Run:
    """A dead letter's next run, with all attempts again and as the newest of its branch."""
    number = row["run"] + 1
    change(
        connection,
        row["id"],
        state=JobState.WAITING,
        run=number,
        failed=0,
        place=_place(),
        queued_at=now(),
        finished_at=None,
        due_at=None,
    )
    settle(connection, row["delivery"])
    return Run(row["id"], number, row["partition"])


def dead_of(connection: Connection, job: str, delivery: str | None) -> list[RowMapping]:
    """The dead letters among the job and the jobs of its delivery."""
    meant = jobs.c.id == job if delivery is None else jobs.c.delivery == delivery
    chosen = sa.select(jobs).where(meant, jobs.c.state == JobState.DEAD).with_for_update()
    return list(connection.execute(chosen).mappings())


def undecided(connection: Connection, repository: int, most: int) -> list[RowMapping]:
    """Waiting jobs of the repository of which nobody has asked yet what they are for; the oldest first."""
    chosen = (
        sa.select(jobs)
        .where(
            jobs.c.repository_id == repository,
            jobs.c.state == JobState.WAITING,
            jobs.c.work.is_(sa.null()),
        )
        .order_by(jobs.c.place)
        .limit(most)
    )
    return list(connection.execute(chosen).mappings())


def successor(connection: Connection, row: RowMapping) -> str | None:
    """The newest job that does this one's work as well: it waits for its turn, or came later and is done.

    The work looks at the branch or the pull request as it is when it runs.
    """
    chosen = (
        sa.select(jobs.c.id)
        .where(
            *_same_branch(row),
            jobs.c.state.in_((JobState.WAITING, JobState.DONE)),
            sa.or_(
                jobs.c.place > row["place"],
                sa.and_(jobs.c.place == row["place"], jobs.c.id > row["id"]),
            ),
        )
        .order_by(jobs.c.place.desc(), jobs.c.id.desc())
        .limit(1)
    )
    return connection.execute(chosen).scalar_one_or_none()


def supersede_older(connection: Connection, newest: str) -> list[Run]:
    """Mark every waiting job on the newest one's branch that is older as superseded by it; gives their runs."""
    row = read(connection, newest)
    if row is None:
        return []
    outcome = OUTCOME.dump_python(Superseded(by=newest), mode="json")
    changed = connection.execute(
        sa.update(jobs)
        .where(
            *_same_branch(row),
            jobs.c.state == JobState.WAITING,
            jobs.c.id != newest,
            jobs.c.place <= row["place"],
        )
        .values(
            state=JobState.SUPERSEDED,
            reason=f"superseded by {newest}",
            outcome=outcome,
            finished_at=now(),
        )
        .returning(jobs.c.id, jobs.c.run, jobs.c.partition, jobs.c.delivery)
    )
    runs = []
    for job, number, partition, delivery in changed:
        runs.append(Run(job, number, partition))
        settle(connection, delivery)
    return runs


def _same_branch(row: RowMapping) -> tuple[sa.ColumnElement[bool], ...]:
    kind = (row["work"] or {}).get("kind")
    if kind not in _LOOKS_AFRESH:
        return (sa.false(),)
    return (
        jobs.c.repository_id == row["repository_id"],
        jobs.c.branch.is_not_distinct_from(row["branch"]),
        jobs.c.work["kind"].as_string() == kind,
    )


def other_running(connection: Connection, row: RowMapping) -> str | None:
    """Another job of the same partition that is at work (PostgreSQL), or None.

    DBOS claims the oldest of a partition if none is at work; between two processes, one that became visible at
    that very moment and is older still can be claimed beside it. Callers ask under `hold_partition`.
    """
    chosen = sa.select(jobs.c.id).where(
        jobs.c.partition == row["partition"], jobs.c.state == JobState.RUNNING, jobs.c.id != row["id"]
    )
    return connection.execute(chosen.limit(1)).scalar_one_or_none()


def hold_partition(connection: Connection, partition: str) -> None:
    """On PostgreSQL, let no other transaction begin a job of the partition until this one ends."""
    if connection.dialect.name == "postgresql":
        key = sa.func.hashtextextended(f"patchwright:{partition}", 0)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def change(connection: Connection, job: str, **values: object) -> None:
    """Set columns of the job's row."""
    connection.execute(sa.update(jobs).where(jobs.c.id == job).values(**values))


def open_runs(connection: Connection, workflows: Iterable[str]) -> list[Run]:
    """Which of these workflows are the current run of a job that is still open."""
    wanted = set(workflows)
    names = {each.rsplit("-try", 1)[0] for each in wanted}
    chosen = sa.select(jobs.c.id, jobs.c.run, jobs.c.partition).where(
        jobs.c.id.in_(names), jobs.c.state.in_(OPEN)
    )
    return [run for run in (Run(*each) for each in connection.execute(chosen)) if run.workflow in wanted]


def running(connection: Connection) -> list[Run]:
    """The runs that are at work, as far as the rows say."""
    chosen = sa.select(jobs.c.id, jobs.c.run, jobs.c.partition).where(jobs.c.state == JobState.RUNNING)
    return [Run(*each) for each in connection.execute(chosen)]


def end(connection: Connection, row: RowMapping, outcome: Done | Superseded | Dead, **also: object) -> None:
    """Record how the job ended, and with the last one of a delivery, how that ended."""
    match outcome:
        case Done(summary=reason):
            state = JobState.DONE
        case Superseded(by=by):
            state, reason = JobState.SUPERSEDED, f"superseded by {by}"
        case Dead(reason=reason):
            state = JobState.DEAD
    change(
        connection,
        row["id"],
        state=state,
        reason=reason,
        outcome=OUTCOME.dump_python(outcome, mode="json"),
        due_at=None,
        finished_at=now(),
        **also,
    )
    settle(connection, row["delivery"])


def settle(connection: Connection, delivery: str | None) -> None:
    """Bring the delivery's state in line with its jobs."""
    if delivery is None:
        return
    # Of two that end at the same time, the second has to see the first.
    connection.execute(sa.select(deliveries.c.guid).where(deliveries.c.guid == delivery).with_for_update())
    chosen = sa.select(jobs.c.state, jobs.c.reason, jobs.c.work).where(jobs.c.delivery == delivery)
    found = connection.execute(chosen.order_by(jobs.c.place)).mappings().all()
    dead = [each for each in found if each["state"] == JobState.DEAD]
    ignored = [each for each in found if (each["work"] or {}).get("kind") == "ignored"]
    state, reason = DeliveryState.DONE, None
    finished: datetime | None = now()
    if any(each["state"] in OPEN for each in found):
        state, finished = DeliveryState.WAITING, None
    elif dead:
        state, reason = DeliveryState.DEAD, dead[0]["reason"]
    elif ignored and len(ignored) == len(found):
        state, reason = DeliveryState.IGNORED, ignored[0]["work"]["reason"]
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.guid == delivery)
        .values(state=state, reason=reason, finished_at=finished)
    )


def delete_ended(connection: Connection, before: datetime) -> None:
    """Delete jobs that no delivery asked for and that ended before then; the others go with their deliveries."""
    ended = jobs.c.state.not_in(OPEN)
    connection.execute(sa.delete(jobs).where(jobs.c.delivery.is_(None), ended, jobs.c.finished_at < before))


def _place() -> int:
    return time.time_ns() // 1000
