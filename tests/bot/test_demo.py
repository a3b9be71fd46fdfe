"""The sample shows all four patterns, and its own tests tell the difference that the pull requests make."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bot import demo
from bot.session import run as scan
from codemods.engine.run.analyse import combined
from tests.suites import run_suite

RULES = ["atomic-redis", "secretstr", "lazy-client", "mock-target"]
OPENAI = '''
"""Stands in for the vendor's package: like it, a client without a key cannot be made."""

class OpenAI:
    def __init__(self, api_key=None):
        if not api_key:
            raise RuntimeError("no key")
'''
MORE = """
from unittest.mock import patch

from fastapi.testclient import TestClient

from helpdesk.mail import MailService
from helpdesk.main import app
from helpdesk.settings import get_settings


def test_the_mail_service_gets_its_key(settings):
    with patch("helpdesk.mail.httpx.post") as post:
        MailService(settings).send("ann@example.com", "Hello", "Hi")
    assert post.call_args.kwargs["headers"] == {"Authorization": "Bearer mail-key"}


def test_the_right_token_opens(settings):
    app.dependency_overrides[get_settings] = lambda: settings
    response = TestClient(app).post("/tickets/hook", headers={"X-Token": "hook-token"})
    assert response.status_code == 200
"""


@pytest.fixture
def sample(tmp_path, monkeypatch):
    monkeypatch.setenv("PATCHWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    return Path(
        shutil.copytree(demo.SAMPLE, tmp_path / "helpdesk", ignore=shutil.ignore_patterns("__pycache__"))
    )


def test_every_rule_opens_one(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATCHWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    requests = demo.previewed()
    assert [request.pull.rule for request in requests] == RULES
    assert [request.waits for request in requests] == [False, False, False, True]
    assert "nothing was changed" in capsys.readouterr().out


def test_traps_are_left_alone_with_a_reason(sample):
    found = scan([sample], None, unsafe_fixes=True).report.findings
    left = {(each.rule, each.path) for each in found if not each.patch}
    assert ("lazy-client", "helpdesk/chat.py") in left
    assert ("atomic-redis", "helpdesk/limits.py") in left
    assert all(each.reason for each in found)
    logged = (
        (sample / "helpdesk/mail.py")
        .read_text()
        .splitlines()
        .index('        logger.info("mail to %s with key %s", to, self.settings.mail_api_key)')
    )
    assert ("helpdesk/mail.py", logged + 1) not in {(each.path, each.line) for each in found}


def test_its_tests_tell_the_difference(sample, tmp_path):
    """Before: a test fails, another writes into the audit log, and no secret arrives. After: all is well."""
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "openai.py").write_text(OPENAI)
    (sample / "tests" / "test_more.py").write_text(MORE)
    before = suite(sample, tmp_path, {"OPENAI_API_KEY": "key"})
    assert "3 failed, 5 passed" in before, before
    assert (sample / "audit.log").exists()
    (sample / "audit.log").unlink()
    session = scan([sample], None, unsafe_fixes=False)
    for path, (_, after) in combined(session.snapshot, session.report, session.allowed).changed.items():
        (sample / path).write_bytes(after)
    conftest = sample / "tests" / "conftest.py"
    conftest.write_text(conftest.read_text().replace("os.environ.setdefault", "os.environ.get"))
    after = suite(sample, tmp_path, {})
    assert "8 passed" in after, after
    assert not (sample / "audit.log").exists()


def suite(sample: Path, tmp_path: Path, more: dict[str, str]) -> str:
    """What the sample's own suite prints, in a process with a stand-in for the vendor's package."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("OPENAI", "PYTEST"))
    }
    environment |= {"PYTHONPATH": str(tmp_path / "vendor"), **more}
    done = run_suite(sample, ".", environment=environment)
    return done.stdout + done.stderr
