"""From the setup page to the service, in one process on one socket, as an operator starts it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.receive.signature import sign
from tests.bot.setup.conftest import PERSON, Browser
from tests.bot.waiting import until
from tests.github.server import StandIn
from tests.service import Service


@pytest.fixture
def github() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        stand_in.sign_ins.person = PERSON
        stand_in.account(PERSON)
        yield stand_in


def token_of(service: Service) -> str:
    until(lambda: any("setup_token" in line for line in service.lines) or not service.alive)
    (line,) = service.said("there is no App yet: open the setup page")
    assert line["page"].startswith(f"{service.url}/setup?key=")
    return str(line["setup_token"])


def answered(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").status_code == 200
    except httpx.TransportError:
        return False


def test_nobody_is_turned_away_and_the_worker_takes_over(github: StandIn, tmp_path: Path) -> None:
    """Requests come all the time, before, while and after the service takes over: each gets an answer."""
    service = Service(github, tmp_path, credentials=False).start(wait=False)
    worker = Service(
        github, tmp_path, credentials=False, command="worker", database_url=f"sqlite:///{tmp_path}/w.db"
    ).start()
    stop, broken, answers = threading.Event(), [], []

    def ask() -> None:
        while not stop.wait(0.02):
            try:
                answers.append(httpx.get(f"{service.url}/health", timeout=60).status_code)
            except httpx.TransportError as error:
                broken.append(error)

    try:
        until(lambda: answered(service.url))
        until(lambda: any(line["event"].startswith("waiting for an App") for line in worker.lines))
        askers = [threading.Thread(target=ask) for _ in range(2)]
        for each in askers:
            each.start()
        browser = Browser(service.url)
        browser.come_in(token_of(service))
        made = browser.get(browser.at_github(browser.choose()))
        done = browser.get(made.answer.headers["location"])
        assert done.status == 200
        assert "The App is ready" in done.text
        (app,) = github.apps.values()
        assert done.attribute(r'<a class="button primary" href="([^"]+)"').endswith("/installations/new")
        stop.set()
        for each in askers:
            each.join()
        assert broken == []
        assert set(answers) == {200}
        until(lambda: browser.get("/ready").status == 200)
        until(lambda: worker.said("jobs are being taken"))
        assert browser.get("/setup").answer.headers["location"] == "/setup/done"
        body = json.dumps({"zen": "so", "hook_id": 1}).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "ping",
            "X-GitHub-Delivery": "d-1",
            "X-Hub-Signature-256": sign(body, app.webhook_secret.encode()),
        }
        taken = httpx.post(f"{service.url}/webhooks/github", content=body, headers=headers)
        assert taken.json()["result"] == "pong"
    finally:
        stop.set()
        assert service.stop() == 0
        assert worker.stop() == 0
    everything = "\n".join(json.dumps(line) for line in [*service.lines, *worker.lines])
    for secret in (app.webhook_secret, app.client_secret, "PRIVATE KEY"):
        assert secret not in everything
    assert "Traceback" not in everything
    again = Service(github, tmp_path, credentials=False).start()
    assert again.stop() == 0
    assert not again.said("there is no App yet: open the setup page")


def test_told_to_end_before_there_is_an_app(github: StandIn, tmp_path: Path) -> None:
    for command in ("serve", "worker"):
        service = Service(github, tmp_path, credentials=False, command=command).start(wait=False)
        until(lambda each=service: each.lines)
        assert service.stop() == 0
        assert "Traceback" not in json.dumps(service.lines)
    assert not (tmp_path / "app.json").exists()


def test_a_token_of_the_operators_own_is_not_logged(github: StandIn, tmp_path: Path) -> None:
    token = "known to the operator alone"
    service = Service(github, tmp_path, credentials=False, setup_token=token).start(wait=False)
    try:
        until(lambda: answered(service.url))
        assert "Contents" in Browser(service.url).come_in(token).text
    finally:
        service.stop()
    assert service.lines
    assert token not in json.dumps(service.lines)
