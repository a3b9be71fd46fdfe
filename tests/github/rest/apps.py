"""The App itself, its installations and tokens, and the record of its webhook deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.clock import iso
from tests.github.registry import LEVELS, Installation
from tests.github.rest.calls import Answer, Call, Problem, endpoint, not_found
from tests.github.shapes import apps as shapes
from tests.github.shapes.repositories import repository

if TYPE_CHECKING:
    from tests.github.exchanges import Delivery
    from tests.github.people import Account
    from tests.github.repositories import Repo


@endpoint("GET", "/app", auth="app")
def get_app(call: Call) -> dict[str, Any]:
    """Get the App that asks."""
    assert call.app is not None
    count = sum(each.app == call.app for each in call.github.installations.values())
    return {**shapes.integration(call.app, call.urls), "installations_count": count}


@endpoint("GET", "/apps/{app_slug}", auth="any")
def get_app_by_slug(call: Call) -> dict[str, Any]:
    """Get an App by its name in addresses."""
    for app in call.github.apps.values():
        if app.slug == call.path["app_slug"]:
            return shapes.integration(app, call.urls)
    raise not_found()


def _own(call: Call) -> list[Installation]:
    return [each for each in list(call.github.installations.values()) if each.app == call.app]


@endpoint("GET", "/app/installations", auth="app")
def list_installations(call: Call) -> Answer:
    """List where the App is installed."""
    return call.page(_own(call), lambda each: shapes.installation(each, call.urls))


def _installation_in(call: Call) -> Installation:
    number = call.number("installation_id")
    for each in _own(call):
        if each.id == number:
            return each
    raise not_found()


@endpoint("GET", "/app/installations/{installation_id}", auth="app")
def get_installation(call: Call) -> dict[str, Any]:
    """Get one installation."""
    return shapes.installation(_installation_in(call), call.urls)


@endpoint("POST", "/app/installations/{installation_id}/access_tokens", auth="app")
def create_token(call: Call) -> Answer:
    """Give a token, narrowed to ``repository_ids`` or ``repositories`` and to ``permissions`` if they are given."""
    found = _installation_in(call)
    if found.suspended_at:
        raise Problem(403, "This installation has been suspended")
    seen = call.github.repositories_of(found)
    ids, names, wanted = (call.json.get(each) for each in ("repository_ids", "repositories", "permissions"))
    chosen: list[Repo] | None = None
    if ids is not None or names is not None:
        by_name = {each.name.lower(): each.id for each in seen}
        asked = {*(ids or ()), *(by_name.get(name.lower(), 0) for name in names or ())}
        chosen = [each for each in seen if each.id in asked]
        if len(chosen) != len(asked):
            message = "There is at least one repository that does not exist or is not accessible to the parent installation."
            raise Problem(422, message)
    permissions = dict(found.permissions)
    if wanted:  # PyGithub sends an empty object where nothing is narrowed
        for name, level in wanted.items():
            if LEVELS.get(found.permissions.get(name, ""), 0) < LEVELS.get(level, 9):
                raise Problem(422, "The permissions requested are not granted to this installation.")
        permissions = {"metadata": "read", **wanted}
    narrowed = None if chosen is None else frozenset(each.id for each in chosen)
    token = call.github.create_token(found, permissions, narrowed)
    body = {
        "token": token.value,
        "expires_at": iso(token.expires),
        "permissions": permissions,
        "repository_selection": "selected" if chosen is not None else found.selection,
    }
    if chosen is not None:
        body["repositories"] = [repository(each, call.urls) for each in chosen]
    return Answer(body, 201)


@endpoint("DELETE", "/installation/token")
def revoke_token(call: Call) -> Answer:
    """Give the token back."""
    assert call.token is not None
    call.github.tokens.pop(call.token.value, None)
    return Answer(status=204)


@endpoint("GET", "/installation/repositories")
def list_repositories(call: Call) -> Answer:
    """List what the token may see."""
    token = call.token
    assert token is not None
    seen = [each for each in call.github.repositories_of(token.installation) if token.sees(each)]
    answer = call.page(seen, lambda each: repository(each, call.urls), under="repositories")
    answer.body["repository_selection"] = token.installation.selection
    return answer


def _of_account(call: Call, account: Account | None) -> dict[str, Any]:
    for each in _own(call):
        if each.account == account:
            return shapes.installation(each, call.urls)
    raise not_found()


@endpoint("GET", "/users/{username}/installation", auth="app")
def get_user_installation(call: Call) -> dict[str, Any]:
    """Get the installation on a person's account."""
    return _of_account(call, call.github.known_account(call.path["username"]))


@endpoint("GET", "/orgs/{org}/installation", auth="app")
def get_org_installation(call: Call) -> dict[str, Any]:
    """Get the installation on an organisation."""
    return _of_account(call, call.github.known_account(call.path["org"]))


@endpoint("GET", "/repos/{owner}/{repo}/installation", auth="app")
def get_repo_installation(call: Call) -> dict[str, Any]:
    """Get the installation that sees a repository."""
    for each in _own(call):
        if each.sees(call.repo):
            return shapes.installation(each, call.urls)
    raise not_found()


@endpoint("GET", "/app/hook/config", auth="app")
def get_hook_config(call: Call) -> dict[str, Any]:
    """Say where webhooks go."""
    assert call.app is not None
    url = call.github.webhook_url or call.app.hook_url or ""
    return {"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": url}


def _deliveries(call: Call) -> list[Delivery]:
    assert call.app is not None
    return [each for each in reversed(list(call.github.deliveries)) if each.app_id == call.app.id]


@endpoint("GET", "/app/hook/deliveries", auth="app")
def list_deliveries(call: Call) -> Answer:
    """List deliveries, newest first, in pages by ``cursor``; with ``status`` only the ``success`` or ``failure`` ones."""
    found = _deliveries(call)
    wanted = call.query.get("status")
    if wanted is not None:
        found = [each for each in found if (200 <= each.status_code < 400) == (wanted == "success")]
    size = min(int(call.query.get("per_page", 30)), 100)
    cursor = call.query.get("cursor", "")
    if cursor:
        found = [
            each for each in found if f"v1_{each.id}" <= cursor and each.id <= int(cursor.removeprefix("v1_"))
        ]
    headers = {}
    if len(found) > size:
        url = call.link(cursor=f"v1_{found[size].id}")
        headers["Link"] = f'<{url}>; rel="next"'
    return Answer([shapes.delivery_item(each) for each in found[:size]], headers=headers)


def _delivery_in(call: Call) -> Delivery:
    number = call.number("delivery_id")
    for each in _deliveries(call):
        if each.id == number:
            return each
    raise not_found()


@endpoint("GET", "/app/hook/deliveries/{delivery_id}", auth="app")
def get_delivery(call: Call) -> dict[str, Any]:
    """Get a delivery with what was sent and answered."""
    return shapes.delivery_full(_delivery_in(call))


@endpoint("POST", "/app/hook/deliveries/{delivery_id}/attempts", auth="app")
def redeliver(call: Call) -> Answer:
    """Deliver again."""
    call.github.redeliver(_delivery_in(call))
    return Answer({}, 202)
