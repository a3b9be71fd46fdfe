"""Signing in and out, as a browser meets it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import ValidationError

from tests.bot.signin.conftest import csrf_in


def test_who_is_not_signed_in_is_asked_to_and_then_gets_the_page(site):
    ann = site.browser("ann")
    asked = ann.get("/who?a=b%20c")
    assert asked.status_code == 200
    assert "Sign in with GitHub" in asked.text
    assert urlsplit(str(asked.url)).path == "/sign-in"
    said = ann.get("/sign-in/start?next=/who%3Fa%3Db%2520c")
    assert said.json()["login"] == "ann"
    assert str(said.url) == f"{site.url}/who?a=b%20c"
    page = ann.get("/sign-in")
    assert "You are signed in" in page.text
    assert "ann" in page.text


def test_github_is_told_the_exact_address_a_challenge_and_a_state(site):
    asked = parse_qs(urlsplit(site.browser("ann").once("/sign-in/start").headers["location"]).query)
    assert asked["redirect_uri"] == [f"{site.url}/sign-in/callback"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert asked["state"][0]
    assert "scope" not in asked, "an App's rights are its own"


def test_no_token_is_kept(site):
    site.browser("ann").sign_in()
    assert site.github.sign_ins.tokens == {}, "given back"
    kept = b"".join(each.read_bytes() for each in site.settings.data_dir.iterdir() if each.is_file())
    assert b"ghu_" not in kept
    assert b"ghr_" not in kept


def test_the_token_is_given_back_when_reading_fails(site):
    site.github.faults.status("GET", "/user/installations", 503)
    failed = site.browser("ann").sign_in()
    assert failed.status_code == 503
    assert site.github.sign_ins.tokens == {}


def test_the_database_holds_nothing_that_opens_a_session(site):
    ann = site.browser("ann")
    ann.sign_in()
    carried = ann.client.cookies["patchwright-session"]
    [row] = site.rows()
    assert carried.partition(".")[0] not in str(row)
    forged = httpx.Cookies({"patchwright-session": row["id_hash"]})
    assert httpx.get(f"{site.url}/who", cookies=forged).status_code == 303


def test_the_cookies_are_for_no_script_and_no_other_site(site):
    ann = site.browser("ann")
    begun = ann.once("/sign-in/start").headers["set-cookie"]
    back = ann.client.get(
        ann.once("/sign-in/start").headers["location"], headers={"Cookie": "dotcom_user=ann"}
    ).headers["location"]
    for cookie in (begun, ann.client.get(back).headers["set-cookie"]):
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


def test_signing_out_ends_the_session_and_not_just_the_cookie(site):
    ann = site.browser("ann")
    ann.sign_in()
    stolen = dict(ann.client.cookies)
    out = ann.post("/sign-out")
    assert out.status_code == 303
    assert "You are signed out" in ann.get(out.headers["location"]).text
    assert ann.once("/who").status_code == 303
    assert httpx.get(f"{site.url}/who", cookies=stolen).status_code == 303
    assert site.rows() == []


def test_one_browser_signs_out_the_other_stays(site):
    first, second = site.browser("ann"), site.browser("ann")
    first.sign_in()
    second.sign_in()
    first.post("/sign-out")
    assert second.once("/who").status_code == 200


def test_the_form_of_a_page_signs_out(site):
    ann = site.browser("ann")
    ann.sign_in()
    token = csrf_in(ann.get("/sign-in").text)
    assert ann.post("/sign-out", {"csrf": token}).status_code == 303
    assert site.rows() == []


def test_who_says_no_at_github_is_told_so(site):
    site.github.sign_ins.asks = True
    ann = site.browser("ann")
    shown = ann.get("/sign-in/start")
    back = ann.client.post(str(shown.url), data={"authorize": "0"}, headers={"Cookie": "dotcom_user=ann"})
    page = ann.client.get(back.headers["location"])
    assert page.status_code == 403
    assert "told not to sign you in" in page.text
    assert site.rows() == []


def test_a_session_ends_with_its_time(site):
    ann = site.browser("ann")
    ann.sign_in()
    created = site.rows()[0]["created_at"]
    site.change(expires_at=created)
    assert ann.once("/who").headers["location"] == "/sign-in?next=%2Fwho"
    site.browser("bea").sign_in()
    assert [each["login"] for each in site.rows()] == ["bea"], "what has ended is deleted at the next sign-in"


def test_operators_are_known_by_their_login_however_it_is_written(make_site):
    site = make_site(operators=("OLGA", "@Oscar"))
    for login in ("Olga", "oscar"):
        browser = site.browser(login)
        assert browser.sign_in().json()["operator"] is True
        assert browser.once("/operators").status_code == 200
    assert site.browser("olga2").sign_in().json()["operator"] is False


def test_an_operators_number_keeps_out_who_took_over_the_login(make_site, github):
    number = github.account("olga").id
    assert make_site(operators=f"olga:{number}").browser("olga").sign_in().json()["operator"] is True
    assert make_site(operators=f"olga:{number + 1}").browser("olga").sign_in().json()["operator"] is False
    for odd in ("olga:", "olga:x", ":7", "olga:7:8", "olga:-7"):
        with pytest.raises(ValidationError, match="no GitHub login"):
            make_site(operators=odd)


def test_without_a_client_id_pages_say_how_to_set_it(make_site):
    site = make_site(client_id=None, client_secret=None)
    for path in ("/who", "/sign-in", "/sign-in/start", "/sign-in/callback?code=1&state=1"):
        page = site.browser("ann").once(path)
        assert page.status_code == 503
        assert "PATCHWRIGHT_CLIENT_ID" in page.text


def test_without_a_public_url_people_sign_in_on_the_own_machine_only(make_site):
    site = make_site(public=False)
    ann = site.browser("ann")
    assert ann.sign_in().json()["login"] == "ann"
    assert ann.post("/sign-out").status_code == 303
    for host in ("evil.example", "localhost@evil.example", "127.0.0.1.evil.example", "[::1", "127.0.0.1:x"):
        page = ann.once("/sign-in/start", Host=host)
        assert page.status_code in {400, 503}, host
        assert "evil" not in page.headers.get("location", "")


def test_two_tabs_can_sign_in_at_once(site):
    ann = site.browser("ann")
    ways = [ann.once(f"/sign-in/start?next=/who?tab={tab}").headers["location"] for tab in (1, 2)]
    backs = [ann.client.get(way, headers={"Cookie": "dotcom_user=ann"}).headers["location"] for way in ways]
    assert [ann.client.get(back).headers["location"] for back in backs] == ["/who?tab=1", "/who?tab=2"]
    assert len(site.rows()) == 1
