"""One installation against another: whatever a delivery says, a token reaches the repositories of its own only."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from bot.receive.signature import sign
from tests.end_to_end.world import NOTHING, RACE, World
from tests.service import SECRET

if TYPE_CHECKING:
    from tests.github.repositories import Repo

_numbers = itertools.count(1)


def deliver(world: World, event: str, payload: dict[str, Any]) -> int:
    """A delivery with the right signature that GitHub did not send; the status of the answer."""
    body = json.dumps(payload).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": f"forged-{next(_numbers)}",
        "X-Hub-Signature-256": sign(body, SECRET.encode()),
    }
    return httpx.post(f"{world.service.url}/webhooks/github", content=body, headers=headers).status_code


def push(repository: dict[str, Any], installation: int) -> dict[str, Any]:
    return {
        "ref": "refs/heads/main",
        "after": "a" * 40,
        "installation": {"id": installation},
        "repository": {"default_branch": "main", **repository},
        "sender": {"login": "mallory", "type": "User"},
    }


def named(repo: Repo) -> dict[str, Any]:
    return {"id": repo.id, "full_name": repo.full_name}


def private(world: World, name: str, data: bytes = RACE) -> tuple[Repo, int]:
    """A private repository with an installation of its own; nothing was opened yet."""
    repo = world.github.create_repository(name, {"shop/__init__.py": b"", "shop/race.py": data}, private=True)
    installation = world.github.install(repo.owner.login, [repo])
    world.settle()
    return repo, installation


def reached(world: World, repo: Repo, since: int) -> list[str]:
    """What was asked about a repository from then on, and not refused."""
    asked = list(world.github.exchanges)[since:]
    return [
        f"{each.method} {each.target}"
        for each in asked
        if f"/repos/{repo.full_name}" in each.target and each.status < 400
    ]


@pytest.fixture(scope="module")
def both(world: World) -> tuple[Repo, Repo, int]:
    """The victim's repository, the attacker's, and the attacker's installation."""
    victim, _ = private(world, "victim/secrets", NOTHING)
    own, installation = private(world, "mallory/tool", NOTHING)
    return victim, own, installation


def test_the_number_of_anothers_repository_with_ones_own_installation(
    world: World, both: tuple[Repo, Repo, int]
) -> None:
    victim, own, installation = both
    world.github.faults.clear()
    before, tip = len(list(world.github.exchanges)), victim.tip
    mixed = [
        named(victim),
        {"id": victim.id, "full_name": own.full_name},
        {"id": own.id, "full_name": victim.full_name},
    ]
    for repository in mixed:
        assert deliver(world, "push", push(repository, installation)) in {200, 202}
    world.settle()
    assert reached(world, victim, before) == []
    assert (victim.pulls, victim.tip, victim.check_runs()) == ([], tip, [])


def test_the_victim_is_served_as_before(world: World, both: tuple[Repo, Repo, int]) -> None:
    """What was said of its repository under another's installation is not believed for long."""
    victim, _, installation = both
    deliver(world, "push", push(named(victim), installation))
    world.settle()
    victim.push("main", {"shop/race.py": RACE})
    world.settle()
    assert [pull.open for pull in victim.pulls] == [True]


def test_an_installation_event_that_lists_anothers_repository(
    world: World, both: tuple[Repo, Repo, int]
) -> None:
    victim, _, installation = both
    before = len(list(world.github.exchanges))
    pulls = [pull.number for pull in victim.pulls]
    listed = {"installation": {"id": installation}, "sender": {"login": "mallory", "type": "User"}}
    for event, fields in (
        ("installation", {"action": "created", "repositories": [named(victim)]}),
        ("installation_repositories", {"action": "added", "repositories_added": [named(victim)]}),
    ):
        assert deliver(world, event, {**listed, **fields}) == 202
    world.settle()
    assert reached(world, victim, before) == []
    assert [pull.number for pull in victim.pulls] == pulls


def test_a_name_that_another_took_over(world: World) -> None:
    """The old name of a repository, in a delivery that is late, leads to a public one of an attacker's."""
    moved, installation = private(world, "acme/first", NOTHING)
    late = push(named(moved), installation)
    moved.name = "second"  # so that the stand-in, as GitHub, lets another take the name
    world.github._names.pop("acme/first")
    taken = world.github.create_repository("acme/first", {"shop/__init__.py": b"", "shop/race.py": RACE})
    before = len(list(world.github.exchanges))
    deliver(world, "push", late)
    world.settle()
    assert taken.pulls == []
    assert moved.pulls == []
    assert [each for each in reached(world, taken, before) if each != f"GET /repos/{taken.full_name}"] == []


def test_what_moved_away_is_left_alone(world: World) -> None:
    gone, installation = private(world, "initech/tool", NOTHING)
    late = push(named(gone), installation)
    gone.transfer("someone-else")
    world.settle()
    before = len(list(world.github.exchanges))
    deliver(world, "push", late)
    world.settle()
    assert reached(world, gone, before) == []
    assert gone.pulls == []
