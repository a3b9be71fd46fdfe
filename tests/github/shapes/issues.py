"""Issues, comments, labels and pull requests as GitHub writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.people import node_id, simple_user
from tests.github.records import Pull
from tests.github.shapes.apps import integration
from tests.github.shapes.repositories import repository

if TYPE_CHECKING:
    from tests.github.people import Account
    from tests.github.records import Comment, Issue, Label, Reaction
    from tests.github.repositories import Repo
    from tests.github.urls import Urls

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def label(repo: Repo, each: Label, urls: Urls) -> dict[str, Any]:
    """GitHub's ``label``."""
    return {
        "id": each.id,
        "node_id": node_id("LA", each.id),
        "url": urls.api(f"/repos/{repo.full_name}/labels/{each.name}"),
        "name": each.name,
        "color": each.color,
        "default": False,
        "description": each.description,
    }


def labels(issue: Issue, urls: Urls) -> list[dict[str, Any]]:
    """The labels of an issue."""
    return [label(issue.repo, issue.repo.label(name), urls) for name in issue.labels]


def association(issue: Issue, user: Account) -> str:
    """What a person is to the repository, in GitHub's words."""
    if user.is_bot:
        return "NONE" if isinstance(issue, Pull) and issue.user != user else "CONTRIBUTOR"
    if user == issue.repo.owner:
        return "OWNER"
    return "COLLABORATOR" if user.login in issue.repo.collaborators else "NONE"


def _optional(account: Account | None, urls: Urls) -> dict[str, Any] | None:
    return None if account is None else simple_user(account, urls)


def rollup(url: str, reactions: list[Reaction]) -> dict[str, Any]:
    """GitHub's ``reaction-rollup``: how many there are of each."""
    counts = {name: sum(each.content == name for each in reactions) for name in REACTIONS}
    return {"url": f"{url}/reactions", "total_count": len(reactions), **counts}


def issue(issue: Issue, urls: Urls) -> dict[str, Any]:
    """GitHub's ``issue``; for a pull request with the ``pull_request`` part."""
    repo = issue.repo
    url = urls.api(f"/repos/{repo.full_name}/issues/{issue.number}")
    page = "pull" if isinstance(issue, Pull) else "issues"
    html = urls.html(f"/{repo.full_name}/{page}/{issue.number}")
    body = {
        "url": url,
        "repository_url": urls.api(f"/repos/{repo.full_name}"),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": html,
        "id": issue.id,
        "node_id": node_id("PR" if isinstance(issue, Pull) else "I", issue.id),
        "number": issue.number,
        "title": issue.title,
        "user": simple_user(issue.user, urls),
        "labels": labels(issue, urls),
        "state": issue.state,
        "locked": issue.locked,
        "assignee": _optional(issue.assignees[0] if issue.assignees else None, urls),
        "assignees": [simple_user(each, urls) for each in issue.assignees],
        "milestone": None,
        "comments": len(issue.comments),
        "created_at": issue.created_at,
        "updated_at": issue.updated_at,
        "closed_at": issue.closed_at,
        "author_association": association(issue, issue.user),
        "active_lock_reason": None,
        "body": issue.body,
        "closed_by": _optional(issue.closed_by, urls),
        "reactions": rollup(url, issue.reactions),
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": _app(issue.repo, issue.app, urls),
        "state_reason": issue.state_reason,
    }
    if isinstance(issue, Pull):
        body["draft"] = issue.draft
        body["pull_request"] = {
            "url": urls.api(f"/repos/{repo.full_name}/pulls/{issue.number}"),
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "merged_at": issue.merged_at,
        }
    return body


def _app(repo: Repo, number: int | None, urls: Urls) -> dict[str, Any] | None:
    app = repo.github.apps.get(number) if number is not None else None
    return None if app is None else integration(app, urls)


