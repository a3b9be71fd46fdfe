"""The App that is to be made: what is decided on the setup page, and the manifest that GitHub makes it from.

The keys of a manifest, and where it is sent, are those of "Registering a GitHub App from a manifest" in GitHub's
documentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode, urlsplit

from bot.app import WEBHOOKS
from bot.settings import logins, origin
from bot.setup.permissions import EVENTS, PERMISSIONS

if TYPE_CHECKING:
    from bot.settings import Operator

CREATED = "/setup/created"
"""Where GitHub sends the browser back to, with the code for the new App's credentials."""
DONE = "/setup/done"
"""Where the browser ends, and where GitHub leads to after an installation."""
SIGNED_IN = "/sign-in/callback"
LONGEST_NAME = 34
"""Characters of an App's name, as GitHub's form takes them."""

_ORGANISATION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|[-_](?=[A-Za-z0-9])){0,99}")


@dataclass(frozen=True)
class Choice:
    """What is decided on the setup page.

    ``webhook_url`` is where GitHub delivers webhooks: at the public address, or to a relay that brings them there.
    ``organisation`` is empty for an App of the person's own; ``public`` lets others install it. ``operators`` are
    GitHub logins.
    """

    public_url: str
    webhook_url: str
    name: str
    organisation: str = ""
    public: bool = False
    merge_queues: bool = False
    operators: tuple[str, ...] = ()


class WrongChoice(Exception):  # noqa: N818 - it is the choice that is wrong
    """What was entered can't be used: ``mistakes`` has a sentence for each field."""

    def __init__(self, mistakes: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field} {said}" for field, said in mistakes.items()))
        self.mistakes = dict(mistakes)


def read_choice(fields: Mapping[str, str], operator: Operator) -> Choice:
    """The choice that a form carries; what the settings decide holds whatever it says. Raises WrongChoice."""
    mistakes: dict[str, str] = {}
    given = {name: value.strip() for name, value in fields.items()}
    public_url = operator.public_url or ""
    try:
        public_url = public_url or origin(given.get("public_url", ""))
    except ValueError as error:
        mistakes["public_url"] = f"This {error}."
    webhook_url = given.get("webhook_url") or public_url + WEBHOOKS
    if public_url and not _is_webhook(webhook_url):
        mistakes["webhook_url"] = (
            "This is no URL: leave it empty, or give the relay's, such as https://smee.io/abc."
        )
    name = " ".join(given.get("name", "").split())
    if not name.isprintable() or not re.search(r"[A-Za-z0-9]", name) or len(name) > LONGEST_NAME:
        mistakes["name"] = (
            f"The name needs between 1 and {LONGEST_NAME} characters, at least one letter or digit."
        )
    organisation = ""
    owner = given.get("owner", "person")
    if owner == "organisation":
        organisation = given.get("organisation", "").removeprefix("@")
        if not _ORGANISATION.fullmatch(organisation):
            mistakes["organisation"] = (
                "This is no organisation's login: it is what stands in its address on GitHub."
            )
    elif owner != "person":
        mistakes["owner"] = "Choose whose App it is to be."
    operators = operator.operators
    try:
        operators = operators or logins(given.get("operators", ""))
    except ValueError as error:
        mistakes["operators"] = f"This {error}."
    if mistakes:
        raise WrongChoice(mistakes)
    return Choice(
        public_url,
        webhook_url,
        name,
        organisation,
        given.get("public") == "yes",
        given.get("merge_queues") == "yes",
        operators,
    )


def _is_webhook(value: str) -> bool:
    try:
        parts = urlsplit(value)
        origin(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        return False
    return value.isascii() and value.isprintable() and " " not in value and not parts.fragment


def suggested_name(public_url: str) -> str:
    """A name that is likely to be free: App names are one for all of GitHub."""
    host = urlsplit(public_url).hostname or ""
    labels = [each for each in host.split(".") if each not in {"patchwright", "www"}]
    if len(labels) < 2 or host.replace(".", "").isdigit() or ":" in host:
        return "Patchwright"
    return f"Patchwright {'.'.join(labels)}"[:LONGEST_NAME].rstrip(" .-")


def manifest(choice: Choice) -> dict[str, Any]:
    """The manifest of the App."""
    permissions = {each.key: each.level for each in PERMISSIONS if choice.merge_queues or not each.optional}
    return {
        "name": choice.name,
        "url": choice.public_url,
        "description": "Finds production anti-patterns in Python repositories and opens pull requests that fix them.",
        "hook_attributes": {"url": choice.webhook_url, "active": True},
        "redirect_url": choice.public_url + CREATED,
        "callback_urls": [choice.public_url + SIGNED_IN],
        "setup_url": choice.public_url + DONE,
        "public": choice.public,
        "default_permissions": permissions,
        "default_events": [each.name for each in EVENTS if each.needs is None or each.needs in permissions],
        "request_oauth_on_install": False,
        "setup_on_update": False,
    }


def manifest_text(choice: Choice) -> str:
    """The manifest as the form sends it."""
    return json.dumps(manifest(choice))


def form_address(github_url: str, choice: Choice, state: str) -> str:
    """GitHub's page that takes the manifest."""
    owner = f"/organizations/{quote(choice.organisation, safe='')}" if choice.organisation else ""
    return f"{github_url}{owner}/settings/apps/new?{urlencode({'state': state})}"


def unreachable(webhook_url: str, github_url: str) -> Literal["local", "plain", None]:
    """Why GitHub may not reach the address: only this machine or its network does, or it is not encrypted."""
    own = urlsplit(github_url).hostname or ""
    if own != "github.com" and not own.endswith(".ghe.com"):
        return None  # an Enterprise Server reaches what is in its network
    host = urlsplit(webhook_url).hostname or ""
    local = r"localhost|.*\.(local|internal|localhost)|127\..*|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*|::1|f[cd].*:.*"
    if re.fullmatch(local, host) or "." not in host + (":" in host) * ".":
        return "local"
    return None if webhook_url.startswith("https:") else "plain"
