"""Error reports as they arrive at a real endpoint, in a process of its own: Sentry's client is one of a kind."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from tests.bot.watching.receivers import Receiver

TOKEN = "ghs_" + "16C7e42F292c6912E7710c838347Ae178B4a"

PROGRAM = f"""
import structlog
from bot.logs import set_up
from bot.watching import errors
from bot.watching.exports import exporting

set_up("json")
log = structlog.get_logger("bot.try")
with exporting():
    code = "def secret_code(): pass  # {TOKEN}"
    with structlog.contextvars.bound_contextvars(job="gh-1", delivery="1", repository="octo/shop"):
        try:
            try:
                compile("(" + code, "shop/race.py", "exec")
            except SyntaxError as error:
                raise ValueError(code) from error
        except ValueError as error:
            log.exception("a job failed unexpectedly", attempt=1, more=code)
            errors.report(error, task="page")
        log.error("an error without an exception says nothing to others")
        log.info("a job's run has ended", kind="dead", job="gh-2", reason=code)
        log.info("a job's run has ended", kind="done", job="gh-3", summary=code)
"""


def _reports(receiver: Receiver, **environment: str) -> tuple[list[dict[str, Any]], str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SENTRY", "OTEL"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**own, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return receiver.reports(), done.stdout + done.stderr


def test_exceptions_and_dead_jobs_arrive_without_what_they_say() -> None:
    with Receiver() as receiver:
        dsn = f"http://public:{'5' * 32}@127.0.0.1:{receiver.port}/1"
        reports, said = _reports(receiver, SENTRY_DSN=dsn, SENTRY_RELEASE="1.2.3")
        assert len(reports) == 2, "the same exception is not reported twice"
        failed, dead = reports
        values = failed["exception"]["values"]
        assert [each["type"] for each in values] == ["SyntaxError", "ValueError"]
        assert [each["value"] for each in values] == ["", ""]
        assert failed["tags"] == {"job": "gh-1", "delivery": "1", "attempt": "1"}
        assert failed["release"] == "1.2.3"
        assert dead["tags"]["job"] == "gh-2"
        for each in reports:
            assert not {"request", "user", "breadcrumbs", "extra", "modules"} & set(each)
        for secret in (b"secret_code", b"ghs_", b"octo/shop", b"5" * 32, b"context_line", b'"vars"'):
            assert secret not in receiver.everything, secret
        assert "errors are reported" in said
        assert TOKEN not in said


def test_without_the_variable_nothing_is_reported() -> None:
    with Receiver() as receiver:
        reports, said = _reports(receiver)
        assert (reports, receiver.bodies) == ([], [])
        assert "errors are reported" not in said


def test_a_wrong_address_is_said_and_nothing_else_happens() -> None:
    with Receiver() as receiver:
        _, said = _reports(receiver, SENTRY_DSN="not an address: password=hunter2hunter2")
        assert "SENTRY_DSN is no address" in said
        assert "hunter2" not in said
