"""Check runs: completed at once, found again, never made twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Passing, Refused
from bot.github.model import CheckAnnotation

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from tests.github.repositories import Repo
    from tests.github.server import StandIn

NAME = "Patchwright / configuration"


def places(count: int) -> list[CheckAnnotation]:
    return [
        CheckAnnotation("a.yml", each, each, "failure", f"mistake {each}") for each in range(1, count + 1)
    ]


def made(client: RepositoryClient, repo: Repo, external_id: str = "config", annotations: int = 1):
    return client.create_check(
        repo.tip,
        NAME,
        external_id=external_id,
        conclusion="failure",
        title="One mistake",
        summary="Line 1",
        annotations=places(annotations),
    )


def test_a_completed_run_is_found_again(client: RepositoryClient, repo: Repo):
    run = made(client, repo)
    assert client.check_runs(repo.tip, NAME) == [run]
    assert (run.external_id, run.status, run.conclusion) == ("config", "completed", "failure")
    assert (run.title, run.summary, run.annotations) == ("One mistake", "Line 1", 1)
    assert client.check_runs(repo.tip, "another") == []


def test_more_annotations_than_one_request_takes(client: RepositoryClient, repo: Repo, github: StandIn):
    run = made(client, repo, annotations=120)
    assert run.annotations == 120
    sent = [*github.exchanges.to("POST", "/check-runs"), *github.exchanges.to("PATCH", "/check-runs/")]
    assert [len(each.request_json["output"]["annotations"]) for each in sent] == [50, 50, 20]


def test_bringing_it_up_to_date(client: RepositoryClient, repo: Repo):
    run = made(client, repo)
    after = client.update_check(run.id, conclusion="success", title="Fine", summary="Nothing wrong")
    assert (after.conclusion, after.title, after.id) == ("success", "Fine", run.id)
    assert [each.conclusion for each in client.check_runs(repo.tip, NAME)] == ["success"]


@pytest.mark.parametrize("how", ["after_effect", "timeout"])
def test_an_answer_that_was_lost_makes_no_second_run(
    client: RepositoryClient, hasty: RepositoryClient, repo: Repo, github: StandIn, how: str
):
    writer = hasty if how == "timeout" else client
    more = {} if how == "after_effect" else {"effect": True}
    getattr(github.faults, how)("POST", "/repos/*/check-runs", **more)
    made(writer, repo)
    assert len(repo.check_runs(repo.tip)) == 1


def test_a_run_that_was_not_made_is_worth_another_attempt(
    client: RepositoryClient, repo: Repo, github: StandIn
):
    github.faults.status("POST", "/repos/*/check-runs", 503)
    with pytest.raises(Passing):
        made(client, repo)
    made(client, repo)
    assert len(repo.check_runs(repo.tip)) == 1


def test_without_the_permission_it_is_named(client: RepositoryClient, repo: Repo, github: StandIn):
    github.faults.missing_permission("POST", "/repos/*/check-runs", "checks=write")
    with pytest.raises(Refused, match="checks: write"):
        made(client, repo)
