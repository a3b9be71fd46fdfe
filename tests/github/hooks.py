"""Webhooks: what GitHub sends when something happens, signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.github.bare import ZERO
from tests.github.exchanges import Delivery
from tests.github.people import Account, node_id, simple_user
from tests.github.shapes import issues as shapes
from tests.github.shapes.apps import installation as installation_shape
from tests.github.shapes.checks import check_run as check_run_shape
from tests.github.shapes.commits import parse_commit
from tests.github.shapes.repositories import installed_repository
from tests.github.shapes.repositories import repository as repository_shape

if TYPE_CHECKING:
    from tests.github.checking import MergeGroup
    from tests.github.records import CheckRun, Comment, Issue, Pull
    from tests.github.registry import App, Installation
    from tests.github.repositories import Repo
    from tests.github.server import StandIn

MOST_COMMITS = 2048
MOST_FILES = 3000


def emit(
    github: StandIn, installation: Installation, event: str, sender: Account, body: dict[str, Any]
) -> None:
    """Send one event to the App of an installation, if it takes it. ``body`` may hold a ``repository``."""
    app = installation.app
    if event not in {*app.events, "installation", "installation_repositories"}:
        return
    payload = {**body, "sender": simple_user(sender, github.urls)}
    payload.setdefault("installation", {"id": installation.id, "node_id": node_id("I", installation.id)})
    if installation.account.type == "Organization":
        payload["organization"] = _organization(installation.account, github)
    data = json.dumps(payload).encode()
    guid = str(uuid.uuid4())
    delivery = Delivery(
        id=github.next_id(),
        guid=guid,
        event=event,
        action=payload.get("action"),
        payload=payload,
        body=data,
        headers=_headers(app, event, guid, data),
        app_id=app.id,
        installation_id=installation.id,
        repository_id=payload.get("repository", {}).get("id"),
        delivered_at=github.clock.iso(),
    )
    github.deliveries.append(delivery)
    github.deliverer.add(delivery)


def again(github: StandIn, old: Delivery) -> Delivery:
    """Deliver once more, with the same id in ``X-GitHub-Delivery``."""
    delivery = replace(
        old,
        id=github.next_id(),
        redelivery=True,
        status="pending",
        status_code=0,
        delivered_at=github.clock.iso(),
    )
    github.deliveries.append(delivery)
    github.deliverer.add(delivery)
    return delivery


def _headers(app: App, event: str, guid: str, data: bytes) -> dict[str, str]:
    key = app.webhook_secret.encode()
    return {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        "X-Hub-Signature": "sha1=" + hmac.new(key, data, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(key, data, hashlib.sha256).hexdigest(),
    }


def _organization(account: Account, github: StandIn) -> dict[str, Any]:
    url = github.urls.api(f"/orgs/{account.login}")
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("O", account.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": github.urls.html(f"/avatars/u/{account.id}?v=4"),
        "description": None,
    }


def to_all(repo: Repo, event: str, sender: Account, body: dict[str, Any]) -> None:
    """Send one event to every App that is installed there."""
    for installation in repo.github.installations_of(repo):
        emit(repo.github, installation, event, sender, body)


def heard(repo: Repo) -> bool:
    """Whether any App is installed there."""
    return bool(repo.github.installations_of(repo))


def push(repo: Repo, sender: Account, ref: str, old: str, new: str) -> None:
    """A ref was created, moved or deleted."""
    if not heard(repo):
        return
    urls = repo.github.urls
    created, deleted = old == ZERO, new == ZERO
    commits = [] if deleted else _commits(repo, ref, old, new)
    forced = not created and not deleted and not _follows(repo, old, new)
    whole = repository_shape(repo, urls)
    owner = {**whole["owner"], "name": repo.owner.login, "email": repo.owner.email}
    times = {"created_at": int(repo.created), "pushed_at": int(repo.pushed)}
    more = {"stargazers": 0, "master_branch": repo.default_branch, "url": whole["html_url"]}
    span = new[:12] if created else f"{old[:12]}...{new[:12]}"
    body = {
        "ref": ref,
        "before": old,
        "after": new,
        "repository": {**whole, **times, **more, "owner": owner},
        "pusher": {"name": sender.login, "email": sender.email},
        "created": created,
        "deleted": deleted,
        "forced": forced,
        "base_ref": None,
        "compare": urls.html(f"/{repo.full_name}/compare/{span}"),
        "commits": commits,
        "head_commit": commits[-1] if commits else (None if deleted else _head(repo, new)),
    }
    to_all(repo, "push", sender, body)


def _follows(repo: Repo, old: str, new: str) -> bool:
    tip = repo.git.contents(new)
    if tip is not None and tip[1] == "commit" and old in parse_commit(tip[0], tip[2]).parents:
        return True
    return repo.git.is_ancestor(old, new)


def _commits(repo: Repo, ref: str, old: str, new: str) -> list[dict[str, Any]]:
    excluded = [f"^{old}"]
    if old == ZERO:
        excluded = [f"^{sha}" for name, sha in repo.git.refs("refs/heads/").items() if name != ref]
    most = 20 if old == ZERO else MOST_COMMITS
    text = repo.git.text(
        "log", "--name-status", "--no-renames", "-z", "--format=%x01%H%x02%T%x02%an%x02%ae%x02%cn%x02%ce%x02%cI%x02%B%x02",
        f"-n{most}", new, *excluded,
    )  # fmt: skip
    return [_commit(repo, each) for each in reversed(text.split("\1")[1:])]


def _head(repo: Repo, sha: str) -> dict[str, Any] | None:
    found = repo.git.contents(f"{sha}^{{commit}}")
    if found is None:
        return None
    commit = parse_commit(found[0], found[2])
    who = (commit.author["name"], commit.author["email"], commit.committer["name"], commit.committer["email"])
    fields = [commit.sha, commit.tree, *who, commit.committer["date"], commit.message, ""]
    return _commit(repo, "\2".join(fields))


def _commit(repo: Repo, text: str) -> dict[str, Any]:
    sha, tree, name, email, committer, committer_email, when, message, rest = text.split("\2", 8)
    names = [each for each in rest.strip("\n\0").split("\0") if each]
    changed = list(zip(names[::2], names[1::2], strict=False))[:MOST_FILES]
    return {
        "id": sha,
        "tree_id": tree,
        "distinct": True,
        "message": message.rstrip("\n"),
        "timestamp": when,
        "url": repo.github.urls.html(f"/{repo.full_name}/commit/{sha}"),
        "author": _committer(repo, name, email, when),
        "committer": _committer(repo, committer, committer_email, when),
        "added": [path for letter, path in changed if letter.strip() == "A"],
        "removed": [path for letter, path in changed if letter.strip() == "D"],
        "modified": [path for letter, path in changed if letter.strip() in {"M", "T"}],
    }


def _committer(repo: Repo, name: str, email: str, when: str) -> dict[str, Any]:
    account = repo.github.account_of(email)
    username = {} if account is None else {"username": account.login}
    return {"name": name, "email": email, "date": when, **username}


def pull_request(repo: Repo, sender: Account, pull: Pull, action: str, **more: str) -> None:
    """Something happened to a pull request."""
    if not heard(repo):
        return
    urls = repo.github.urls
    body = {
        "action": action,
        "number": pull.number,
        "pull_request": shapes.pull_full(pull, urls),
        **more,
        "repository": repository_shape(repo, urls),
    }
    to_all(repo, "pull_request", sender, body)


def issue_comment(
    repo: Repo, sender: Account, issue: Issue, comment: Comment, action: str, **more: Any
) -> None:
    """A comment below an issue or pull request was written, changed or deleted."""
    if not heard(repo):
        return
    urls = repo.github.urls
    body = {
        "action": action,
        "issue": shapes.issue(issue, urls),
        "comment": shapes.comment(issue, comment, urls),
        **more,
        "repository": repository_shape(repo, urls),
    }
    to_all(repo, "issue_comment", sender, body)


def check_run(repo: Repo, sender: Account, run: CheckRun, action: str, **more: Any) -> None:
    """A check run was made, ended, or one of its buttons was pressed; goes only to the App that made it."""
    from tests.github.suites import shape_in_run  # that module sends webhooks, too

    urls = repo.github.urls
    body = {
        "action": action,
        "check_run": {**check_run_shape(repo, run, urls), "check_suite": shape_in_run(repo, run, urls)},
        **more,
        "repository": repository_shape(repo, urls),
    }
    for installation in repo.github.installations_of(repo):
        if installation.app.id == run.app:
            emit(repo.github, installation, "check_run", sender, body)


def merge_group(repo: Repo, sender: Account, group: MergeGroup, action: str, **more: Any) -> None:
    """The merge queue wants checks for a group of pull requests, or is done with it."""
    commit = _head(repo, group.head_sha)
    assert commit is not None
    names = ("id", "tree_id", "message", "timestamp", "author", "committer")
    body = {
        "action": action,
        **more,
        "merge_group": {
            "head_sha": group.head_sha,
            "head_ref": group.head_ref,
            "base_sha": group.base_sha,
            "base_ref": group.base_ref,
            "head_commit": {
                **{name: commit[name] for name in names},
                "author": {name: commit["author"][name] for name in ("name", "email")},
                "committer": {name: commit["committer"][name] for name in ("name", "email")},
            },
        },
        "repository": repository_shape(repo, repo.github.urls),
    }
    to_all(repo, "merge_group", sender, body)


def repository(repo: Repo, sender: Account, action: str, changes: dict[str, Any] | None = None) -> None:
    """A repository was renamed, transferred, archived or brought back."""
    urls = repo.github.urls
    if changes and "owner" in changes:
        sides = changes["owner"]["from"]
        shape = {
            "user": lambda who: simple_user(who, urls),
            "organization": lambda who: _organization(who, repo.github),
        }
        changes = {"owner": {"from": {kind: shape[kind](who) for kind, who in sides.items()}}}
    more = {} if changes is None else {"changes": changes}
    to_all(repo, "repository", sender, {"action": action, "repository": repository_shape(repo, urls), **more})


def installation(
    github: StandIn, found: Installation, sender: Account, action: str, repos: list[Repo]
) -> None:
    """The App was installed, removed, suspended or taken up again."""
    body = {
        "action": action,
        "installation": installation_shape(found, github.urls),
        "repositories": [installed_repository(each) for each in repos],
        "requester": None,
    }
    emit(github, found, "installation", sender, body)


def installation_repositories(
    github: StandIn, found: Installation, sender: Account, added: list[Repo], removed: list[Repo]
) -> None:
    """Repositories were given to an installation or taken from it."""
    body = {
        "action": "added" if added else "removed",
        "installation": installation_shape(found, github.urls),
        "repository_selection": found.selection,
        "repositories_added": [installed_repository(each) for each in added],
        "repositories_removed": [installed_repository(each) for each in removed],
        "requester": None,
    }
    emit(github, found, "installation_repositories", sender, body)
