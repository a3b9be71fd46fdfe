"""Pull requests."""

from __future__ import annotations

from typing import Any

from tests.github.bare import GitError
from tests.github.diffs import MOST_FILES_OF_A_PULL
from tests.github.forks import in_network
from tests.github.people import simple_user
from tests.github.records import Pull
from tests.github.rest.calls import Answer, Call, Problem, endpoint, invalid, not_found
from tests.github.rest.history import list_of_commits
from tests.github.shapes.commits import diff_entries
from tests.github.shapes.issues import pull_full, pull_simple

LONGEST_BODY = 65_536
LONGEST_TITLE = 256
PULLS = "/repos/{owner}/{repo}/pulls"


def pull_in(call: Call) -> Pull:
    """The pull request in the path. Raises Problem (404)."""
    found = call.repo.issues.get(call.number("pull_number"))
    if not isinstance(found, Pull):
        raise not_found()
    return found


def too_long(resource: str, body: str | None, title: str | None = None) -> None:
    """Raises Problem (422) for a body or title that GitHub does not take."""
    for name, text, most in (("body", body, LONGEST_BODY), ("title", title, LONGEST_TITLE)):
        if text is not None and len(text) > most:
            message = f"{name} is too long (maximum is {most} characters)"
            raise invalid(resource, code="custom", field=name, message=message)


@endpoint("GET", PULLS, "pull_requests=read")
def list_pulls(call: Call) -> Answer:
    """List pull requests, by ``state``, ``head`` (``owner:branch``) and ``base``; newest first."""
    repo, query = call.repo, call.query
    state = query.get("state", "open")
    head, base = query.get("head"), query.get("base")
    shown = repo.listed("pull", [each.number for each in repo.pulls])
    found = [
        each
        for each in repo.pulls
        if each.number in shown
        and state in {"all", each.state}
        and (not head or ":" not in head or head.lower() == _label(each).lower())
        and (not base or base == each.base)
    ]
    updated = query.get("sort") == "updated"
    found.sort(key=lambda each: ((each.updated_at if updated else each.created_at), each.number))
    newest_first = (
        query.get("direction", "asc" if query.get("sort") not in {None, "created"} else "desc") == "desc"
    )
    return call.page(found[::-1] if newest_first else found, lambda each: pull_simple(each, call.urls))


def _label(pull: Pull) -> str:
    return f"{pull.head_repository.owner.login}:{pull.head}"


@endpoint("POST", PULLS, "pull_requests=write")
def create_pull(call: Call) -> Answer:
    """Open a pull request between two branches of the repository."""
    repo = call.repo
    head, base = call.need("head"), call.need("base")
    owner, _, head = head.rpartition(":")
    source = in_network(repo, owner or repo.owner.login)
    if source is None:
        raise invalid("PullRequest", code="invalid", field="head")
    title = call.json.get("title")
    if not title:
        raise invalid("PullRequest", code="missing_field", field="title")
    body = call.json.get("body")
    too_long("PullRequest", body, title)
    tips = repo.branches()
    heads = source.branches()
    for name, value, known in (("head", head, heads), ("base", base, tips)):
        if value not in known:
            raise invalid("PullRequest", code="invalid", field=name)
    label = f"{source.owner.login}:{head}"
    if any(each.open and (_label(each), each.base) == (label, base) for each in repo.pulls):
        message = f"A pull request already exists for {label}."
        raise invalid("PullRequest", code="custom", message=message)
    repo.take_objects(source, heads[head])
    if repo.git.is_ancestor(heads[head], tips[base]):
        message = f"No commits between {base} and {head}"
        raise invalid("PullRequest", code="custom", message=message)
    assert call.token is not None
    pull = repo.create_pull(
        head, base, title, body, call.actor, call.token.installation.app.id,
        fork=None if source is repo else source, draft=bool(call.json.get("draft")),
    )  # fmt: skip
    shape = pull_full(pull, call.urls)
    return Answer(shape, 201, {"Location": shape["url"]})


@endpoint("GET", PULLS + "/{pull_number}", "pull_requests=read")
def get_pull(call: Call) -> Answer:
    """Get a pull request, or its diff."""
    pull = pull_in(call)
    accept = call.request.headers.get("accept", "")
    if ".diff" in accept:
        start = call.repo.span(pull.base_sha, pull.head_sha)[0]
        data = call.repo.git.run("diff", start, pull.head_sha)
        return Answer(data, type="application/vnd.github.diff; charset=utf-8")
    return Answer(pull_full(pull, call.urls))


