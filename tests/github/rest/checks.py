"""Check runs."""

from __future__ import annotations

from typing import Any

from tests.github import hooks
from tests.github.records import CheckRun
from tests.github.rest.calls import Answer, Call, Problem, endpoint, invalid, not_found
from tests.github.shapes.checks import check_run as shape
from tests.github.suites import suite_of

CHECKS = "/repos/{owner}/{repo}/check-runs"
MOST_ANNOTATIONS = 50
MOST_ACTIONS = 3
LONGEST_TEXT = 65_535
_ACTION = {"label": 20, "description": 40, "identifier": 20}


@endpoint("POST", CHECKS, "checks=write")
def create_check(call: Call) -> Answer:
    """Create a check run on a commit."""
    name, sha = call.need("name"), call.need("head_sha")
    if call.repo.git.commit_of(sha) != sha:
        raise Problem(422, f"No commit found for SHA: {sha}")
    assert call.token is not None
    app = call.token.installation.app
    now = call.github.clock.iso()
    suite = suite_of(call.repo, sha, app.id)
    suite.rerequested = False
    run = CheckRun(
        id=call.github.next_id(),
        suite=suite.id,
        app=app.id,
        name=name,
        head_sha=sha,
        external_id=call.json.get("external_id", ""),
        details_url=call.json.get("details_url"),
        status="queued",
        conclusion=None,
        started_at=call.json.get("started_at", now),
        completed_at=None,
    )
    _change(call, run)
    call.repo.checks.append(run)
    hooks.check_run(call.repo, call.actor, run, "created")
    if run.status == "completed":
        hooks.check_run(call.repo, call.actor, run, "completed")
    body = shape(call.repo, run, call.urls)
    return Answer(body, 201, {"Location": body["url"]})


def _change(call: Call, run: CheckRun) -> None:
    given = call.json
    conclusion = given.get("conclusion")
    status = given.get("status") or ("completed" if conclusion else run.status)
    if status == "completed" and not (conclusion or run.conclusion):
        raise Problem(422, "Invalid request.\n\nA completed check run needs a conclusion.")
    output = given.get("output") or {}
    if output and not output.get("summary"):
        raise Problem(422, 'Invalid request.\n\n"summary" wasn\'t supplied.')
    for name in ("summary", "text"):
        if len(output.get(name) or "") > LONGEST_TEXT:
            raise invalid(
                "CheckRun", code="custom", field=name, message=f"{name} exceeds a maximum bytesize of 65535"
            )
    annotations = output.get("annotations") or []
    if len(annotations) > MOST_ANNOTATIONS:
        raise Problem(422, "Invalid request.\n\nNo more than 50 items are allowed in annotations.")
    actions = given.get("actions") or []
    if len(actions) > MOST_ACTIONS or any(
        len(each.get(name, "")) > most for each in actions for name, most in _ACTION.items()
    ):
        raise Problem(422, "Invalid request.\n\nAt most 3 actions, with short texts.")
    for name in ("name", "external_id", "details_url", "started_at"):
        if given.get(name) is not None:
            setattr(run, name, given[name])
    run.status, run.conclusion = status, conclusion or run.conclusion
    if status == "completed":
        run.completed_at = given.get("completed_at") or run.completed_at or call.github.clock.iso()
    else:
        run.conclusion = run.completed_at = None
    for name in ("title", "summary", "text"):
        if output.get(name) is not None:
            setattr(run, name, output[name])
    run.annotations += annotations
    run.actions = actions or run.actions


def run_in(call: Call) -> CheckRun:
    """The check run in the path. Raises Problem (404)."""
    number = call.number("check_run_id")
    for run in call.repo.checks:
        if run.id == number:
            return run
    raise not_found()


@endpoint("GET", CHECKS + "/{check_run_id}", "checks=read")
def get_check(call: Call) -> dict[str, Any]:
    """Get a check run."""
    return shape(call.repo, run_in(call), call.urls)


@endpoint("PATCH", CHECKS + "/{check_run_id}", "checks=write")
def update_check(call: Call) -> dict[str, Any]:
    """Change a check run; only the App that made it may. Annotations are added to."""
    run = run_in(call)
    if call.token is not None and call.token.installation.app.id != run.app:
        raise Problem(
            403,
            f"Invalid app_id `{run.app}` - check run can only be modified by the GitHub App that created it.",
        )
    before = run.status
    _change(call, run)
    suite_of(call.repo, run.head_sha, run.app).rerequested = False
    if run.status == "completed" != before:
        hooks.check_run(call.repo, call.actor, run, "completed")
    return shape(call.repo, run, call.urls)


@endpoint("GET", CHECKS + "/{check_run_id}/annotations", "checks=read")
def list_annotations(call: Call) -> Answer:
    """List the annotations of a check run."""
    run = run_in(call)
    root = call.urls.html(f"/{call.repo.full_name}/blob/{run.head_sha}")
    empty = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))
    return call.page(run.annotations, lambda each: {**empty, **each, "blob_href": f"{root}/{each['path']}"})


@endpoint("GET", "/repos/{owner}/{repo}/commits/{ref:path}/check-runs", "checks=read")
def list_checks(call: Call) -> Answer:
    """List the check runs of a commit; of each name the latest, unless ``filter=all``."""
    sha = call.repo.git.commit_of(call.path["ref"])
    if sha is None:
        raise Problem(422, f"No commit found for SHA: {call.path['ref']}")
    query = call.query
    found = [
        run
        for run in reversed(call.repo.checks)
        if run.head_sha == sha
        and query.get("check_name", run.name) == run.name
        and query.get("status", run.status) == run.status
        and query.get("app_id", str(run.app)) == str(run.app)
    ]
    if query.get("filter", "latest") == "latest":
        found = list({(run.app, run.name): run for run in reversed(found)}.values())
    return call.page(found, lambda run: shape(call.repo, run, call.urls), under="check_runs")
