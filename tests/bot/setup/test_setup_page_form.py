"""What the setup page's form asks for, and the App that GitHub makes of it."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.settings import with_kept_app
from bot.setup.permissions import PERMISSIONS
from tests.bot.setup.conftest import PERSON, Browser, Start

if TYPE_CHECKING:
    from tests.github.server import StandIn


def test_the_address_that_the_browser_uses_is_suggested(start: Start) -> None:
    browser = start().browser()
    assert f'value="{browser.url}"' in browser.come_in().answer.text
    headers = {"Host": "patchwright.acme.example", "X-Forwarded-Proto": "https"}
    page = browser.get("/setup", headers={**headers, "Cookie": _cookie(browser)})
    assert 'value="https://patchwright.acme.example"' in page.answer.text


def _cookie(browser: Browser) -> str:
    return f"patchwright-setup={browser.client.cookies['patchwright-setup']}"


@pytest.mark.parametrize("organisation", ["", "acme"])
def test_the_app_is_made_as_the_page_said(
    start: Start, github: StandIn, tmp_path: Path, organisation: str
) -> None:
    if organisation:
        github.organization(organisation)
    running = start()
    browser = running.browser()
    browser.come_in()
    owner = "organisation" if organisation else "person"
    name = f"Made for {owner}"
    confirm = browser.choose(
        owner=owner, organisation=organisation, name=name, operators="@Mona, sam" if organisation else ""
    )
    for each in PERMISSIONS:
        assert (each.reason in confirm.text) is not each.optional
    back = browser.at_github(confirm)
    done = browser.get(back)
    assert (done.status, done.answer.headers["location"]) == (303, "/setup/done")
    settings = running.result()
    (app,) = [each for each in github.apps.values() if each.name == name]
    assert app.owner.login == (organisation or PERSON)
    assert app.permissions == {
        "contents": "write", "pull_requests": "write", "issues": "write", "checks": "write", "metadata": "read"
    }  # fmt: skip
    assert app.hook_url == f"{running.url}/webhooks/github"
    assert app.callback_urls == (f"{running.url}/sign-in/callback",)
    assert (app.setup_url, app.public) == (f"{running.url}/setup/done", False)
    assert (settings.app_id, settings.client_id) == (app.id, app.client_id)
    assert settings.webhook_secrets == (app.webhook_secret.encode(),)
    assert settings.can_sign_in
    assert settings.public_url == running.url
    assert settings.operators == (("mona", "sam") if organisation else (PERSON,))
    kept = tmp_path / "data" / "app.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert with_kept_app(running.operator) == settings


def test_merge_queues_and_a_relay_are_asked_for_where_chosen(start: Start) -> None:
    browser = start().browser()
    browser.come_in()
    relay = "https://relay.example.com/abc?x=1"
    manifest = json.loads(
        browser.choose(merge_queues="yes", public="yes", webhook_url=relay).fields["manifest"]
    )
    assert manifest["default_permissions"]["merge_queues"] == "read"
    assert "merge_group" in manifest["default_events"]
    assert manifest["public"] is True
    assert manifest["hook_attributes"] == {"url": relay, "active": True}
    assert manifest["request_oauth_on_install"] is False


def test_what_the_settings_decide_is_not_the_forms_to_change(start: Start) -> None:
    browser = start(public_url="https://patchwright.example.com", operators="mona").browser()
    browser.come_in()
    confirm = browser.choose(public_url="https://evil.example", operators="mallory")
    assert "evil.example" not in confirm.text
    assert "mallory" not in confirm.text
    assert "https://patchwright.example.com/setup/created" in confirm.text


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("public_url", {"public_url": "patchwright.example.com"}),
        ("public_url", {"public_url": "https://patchwright.example.com/below"}),
        ("public_url", {"public_url": "javascript:alert(1)"}),
        ("webhook_url", {"webhook_url": "ftp://relay.example.com"}),
        ("name", {"name": "?" * 10}),
        ("name", {"name": "x" * 35}),
        ("organisation", {"owner": "organisation", "organisation": "../acme"}),
        ("organisation", {"owner": "organisation"}),
        ("owner", {"owner": "the queen"}),
        ("operators", {"operators": "mona; sam"}),
    ],
)
def test_mistakes_in_the_form(start: Start, field: str, wrong: dict[str, str]) -> None:
    browser = start().browser()
    browser.come_in()
    page = browser.choose(**wrong)
    assert page.status == 422
    assert re.findall(r'id="(\w+)-mistake"', page.answer.text) == [field]
    assert "manifest" not in page.fields


def test_text_that_looks_like_html_stays_text(start: Start) -> None:
    browser = start().browser()
    browser.come_in()
    page = browser.choose(name="<b>&\"'x{{7*7}}")
    assert page.status == 200
    assert "<b>&" not in page.answer.text
    assert "{{7*7}}" in page.text
    assert json.loads(page.fields["manifest"])["name"] == "<b>&\"'x{{7*7}}"