def comment(issue: Issue, each: Comment, urls: Urls) -> dict[str, Any]:
    """GitHub's ``issue-comment``."""
    repo = issue.repo
    page = "pull" if isinstance(issue, Pull) else "issues"
    url = urls.api(f"/repos/{repo.full_name}/issues/comments/{each.id}")
    return {
        "url": url,
        "html_url": urls.html(f"/{repo.full_name}/{page}/{issue.number}#issuecomment-{each.id}"),
        "issue_url": urls.api(f"/repos/{repo.full_name}/issues/{issue.number}"),
        "id": each.id,
        "node_id": node_id("IC", each.id),
        "user": simple_user(each.user, urls),
        "created_at": each.created_at,
        "updated_at": each.updated_at,
        "author_association": association(issue, each.user),
        "body": each.body,
        "reactions": rollup(url, each.reactions),
        "performed_via_github_app": _app(repo, each.app, urls),
    }


def pull_simple(pull: Pull, urls: Urls) -> dict[str, Any]:
    """GitHub's ``pull-request-simple``, as in lists."""
    repo = pull.repo
    name = repo.full_name
    url = urls.api(f"/repos/{name}/pulls/{pull.number}")
    html = urls.html(f"/{name}/pull/{pull.number}")
    issue_url = urls.api(f"/repos/{name}/issues/{pull.number}")
    links = {
        "self": url,
        "html": html,
        "issue": issue_url,
        "comments": f"{issue_url}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": urls.api(f"/repos/{name}/pulls/comments{{/number}}"),
        "commits": f"{url}/commits",
        "statuses": urls.api(f"/repos/{name}/statuses/{pull.head_sha}"),
    }
    whole, source = repository(repo, urls), pull.head_repository
    return {
        "url": url,
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "issue_url": issue_url,
        "number": pull.number,
        "state": pull.state,
        "locked": pull.locked,
        "title": pull.title,
        "user": simple_user(pull.user, urls),
        "body": pull.body,
        "created_at": pull.created_at,
        "updated_at": pull.updated_at,
        "closed_at": pull.closed_at,
        "merged_at": pull.merged_at,
        "merge_commit_sha": pull.merge_commit_sha,
        "assignee": _optional(pull.assignees[0] if pull.assignees else None, urls),
        "assignees": [simple_user(each, urls) for each in pull.assignees],
        "requested_reviewers": [simple_user(each, urls) for each in pull.reviewers],
        "requested_teams": [],
        "labels": labels(pull, urls),
        "milestone": None,
        "draft": pull.draft,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "head": _side(
            pull.head, pull.head_sha, source, whole if source is repo else repository(source, urls), urls
        ),
        "base": _side(pull.base, pull.base_sha, repo, whole, urls),
        "_links": {name: {"href": link} for name, link in links.items()},
        "author_association": association(pull, pull.user),
        "auto_merge": None,
        "active_lock_reason": None,
    }


def _side(branch: str, sha: str, repo: Repo, whole: dict[str, Any], urls: Urls) -> dict[str, Any]:
    return {
        "label": f"{repo.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": simple_user(repo.owner, urls),
        "repo": None if repo.deleted else whole,
    }


def pull_full(pull: Pull, urls: Urls) -> dict[str, Any]:
    """GitHub's ``pull-request``: with sums of its diff and whether it can be merged."""
    repo = pull.repo
    _, files, commits = repo.span(pull.base_sha, pull.head_sha)
    base = repo.git.tip(pull.base)
    mergeable = repo.mergeable(base, pull.head_sha) if pull.open and base is not None else None
    return {
        **pull_simple(pull, urls),
        "merged": pull.merged,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": {True: "clean", False: "dirty", None: "unknown"}[mergeable],
        "merged_by": _optional(pull.merged_by, urls),
        "comments": len(pull.comments),
        "review_comments": sum(len(each.comments) for each in pull.threads),
        "maintainer_can_modify": pull.maintainer_can_modify,
        "commits": commits,
        "additions": sum(each[2] for each in files),
        "deletions": sum(each[3] for each in files),
        "changed_files": len(files),
    }
