"""Repositories as GitHub writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.clock import iso
from tests.github.people import simple_user

if TYPE_CHECKING:
    from tests.github.repositories import Repo
    from tests.github.urls import Urls

_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def minimal_repository(repo: Repo, urls: Urls) -> dict[str, Any]:
    """GitHub's ``minimal-repository``."""
    api = f"/repos/{repo.full_name}"
    return {
        "id": repo.id,
        "node_id": repo.node_id,
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
        "owner": simple_user(repo.owner, urls),
        "html_url": urls.html(f"/{repo.full_name}"),
        "description": repo.description,
        "fork": repo.fork,
        "url": urls.api(api),
        **{name: urls.api(api + rest) for name, rest in _LINKS.items()},
    }


def repository(repo: Repo, urls: Urls) -> dict[str, Any]:
    """GitHub's ``repository``, as in lists, pull requests and webhooks."""
    html = urls.html(f"/{repo.full_name}")
    open_issues = sum(each.open for each in repo.issues.values())
    empty = repo.empty
    return {
        **minimal_repository(repo, urls),
        "created_at": iso(repo.created),
        "updated_at": iso(repo.pushed),
        "pushed_at": iso(repo.pushed),
        "git_url": f"git://{html.split('://', 1)[1]}.git",
        "ssh_url": f"git@{urls.root.split('://', 1)[1].split(':')[0]}:{repo.full_name}.git",
        "clone_url": f"{html}.git",
        "svn_url": html,
        "homepage": None,
        "size": 0 if empty else 1,
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": "Python",
        "has_issues": True,
        "has_projects": True,
        "has_downloads": True,
        "has_wiki": True,
        "has_pages": False,
        "has_discussions": False,
        "forks_count": 0,
        "mirror_url": None,
        "archived": repo.archived,
        "disabled": repo.disabled,
        "open_issues_count": open_issues,
        "license": None,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "visibility": "private" if repo.private else "public",
        "forks": 0,
        "open_issues": open_issues,
        "watchers": 0,
        "default_branch": repo.default_branch,
    }


def full_repository(repo: Repo, urls: Urls) -> dict[str, Any]:
    """GitHub's ``full-repository``."""
    return {
        **repository(repo, urls),
        "permissions": {"admin": False, "maintain": False, "push": True, "triage": False, "pull": True},
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": False,
        "delete_branch_on_merge": False,
        "network_count": 0,
        "subscribers_count": 0,
    }


def installed_repository(repo: Repo) -> dict[str, Any]:
    """The few fields that ``installation`` webhooks give of each repository."""
    return {
        "id": repo.id,
        "node_id": repo.node_id,
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
    }
