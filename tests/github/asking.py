"""Plain requests as an installation, for the stand-in's own tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from tests.github.registry import PERMISSIONS

if TYPE_CHECKING:
    from tests.github.server import StandIn


class Asking(httpx.Client):
    """A client with a token of the first installation; ``permissions`` narrow it."""

    def __init__(self, github: StandIn, permissions: dict[str, str] | None = None) -> None:
        found = next(iter(github.installations.values()))
        token = github.create_token(found, permissions or dict(PERMISSIONS), None)
        self.graphql_url = github.graphql_url
        super().__init__(
            base_url=github.api_url, headers={"Authorization": f"token {token.value}"}, timeout=30
        )

    def query(self, text: str, **variables: Any) -> dict[str, Any]:
        """The whole answer to a GraphQL query or mutation."""
        body = {"query": text, "variables": variables}
        answer: dict[str, Any] = self.post(self.graphql_url, json=body).json()
        return answer


def events(github: StandIn) -> list[str]:
    """What was sent so far: ``event action``."""
    return [f"{each.event} {each.action}" if each.action else each.event for each in github.deliveries]
