"""Accounts: people, organisations and the bot users of Apps."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.github.urls import Urls


def node_id(kind: str, number: int) -> str:
    """A global id that names what it is of: ``R_...``, ``PR_...``, ``U_...``."""
    return f"{kind}_{base64.urlsafe_b64encode(number.to_bytes(8, 'big')).decode().rstrip('=')}"


@dataclass(frozen=True)
class Account:
    """``type`` is ``User``, ``Organization`` or ``Bot``."""

    id: int
    login: str
    type: str = "User"

    @property
    def is_bot(self) -> bool:
        """Whether this is an App's bot user."""
        return self.type == "Bot"

    @property
    def email(self) -> str:
        """The address that GitHub puts into commits."""
        return f"{self.id}+{self.login}@users.noreply.github.com"


def simple_user(account: Account, urls: Urls) -> dict[str, Any]:
    """GitHub's ``simple-user``."""
    url = urls.user(account.login)
    html = f"/apps/{account.login.removesuffix('[bot]')}" if account.is_bot else f"/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id({"User": "U", "Organization": "O", "Bot": "BOT"}[account.type], account.id),
        "avatar_url": urls.html(f"/avatars/u/{account.id}?v=4"),
        "gravatar_id": "",
        "url": url,
        "html_url": urls.html(html),
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": account.type,
        "user_view_type": "public",
        "site_admin": False,
    }
