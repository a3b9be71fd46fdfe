"""The setup page, by HTTP: who gets in, what GitHub is asked for, and what becomes of its answer."""

from __future__ import annotations

import json
import re
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from bot.settings import SettingsError, with_kept_app
from bot.setup.permissions import EVENTS, PERMISSIONS
from tests.bot.setup.conftest import PERSON, TOKEN, Browser, Running
from tests.bot.waiting import until
from tests.github.faults import Fault

if TYPE_CHECKING:
    from tests.github.server import StandIn

Start = Callable[..., Running]


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


def test_the_address_that_the_browser_uses_is_suggested(start: Start) -> None:
    browser = start().browser()
    assert f'value="{browser.url}"' in browser.come_in().answer.text
    headers = {"Host": "patchwright.acme.example", "X-Forwarded-Proto": "https"}
    page = browser.get("/setup", headers={**headers, "Cookie": _cookie(browser)})
    assert 'value="https://patchwright.acme.example"' in page.answer.text


def _cookie(browser: Browser) -> str:
    return f"patchwright-setup={browser.client.cookies['patchwright-setup']}"


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


def test_a_state_is_good_once_and_only_one_that_was_given(start: Start, github: StandIn) -> None:
    running = start()
    browser = running.browser()
    browser.come_in()
    state = urlsplit(browser.choose().attribute(r'action="([^"]+settings/apps/new[^"]*)"')).query
    asked = len(github.exchanges)
    for forged in ("", "state=made-up", state[:-3] + "abc"):
        page = browser.get(f"/setup/created?code=abc&{forged}")
        assert page.status == 400
    assert len(github.exchanges) == asked, "GitHub is not asked for what did not begin here"
    used = browser.get(f"/setup/created?code=abc&{state}")
    assert used.status == 502
    assert browser.get(f"/setup/created?code=abc&{state}").status == 400
    assert not running.ended


def test_a_code_that_does_not_hold_any_more(start: Start, github: StandIn) -> None:
    running = start()
    browser = running.browser()
    browser.come_in()
    back = browser.at_github(browser.choose(name="Too late"))
    github.manifests.clear()
    page = browser.get(back)
    assert page.status == 502
    assert "one hour" in page.text
    assert "Begin again" in page.text
    assert browser.get("/setup").status == 200, "another attempt can begin"
    assert browser.get(browser.at_github(browser.choose(name="In time"))).status == 303
    assert running.result().app_id


def test_github_cannot_be_reached_for_a_while(start: Start, github: StandIn) -> None:
    running = start()
    browser = running.browser()
    browser.come_in()
    back = browser.at_github(browser.choose(name="Patient"))
    github.faults.disconnect("POST", "/app-manifests/*")
    page = browser.get(back)
    assert page.status == 502
    assert "cannot be reached" in page.text
    github.faults.status("POST", "/app-manifests/*", 503)
    assert "503" in browser.post("/setup/again", page.fields).text
    assert "Try again" in browser.get("/setup").text
    done = browser.post("/setup/again", page.fields)
    assert (done.status, done.answer.headers["location"]) == (303, "/setup/done")
    assert running.result().app_id


def test_an_address_that_is_no_github(start: Start) -> None:
    running = start(github_api_url=start().url)  # some other web site
    browser = running.browser()
    browser.come_in()
    page = browser.get(browser.at_github(browser.choose(name="Lost")))
    assert page.status == 502
    assert "not as GitHub's API does: check PATCHWRIGHT_GITHUB_URL" in page.text


def test_an_answer_without_all_credentials(start: Start, github: StandIn) -> None:
    browser = start().browser()
    browser.come_in()
    back = browser.at_github(browser.choose(name="Half an answer"))
    half = {
        "id": 7,
        "slug": "half",
        "html_url": "https://x",
        "pem": "-----BEGIN geheim",
        "webhook_secret": None,
    }
    github.faults.add(Fault("half an answer", "POST", "/app-manifests/*", status=201, body=half))
    page = browser.get(back)
    assert page.status == 502
    assert "no client_id, client_secret, webhook_secret that" in page.text
    assert "geheim" not in page.answer.text


