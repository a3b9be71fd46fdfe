"""Weeks of a service's life, written into its tables: what pages are looked at with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.store.tables import deliveries, findings, jobs, pull_requests, repositories, runs

if TYPE_CHECKING:
    from sqlalchemy import Connection

HOSTILE = '<script>alert("x")</script>\u202e{{ 7 * 7 }}'
"""What an attacker would like to see on a page as it is."""


def now() -> datetime:
    """Now, without what databases may round."""
    return datetime.now(UTC).replace(microsecond=0)


def add_repository(connection: Connection, number: int, owner: str, name: str, **more: Any) -> None:
    """A repository that the App acts on."""
    values: dict[str, Any] = {
        "id": number,
        "owner": owner,
        "name": name,
        "installation_id": 3,
        "default_branch": "main",
        "paused": False,
        "undeclined": [],
        "seen_at": now(),
    }
    connection.execute(sa.insert(repositories).values(values | more))


def add_run(connection: Connection, repository: int, found: dict[str, int], **more: Any) -> int:
    """A run that found so many of each rule; gives its key."""
    ended: datetime = more.pop("finished_at", now() - timedelta(hours=2))
    path: str = more.pop("path", "shop/orders/views.py")
    message: str = more.pop("message", "A SecretStr is written into the log as it is.")
    values: dict[str, Any] = {
        "job_id": f"gh-{repository}-{ended.timestamp():.0f}-{more.get('branch', 'main')}",
        "repository_id": repository,
        "branch": "main",
        "sha": "9f3c2b7d10" * 4,
        "files": 412,
        "seconds": 3.42,
        "summary": "main at 9f3c2b7d10",
        "actions": [],
        "skipped": [],
        "finished_at": ended,
    }
    key = connection.execute(sa.insert(runs).values(values | more)).inserted_primary_key
    assert key is not None
    rows = [
        {
            "run_id": key[0],
            "fingerprint": f"{repository}-{rule}-{count}",
            "rule": rule,
            "path": path,
            "line": 10 + 7 * count,
            "applicability": "safe",
            "message": message,
        }
        for rule, many in found.items()
        for count in range(many)
    ]
    if rows:
        connection.execute(sa.insert(findings), rows)
    made: int = key[0]
    return made


def add_pull(
    connection: Connection, repository: int, number: int, rule: str, state: str, **more: Any
) -> None:
    """One of the App's pull requests, opened yesterday; ended an hour ago unless it is open."""
    values: dict[str, Any] = {
        "repository_id": repository,
        "number": number,
        "rule": rule,
        "part": "",
        "base": "main",
        "state": state,
        "title": f"Repair {rule} in 4 places",
        "url": f"https://github.com/octo/shop/pull/{number}",
        "findings": [f"{repository}-{rule}-0", f"{repository}-{rule}-1"],
        "opened_at": now() - timedelta(days=1),
        "closed_at": None if state == "open" else now() - timedelta(hours=1),
    }
    connection.execute(sa.insert(pull_requests).values(values | more))


def add_job(connection: Connection, repository: int | None, state: str, name: str, **more: Any) -> None:
    """A job and its delivery."""
    delivery = {
        "guid": name,
        "event": "push",
        "repository_id": repository,
        "installation_id": 3,
        "received_at": now(),
        "payload": b"{}",
        "state": "dead" if state == "dead" else "waiting",
        "attempts": 1,
    }
    connection.execute(sa.insert(deliveries).values(delivery))
    values: dict[str, Any] = {
        "id": f"gh-{name}",
        "delivery": name,
        "partition": str(repository),
        "repository_id": repository,
        "state": state,
        "place": 1,
        "run": 1,
        "failed": 0,
        "queued_at": now() - timedelta(minutes=4),
    }
    connection.execute(sa.insert(jobs).values(values | more))


def busy_weeks(connection: Connection) -> None:
    """Several repositories with some weeks behind them."""
    text = 'rules:\n  naive-datetime: false\n\nexclude:\n  - "migrations/**"\n\nmax-open-pull-requests: 5\nlabels: [patchwright]\n'
    add_repository(
        connection,
        7,
        "octo",
        "shop",
        base_branches=["main", "release/2026.11"],
        config_source=".github/patchwright.yml",
        config_sha="4c1d9e0ab2" * 4,
        config_text=text,
        config_trouble=".github/patchwright.yml:3: unknown key `excludes`; did you mean `exclude`?\n"
        ".github/patchwright.yml:9: `max-open-pull-requests` should be a number",
    )
    add_repository(connection, 8, "octo", "billing", paused=True, config_sha="ab" * 20)
    add_repository(connection, 9, "umbrella-labs", "a-rather-long-name-for-a-repository-of-data-pipelines")
    add_repository(connection, 10, "octo", "docs")
    add_repository(connection, 11, "initech", "tps-reports", installation_id=None)
    add_run(connection, 7, {"secretstr": 9}, finished_at=now() - timedelta(days=3))
    add_run(
        connection,
        7,
        {"secretstr": 14, "atomic-redis": 6, "mock-target": 31, "lazy-client": 2},
        actions=["#41: opened", "#38: updated", "check run: neutral"],
        skipped=[{"path": "a.py", "reason": "it does not parse"}],
    )
    add_run(connection, 7, {"secretstr": 3}, branch="release/2026.11")
    add_run(connection, 8, {"lazy-client": 4, "atomic-redis": 1})
    add_run(connection, 9, {"secretstr": 7, "naive-datetime": 2})
    number = 20
    for age, rule, state in (
        (0, "secretstr", "open"),
        (0, "mock-target", "open"),
        (1, "atomic-redis", "merged"),
        (1, "secretstr", "merged"),
        (1, "lazy-client", "closed"),
        (2, "secretstr", "merged"),
        (3, "mock-target", "merged"),
        (3, "mock-target", "closed"),
        (3, "naive-datetime", "closed"),
        (5, "secretstr", "merged"),
        (5, "atomic-redis", "settled"),
        (12, "atomic-redis", "merged"),
        (20, "lazy-client", "merged"),
        (47, "secretstr", "merged"),
    ):
        number += 1
        opened = now() - timedelta(days=age, hours=1)
        add_pull(
            connection,
            7 if number % 3 else 9,
            number,
            rule,
            state,
            opened_at=opened,
            closed_at=None if state == "open" else opened + timedelta(minutes=50),
        )
    add_job(connection, 7, "running", "d-1")
    add_job(connection, 9, "waiting", "d-2")
    add_job(connection, 10, "waiting", "d-3")
    reason = "GitHub refused: the App may not write to .github/workflows (403)"
    add_job(connection, 8, "dead", "d-4", reason=reason, finished_at=now() - timedelta(hours=5))
