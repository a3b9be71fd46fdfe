"""What docs/operators.md says in numbers and names, held against the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.queue.pauses import ATTEMPTS, PAUSES
from bot.receive.body import MAX_BODY, READ_SECONDS
from bot.receive.connection import HEAD_BYTES, REQUEST_SECONDS
from bot.receive.receive import STORE_SECONDS
from bot.settings import PREFIX, SECRETS, Settings
from bot.setup.guard import TRIES, TRIES_SECONDS
from bot.setup.keeping import HOOK_SECONDS
from bot.setup.permissions import EVENTS, PERMISSIONS, UNASKED
from bot.signin import csrf
from bot.signin.account import MOST
from bot.signin.attempts import MOST_FAILURES, WINDOW_SECONDS
from bot.snapshot.archive import _MEMBERS, UNPACKED_BYTES
from bot.snapshot.blobs import LIMIT_BYTES
from bot.store.tables import metadata
from bot.watching import sweep
from codemods.engine.files.source import MAX_BYTES
from codemods.engine.settings.config_schema import ConfigFile
from tests.test_docs import rows, text

PAGE = text("docs/operators.md")
FLAT = " ".join(PAGE.split())
ROOT = Path(__file__).parents[2]


def anchors(page: str) -> set[str]:
    """The headings' addresses, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", page, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def test_links_within_the_page_lead_somewhere():
    asked = set(re.findall(r"\]\(#([^)]+)\)", PAGE))
    assert asked - anchors(PAGE) == set()


def test_every_variable_on_the_page_is_one():
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {
        f"{PREFIX}CACHE_DIR",
        f"{PREFIX}TAG",
    }
    known |= {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
    assert set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", PAGE)) - known == set()


def test_permissions_and_events_are_those_of_the_setup_page():
    table = rows("docs/operators.md", "| permission | level | what for |")
    assert table == {each.title: (each.shown_level, each.reason) for each in PERMISSIONS if not each.optional}
    named = set(re.findall(r"\w+", " ".join(rows("docs/operators.md", "| event | what happens |"))))
    assert named == {each.name for each in (*EVENTS, *UNASKED)}


@pytest.mark.parametrize(
    ("what", "most"),
    [
        ("a webhook's body", f"{MAX_BODY // 2**20} MB, in {READ_SECONDS:g} seconds"),
        (
            "a request's line and headers",
            f"{HEAD_BYTES // 1024} kB, {REQUEST_SECONDS:g} seconds for the whole request",
        ),
        ("storing a webhook", f"{STORE_SECONDS:g} seconds"),
        ("a Python file", f"{MAX_BYTES // 10**6} MB"),
        ("the tarball of a repository", f"{UNPACKED_BYTES // 10**9} GB unpacked, {_MEMBERS:,} entries"),
        ("one repository's contents in the data folder", f"about {LIMIT_BYTES // 10**6} MB, compressed"),
        ("attempts of a job", f"{ATTEMPTS}"),
        (
            "open pull requests in a repository",
            f"`max-open-pull-requests` of its configuration, {ConfigFile.model_fields['max_open_pull_requests'].default}",
        ),
        ("failed sign-ins from one address", f"{MOST_FAILURES} in a minute"),
        ("wrong setup tokens", f"{TRIES} in a minute"),
        ("a form", f"{csrf.LARGEST // 1024} kB"),
        ("repositories that one person sees", f"the first {MOST:,} of an installation"),
    ],
)
def test_limits(what, most):
    assert rows("docs/operators.md", "| what | at most | then |")[what][0] == most
    assert TRIES_SECONDS == WINDOW_SECONDS == 60


def test_numbers_in_the_text():
    assert f"at most {sweep.MOST_ASKED} in a round" in FLAT
    assert f"each at most {sweep.MOST_TIMES} times" in FLAT
    assert f"keeps deliveries for {sweep.KEPT.days} days" in FLAT
    assert f"within {HOOK_SECONDS:g} seconds" in FLAT
    assert PAUSES == (5, 30, 120, 600, 3600)
    assert "after 5 seconds, 30 seconds, 2 minutes, 10 minutes and 1 hour" in FLAT


def test_metrics_that_are_named_are_there():
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "watching").glob("*.py"))
    for name in re.findall(r"`(patchwright_\w+)`", PAGE):
        assert f'"{name.removesuffix("_total")}"' in code, name


def test_lines_of_the_log_that_are_named_are_written():
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    for said in rows("docs/operators.md", "| line | says |"):
        for line in re.split("`, `", said):
            assert f'"{line.strip("`")}"' in code, line


def test_no_secret_is_kept_in_the_database():
    columns = {column.name for table in metadata.tables.values() for column in table.columns}
    assert [name for name in columns if re.search("secret|token|private|password|cookie", name)] == []
    assert "id_hash" in columns
