"""mock-target proved by running: suites that fail, or whose mock is vacuous, before, and are effective after."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from codemods.engine.edits.apply import apply, compatible
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.names.importers import imported_elsewhere
from codemods.engine.project import Project
from codemods.engine.run.patching import sources_of
from codemods.mock_target import RULE
from tests.suites import run_suite

if TYPE_CHECKING:
    from pathlib import Path

MAIL = """
def send(to):
    with open("sent", "a") as file:
        file.write(to)
    raise RuntimeError("the real one ran")
"""
COPY = """
from app.mail import send


def place(to):
    send(to)
    return "placed"
"""
USERS = """
class Users:
    def by_id(self, key):
        open("sent", "w").close()
        raise RuntimeError("the real one ran")

    def all(self):
        return []
"""
PAGES = """
from app.users import Users


def profile(key):
    return Users().by_id(key)["name"]
"""
ASYNC = """
from app.bus import publish


async def announce(text):
    await publish(text)
    return 1
"""
SUITES = {
    "where it is used": {
        "app/mail.py": MAIL,
        "app/orders.py": COPY,
        "test_it.py": """
from unittest.mock import patch

from app.orders import place


@patch("app.mail.send")
def test_place(send):
    assert place("ada") == "placed"
    send.assert_called_once_with("ada")
""",
    },
    "where it is used, by pytest-mock": {
        "app/mail.py": MAIL,
        "app/orders.py": COPY,
        "test_it.py": """
from app.orders import place


def test_place(mocker):
    send = mocker.patch("app.mail.send", autospec=True)
    assert place("ada") == "placed"
    send.assert_called_once_with("ada")
""",
    },
    "moved": {
        "app/mailer.py": MAIL,
        "app/orders.py": COPY.replace("mail", "mailer"),
        "test_it.py": """
from unittest.mock import patch

from app.orders import place


def test_place():
    with patch("app.notify.send") as send:
        assert place("ada") == "placed"
    send.assert_called_once_with("ada")
""",
    },
    "moved, called through its module": {
        "app/mailer.py": MAIL,
        "app/orders.py": "from app import mailer\n\n\ndef place(to):\n    mailer.send(to)\n    return 'placed'\n",
        "test_it.py": """
from app.orders import place


def test_place(monkeypatch):
    sent = []
    monkeypatch.setattr("app.notify.send", sent.append)
    assert place("ada") == "placed"
    assert sent == ["ada"]
""",
    },
    "renamed method": {
        "app/users.py": USERS,
        "app/pages.py": PAGES,
        "test_it.py": """
from unittest.mock import patch

from app.pages import profile
from app.users import Users


def test_profile():
    with patch.object(Users, "fetch", autospec=True, return_value={"name": "ada"}) as fetch:
        assert profile(3) == "ada"
    assert fetch.call_args.args[1] == 3
""",
    },
    "renamed method, by a route": {
        "app/users.py": USERS,
        "app/main.py": """
from fastapi import FastAPI

from app.users import Users

app = FastAPI()
users = Users()


@app.get("/users/{key}")
def user(key: int):
    return users.by_id(key)
""",
        "test_it.py": """
from unittest.mock import patch

from fastapi.testclient import TestClient

from app.main import app

client = TestClient(app)


@patch("app.users.Users.fetch")
def test_user(fetch):
    fetch.return_value = {"name": "ada"}
    assert client.get("/users/3").json() == {"name": "ada"}
""",
    },
    "awaited": {
        "app/bus.py": "async def publish(text):\n    open('sent', 'w').close()\n    raise RuntimeError(text)\n",
        "app/news.py": ASYNC,
        "test_it.py": """
import asyncio
from unittest.mock import patch

from app.news import announce


@patch("app.bus.publish")
def test_announce(publish):
    assert asyncio.run(announce("hi")) == 1
    publish.assert_awaited_once_with("hi")
""",
    },
    "setUp and several pieces": {
        "app/mail.py": MAIL,
        "app/orders.py": COPY,
        "test_it.py": """
import unittest
from unittest import mock

from app import orders


class TestOrders(unittest.TestCase):
    def setUp(self):
        patcher = mock.patch("app.mail" ".send")
        self.send = patcher.start()
        self.addCleanup(patcher.stop)

    def test_place(self):
        self.assertEqual(orders.place("ada"), "placed")
        self.send.assert_called_once_with("ada")
""",
    },
}


def fixed(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files after every safe fix."""
    project = Project(MemorySnapshot(files))
    findings = []
    for path in RULE.candidates(project):
        module = project.module(path)
        assert module is not None
        findings += RULE.detect(module, project)
    assert findings
    assert {finding.applicability for finding in findings} == {Applicability.SAFE}, findings
    changes = [RULE.rewrite(finding, project) for finding in findings]
    sources = sources_of(changes, project)
    after = apply(compatible(changes, sources).accepted, sources, imported_elsewhere(project))
    return {**files, **{path: source.data for path, source in after.items()}}


def passes(files: dict[str, bytes], folder: Path) -> bool:
    """Whether pytest is content with the project, run in a process of its own."""
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    run = run_suite(folder, "test_it.py", environment={**os.environ, "PYTHONPATH": str(folder)})
    assert run.returncode in {0, 1}, run.stdout + run.stderr
    return run.returncode == 0


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_that_failed_is_effective_after(name, tmp_path):
    before = {"app/__init__.py": b"", **{path: text.encode() for path, text in SUITES[name].items()}}
    assert not passes(before, tmp_path / "before")
    after = fixed(before)
    assert passes(after, tmp_path / "after")
    assert not (tmp_path / "after" / "sent").exists(), "the real function ran"


@pytest.mark.parametrize("name", SUITES)
def test_a_second_run_finds_nothing(name):
    before = {"app/__init__.py": b"", **{path: text.encode() for path, text in SUITES[name].items()}}
    project = Project(MemorySnapshot(fixed(before)))
    for path in RULE.candidates(project):
        module = project.module(path)
        assert module is not None
        assert list(RULE.detect(module, project)) == []