@endpoint("PATCH", PULLS + "/{pull_number}", "pull_requests=write")
def update_pull(call: Call) -> dict[str, Any]:
    """Change title, body, base or state."""
    pull, repo, given = pull_in(call), call.repo, call.json
    too_long("PullRequest", given.get("body"), given.get("title"))
    for name in ("title", "body"):
        if given.get(name) is not None:
            setattr(pull, name, given[name])
    if given.get("base"):
        tip = repo.git.tip(given["base"])
        if tip is None:
            raise invalid("PullRequest", code="invalid", field="base")
        pull.base, pull.base_sha = given["base"], tip
    pull.updated_at = call.github.clock.iso()
    set_state(call, pull, given.get("state"))
    return pull_full(pull, call.urls)


def set_state(call: Call, pull: Pull, state: str | None) -> None:
    """Close or open again, as a request says. Raises Problem (422)."""
    if state == "closed":
        call.repo.close_pull(pull, call.actor)
    elif state == "open" and not pull.open:
        home = pull.head_repository
        tip = None if home.deleted else home.git.tip(pull.head)
        if pull.merged or tip is None:
            message = "state cannot be changed. " + (
                "It is merged." if pull.merged else "The branch was deleted."
            )
            raise invalid("PullRequest", code="custom", field="state", message=message)
        call.repo.reopen_pull(pull, call.actor)


@endpoint("GET", PULLS + "/{pull_number}/files", "pull_requests=read")
def list_files(call: Call) -> Answer:
    """List the changed files with their patches; no more than 3,000."""
    pull, repo = pull_in(call), call.repo
    start, files, _ = repo.span(pull.base_sha, pull.head_sha)
    answer = call.page(files[:MOST_FILES_OF_A_PULL])
    answer.body = diff_entries(repo, start, pull.head_sha, answer.body, call.urls)
    return answer


@endpoint("GET", PULLS + "/{pull_number}/commits", "pull_requests=read")
def list_commits(call: Call) -> Answer:
    """List the commits, oldest first."""
    pull = pull_in(call)
    return list_of_commits(
        call, call.repo.git.text("rev-list", "--reverse", f"{pull.base_sha}..{pull.head_sha}").split()
    )


@endpoint("GET", PULLS + "/{pull_number}/merge", "pull_requests=read")
def check_merged(call: Call) -> Answer:
    """204 if it is merged."""
    if not pull_in(call).merged:
        raise not_found()
    return Answer(status=204)


@endpoint("PUT", PULLS + "/{pull_number}/merge", "contents=write")
def merge(call: Call) -> dict[str, Any]:
    """Merge it with a real commit."""
    pull = pull_in(call)
    if call.json.get("sha") not in {None, pull.head_sha}:
        raise Problem(409, "Head branch was modified. Review and try the merge again.")
    method = call.json.get("merge_method", "merge")
    if method == "rebase":
        raise Problem(405, "Rebase merges are not allowed on this repository.")
    try:
        sha = call.repo.merge_pull(pull, call.actor, method, call.json.get("commit_title"))
    except GitError:
        raise Problem(405, "Pull Request is not mergeable") from None
    return {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}


@endpoint("GET", PULLS + "/{pull_number}/requested_reviewers", "pull_requests=read")
def list_reviewers(call: Call) -> dict[str, Any]:
    """List who was asked."""
    return {"users": [simple_user(each, call.urls) for each in pull_in(call).reviewers], "teams": []}


@endpoint("POST", PULLS + "/{pull_number}/requested_reviewers", "pull_requests=write")
def request_reviewers(call: Call) -> Answer:
    """Ask people to review; they must be collaborators, and not its author."""
    pull = pull_in(call)
    names = call.json.get("reviewers", [])
    if pull.user.login in names:
        raise Problem(422, "Review cannot be requested from pull request author.")
    allowed = {each.lower() for each in (*call.repo.collaborators, call.repo.owner.login)}
    if any(name.lower() not in allowed for name in names):
        message = (
            "Reviews may only be requested from collaborators. One or more of the users or teams you specified "
            f"is not a collaborator of the {call.repo.full_name} repository."
        )
        raise Problem(422, message)
    asked = [call.github.account(name) for name in names]
    pull.reviewers += [each for each in asked if each not in pull.reviewers]
    return Answer(pull_simple(pull, call.urls), 201)


@endpoint("DELETE", PULLS + "/{pull_number}/requested_reviewers", "pull_requests=write")
def remove_reviewers(call: Call) -> dict[str, Any]:
    """Ask no longer."""
    pull, names = pull_in(call), {name.lower() for name in call.need("reviewers", list)}
    pull.reviewers = [each for each in pull.reviewers if each.login.lower() not in names]
    return pull_simple(pull, call.urls)
