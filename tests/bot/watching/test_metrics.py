"""What ``/metrics`` shows: over HTTP, in both formats, from both databases."""

from __future__ import annotations

import re
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
import sqlalchemy as sa
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open_metrics
from prometheus_client.parser import text_string_to_metric_families as read_text
from pydantic import SecretStr

from bot.store import history, tables
from bot.store.history import FindingRow, PullRow, RunRow
from bot.watching import metrics
from bot.watching.exposition import Exposition
from bot.watching.gauges import DatabaseGauges
from bot.watching.rate_limit import RateLimits
from bot.watching.worker_server import served, worker_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.store.database import Database

TOKEN = "a token for metrics, é"


@pytest.fixture
def filled(database: Database) -> Database:
    """Two runs over one branch and one over another repository, pull requests, jobs and a dead delivery."""
    now = datetime.now(UTC)
    with database.write() as connection:
        for job, repository, found in (
            ("old", 7, ["secretstr"] * 5),
            ("new", 7, ["secretstr", "secretstr", "atomic-redis"]),
            ("other", 8, ["secretstr"]),
        ):
            run = RunRow(job, repository, "main", "0" * 40, 1, 0.1, "", ())
            rows = [FindingRow("f", rule, "secret/path.py", 1, "safe", "m") for rule in found]
            history.record_run(connection, run, rows)
        for number, state in enumerate(("open", "merged", "closed", "closed", "settled")):
            pull = PullRow(7, number, "secretstr", "", "main", state, "title", "url", ())
            history.record_pull(connection, pull)
        fixed = {"partition": "7", "repository_id": 7, "place": 1, "run": 1, "failed": 0}
        for job, state, ago in (
            ("a", "waiting", 100),
            ("b", "waiting", 5),
            ("c", "running", 7200),
            ("d", "dead", 50),
        ):
            at = now - timedelta(seconds=ago)
            row = {"queued_at": at, "started_at": at, "finished_at": at if state == "dead" else None}
            connection.execute(sa.insert(tables.jobs).values(id=job, state=state, **row, **fixed))
    return database


