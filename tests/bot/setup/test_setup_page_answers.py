"""What becomes of GitHub's answer: forged, late, incomplete, or not there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.bot.setup.conftest import TOKEN, Start
from tests.github.faults import Fault

if TYPE_CHECKING:
    from tests.github.server import StandIn


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
