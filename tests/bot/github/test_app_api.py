"""What the App asks as itself."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pytest

from bot.github.app_api import (
    app_info,
    hook_deliveries,
    installation_repositories,
    installations,
    redeliver,
)
from bot.github.errors import Gone

if TYPE_CHECKING:
    from bot.github.signing_in import App
    from tests.github.repositories import Repo
    from tests.github.server import StandIn


def test_the_app(app: App):
    found = app_info(app)
    assert found.slug == "patchwright"
    assert ("contents", "write") in found.permissions
    assert "push" in found.events


def test_installations_and_their_repositories(app: App, repo: Repo, github: StandIn):
    other = github.create_repository("someone/else", {"a.py": b""})
    first = github.install("octo")
    second = github.install("someone", [other])
    github.suspend(first)
    found = {each.id: each for each in installations(app)}
    assert {each.account for each in found.values()} == {"octo", "someone"}
    assert (found[first].suspended, found[second].suspended) == (True, False)
    assert installation_repositories(app, second) == {other.id: "someone/else"}
    assert repo.id not in installation_repositories(app, second)


def test_more_repositories_than_a_page(app: App, github: StandIn):
    made = {github.create_repository(f"many/r{each}").id for each in range(103)}
    assert set(installation_repositories(app, github.install("many"))) == made


def test_deliveries_newest_first_and_one_of_them_again(
    app: App, repo: Repo, github: StandIn, installation: int
):
    for _ in range(52):
        repo.archive()
        repo.unarchive()
    github.wait_until_delivered()
    found = list(hook_deliveries(app))
    assert len(found) == len(github.deliveries) > 103
    assert (found[0].event, found[0].action) == ("repository", "unarchived")
    assert [each.delivered_at for each in found] == sorted(
        (each.delivered_at for each in found), reverse=True
    )
    assert not any(each.ok for each in found), "nobody listened"
    assert len(list(islice(hook_deliveries(app), 3))) == 3
    redeliver(app, found[0].id)
    github.wait_until_delivered()
    again = next(hook_deliveries(app))
    assert (again.guid, again.redelivery) == (found[0].guid, True)
    with pytest.raises(Gone):
        redeliver(app, 1)
