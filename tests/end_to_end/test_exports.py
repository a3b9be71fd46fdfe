"""Traces and error reports of the service as a process, as they arrive: with their sense, without code and secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.watching.receivers import Receiver
from tests.end_to_end.world import RACE, World
from tests.service import SECRET, private_key


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Receiver]]:
    """The service after it did some work, failed at some, and ended; and what it told."""
    with Receiver() as receiver, pytest.MonkeyPatch.context() as patched:
        patched.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{receiver.port}")
        patched.setenv("SENTRY_DSN", f"http://public@127.0.0.1:{receiver.port}/1")
        patched.setenv("SENTRY_ENVIRONMENT", "tests")
        with World(Path(tmp_path_factory.mktemp("data"))) as world:
            world.repository(race=RACE)
            repo = world.quietly(race=RACE, other=b"token = 'ghs_16C7e42F292c6912E7710c838347Ae178B4a'\n")
            world.github.faults.missing_permission("POST", "/repos/*/git/trees", "contents=write", times=None)
            world.github.install(repo.owner.login, [repo])
            world.settle()
            assert world.service.stop() == 0
        yield world, receiver


def test_a_delivery_and_its_job_are_one_trace(told: tuple[World, Receiver]) -> None:
    world, receiver = told
    spans = receiver.spans()
    webhooks = {span.span_id: span for span in spans if span.name == "webhook"}
    jobs = [span for span in spans if span.name == "job update-branch"]
    assert jobs
    for job in jobs:
        parent = webhooks[job.parent_span_id]
        assert parent.trace_id == job.trace_id
        names = {span.name for span in spans if span.parent_span_id == job.span_id}
        assert {"look", "snapshot", "analyse", "publish"} <= names
    publish = next(span for span in spans if span.name == "publish")
    asked = {span.name for span in spans if span.parent_span_id == publish.span_id}
    assert "POST /repos/*/*/pulls" in asked
    assert len({span.trace_id for span in jobs}) == len(jobs), "each delivery has its own"
    assert world.service.said("traces are sent")


def test_what_a_dead_job_tells(told: tuple[World, Receiver]) -> None:
    world, receiver = told
    assert [line for line in world.service.said("a job's run has ended") if line["kind"] == "dead"]
    reports = receiver.reports()
    assert [each["message"] for each in reports] == ["a job is dead"]
    assert reports[0]["tags"]["job"].startswith("gh-")
    assert reports[0]["environment"] == "tests"


def test_nothing_of_what_arrived_is_code_or_secret(told: tuple[World, Receiver]) -> None:
    _, receiver = told
    assert receiver.everything
    secrets = [
        SECRET.encode(),
        private_key().encode()[40:80],
        b"ghs_",
        b"PRIVATE KEY",
        b"eyJ",
        b"hits = client.incr",
        b"client.incr",
        b"def count",
        b"race.py",
        b"Bearer",
        b"/home/",
    ]
    for secret in secrets:
        assert secret not in receiver.everything, secret
