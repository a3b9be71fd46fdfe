"""The service's commands as processes of their own: started, stopped, and used wrongly."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import sqlalchemy as sa

from bot.receive.signature import sign
from bot.redeliver import redeliver
from bot.settings import Settings
from bot.store import deliveries as store
from bot.store.database import Database
from bot.store.tables import DeliveryState, JobState, deliveries, jobs
from tests.bot.waiting import until
from tests.github.server import StandIn
from tests.service import SECRET, Service, private_key

if TYPE_CHECKING:
    from collections.abc import Iterator

PUSH = {
    "ref": "refs/heads/main",
    "repository": {"id": 7, "full_name": "octo/shop"},
    "installation": {"id": 3},
    "head_commit": {"message": "words that belong to somebody"},
}
BODY = json.dumps(PUSH).encode()
TAG = json.dumps(PUSH | {"ref": "refs/tags/v1"}).encode()


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """GitHub."""
    with StandIn() as github:
        yield github


def deliver(service: Service, guid: str = "d-1", body: bytes = BODY) -> httpx.Response:
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": guid,
        "X-Hub-Signature-256": sign(body, SECRET.encode()),
    }
    return httpx.post(f"{service.url}/webhooks/github", content=body, headers=headers, timeout=30)


def text(service: Service) -> str:
    """All that the service wrote."""
    return "\n".join(json.dumps(line) for line in service.lines)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PATCHWRIGHT_")}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        env=own | {f"PATCHWRIGHT_{name.upper()}": value for name, value in environment.items()},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def settings(folder: Path) -> dict[str, str]:
    return {
        "app_id": "4711",
        "private_key": private_key(),
        "webhook_secret": SECRET,
        "data_dir": str(folder),
        "github_url": "http://127.0.0.1:9",
    }


def test_without_settings() -> None:
    done = run("redeliver")
    assert done.returncode == 2
    assert done.stdout == ""
    assert [line.split()[0] for line in done.stderr.splitlines()[1:]] == [
        "PATCHWRIGHT_APP_ID",
        "PATCHWRIGHT_PRIVATE_KEY",
        "PATCHWRIGHT_WEBHOOK_SECRET",
    ]


def test_settings_that_are_wrong_are_said_before_there_is_an_app(tmp_path: Path) -> None:
    for command in ("serve", "worker"):
        done = run(command, data_dir=str(tmp_path), port="eighty")
        assert done.returncode == 2
        assert [line.split()[0] for line in done.stderr.splitlines()[1:]] == ["PATCHWRIGHT_PORT"]


def test_the_services_settings_are_checked_offline(tmp_path: Path) -> None:
    for_all = {"data_dir": str(tmp_path / "data"), "github_url": "http://127.0.0.1:9"}
    right = run("config", "validate", str(tmp_path), **settings(tmp_path))
    assert (right.returncode, right.stderr) == (0, "")
    assert "The service's settings are right." in right.stdout
    none_yet = run("config", "validate", "--service", str(tmp_path), **for_all)
    assert none_yet.returncode == 0
    assert "no App yet" in none_yet.stdout
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "patchwright.yml").write_text("max-open-pull-requests: many\n")
    wrong = run("config", "validate", str(tmp_path), **for_all, app_id="x", metrics_port="-1")
    assert wrong.returncode == 2
    for said in (
        "PATCHWRIGHT_APP_ID",
        "PATCHWRIGHT_PRIVATE_KEY",
        "PATCHWRIGHT_METRICS_PORT",
        "patchwright.yml",
    ):
        assert said in wrong.stderr
    alone = run("config", "validate", "--no-service", str(tmp_path), app_id="x")
    assert "PATCHWRIGHT_APP_ID" not in alone.stderr
    assert alone.returncode == 2


def test_an_address_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", **settings(tmp_path), port=str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "PATCHWRIGHT_PORT" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    url = "postgresql://me:geheim@127.0.0.1:9/db"
    done = run("serve", **settings(tmp_path), port="0", database_url=url)
    assert done.returncode == 2
    assert "127.0.0.1" in done.stderr
    assert "geheim" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout


def test_a_delivery_is_taken_and_worked_on_and_the_end_is_clean(stand_in: StandIn, tmp_path: Path) -> None:
    service = Service(stand_in, tmp_path)
    with service:
        assert deliver(service).status_code == 202
        service.wait_until_quiet()
        assert deliver(service).json()["result"] == "known"
        assert deliver(service, "d-2", TAG).json()["result"] == "ignored"
        second = run("worker", **settings(tmp_path))
        assert second.returncode == 2
        assert "Another process" in second.stderr
        assert service.stop() == 0
    (taken, _, ignored) = service.said("webhook taken")
    assert (taken["delivery"], taken["repository"], taken["github_event"]) == ("d-1", 7, "push")
    everything = text(service)
    assert ignored["reason"] == "refs/tags/v1 is no branch"
    assert "words that belong to somebody" not in everything
    assert SECRET not in everything
    assert "PRIVATE KEY" not in everything
    assert "Traceback" not in everything


def test_a_wrong_key_is_not_ready(stand_in: StandIn, tmp_path: Path) -> None:
    service = Service(stand_in, tmp_path, app_id="4712").start(wait=False)
    try:
        answers: list[httpx.Response] = []

        def refused() -> bool:
            try:
                answers.append(httpx.get(f"{service.url}/ready", timeout=10))
            except httpx.TransportError:
                return False
            return "refuses" in answers[-1].text

        until(refused)
        answer = answers[-1]
        assert answer.status_code == 503
        assert "refuses" in answer.json()["checks"]["credentials"]
        assert answer.json()["checks"]["database"] == "ok"
    finally:
        assert service.stop() == 0


def test_failed_deliveries_are_listed_and_put_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = Settings(**settings(tmp_path))  # type: ignore[arg-type]
    assert redeliver(given, []) == 0
    assert redeliver(given, ["all"]) == 0
    assert capsys.readouterr().out.count("No delivery has failed") == 2
    database = Database(sa.make_url(f"sqlite:///{tmp_path / 'patchwright.db'}"))
    with database.write() as connection:
        now = datetime.now(UTC)
        for guid in ("dead", "done"):
            store.receive(connection, store.Delivery(guid, "push", None, 3, 7, BODY, now))
            state = DeliveryState(guid)
            connection.execute(
                sa.update(deliveries).where(deliveries.c.guid == guid).values(state=state, reason="no rights")
            )
            connection.execute(
                sa.insert(jobs).values(
                    id=f"gh-{guid}",
                    delivery=guid,
                    partition="7",
                    repository_id=7,
                    state=guid,
                    place=1,
                    run=1,
                    failed=6,
                    queued_at=now,
                )
            )
    assert redeliver(given, []) == 0
    listed = capsys.readouterr().out
    assert "dead" in listed
    assert "no rights" in listed
    assert redeliver(given, ["dead", "done", "nobody"]) == 2
    said = capsys.readouterr()
    assert "dead: is in the queue." in said.out
    assert "done: its work was done" in said.out
    assert "nobody: there is no such delivery" in said.err
    with database.read() as connection:
        states = {row.id: row.state for row in connection.execute(sa.select(jobs))}
    assert states == {"gh-dead": JobState.WAITING, "gh-done": JobState.DONE}
    database.close()
