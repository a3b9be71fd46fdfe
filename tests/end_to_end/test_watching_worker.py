"""A worker beside the service on PostgreSQL: its own metrics, and nothing left of what was uninstalled."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import sqlalchemy as sa

from bot.store import tables
from tests.end_to_end.world import RACE, World
from tests.service import Service


def test_a_worker_shows_its_metrics_and_uninstalling_leaves_nothing(postgres_url: str, tmp_path: Path):
    with World(tmp_path / "first", database_url=postgres_url) as world:
        worker = Service(
            world.github, tmp_path / "second", database_url=postgres_url, command="worker", metrics_port="0"
        )
        with worker:
            address = _address(worker)
            assert httpx.get(address.replace("/metrics", "/health")).json()["status"] == "alive"
            assert "patchwright_jobs{" in httpx.get(address).text
            repo = world.repository(race=RACE)
            assert _speak_of(postgres_url, repo.full_name)
            world.github.uninstall(world.github.installations_of(repo)[0].id)
            world.settle()
            assert _speak_of(postgres_url, repo.full_name) == []
            assert world.service.said("failed deliveries were looked for"), "the sweep began"
            assert worker.stop() == 0


def _address(worker: Service) -> str:
    end = time.monotonic() + 60
    while not (said := worker.said("metrics are served")):
        assert worker.alive, worker.lines[-3:]
        assert time.monotonic() < end, worker.lines[-3:]
        time.sleep(0.05)
    return str(said[0]["address"])


def _speak_of(url: str, name: str) -> list[str]:
    """The tables of all schemas, the queue's too, with anything about the repository."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    known = {table.name: table for table in tables.metadata.sorted_tables}
    found = []
    with engine.connect() as connection:
        inspected = sa.inspect(connection)
        for schema in ("public", "dbos"):
            for table in inspected.get_table_names(schema):
                own = schema == "public" and table in known
                chosen = sa.select(known[table]) if own else sa.text(f'SELECT * FROM {schema}."{table}"')
                if any(name in repr(tuple(row)) for row in connection.execute(chosen)):
                    found.append(f"{schema}.{table}")
    return found
