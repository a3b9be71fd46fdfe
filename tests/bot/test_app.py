"""Health, readiness, errors, and the description of them that the application gives of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from tests.bot.receive.conftest import server_on_sqlite, web  # noqa: F401
from tests.bot.receive.push import PUSH

if TYPE_CHECKING:
    import httpx

    from tests.bot.receive.conftest import Web


@pytest.fixture
def described(web: Web) -> dict[str, Any]:  # noqa: F811
    """The application's OpenAPI description."""
    found: dict[str, Any] = web.client.get(f"{web.url}/openapi.json").json()
    return found


def holds(described: dict[str, Any], method: str, path: str, response: httpx.Response) -> None:
    """Fails unless the description has this status there, and the answer is as it says."""
    responses = described["paths"][path][method]["responses"]
    assert str(response.status_code) in responses, f"{response.status_code} is not described"
    schema = responses[str(response.status_code)]["content"]["application/json"]["schema"]
    whole = {**schema, "components": described["components"]}
    jsonschema_rs.validate(whole, response.json())


def test_alive(web: Web, described: dict[str, Any]) -> None:  # noqa: F811
    response = web.client.get(f"{web.url}/health")
    assert response.status_code == 200
    assert response.json()["status"] == "alive"
    holds(described, "get", "/health", response)


def test_ready(web: Web, described: dict[str, Any]) -> None:  # noqa: F811
    response = web.client.get(f"{web.url}/ready")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "checks": {"database": "ok", "queue": "ok", "credentials": "ok"},
    }
    holds(described, "get", "/ready", response)


@pytest.mark.parametrize("part", ["queue", "credentials"])
def test_a_part_that_does_not_work_is_named(web: Web, described: dict[str, Any], part: str) -> None:  # noqa: F811
    web.troubles[part] = "it is asleep"
    response = web.client.get(f"{web.url}/ready")
    web.troubles[part] = None
    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"
    assert response.json()["checks"][part] == "it is asleep"
    holds(described, "get", "/ready", response)


def test_every_answer_to_a_webhook_is_described(web: Web, described: dict[str, Any]) -> None:  # noqa: F811
    answers = [
        web.deliver(PUSH),
        web.deliver(PUSH, event="star"),
        web.deliver(b"{"),
        web.deliver(PUSH, secret=b"wrong"),
        web.deliver(PUSH, X_GitHub_Hook_Installation_Target_ID="1"),
        web.deliver(PUSH, Content_Type="text/plain"),
        web.deliver(b" " * (25 * 1024 * 1024 + 1)),
    ]
    assert [each.status_code for each in answers] == [202, 200, 400, 401, 403, 415, 413]
    for each in answers:
        holds(described, "post", "/webhooks/github", each)


def test_what_is_described_is_what_is_served(web: Web, described: dict[str, Any]) -> None:  # noqa: F811
    assert sorted(described["paths"]) == ["/health", "/ready", "/webhooks/github"]
    needed = {
        each["name"]
        for each in described["paths"]["/webhooks/github"]["post"]["parameters"]
        if each["required"]
    }
    for name in needed:
        response = web.deliver(PUSH, **{name.replace("-", "_"): None})
        assert response.status_code in {400, 401}
        assert name in response.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/webhooks/github", 405), ("POST", "/health", 405), ("GET", "/docs", 404)],
)
def test_what_is_not_served(web: Web, method: str, path: str, status: int) -> None:  # noqa: F811
    response = web.client.request(method, f"{web.url}{path}")
    assert response.status_code == status
    assert list(response.json()) == ["error"]


def test_a_mistake_of_ours_is_not_shown(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    def broken(*_: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(web.receiver, "_take", broken)
    response = web.deliver(PUSH)
    assert response.status_code == 500
    assert list(response.json()) == ["error"]
    assert "secret" not in response.text
