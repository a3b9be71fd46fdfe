"""Repositories, branches, collaborators, accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.people import Account, simple_user
from tests.github.rest.calls import Answer, Call, endpoint, not_found
from tests.github.shapes.commits import full_commit, read_commit
from tests.github.shapes.repositories import full_repository

if TYPE_CHECKING:
    from tests.github.repositories import Repo
    from tests.github.urls import Urls


@endpoint("GET", "/repos/{owner}/{repo}", "metadata=read")
def get_repository(call: Call) -> dict[str, Any]:
    """Get a repository."""
    return full_repository(call.repo, call.urls)


@endpoint("GET", "/repos/{owner}/{repo}/branches", "contents=read")
def list_branches(call: Call) -> Answer:
    """List branches."""
    found = call.repo.branches()
    shown = call.repo.listed("branch", list(found))
    return call.page(
        [
            {"name": name, "commit": {"sha": sha, "url": _commit_url(call, sha)}, "protected": False}
            for name, sha in sorted(found.items())
            if name in shown
        ]
    )


def _commit_url(call: Call, sha: str) -> str:
    return call.urls.api(f"/repos/{call.repo.full_name}/commits/{sha}")


@endpoint("GET", "/repos/{owner}/{repo}/branches/{branch:path}", "contents=read")
def get_branch(call: Call) -> dict[str, Any]:
    """Get a branch."""
    name = call.path["branch"]
    commit = read_commit(call.repo, f"refs/heads/{name}")
    if commit is None:
        raise not_found()
    url = call.urls.api(f"/repos/{call.repo.full_name}/branches/{name}")
    return {
        "name": name,
        "commit": full_commit(call.repo, commit, call.urls),
        "_links": {"self": url, "html": call.urls.html(f"/{call.repo.full_name}/tree/{name}")},
        "protected": False,
        "protection": {"enabled": False, "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []}},
        "protection_url": f"{url}/protection",
    }  # fmt: skip


_LEVELS = ("none", "read", "triage", "write", "maintain", "admin")
_OLDER = {"maintain": "write", "triage": "read"}


def permission_of(repo: Repo, login: str) -> str:
    """The role: ``admin``, ``maintain``, ``write``, ``triage``, ``read`` or ``none``."""
    if login.lower() == repo.owner.login.lower():
        return "admin"
    given = {name.lower(): level for name, level in repo.collaborators.items()}
    return given.get(login.lower(), "none" if repo.private else "read")


def rights_of(role: str) -> dict[str, bool]:
    """A role as GitHub's five switches."""
    level = _LEVELS.index(role)
    names = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}
    return {name: level >= _LEVELS.index(needed) for name, needed in names.items()}


@endpoint("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", "metadata=read")
def get_permission(call: Call) -> dict[str, Any]:
    """Get what a person may do: the role, and as ``permission`` the older level nearest to it."""
    account = call.github.known_account(call.path["username"])
    if account is None:
        raise not_found()
    role = permission_of(call.repo, account.login)
    user = {**simple_user(account, call.urls), "permissions": rights_of(role), "role_name": role}
    return {"permission": _OLDER.get(role, role), "role_name": role, "user": user}


@endpoint("GET", "/repos/{owner}/{repo}/collaborators/{username}", "metadata=read")
def check_collaborator(call: Call) -> Answer:
    """Say whether a person is a collaborator."""
    names = {each.lower() for each in (*call.repo.collaborators, call.repo.owner.login)}
    if call.path["username"].lower() not in names:
        raise not_found()
    return Answer(status=204)


@endpoint("GET", "/repos/{owner}/{repo}/languages", "metadata=read")
def list_languages(call: Call) -> dict[str, Any]:
    """List languages, in bytes."""
    return {"Python": 1000}


def user_page(account: Account, urls: Urls) -> dict[str, Any]:
    """GitHub's ``public-user``."""
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    empty = dict.fromkeys(("name", "company", "location", "email", "hireable", "bio", "blog"))
    made = {"created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z"}
    return {**simple_user(account, urls), **empty, **counts, **made}


@endpoint("GET", "/users/{username}", auth="any")
def get_user(call: Call) -> dict[str, Any]:
    """Get an account."""
    account = call.github.known_account(call.path["username"])
    if account is None:
        raise not_found()
    return user_page(account, call.urls)


@endpoint("GET", "/rate_limit", auth="any")
def get_rate_limit(call: Call) -> dict[str, Any]:
    """Say what is left of the hour's budget."""
    limit, used, reset = call.github.hourly_limit, 0, int(call.github.clock.time()) + 3600
    if call.token is not None:
        used, reset = call.token.installation.used, call.token.installation.reset
    rate = {"limit": limit, "used": used, "remaining": max(limit - used, 0), "reset": reset}
    return {"resources": {"core": rate, "search": rate, "graphql": rate}, "rate": rate}
