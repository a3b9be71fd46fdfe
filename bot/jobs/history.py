"""What a job keeps of a repository: its name, its configuration's branches, the run and the pull requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.store import forgetting, history, repositories
from bot.store.history import FindingRow, PullRow, RunRow
from bot.store.repositories import Configuration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.analysis.task import Planned
    from bot.events.work import Repository
    from bot.github.model import RepositoryInfo
    from bot.jobs.repository_config import InForce
    from bot.plan.state import PullState
    from bot.store.database import Database
    from bot.store.forgetting import Leaving
    from bot.store.history import LastRun

MOST_PROBLEMS = 50
"""Mistakes of a configuration that are kept for its page."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What people asked for: fingerprints to offer again, and whether nothing is to be written."""

    undeclined: frozenset[str] = frozenset()
    paused: bool = False


@dataclass(frozen=True)
class History:
    """History in the service's database. Losing it loses nothing that is right.

    Pull requests that ended more than ``days`` ago are not noted again.
    """

    database: Database
    days: int = 36_500

    def seen(self, repository: Repository, now: RepositoryInfo) -> None:
        """Notes the name and the default branch that the repository has now."""
        owner, _, name = now.full_name.partition("/")
        named = repository.model_copy(update={"owner": owner, "name": name})
        with self.database.write() as connection:
            repositories.remember(connection, named, now.default_branch)

    def wishes(self, repository_id: int) -> Wishes:
        """What people asked for."""
        with self.database.read() as connection:
            stored = repositories.read(connection, repository_id)
        return Wishes(stored.undeclined, stored.paused) if stored is not None else Wishes()

    def base_branches(self, repository_id: int) -> tuple[str, ...]:
        """The branches beside the default one that pull requests go into, as the configuration was last read."""
        with self.database.read() as connection:
            stored = repositories.read(connection, repository_id)
        named = (stored.base_branches or ()) if stored is not None else ()
        return tuple(each for each in named if stored is not None and each != stored.default_branch)

    def never_looked_at(self, repository_id: int, branches: Iterable[str]) -> list[str]:
        """Those of the branches that no run is kept of."""
        with self.database.read() as connection:
            known = history.branches_with_runs(connection, repository_id)
        return [each for each in branches if each not in known]

    def pause(self, repository_id: int, *, paused: bool) -> None:
        """Notes whether anything is to be written to the repository."""
        with self.database.write() as connection:
            repositories.pause(connection, repository_id, paused=paused)

    def last_run(self, repository_id: int) -> LastRun | None:
        """The newest run over a branch of the repository; None before the first, or when it is long past."""
        with self.database.read() as connection:
            return history.last_run(connection, repository_id)

    def configured(self, repository_id: int, default_branch: str, rules: InForce) -> None:
        """Notes which branches pull requests go into, and the configuration that says so."""
        config = rules.config
        configuration = Configuration(
            source=config.path,
            sha=rules.sha or None,
            text=rules.text or None,
            trouble="\n".join(str(each) for each in rules.problems[:MOST_PROBLEMS]) or None,
        )
        with self.database.write() as connection:
            repositories.configure(
                connection, repository_id, default_branch, config.base_branches, configuration
            )

    def pulls(self, repository_id: int, pulls: Iterable[PullState]) -> None:
        """Keeps the pull requests as they were just read; what becomes of them later, deliveries tell."""
        before = datetime.now(UTC) - timedelta(days=self.days)
        rows = [_row(repository_id, pull) for pull in pulls]
        with self.database.write() as connection:
            for row in rows:
                ended = row.closed_at if row.state in {"merged", "settled"} else None
                if ended is None or ended >= before:
                    history.record_pull(connection, row)

    def worked(self, run: RunRow, result: Planned) -> None:
        """Keeps a run and what it found."""
        found = [
            FindingRow(
                each.fingerprint, each.rule, each.path, each.line, each.applicability.value, each.message
            )
            for each in result.findings
        ]
        with self.database.write() as connection:
            history.record_run(connection, run, found)

    def workflows_before(self, leaving: Leaving) -> list[str]:
        """What the queue keeps of the repository's jobs, by name."""
        with self.database.read() as connection:
            return forgetting.runs_of(connection, leaving)

    def forget(self, leaving: Leaving) -> bool:
        """Drops all of it; True if its files are to go, too."""
        with self.database.write() as connection:
            return forgetting.forget(connection, leaving)


def _row(repository_id: int, pull: PullState) -> PullRow:
    marker = pull.marker
    return PullRow(
        repository_id=repository_id,
        number=pull.number,
        rule=marker.rule if marker else "",
        part=marker.part if marker else "",
        base=pull.base,
        state=history.pull_state(
            is_open=pull.open, merged=pull.merged, settled=bool(marker and marker.settled)
        ),
        title=pull.title,
        url=pull.url,
        findings=marker.findings if marker else (),
        opened_at=pull.opened_at,
        closed_at=pull.closed_at,
    )
