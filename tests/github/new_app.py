"""An App made from a manifest, as GitHub's page makes it."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.github.registry import LEVELS, App

if TYPE_CHECKING:
    from tests.github.people import Account
    from tests.github.server import StandIn

CODE_SECONDS = 3600
LONGEST_NAME = 34
MOST_CALLBACKS = 10
#: The permissions that an App can be given, as far as the stand-in knows them, and the events that come with each.
EVENTS_OF: dict[str, set[str]] = {
    "actions": {"workflow_run", "workflow_job"},
    "administration": set(),
    "checks": {"check_run", "check_suite"},
    "contents": {"push", "create", "delete", "commit_comment", "release", "fork"},
    "issues": {"issues", "issue_comment", "label", "milestone"},
    "members": {"member", "membership", "organization", "team"},
    "merge_queues": {"merge_group"},
    "metadata": {"repository", "star", "watch"},
    "pull_requests": {
        "pull_request",
        "pull_request_review",
        "pull_request_review_comment",
        "pull_request_review_thread",
        "issue_comment",
        "label",
    },
    "secrets": set(),
    "security_events": {"code_scanning_alert"},
    "statuses": {"status"},
    "workflows": set(),
}
_KEYS = {
    "name": str,
    "url": str,
    "hook_attributes": dict,
    "redirect_url": str,
    "callback_urls": list,
    "setup_url": str,
    "description": str,
    "public": bool,
    "default_events": list,
    "default_permissions": dict,
    "request_oauth_on_install": bool,
    "setup_on_update": bool,
}


@dataclass(frozen=True)
class NewApp:
    """An App and the private key that is shown once."""

    app: App
    private_key: str


class ManifestError(Exception):
    """A manifest that GitHub does not take; what is wrong with it, a line each."""


def read_manifest(text: str) -> dict[str, Any]:
    """A manifest as it came in the form. Raises ManifestError."""
    try:
        manifest = json.loads(text)
    except ValueError:
        raise ManifestError("The manifest is not JSON.") from None
    if not isinstance(manifest, dict):
        raise ManifestError("The manifest is not an object.")
    wrong = [*_wrong_keys(manifest)]
    if not wrong:
        wrong = [*_wrong_addresses(manifest), *_wrong_events(manifest)]
    if wrong:
        raise ManifestError("\n".join(wrong))
    return manifest


def _wrong_keys(manifest: dict[str, Any]) -> list[str]:
    wrong = [f"{name} is not a key of a manifest" for name in manifest if name not in _KEYS]
    wrong += [
        f"{name} is of the wrong type"
        for name, kind in _KEYS.items()
        if name in manifest and not isinstance(manifest[name], kind)
    ]
    return wrong + [f"{name} wasn't supplied" for name in ("url", "redirect_url") if name not in manifest]


def _wrong_addresses(manifest: dict[str, Any]) -> list[str]:
    hook = manifest.get("hook_attributes", {})
    callbacks = manifest.get("callback_urls", [])
    named = {
        "url": manifest["url"],
        "redirect_url": manifest["redirect_url"],
        "setup_url": manifest.get("setup_url"),
        "hook_attributes.url": hook.get("url", "") if "hook_attributes" in manifest else None,
        **{f"callback_urls[{index}]": each for index, each in enumerate(callbacks)},
    }
    wrong = [
        f"{name} must be a valid URL"
        for name, each in named.items()
        if each is not None and not _is_url(each)
    ]
    if unknown := hook.keys() - {"url", "active"}:
        wrong.append(f"hook_attributes: unknown {', '.join(sorted(unknown))}")
    if len(callbacks) > MOST_CALLBACKS:
        wrong.append(f"callback_urls: at most {MOST_CALLBACKS}")
    return wrong


def _is_url(value: object) -> bool:
    return (
        isinstance(value, str)
        and urlsplit(value).scheme in {"http", "https"}
        and bool(urlsplit(value).netloc)
    )


def _wrong_events(manifest: dict[str, Any]) -> list[str]:
    permissions = manifest.get("default_permissions", {})
    wrong = [
        f"default_permissions: {name}={level} is not a permission"
        for name, level in permissions.items()
        if name not in EVENTS_OF or level not in LEVELS
    ]
    allowed = set().union(EVENTS_OF["metadata"], *(EVENTS_OF.get(name, set()) for name in permissions))
    unsupported = [each for each in manifest.get("default_events", []) if each not in allowed]
    if unsupported:
        wrong.append(f"Default events unsupported: {', '.join(map(str, unsupported))}")
    if any(
        level == "admin" for name, level in permissions.items() if name in {"contents", "metadata", "checks"}
    ):
        wrong.append("default_permissions: admin is no level of it")
    return wrong


def create(github: StandIn, manifest: dict[str, Any], name: str, owner: Account) -> str:
    """Make the App; the code with which its secrets can be asked for. Raises ManifestError for its name."""
    name = name.strip()
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not slug or len(name) > LONGEST_NAME:
        raise ManifestError(f"Name must have between 1 and {LONGEST_NAME} characters")
    if github.known_account(slug) or any(each.slug == slug for each in github.apps.values()):
        raise ManifestError("Name has already been taken")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    hook = manifest.get("hook_attributes", {})
    app = App(
        id=github.next_id(),
        slug=slug,
        client_id=f"Iv23li{secrets.token_hex(7)}",
        public_key=public,
        webhook_secret=secrets.token_hex(20),
        owner=owner,
        bot=github.account(f"{slug}[bot]"),
        created_at=github.clock.iso(),
        permissions={"metadata": "read", **manifest.get("default_permissions", {})},
        events=list(manifest.get("default_events", [])),
        client_secret=secrets.token_hex(20),
        callback_urls=tuple(manifest.get("callback_urls", ())),
        name=name,
        hook_url=hook.get("url") if hook.get("active", True) else None,
        setup_url=manifest.get("setup_url"),
        public=manifest.get("public", True),
    )
    with github.lock:
        github.apps[app.id] = app
        code = secrets.token_hex(20)
        github.manifests[code] = (NewApp(app, private), github.clock.time() + CODE_SECONDS)
    return code
