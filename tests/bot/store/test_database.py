"""Opening the database, and its schema."""

from __future__ import annotations

import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.store.database import Database, DatabaseUnusable
from bot.store.tables import deliveries, jobs, metadata, repositories
from tests.service import free_port

if TYPE_CHECKING:
    from tests.postgres import Server


def test_the_migrations_make_the_tables_as_the_code_has_them(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda item, name, kind, reflected, other: name != "alembic_version"},
        )
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    before = sa.inspect(database.engine).get_table_names()
    database.migrate()
    assert sa.inspect(database.engine).get_table_names() == before
    assert database.trouble() is None


def test_tables_of_others_are_left_alone(database_url: str) -> None:
    database = Database(sa.make_url(database_url))
    with database.write() as connection:
        connection.execute(sa.text("CREATE TABLE workflow_status (id TEXT)"))
        connection.execute(sa.text("INSERT INTO workflow_status VALUES ('x')"))
    database.migrate()
    with database.read() as connection:
        assert connection.execute(sa.text("SELECT id FROM workflow_status")).scalar_one() == "x"
    database.close()


def test_several_processes_that_start_at_once(database_url: str) -> None:
    databases = [Database(sa.make_url(database_url)) for _ in range(4)]
    failures: list[BaseException] = []

    def migrate(database: Database) -> None:
        try:
            database.migrate()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=migrate, args=[each]) for each in databases]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    assert databases[0].trouble() is None
    for each in databases:
        each.close()


def test_a_database_of_a_newer_version(database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert "9999" in (database.trouble() or "")
    with pytest.raises(DatabaseUnusable, match="newer version"):
        database.migrate()


def test_a_database_without_the_schema_is_not_ready(database_url: str) -> None:
    database = Database(sa.make_url(database_url))
    assert database.trouble()
    database.close()


def test_a_file_that_was_deleted_under_the_service_is_not_ready(tmp_path: Path) -> None:
    database = Database(sa.make_url(f"sqlite:///{tmp_path / 'a.db'}"))
    database.migrate()
    assert database.trouble() is None
    (tmp_path / "a.db").unlink()
    assert "deleted or replaced" in (database.trouble() or "")
    database.close()


def test_many_writers_who_read_first(database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(sa.text("INSERT INTO counter VALUES (0)"))
    lock = " FOR UPDATE" if database.engine.dialect.name == "postgresql" else ""

    def count() -> None:
        for _ in range(10):
            with database.write() as connection:
                n = connection.execute(sa.text(f"SELECT n FROM counter{lock}")).scalar_one()
                connection.execute(sa.text("UPDATE counter SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=count) for _ in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with database.read() as connection:
        assert connection.execute(sa.text("SELECT n FROM counter")).scalar_one() == 50


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as connection:
        connection.execute(sa.text("DELETE FROM alembic_version"))
        raise RuntimeError
    assert database.trouble() is None


def test_what_was_promised_waits_for_the_disk(tmp_path: Path) -> None:
    database = Database(sa.make_url(f"sqlite:///{tmp_path}/x.db"))
    for durable, level in ((False, 1), (True, 2), (False, 1)):
        with database.write(durable=durable) as connection:
            assert connection.execute(sa.text("PRAGMA synchronous")).scalar_one() == level
    database.close()


def test_foreign_keys_hold_after_a_migration(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        connection.execute(
            sa.insert(jobs).values(
                id="gh-1",
                delivery="nobody's",
                partition="1",
                state="waiting",
                place=1,
                run=1,
                failed=0,
                queued_at=sa.func.now(),
            )
        )


def test_keys_have_64_bits(database: Database) -> None:
    from datetime import UTC, datetime

    with database.write() as connection:
        values = {"owner": "o", "name": "n", "paused": False, "undeclined": [], "seen_at": datetime.now(UTC)}
        connection.execute(sa.insert(repositories).values(id=2**63 - 1, **values))
        assert connection.execute(sa.select(repositories.c.id)).scalar_one() == 2**63 - 1


def test_times_have_a_zone(database: Database) -> None:
    from datetime import datetime

    with pytest.raises(sa.exc.StatementError, match="time zone"), database.read() as connection:
        connection.execute(sa.select(deliveries).where(deliveries.c.received_at < datetime(2026, 1, 1)))


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseUnusable, match="PATCHWRIGHT_DATA_DIR"):
        Database(sa.make_url(f"sqlite:///{tmp_path}/file/below.db"))


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database at all, but long enough to be looked at " * 50)
    database = Database(sa.make_url(f"sqlite:///{tmp_path}/x.db"))
    with pytest.raises(DatabaseUnusable, match="not a database"):
        database.migrate()


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    Database(sa.make_url(f"sqlite:///{tmp_path}/deep/down/x.db")).close()
    assert stat.S_IMODE((tmp_path / "deep/down/x.db").stat().st_mode) == 0o600


def test_a_database_that_is_down(postgres: Server) -> None:
    url = sa.make_url(postgres.url("nowhere")).set(password="geheim")
    database = Database(url)
    assert "nowhere" in (database.trouble() or "")
    with pytest.raises(DatabaseUnusable) as caught:
        database.migrate()
    assert "nowhere" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_server_that_is_not_there_is_told_in_a_sentence_without_the_password() -> None:
    url = f"postgresql+psycopg://patchwright:geheim@127.0.0.1:{free_port()}/patchwright"
    database = Database(sa.make_url(url))
    with pytest.raises(DatabaseUnusable) as caught:
        database.migrate()
    told = str(caught.value)
    assert "refused" in told
    assert "geheim" not in told
    assert not told.endswith(("?.", ".."))
    database.close()
