"""What the App asks as itself, not as one of its installations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.github.answers import items, moment, number, text, text_or_empty, within
from bot.github.model import AppInfo, DeliveryInfo, InstallationInfo
from bot.github.operations import calls
from bot.github.requests import Requests, next_page

if TYPE_CHECKING:
    from bot.github.signing_in import App


def app_slug(app: App) -> str:
    """The App's name in addresses; asked for once in a process."""
    if not app.slug:
        app.slug = app_info(app).slug
    return app.slug


@calls("apps/get-authenticated")
def app_info(app: App) -> AppInfo:
    """The App. Raises Refused where its id and key do not fit: the way to check credentials."""
    data = _once(app, "/app")
    app.created_at = text_or_empty(data, "created_at")
    granted = within(data, "permissions")
    return AppInfo(
        id=number(data, "id"),
        slug=text(data, "slug"),
        name=text(data, "name"),
        html_url=text(data, "html_url"),
        permissions=tuple(sorted((str(key), str(value)) for key, value in (granted or {}).items())),
        events=tuple(str(each) for each in items(data, "events")),
    )


@calls("apps/list-installations")
def installations(app: App) -> list[InstallationInfo]:
    """Every installation of the App."""
    requests = Requests(app)
    try:
        return [
            InstallationInfo(
                id=number(each, "id"),
                account=text_or_empty(each, "account", "login") or text_or_empty(each, "account", "slug"),
                suspended=within(each, "suspended_at") is not None,
            )
            for each in requests.pages("/app/installations")
        ]
    finally:
        requests.close()


@calls("apps/list-repos-accessible-to-installation")
def installation_repositories(app: App, installation: int) -> dict[int, str]:
    """The full names of an installation's repositories by their ids."""
    requests = Requests(app, installation)
    try:
        found = requests.pages("/installation/repositories", "repositories")
        return {number(each, "id"): text(each, "full_name") for each in found}
    finally:
        requests.close()


@calls("apps/list-webhook-deliveries")
def hook_deliveries(app: App) -> Iterator[DeliveryInfo]:
    """Attempts to deliver webhooks, newest first, as far back as GitHub keeps them; a page at a time."""
    requests = Requests(app)
    parameters: dict[str, str | int] | None = {"per_page": 100}
    try:
        while parameters is not None:
            answer = requests.answer("GET", "/app/hook/deliveries", parameters)
            for each in items(answer.data):
                status = within(each, "status_code")
                yield DeliveryInfo(
                    id=number(each, "id"),
                    guid=text(each, "guid"),
                    event=text(each, "event"),
                    action=text_or_empty(each, "action"),
                    ok=isinstance(status, int) and 200 <= status < 300,
                    redelivery=bool(within(each, "redelivery")),
                    delivered_at=moment(each, "delivered_at"),
                )
            following = next_page(answer.headers.get("link", ""))
            parameters = following if following != parameters else None
    finally:
        requests.close()


@calls("apps/redeliver-webhook-delivery")
def redeliver(app: App, delivery: int) -> None:
    """Asks GitHub to deliver a webhook again, under the same delivery id; ``delivery`` numbers one attempt."""
    requests = Requests(app)
    try:
        requests.write("POST", f"/app/hook/deliveries/{delivery}/attempts")
    finally:
        requests.close()


def _once(app: App, path: str) -> object:
    requests = Requests(app)
    try:
        return requests.get(path)
    finally:
        requests.close()
