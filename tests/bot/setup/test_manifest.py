"""What the App asks for, and where the manifest is sent."""

from __future__ import annotations

import pytest

from bot.events.decide import HANDLED
from bot.setup.manifest import Choice, form_address, manifest, suggested_name, unreachable
from bot.setup.permissions import EVENTS, PERMISSIONS, UNASKED

URL = "https://patchwright.example.com"


def test_it_asks_for_the_least_and_for_every_event_that_is_acted_on() -> None:
    asked = manifest(Choice(URL, f"{URL}/webhooks/github", "Patchwright", merge_queues=True))
    assert asked["default_permissions"] == {
        "contents": "write",
        "pull_requests": "write",
        "issues": "write",
        "checks": "write",
        "metadata": "read",
        "merge_queues": "read",
    }
    assert {*asked["default_events"], *(each.name for each in UNASKED)} == HANDLED
    assert all(each.reason for each in (*PERMISSIONS, *EVENTS, *UNASKED))
    without = manifest(Choice(URL, f"{URL}/webhooks/github", "Patchwright"))
    assert "merge_queues" not in without["default_permissions"]
    assert "merge_group" not in without["default_events"]


@pytest.mark.parametrize(
    ("github", "organisation", "address"),
    [
        ("https://github.com", "", "https://github.com/settings/apps/new?state=s"),
        ("https://github.com", "acme", "https://github.com/organizations/acme/settings/apps/new?state=s"),
        (
            "https://ghe.example.com",
            "a-b_c",
            "https://ghe.example.com/organizations/a-b_c/settings/apps/new?state=s",
        ),
    ],
)
def test_where_the_manifest_is_sent(github: str, organisation: str, address: str) -> None:
    assert form_address(github, Choice(URL, URL, "x", organisation), "s") == address


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (URL, "Patchwright example.com"),
        ("https://bots.acme.example", "Patchwright bots.acme.example"),
        ("http://127.0.0.1:8080", "Patchwright"),
        ("http://localhost:8080", "Patchwright"),
        ("https://a-very-long-label-of-a-host.example.com", "Patchwright a-very-long-label-of-a"),
    ],
)
def test_a_name_is_suggested(url: str, name: str) -> None:
    assert suggested_name(url) == name


@pytest.mark.parametrize(
    ("url", "github", "why"),
    [
        (URL, "https://github.com", None),
        ("http://localhost:8080", "https://github.com", "local"),
        ("http://192.168.0.7", "https://github.com", "local"),
        ("https://laptop", "https://octo.ghe.com", "local"),
        ("http://[::1]:80", "https://github.com", "local"),
        ("http://patchwright.example.com", "https://github.com", "plain"),
        ("http://10.0.0.1", "https://ghe.example.com", None),
    ],
)
def test_addresses_that_github_cannot_reach(url: str, github: str, why: str | None) -> None:
    assert unreachable(url, github) == why
