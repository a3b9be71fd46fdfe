"""The push that the tests deliver, what a refusal of it says, and the end of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.store.tables import DeliveryState, JobState, deliveries, jobs

if TYPE_CHECKING:
    import httpx

    from tests.bot.receive.conftest import Web


PUSH = json.dumps(
    {
        "ref": "refs/heads/main",
        "after": "a" * 40,
        "repository": {"id": 7, "full_name": "octo/shop", "default_branch": "main"},
        "installation": {"id": 3},
    }
).encode()


def error(response: httpx.Response) -> str:
    """The reason given; every refusal has one, and nothing else."""
    answer = response.json()
    assert list(answer) == ["error"]
    assert "Traceback" not in answer["error"]
    return str(answer["error"])


def changed(**fields: object) -> bytes:
    """The push with other fields."""
    return json.dumps(json.loads(PUSH) | fields).encode()


def end(web: Web, delivery: DeliveryState, job: JobState) -> None:
    """All that was delivered so far has come to this."""
    with web.database.write() as connection:
        connection.execute(sa.update(deliveries).values(state=delivery))
        connection.execute(sa.update(jobs).values(state=job))
