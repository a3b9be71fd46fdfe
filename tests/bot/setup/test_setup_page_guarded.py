"""Who gets in to the setup page, and what guards its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from bot.setup.permissions import EVENTS, PERMISSIONS
from tests.bot.setup.conftest import TOKEN, Browser, Start

if TYPE_CHECKING:
    from tests.github.server import StandIn


def test_before_there_is_an_app(start: Start) -> None:
    browser = start().browser()
    home = browser.get("/")
    assert (home.status, home.answer.headers["location"]) == (303, "/setup")
    hook = httpx.post(f"{browser.url}/webhooks/github", content=b"{}")
    assert hook.status_code == 503
    assert "Retry-After" in hook.headers
    ready = browser.get("/ready")
    assert ready.status == 503
    assert "no App yet" in ready.answer.json()["checks"]["credentials"]
    assert browser.get("/metrics").answer.headers["content-type"] == "application/json"
    lost = browser.get("/repositories")
    assert lost.status == 404
    assert lost.answer.headers["content-type"].startswith("text/html")


def test_nothing_is_shown_or_done_without_the_token(start: Start, github: StandIn) -> None:
    running = start()
    stranger = running.browser()
    for path in ("/setup", "/setup/created?code=1&state=2"):
        page = stranger.get(path)
        assert "Contents" not in page.text
        assert page.attribute(r'name="(token)"')
    for path in ("/setup", "/setup/again"):
        assert "Contents" not in stranger.post(path, {"csrf": "x"}).text
    wrong = stranger.post("/setup/token", {"token": "guessed"})
    assert wrong.status == 403
    assert "set-cookie" not in wrong.answer.headers
    owner = running.browser()
    form = owner.come_in()
    for each in (*PERMISSIONS, *EVENTS):
        assert each.reason in form.text
    cookie = owner.client.cookies["patchwright-setup"]
    stranger.client.cookies.set("patchwright-setup", cookie[:-2] + "xx", domain="127.0.0.1")
    assert "Contents" not in stranger.get("/setup").text


def test_the_links_token_becomes_a_cookie_and_leaves_the_address(start: Start) -> None:
    browser = start().browser()
    came = browser.get("/setup", params={"key": TOKEN})
    assert (came.status, came.answer.headers["location"]) == (303, "/setup")
    cookie = came.answer.headers["set-cookie"]
    assert TOKEN not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Contents" in browser.get("/setup").text


def test_guessing_ends_soon(start: Start) -> None:
    running = start()
    browser = running.browser()
    answers = [browser.post("/setup/token", {"token": f"guess {n}"}).status for n in range(12)]
    assert answers == [403] * 10 + [429] * 2
    assert browser.get("/setup", params={"key": "a guess"}).status == 429


def test_its_forms_come_from_its_own_pages_alone(start: Start) -> None:
    browser = start().browser()
    form = browser.come_in()
    given = {"public_url": browser.url, "name": "x", "owner": "person"}
    assert browser.post("/setup", given).status == 403
    assert browser.post("/setup", {**given, "csrf": "made up"}).status == 403
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert browser.post("/setup", {**form.fields, **given}, headers=headers).status == 403
    other = Browser(browser.url)
    other.come_in()
    assert other.post("/setup", {**form.fields, **given}).status == 403, "made for another browser"
    assert browser.post("/setup", {**form.fields, **given}).status == 200


def test_a_proxy_may_change_the_host(start: Start) -> None:
    browser = start(public_url="https://patchwright.example.com").browser()
    form = browser.come_in()
    given = {**form.fields, "name": "x", "owner": "person"}
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "https://patchwright.example.com"}):
        assert browser.post("/setup", given, headers=headers).status == 200
    assert browser.post("/setup", given, headers={"Origin": "null"}).status == 403


def test_every_answer_is_guarded(start: Start, github: StandIn) -> None:
    browser = start(public_url="https://patchwright.example.com").browser()
    for page in (browser.get("/setup"), browser.come_in(), browser.get("/nothing"), browser.get("/")):
        policy = page.answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert f"form-action 'self' {github.url};" in policy
        assert "script" not in policy
        assert "unsafe" not in policy
        assert "noindex" in page.answer.headers["x-robots-tag"]
        assert "strict-transport-security" in page.answer.headers
        assert page.answer.headers["cache-control"] == "no-store"
        assert "<script" not in page.answer.text
        assert " style=" not in page.answer.text


def test_behind_https_the_cookie_is_for_encrypted_connections(start: Start) -> None:
    running = start(public_url="https://patchwright.example.com")
    through = {"Host": "patchwright.example.com"}
    cookie = httpx.get(f"{running.url}/setup", params={"key": TOKEN}, headers=through).headers["set-cookie"]
    assert cookie.startswith("__Host-patchwright-setup=")
    assert "Secure" in cookie
    direct = httpx.get(f"{running.url}/setup", params={"key": TOKEN}).headers["set-cookie"]
    assert "Secure" not in direct
