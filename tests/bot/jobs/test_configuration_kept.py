"""What is kept of a repository's configuration for its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.events.work import UpdateBranch
from bot.jobs.outcome import Done
from bot.jobs.repository_config import own_part
from bot.jobs.run import run
from bot.queue.port import Job
from bot.store import repository_page
from bot.store.scope import EVERYTHING

if TYPE_CHECKING:
    from bot.store.repository_page import Repository
    from tests.bot.jobs.conftest import World
    from tests.github.repositories import Repo

FILE = ".github/patchwright.yml"
GOOD = b"max-open-pull-requests: 5\n"


def _kept(world: World, repo: Repo) -> Repository:
    """What the page shows after another run over the default branch."""
    work = UpdateBranch(repository=world.named(repo), reason="push")
    assert isinstance(run(Job(f"job-{repo.tip}", None, 1, work), world.services), Done)
    with world.services.database.read() as connection:
        found = repository_page.repository(connection, EVERYTHING, repo.id)
    assert found is not None
    return found


def test_the_file_in_force_its_commit_and_its_text(world: World) -> None:
    repo = world.repository({"app.py": b"x = 1\n", FILE: b"\xef\xbb\xbf" + GOOD})
    kept = _kept(world, repo)
    assert (kept.config_source, kept.config_sha) == (FILE, repo.tip)
    assert (kept.config_text, kept.config_trouble) == (GOOD.decode(), None)


def test_a_broken_one_leaves_the_one_before_in_force_until_it_is_mended(world: World) -> None:
    repo = world.repository({"app.py": b"x = 1\n", FILE: GOOD})
    before = repo.tip
    repo.commit({FILE: b"max-open-pull-request: 7\n"})
    kept = _kept(world, repo)
    assert (kept.config_source, kept.config_sha, kept.config_text) == (FILE, before, GOOD.decode())
    assert kept.config_trouble is not None
    assert f"{FILE}:1: " in kept.config_trouble
    repo.commit({FILE: b"max-open-pull-requests: 7\n"})
    kept = _kept(world, repo)
    assert (kept.config_sha, kept.config_trouble) == (repo.tip, None)
    assert kept.config_text == "max-open-pull-requests: 7\n"


def test_the_defaults_and_why(world: World) -> None:
    repo = world.repository({"app.py": b"x = 1\n"})
    kept = _kept(world, repo)
    assert (kept.config_source, kept.config_text, kept.config_trouble) == (None, None, None)
    assert kept.config_sha == repo.tip
    repo = world.repository({FILE: b"rules: 7\n"})
    kept = _kept(world, repo)
    assert kept.config_source is None
    assert kept.config_trouble


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('[project]\nname = "x"\n\n[tool.patchwright]\nrules = {}\n\n[tool.ruff]\n', "[tool.patchwright]\nrules = {}\n"),
        ('[tool."patchwright".rules]\na = 1\n[x]\n', '[tool."patchwright".rules]\na = 1\n'),
        ("[tool]\npatchwright.labels = []\n", "[tool]\npatchwright.labels = []\n"),
        ("[tool.patchwright-more]\na = 1\n[tool.patchwright]\n[[tool.patchwright.paths]]\nb = 2\n", "[tool.patchwright]\n[[tool.patchwright.paths]]\nb = 2\n"),
    ],
)  # fmt: skip
def test_of_a_pyproject_the_own_tables_are_kept(text: str, part: str) -> None:
    assert own_part(text) == part
