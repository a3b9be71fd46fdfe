"""Apps, installations and deliveries as GitHub writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.people import node_id, simple_user

if TYPE_CHECKING:
    from tests.github.exchanges import Delivery
    from tests.github.registry import App, Installation
    from tests.github.urls import Urls


def integration(app: App, urls: Urls) -> dict[str, Any]:
    """GitHub's ``integration``: an App."""
    return {
        "id": app.id,
        "client_id": app.client_id,
        "slug": app.slug,
        "node_id": node_id("A", app.id),
        "owner": simple_user(app.owner, urls),
        "name": app.name or app.slug.replace("-", " ").title(),
        "description": "",
        "external_url": "https://example.com",
        "html_url": urls.html(f"/apps/{app.slug}"),
        "created_at": app.created_at,
        "updated_at": app.created_at,
        "permissions": app.permissions,
        "events": app.events,
    }


def installation(found: Installation, urls: Urls) -> dict[str, Any]:
    """GitHub's ``installation``."""
    url = urls.api(f"/app/installations/{found.id}/access_tokens")
    kind = found.account.type
    page = f"/organizations/{found.account.login}/settings" if kind == "Organization" else "/settings"
    return {
        "id": found.id,
        "client_id": found.app.client_id,
        "account": simple_user(found.account, urls),
        "repository_selection": found.selection,
        "access_tokens_url": url,
        "repositories_url": urls.api("/installation/repositories"),
        "html_url": urls.html(f"{page}/installations/{found.id}"),
        "app_id": found.app.id,
        "app_slug": found.app.slug,
        "target_id": found.account.id,
        "target_type": kind,
        "permissions": found.permissions,
        "events": found.app.events,
        "created_at": found.created_at,
        "updated_at": found.created_at,
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None,
        "suspended_at": found.suspended_at,
    }


def delivery_item(delivery: Delivery) -> dict[str, Any]:
    """GitHub's ``hook-delivery-item``."""
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": delivery.delivered_at,
        "redelivery": delivery.redelivery,
        "duration": round(delivery.duration, 2),
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation_id,
        "repository_id": delivery.repository_id,
        "throttled_at": None,
    }


def delivery_full(delivery: Delivery) -> dict[str, Any]:
    """GitHub's ``hook-delivery``: with what was sent and answered."""
    return {
        **delivery_item(delivery),
        "url": "",
        "request": {"headers": delivery.headers, "payload": delivery.payload},
        "response": {"headers": delivery.response_headers, "payload": delivery.response_body},
    }