def test_credentials_that_cannot_be_kept_are_not_lost(start: Start, tmp_path: Path) -> None:
    running = start()
    browser = running.browser()
    browser.come_in()
    back = browser.at_github(browser.choose(name="Kept at last"))
    in_the_way = tmp_path / "data" / "app.json" / "something"
    in_the_way.mkdir(parents=True)
    page = browser.get(back)
    assert page.status == 500
    assert "app.json" in page.text
    assert "do not stop it" in page.text
    assert "do not stop it" in browser.get("/setup?anew=yes").text, "no other App takes their place"
    in_the_way.rmdir()
    in_the_way.parent.rmdir()
    assert browser.post("/setup/again", page.fields).status == 303
    assert with_kept_app(running.operator) == running.result()


def test_credentials_that_are_lost_at_the_end_are_said_to_be(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running = start()
    browser = running.browser()
    browser.come_in()
    back = browser.at_github(browser.choose(name="Lost at the end"))
    (tmp_path / "data" / "app.json" / "something").mkdir(parents=True)
    assert browser.get(back).status == 500
    running.close()
    assert running.settings is None
    said = capsys.readouterr().out
    assert "not kept and are lost" in said
    assert "PRIVATE KEY" not in said


def test_a_folder_that_cannot_be_written_is_said_before_github_is_asked(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    browser = start(data_dir=tmp_path / "file" / "data").browser()
    browser.come_in()
    page = browser.choose()
    assert page.status == 503
    assert "data folder" in page.text


def hook(folder: Path, code: str) -> str:
    script = folder / "hook.py"
    script.write_text(f"import os, sys\nfolder = {str(folder)!r}\n{code}")
    return f"{sys.executable} '{script}'"


def test_a_hook_gets_the_credentials_instead_of_the_file(start: Start, tmp_path: Path) -> None:
    code = (
        "if not os.path.exists(folder + '/open'): sys.exit(3)\n"
        "open(folder + '/taken', 'w').write(sys.stdin.read())\n"
    )
    running = start(credentials_hook=hook(tmp_path, code))
    browser = running.browser()
    browser.come_in()
    page = browser.get(browser.at_github(browser.choose(name="Hooked")))
    assert page.status == 500
    assert "PATCHWRIGHT_CREDENTIALS_HOOK ended with 3" in page.text
    (tmp_path / "open").touch()
    assert browser.post("/setup/again", page.fields).status == 303
    settings = running.result()
    taken = json.loads((tmp_path / "taken").read_text())
    assert taken["app_id"] == settings.app_id
    assert taken["private_key"] == settings.private_key.get_secret_value()
    assert not (tmp_path / "data" / "app.json").exists()


def test_coming_back_under_another_name_the_token_is_asked_for_and_nothing_is_lost(start: Start) -> None:
    running = start()
    browser = running.browser()
    browser.come_in()
    back = browser.at_github(browser.choose(name="Elsewhere"))
    elsewhere = running.browser()
    page = elsewhere.get(back)
    assert page.attribute(r'name="(token)"')
    shown = elsewhere.post("/setup/token", {**page.fields, "token": TOKEN})
    assert shown.status == 303
    assert elsewhere.get(shown.answer.headers["location"]).status == 303
    assert running.result().app_id


def test_another_process_that_shares_the_folder_goes_on_too(start: Start) -> None:
    one, other = start(), start()
    browser = one.browser()
    browser.come_in()
    assert browser.get(browser.at_github(browser.choose(name="Shared"))).status == 303
    assert one.result() == other.result()


def test_an_app_of_another_github(start: Start, github: StandIn) -> None:
    running = start()
    browser = running.browser()
    browser.come_in()
    browser.get(browser.at_github(browser.choose(name="Of this one")))
    until(lambda: running.ended)
    elsewhere = running.operator.model_copy(update={"github_url": "https://github.com"})
    with pytest.raises(SettingsError) as caught:
        with_kept_app(elsewhere)
    (said,) = caught.value.mistakes
    assert said.startswith("PATCHWRIGHT_GITHUB_URL ")
    assert github.url in said
