"""Small payloads in the shape of GitHub's, and what is decided about one of them."""

from __future__ import annotations

from typing import Any

from bot.events.decide import decide
from bot.events.known import Known
from bot.events.work import Ignored, Repository, Work

BOT = "patchwright[bot]"
ZEROS = "0" * 40
SHA = "a" * 40
HEAD = "b" * 40
SHOP = Repository(id=7, owner="octo", name="shop", installation=3)
KNOWN = Known(bot=BOT, repository=SHOP, base_branches=())
PERSON = {"login": "ada", "type": "User"}
APP = {"login": BOT, "type": "Bot"}
RENOVATE = {"login": "renovate[bot]", "type": "Bot"}


def repository(**also: Any) -> dict[str, Any]:
    return {"id": 7, "full_name": "octo/shop", "default_branch": "main", "fork": False, **also}


def push(ref: str = "refs/heads/main", sender: Any = PERSON, repo: Any = None, **also: Any) -> dict[str, Any]:
    return {
        "ref": ref,
        "after": SHA,
        "deleted": False,
        "repository": repo or repository(),
        "installation": {"id": 3},
        "sender": sender,
        **also,
    }


def pull(
    action: str,
    *,
    head: str = "feature",
    base: str = "main",
    author: Any = PERSON,
    sender: Any = PERSON,
    head_repo: Any = "same",
    **also: Any,
) -> dict[str, Any]:
    event = also.pop("event", {})
    head_repo = {"id": 7, "full_name": "octo/shop"} if head_repo == "same" else head_repo
    return {
        "action": action,
        "repository": repository(),
        "installation": {"id": 3},
        "sender": sender,
        "pull_request": {
            "number": 12,
            "user": author,
            "head": {"ref": head, "sha": "b" * 40, "repo": head_repo},
            "base": {"ref": base, "sha": SHA, "repo": {"id": 7, "full_name": "octo/shop"}},
            **also,
        },
        **event,
    }


def only(event: str, payload: dict[str, Any], known: Known = KNOWN) -> Work:
    (work,) = decide(event, payload, known)
    return work


def why_ignored(event: str, payload: dict[str, Any], known: Known = KNOWN) -> str:
    work = only(event, payload, known)
    assert isinstance(work, Ignored), work
    return work.reason


def own(action: str, **also: Any) -> dict[str, Any]:
    return pull(action, **{"head": "patchwright/secretstr", "author": APP, "base": "release", **also})


LISTED = [{"id": 7, "full_name": "octo/shop"}, {"id": 9, "full_name": "octo/till"}]
TILL = Repository(id=9, owner="octo", name="till", installation=3)


def installation(action: str, **also: Any) -> dict[str, Any]:
    return {"action": action, "installation": {"id": 3}, **also}


def of_repository(action: str, repo: Any = None, **also: Any) -> dict[str, Any]:
    return {"action": action, "repository": repo or repository(), "installation": {"id": 3}, **also}
