"""Issues, and what pull requests have of them: comments and labels."""

from __future__ import annotations

from typing import Any

from tests.github.records import Comment, Issue, Label, Pull
from tests.github.rest.calls import Answer, Call, endpoint, invalid, not_found
from tests.github.rest.pulls import set_state, too_long
from tests.github.shapes.issues import comment as comment_shape
from tests.github.shapes.issues import issue as issue_shape
from tests.github.shapes.issues import label as label_shape
from tests.github.shapes.issues import labels as labels_shape

READ = "issues=read; pull_requests=read"
WRITE = "issues=write; pull_requests=write"
LONGEST_LABEL = 50
ISSUES = "/repos/{owner}/{repo}/issues"


def issue_in(call: Call) -> Issue:
    """The issue in the path. Raises Problem (404)."""
    found = call.repo.issues.get(call.number("issue_number"))
    if found is None:
        raise not_found()
    return found


@endpoint("GET", ISSUES, READ)
def list_issues(call: Call) -> Answer:
    """List issues and pull requests, by ``state``, ``creator`` and ``labels``; newest first."""
    repo, query = call.repo, call.query
    state = query.get("state", "open")
    creator = query.get("creator", "").lower()
    wanted = {each.strip().lower() for each in query.get("labels", "").split(",") if each.strip()}
    shown = repo.listed("pull", list(repo.issues))
    found = [
        each
        for each in repo.issues.values()
        if each.number in shown
        and state in {"all", each.state}
        and creator in {"", each.user.login.lower()}
        and wanted <= {name.lower() for name in each.labels}
        and each.updated_at >= query.get("since", "")
    ]
    key = {"updated": "updated_at"}.get(query.get("sort", ""), "created_at")
    found.sort(key=lambda each: (getattr(each, key), each.number), reverse=query.get("direction") != "asc")
    return call.page(found, lambda each: issue_shape(each, call.urls))


@endpoint("POST", ISSUES, "issues=write")
def create_issue(call: Call) -> Answer:
    """Open an issue."""
    title, body = call.need("title"), call.json.get("body")
    too_long("Issue", body)
    issue = call.repo.open_issue(title, body or "", call.actor.login)
    _add_labels(issue, call.json.get("labels", []))
    shape = issue_shape(issue, call.urls)
    return Answer(shape, 201, {"Location": shape["url"]})


@endpoint("GET", ISSUES + "/{issue_number}", READ)
def get_issue(call: Call) -> dict[str, Any]:
    """Get an issue or pull request."""
    return issue_shape(issue_in(call), call.urls)


@endpoint("PATCH", ISSUES + "/{issue_number}", WRITE)
def update_issue(call: Call) -> dict[str, Any]:
    """Change title, body, labels or state."""
    issue, given = issue_in(call), call.json
    too_long("Issue", given.get("body"))
    for name in ("title", "body"):
        if given.get(name) is not None:
            setattr(issue, name, given[name])
    if "labels" in given:
        issue.labels = []
        _add_labels(issue, given["labels"])
    issue.updated_at = call.github.clock.iso()
    if isinstance(issue, Pull):
        set_state(call, issue, given.get("state"))
    elif given.get("state") in {"open", "closed"}:
        issue.state, closed = given["state"], given["state"] == "closed"
        issue.closed_at = issue.updated_at if closed else None
        issue.state_reason = given.get("state_reason") or ("completed" if closed else "reopened")
    return issue_shape(issue, call.urls)


@endpoint("GET", ISSUES + "/{issue_number}/comments", READ)
def list_comments(call: Call) -> Answer:
    """List the comments, oldest first."""
    issue = issue_in(call)
    return call.page(list(issue.comments), lambda each: comment_shape(issue, each, call.urls))


@endpoint("POST", ISSUES + "/{issue_number}/comments", WRITE)
def create_comment(call: Call) -> Answer:
    """Comment."""
    issue, body = issue_in(call), call.need("body")
    too_long("IssueComment", body)
    if not body.strip():
        raise invalid("IssueComment", code="missing_field", field="body")
    assert call.token is not None
    comment = call.repo.comment_on(issue, body, call.actor, call.token.installation.app.id)
    shape = comment_shape(issue, comment, call.urls)
    return Answer(shape, 201, {"Location": shape["url"]})


def comment_in(call: Call) -> tuple[Issue, Comment]:
    """The comment in the path and what it is below. Raises Problem (404)."""
    number = call.number("comment_id")
    for issue in call.repo.issues.values():
        for comment in issue.comments:
            if comment.id == number:
                return issue, comment
    raise not_found()


