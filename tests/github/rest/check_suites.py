"""Check suites, and asking for checks once more."""

from __future__ import annotations

from typing import Any

from tests.github.rest.calls import Answer, Call, Problem, endpoint, not_found
from tests.github.rest.checks import CHECKS, run_in
from tests.github.shapes.checks import check_run as run_shape
from tests.github.shapes.repositories import minimal_repository
from tests.github.suites import CheckSuite, runs_of, shape, suite_of

SUITES = "/repos/{owner}/{repo}/check-suites"


def _suite_in(call: Call) -> CheckSuite:
    number = call.number("check_suite_id")
    for each in call.repo.suites:
        if each.id == number:
            return each
    raise not_found()


@endpoint("POST", SUITES, "checks=write")
def create_suite(call: Call) -> Answer:
    """Create the App's suite on a commit; 200 if there is one."""
    sha = call.need("head_sha")
    if call.repo.git.commit_of(sha) != sha:
        raise Problem(422, f"No commit found for SHA: {sha}")
    assert call.token is not None
    known = len(call.repo.suites)
    suite = suite_of(call.repo, sha, call.token.installation.app.id)
    return Answer(shape_of(call, suite), 201 if len(call.repo.suites) > known else 200)


def shape_of(call: Call, suite: CheckSuite) -> dict[str, Any]:
    """A suite as the API gives it: with its repository."""
    return {**shape(call.repo, suite, call.urls), "repository": minimal_repository(call.repo, call.urls)}


@endpoint("GET", SUITES + "/{check_suite_id}", "checks=read")
def get_suite(call: Call) -> dict[str, Any]:
    """Get a suite."""
    return shape_of(call, _suite_in(call))


@endpoint("GET", SUITES + "/{check_suite_id}/check-runs", "checks=read")
def list_runs_of_suite(call: Call) -> Answer:
    """List a suite's check runs, newest first."""
    found = [
        each
        for each in reversed(runs_of(call.repo, _suite_in(call)))
        if call.query.get("check_name", each.name) == each.name
    ]
    return call.page(found, lambda run: run_shape(call.repo, run, call.urls), under="check_runs")


@endpoint("POST", SUITES + "/{check_suite_id}/rerequest", "checks=write")
def rerequest_suite(call: Call) -> Answer:
    """Ask for a suite once more."""
    call.repo.rerequest_suites([_suite_in(call)], call.actor)
    return Answer({}, 201)


@endpoint("POST", CHECKS + "/{check_run_id}/rerequest", "checks=write")
def rerequest_run(call: Call) -> Answer:
    """Ask for a check run once more; the run itself is not changed."""
    call.repo.rerequest_run(run_in(call), call.actor)
    return Answer({}, 201)


@endpoint("GET", "/repos/{owner}/{repo}/commits/{ref:path}/check-suites", "checks=read")
def list_suites(call: Call) -> Answer:
    """List the suites on a commit."""
    sha = call.repo.git.commit_of(call.path["ref"])
    if sha is None:
        raise Problem(422, f"No commit found for SHA: {call.path['ref']}")
    wanted = call.query.get("app_id")
    found = [each for each in call.repo.suites if each.head_sha == sha and wanted in {None, str(each.app)}]
    return call.page(found, lambda suite: shape_of(call, suite), under="check_suites")
