"""Who can write to the database cannot have code run: pickles among the queue's rows are not read."""

from __future__ import annotations

import base64
import pickle
from pathlib import Path

import sqlalchemy as sa

from tests.bot.queue.harness import Site, update
from tests.bot.waiting import until


class Harm:
    """Makes a file as soon as it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.path,))


def test_a_pickle_in_place_of_a_jobs_arguments_is_not_read(site: Site, tmp_path: Path) -> None:
    harm = tmp_path / "harm"
    job = site.deliver(update(1, "do"))
    schema = None if site.url.startswith("sqlite") else "dbos"
    status = sa.table("workflow_status", sa.column("serialization"), sa.column("status"), schema=schema)
    inputs = sa.table("workflow_input", sa.column("inputs"), schema=schema)
    pickled = base64.b64encode(pickle.dumps(Harm(harm))).decode()
    with site.database.write() as connection:
        assert connection.execute(sa.update(status).values(serialization="py_pickle")).rowcount == 1
        assert connection.execute(sa.update(inputs).values(inputs=pickled)).rowcount == 1

    def ended() -> bool:
        with site.database.read() as connection:
            return connection.execute(sa.select(status.c.status)).scalar_one() == "ERROR"

    with site.worker():
        until(ended, what="the job was not looked at")
    assert not harm.exists()
    assert site.effects() == set()
    assert site.job(job)["state"] != "done"