@endpoint("GET", ISSUES + "/comments", READ)
def list_all_comments(call: Call) -> Answer:
    """List the comments of all issues, oldest first."""
    found = [(issue, each) for issue in call.repo.issues.values() for each in issue.comments]
    found.sort(key=lambda pair: pair[1].id)
    return call.page(found, lambda pair: comment_shape(*pair, call.urls))


@endpoint("GET", ISSUES + "/comments/{comment_id}", READ)
def get_comment(call: Call) -> dict[str, Any]:
    """Get a comment."""
    return comment_shape(*comment_in(call), call.urls)


@endpoint("PATCH", ISSUES + "/comments/{comment_id}", WRITE)
def update_comment(call: Call) -> dict[str, Any]:
    """Change a comment."""
    issue, comment = comment_in(call)
    body = call.need("body")
    too_long("IssueComment", body)
    call.repo.edit_comment(issue, comment, body, call.actor)
    return comment_shape(issue, comment, call.urls)


@endpoint("DELETE", ISSUES + "/comments/{comment_id}", WRITE)
def delete_comment(call: Call) -> Answer:
    """Delete a comment."""
    issue, comment = comment_in(call)
    call.repo.remove_comment(issue, comment, call.actor)
    return Answer(status=204)


def _add_labels(issue: Issue, names: list[Any]) -> None:
    for each in names:
        if len(each["name"] if isinstance(each, dict) else each) > LONGEST_LABEL:
            message = f"name is too long (maximum is {LONGEST_LABEL} characters)"
            raise invalid("Label", code="custom", field="name", message=message)
        name = issue.repo.label(each["name"] if isinstance(each, dict) else each).name
        if name not in issue.labels:
            issue.labels.append(name)


def _given_labels(call: Call) -> list[Any]:
    """Labels come as ``{"labels": [...]}`` or as a bare list."""
    return call.value if isinstance(call.value, list) else call.need("labels", list)


@endpoint("GET", ISSUES + "/{issue_number}/labels", READ)
def list_labels(call: Call) -> Answer:
    """List an issue's labels."""
    return call.page(labels_shape(issue_in(call), call.urls))


@endpoint("POST", ISSUES + "/{issue_number}/labels", WRITE)
def add_labels(call: Call) -> list[Any]:
    """Add labels; those that the repository does not have are made."""
    issue = issue_in(call)
    _add_labels(issue, _given_labels(call))
    return labels_shape(issue, call.urls)


@endpoint("PUT", ISSUES + "/{issue_number}/labels", WRITE)
def set_labels(call: Call) -> list[Any]:
    """Set the labels to these."""
    issue = issue_in(call)
    issue.labels = []
    _add_labels(issue, _given_labels(call))
    return labels_shape(issue, call.urls)


@endpoint("DELETE", ISSUES + "/{issue_number}/labels", WRITE)
def remove_all_labels(call: Call) -> Answer:
    """Take all labels off."""
    issue_in(call).labels = []
    return Answer(status=204)


@endpoint("DELETE", ISSUES + "/{issue_number}/labels/{name}", WRITE)
def remove_label(call: Call) -> list[Any]:
    """Take one label off."""
    issue, name = issue_in(call), call.path["name"].lower()
    if name not in {each.lower() for each in issue.labels}:
        raise not_found()
    issue.labels = [each for each in issue.labels if each.lower() != name]
    return labels_shape(issue, call.urls)


@endpoint("GET", "/repos/{owner}/{repo}/labels", READ)
def list_repository_labels(call: Call) -> Answer:
    """List the repository's labels."""
    return call.page(list(call.repo.labels.values()), lambda each: label_shape(call.repo, each, call.urls))


@endpoint("POST", "/repos/{owner}/{repo}/labels", WRITE)
def create_label(call: Call) -> Answer:
    """Make a label."""
    name = call.need("name")
    if name.lower() in call.repo.labels:
        raise invalid("Label", code="already_exists", field="name")
    color = call.json.get("color", "ededed")
    label = Label(call.github.next_id(), name, color, call.json.get("description") or "")
    call.repo.labels[name.lower()] = label
    shape = label_shape(call.repo, label, call.urls)
    return Answer(shape, 201, {"Location": shape["url"]})


@endpoint("GET", "/repos/{owner}/{repo}/labels/{name}", READ)
def get_label(call: Call) -> dict[str, Any]:
    """Get a label."""
    found = call.repo.labels.get(call.path["name"].lower())
    if found is None:
        raise not_found()
    return label_shape(call.repo, found, call.urls)