@pytest.fixture
def url(filled: Database) -> Iterator[str]:
    """The address of a worker's server."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    exposition = Exposition(DatabaseGauges(filled), SecretStr(TOKEN))
    with served(worker_app(exposition, lambda: None), listening):
        yield f"http://127.0.0.1:{port}"


def _values(text: str) -> dict[str, float]:
    return {
        each.name + "".join(f" {key}={value}" for key, value in sorted(each.labels.items())): each.value
        for family in read_text(text)
        for each in family.samples
    }


def test_the_database_is_read_and_shown(url: str) -> None:
    answer = httpx.get(f"{url}/metrics", headers={"Authorization": f"Bearer {TOKEN}".encode()})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = _values(answer.text)
    assert found["patchwright_jobs state=waiting"] == 2
    assert found["patchwright_jobs state=dead"] == 1
    assert 100 <= found["patchwright_oldest_job_seconds state=waiting"] < 400
    assert 7200 <= found["patchwright_oldest_job_seconds state=running"] < 7500
    assert found["patchwright_oldest_job_seconds state=later"] == 0
    assert found["patchwright_stuck_jobs why=running"] == 1
    assert found["patchwright_findings applicability=safe rule=secretstr"] == 3, "of the newest runs alone"
    assert found["patchwright_findings applicability=safe rule=atomic-redis"] == 1
    assert found["patchwright_pull_requests rule=secretstr state=declined"] == 2
    assert found["patchwright_pull_requests rule=secretstr state=settled"] == 1
    assert found["patchwright_dead_deliveries"] == 0
    assert found["patchwright_database_up"] == 1
    assert any(name.startswith("patchwright_build_info") for name in found)
    assert found["process_resident_memory_bytes"] > 0
    assert "secret/path" not in answer.text


def test_open_metrics_where_it_is_asked_for(url: str) -> None:
    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    headers = {"Authorization": f"bearer {TOKEN}".encode(), "Accept": accept}
    answer = httpx.get(f"{url}/metrics", headers=headers)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")
    assert {"patchwright_jobs", "patchwright_deliveries"} <= {
        each.name for each in read_open_metrics(answer.text)
    }


@pytest.mark.parametrize("given", ["", "Bearer", f"Basic {TOKEN}", "Bearer wrong", f"Bearer {TOKEN}x", "é"])
def test_without_the_token_nothing_is_shown(url: str, given: str) -> None:
    answer = httpx.get(f"{url}/metrics", headers={"Authorization": given.encode()} if given else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "patchwright_" not in answer.text


@pytest.mark.parametrize("accept", ["application/openmetrics-text; version=x", ",;,", "*/*"])
def test_any_accept_is_taken(url: str, accept: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}".encode(), "Accept": accept}
    assert httpx.get(f"{url}/metrics", headers=headers).status_code == 200


def test_a_worker_says_whether_it_works(filled: Database) -> None:
    trouble: list[str] = []
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = worker_app(Exposition(DatabaseGauges(filled)), lambda: trouble[0] if trouble else None)
    with served(app, listening):
        assert httpx.get(f"{address}/health").json()["status"] == "alive"
        trouble.append("no jobs are being taken")
        answer = httpx.get(f"{address}/health")
        assert (answer.status_code, answer.json()["error"]) == (503, "no jobs are being taken")
        assert httpx.get(f"{address}/metrics").status_code == 200, "open where no token is set"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/health")


def test_a_database_that_is_gone_is_said_and_the_rest_is_shown(database: Database) -> None:
    gauges = DatabaseGauges(database)
    with database.write() as connection:
        connection.execute(sa.text("ALTER TABLE jobs RENAME TO not_there"))
    body, _ = Exposition(gauges).text("")
    found = _values(body.decode())
    assert found["patchwright_database_up"] == 0
    assert "patchwright_jobs state=waiting" not in found
    assert any(name.startswith("patchwright_build_info") for name in found)


def test_events_that_are_not_known_do_not_make_series(database: Database) -> None:
    for number in range(50):
        metrics.delivery(f"made-up-{number}", "accepted")
    text = Exposition(DatabaseGauges(database)).text("")[0].decode()
    assert "made-up" not in text
    assert metrics.REGISTRY.get_sample_value(
        "patchwright_deliveries_total", {"event": "other", "result": "accepted"}
    )


def test_every_name_and_label_is_one_of_ours() -> None:
    """A label that names a repository, a person or a place would have to be written down here first."""
    allowed = {
        "event", "result", "kind", "outcome", "step", "state", "why", "rule", "applicability", "status", "what",
        "version", "python", "le",
    }  # fmt: skip
    for family in metrics.REGISTRY.collect():
        if family.name.startswith("patchwright_"):
            assert re.fullmatch(r"patchwright_[a-z_]+", family.name)
            assert family.documentation
            for sample in family.samples:
                assert set(sample.labels) <= allowed, family.name


def test_the_installation_that_runs_dry_first_is_shown() -> None:
    limits = RateLimits()
    assert list(limits.collect()) == []
    import time

    soon, past = str(int(time.time()) + 600), str(int(time.time()) - 1)

    def headers(left: str, limit: str, reset: str, **more: str) -> dict[str, str]:
        return {"x-ratelimit-remaining": left, "x-ratelimit-limit": limit, "x-ratelimit-reset": reset, **more}

    limits.said(1, headers("4000", "5000", soon))
    limits.said(2, headers("3000", "15000", soon))
    limits.said(3, headers("1", "5000", past))
    limits.said(4, headers("nonsense", "5000", soon))
    limits.said(5, headers("2", "5000", soon, **{"x-ratelimit-resource": "graphql"}))
    left, ratio = (each.samples[0].value for each in limits.collect())
    assert (left, ratio) == (3000, 0.2)
