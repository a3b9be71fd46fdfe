"""What the rest of the service knows of the queue. The only way in; what stands behind it can be exchanged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.jobs.outcome import Outcome

if TYPE_CHECKING:
    import sqlalchemy

    from bot.events.work import Work


@dataclass(frozen=True)
class Job:
    """One piece of work for one repository, handed to the handler in a worker thread.

    ``id`` is ``gh-<delivery>``, or ``gh-<delivery>-<repository id>`` where one delivery asks for work on several
    repositories; it stays the same over attempts. ``attempt`` counts from 1 and does not grow by `Later`.
    """

    id: str
    delivery: str | None
    attempt: int
    work: Work


Handler = Callable[[Job], Outcome]
"""Does the work of one job; called again after a crash, so every effect of it has to be idempotent."""


class Queue(Protocol):
    """Jobs that survive the process, one at a time in a partition, others beside it."""

    def enqueue(
        self, connection: sqlalchemy.Connection, job_id: str, partition: str, payload: dict[str, object]
    ) -> None:
        """Put a job in the queue, in the caller's transaction: it is there if, and only if, that commits.

        ``job_id`` is ``gh-<delivery>``. ``partition`` is the repository's numeric id as text (or the installation's,
        ``installation-<id>``, where the delivery is of several): jobs of a partition run one at a time. ``payload``
        has ``{"delivery": <the delivery's id>}``: event and body are read from the row in ``deliveries``, written in
        the same transaction; or ``{"work": <bot.events.work.Work as JSON>}`` for work that no delivery asked for. The same ``job_id`` again: nothing happens while the job is waiting, running or
        completed; a dead one is put back as a new attempt. Raises what the database raises, at once, without
        retrying: the request is answered 503.
        """

    def launch(self, handler: Handler) -> None:
        """Begin to take jobs. Called once, from the main thread; returns when the workers run.

        Raises `QueueUnusable` where this machine, or another process, is in the way; the message says what to do.
        """

    def retry(self, job_id: str) -> bool:
        """Put a dead letter back in the queue with all its attempts again; False if there is no such dead letter."""

    def forget(self, workflows: Sequence[str]) -> None:
        """Delete what the queue keeps of these runs (``Run.workflow``), so that nothing is left of their repository.

        One that waits will not be run. Not of jobs that are at work. What is not there is passed over.
        """

    def drain(self, seconds: float) -> int:
        """Take no more jobs, wait up to ``seconds`` for those at work; the rest stays for the next start.

        Gives how many were cut off. Their threads cannot be ended: if there are any, leave with ``os._exit``.
        """

    def healthy(self) -> str | None:
        """None when jobs are being taken; otherwise one sentence for ``/ready`` that says what is wrong."""


class QueueUnusable(Exception):  # noqa: N818 - the queue is what cannot be used
    """The queue cannot be started here; ``str(error)`` says why and what to do about it."""
