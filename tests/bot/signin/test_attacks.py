"""What others may try: to send people elsewhere, to act in their name, to sign them in as somebody else."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.app import WEBHOOKS
from bot.signin.attempts import MOST_FAILURES
from bot.signin.csrf import LARGEST
from tests.bot.signin.conftest import csrf_in
from tests.github.fixtures import APP_ID, WEBHOOK_SECRET, private_key

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2f%2fevil.example",
    "/%2F/evil.example",
    "/%252f%252fevil.example",
    "/%5cevil.example",
    "/%255cevil.example",
    "/\t/evil.example",
    "/\r\nLocation: https://evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/..//evil.example",
    "/%2e%2e//evil.example",
    "/./%2e%2e/x",
    "javascript:alert(1)",
    "data:text/html,x",
    " //evil.example",
    "https:evil.example",
    "evil.example",
    "@evil.example",
    "/sign-in/start?next=/",
    "/sign-out",
    "/%73ign-in/callback",
    "/" + "a" * 100_00,
    "/\u2215\u2215evil.example",
    "/\x00",
    "",
]


def test_nobody_is_sent_elsewhere_after_signing_in(site):
    ann = site.browser("ann")
    for to in ELSEWHERE:
        way = ann.client.get(f"{site.url}/sign-in/start", params={"next": to}).headers["location"]
        assert way.startswith(f"{site.github.url}/login/oauth/authorize?")
        back = ann.client.get(way, headers={"Cookie": "dotcom_user=ann"}).headers["location"]
        there = ann.client.get(back)
        assert (there.status_code, there.headers["location"]) == (303, "/"), to


def test_the_link_on_the_sign_in_page_stays_here(site):
    for to in ("//evil.example", '/"><script>', "javascript:alert(1)"):
        page = site.browser("ann").client.get(f"{site.url}/sign-in", params={"next": to})
        assert f'href="{site.url}/sign-in/start"' in page.text
        assert "evil" not in page.text
        assert "<script" not in page.text


def test_the_page_that_was_asked_for_stays_here_too(site):
    host = urlsplit(site.url).netloc
    for target in (
        "//evil.example/who",
        "/who?x=\\evil.example",
        "/who?a=%0d%0ab",
        "http://evil.example/who",
    ):
        with socket.create_connection(
            (host.partition(":")[0], int(host.partition(":")[2])), 10
        ) as connection:
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        sent_to = [line for line in answer.splitlines() if line.lower().startswith("location:")]
        assert all(line.partition(" ")[2].startswith("/sign-in") for line in sent_to), target
        assert "//evil" not in answer


def test_a_forged_host_changes_no_address(site):
    ann = site.browser("ann")
    way = ann.once("/sign-in/start", Host="evil.example", X_Forwarded_Host="evil.example")
    assert parse_qs(urlsplit(way.headers["location"]).query)["redirect_uri"] == [
        f"{site.url}/sign-in/callback"
    ]
    for path in ("/who", "/sign-in", "/no/such/page"):
        page = ann.once(path, Host="evil.example")
        assert "evil.example" not in page.headers.get("location", "") + page.text


# Signing somebody in as somebody else


def _way_back(browser, to="/who"):
    way = browser.once(f"/sign-in/start?next={to}").headers["location"]
    return browser.client.get(way, headers={"Cookie": f"dotcom_user={browser.login}"}).headers["location"]


def test_a_sign_in_that_another_browser_began_is_not_taken(site):
    mallory, ann = site.browser("mallory"), site.browser("ann")
    link = _way_back(mallory)
    ann.once("/sign-in/start")
    page = ann.client.get(link)
    assert page.status_code == 400
    assert "not begun in this browser" in page.text
    assert site.rows() == []


def test_a_code_of_another_sign_in_is_not_taken(site):
    mallory, ann = site.browser("mallory"), site.browser("ann")
    theirs = parse_qs(urlsplit(_way_back(mallory)).query)
    own = parse_qs(urlsplit(_way_back(ann)).query)
    page = ann.client.get(
        f"{site.url}/sign-in/callback", params={"code": theirs["code"][0], "state": own["state"][0]}
    )
    assert page.status_code == 400, "the verifier of PKCE is another one"
    assert site.rows() == []


def test_a_way_back_is_gone_once(site):
    ann = site.browser("ann")
    back = _way_back(ann)
    assert ann.client.get(back).status_code == 303
    again = ann.client.get(back)
    assert again.status_code == 400
    assert "used already" in again.text
    assert len(site.rows()) == 1


def test_a_state_that_was_not_made_here(site):
    ann = site.browser("ann")
    ann.once("/sign-in/start")
    for state in ("", "x", "W10.x.y", "a" * 20_000, "\x00", "null", "é"):
        answer = ann.client.get(f"{site.url}/sign-in/callback", params={"code": "1", "state": state})
        assert answer.status_code == 400
        assert answer.text.count("<h1>") == 1


def test_what_github_brings_back_is_not_shown(site):
    ann = site.browser("ann")
    state = parse_qs(urlsplit(ann.once("/sign-in/start").headers["location"]).query)["state"][0]
    for error in ("<script>alert(1)</script>", "x" * 5000, "access_denied\r\n", ""):
        page = ann.client.get(
            f"{site.url}/sign-in/callback",
            params={"error": error, "error_description": "<b>call this number</b>", "state": state},
        )
        assert page.status_code in {403, 502}
        assert "<script" not in page.text
        assert "this number" not in page.text
        assert "xxxx" not in page.text


def test_a_new_sign_in_never_takes_the_session_that_was_there(site):
    mallory, ann = site.browser("mallory"), site.browser("ann")
    mallory.sign_in()
    planted = mallory.client.cookies["patchwright-session"]
    ann.client.cookies.set("patchwright-session", planted, domain="127.0.0.1", path="/")
    assert ann.sign_in().json()["login"] == "ann"
    assert planted not in ann.client.cookies.values()
    assert mallory.once("/who").status_code == 303, "the planted session is over, not Ann's"
    again = ann.client.cookies["patchwright-session"]
    ann.sign_in()
    assert again != ann.client.cookies["patchwright-session"]


def test_a_cookie_that_was_not_made_here(site):
    for cookie in (
        "",
        ".",
        "x",
        "x.y",
        "a" * 8000,
        "é",
        "e30.e30.e30",
        '"',
        "%00.%00",
        "x" * 43 + "." + "y" * 43,
    ):
        sent = {"Cookie": f"patchwright-session={cookie}; patchwright-browser={cookie}".encode()}
        assert httpx.get(f"{site.url}/who", headers=sent).headers["location"] == "/sign-in?next=%2Fwho"
        assert httpx.get(f"{site.url}/sign-in/start", headers=sent).status_code == 303


def test_the_cookie_of_one_purpose_is_none_of_the_other(site):
    ann = site.browser("ann")
    ann.sign_in()
    ann.once("/sign-in/start")
    swapped = {
        "patchwright-session": ann.client.cookies["patchwright-browser"],
        "patchwright-browser": ann.client.cookies["patchwright-session"],
    }
    assert httpx.get(f"{site.url}/who", cookies=swapped).status_code == 303


def test_another_key_knows_no_session(make_site):
    one = make_site(session_secret="a" * 32)
    ann = one.browser("ann")
    ann.sign_in()
    other = make_site(session_secret="b" * 32)
    assert httpx.get(f"{other.url}/who", cookies=dict(ann.client.cookies)).status_code == 303
    same = make_site(session_secret="a" * 32)
    assert httpx.get(f"{same.url}/who", cookies=dict(ann.client.cookies)).status_code == 200


# Forms


@pytest.fixture
def ann(site):
    repo = site.github.create_repository("acme/one", {"a.py": b""})
    repo.collaborator("ann", "write")
    repo.collaborator("mallory", "write")
    site.github.install("acme", [repo])
    browser = site.browser("ann")
    browser.sign_in()
    browser.form = f"/changed/{repo.id}"
    return browser


FROM_ELSEWHERE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "none"},
    {"Sec_Fetch_Site": "cross-site", "Origin": ""},
    {"Origin": "https://evil.example", "Sec_Fetch_Site": ""},
]


def test_a_form_of_another_site_is_refused(ann):
    assert ann.post(ann.form).status_code == 200
    for headers in FROM_ELSEWHERE:
        assert ann.post(ann.form, **headers).status_code == 403, headers
        assert ann.post("/sign-out", **headers).status_code == 403, headers
    assert ann.once("/who").status_code == 200


def test_a_form_without_the_token_or_with_anothers_is_refused(site, ann):
    mallory = site.browser("mallory")
    mallory.sign_in()
    for token in ("", "x", mallory.csrf, ann.csrf[:-1], ann.csrf + "x", "é"):
        assert ann.post(ann.form, {"csrf": token}).status_code == 403
        assert ann.post("/sign-out", {"csrf": token}).status_code == 403
    old = ann.csrf
    ann.sign_in()
    assert ann.post(ann.form, {"csrf": old}).status_code == 403, "of a session before this one"
    assert ann.post(ann.form, Origin="", Sec_Fetch_Site="").status_code == 200, "an old browser says neither"


def test_what_a_form_says_is_bounded(site, ann):
    fields = {"csrf": ann.csrf}
    large = ann.post(ann.form, {"note": "x" * LARGEST})
    assert large.status_code == 413
    assert ann.post(ann.form, {f"f{number}": "" for number in range(200)}).status_code == 400
    for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain", ""):
        sent = ann.client.post(
            f"{site.url}{ann.form}",
            content=b"csrf=" + fields["csrf"].encode(),
            headers={"Content-Type": kind},
        )
        assert sent.status_code == 415
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    bad = ann.client.post(f"{site.url}{ann.form}", content=b"csrf=%ff&x=\xff", headers=form)
    assert bad.status_code == 400


def test_pages_are_changed_by_post_alone(site, ann):
    for path in ("/sign-out", ann.form):
        assert ann.once(path).status_code in {404, 405}
    assert ann.once("/who").status_code == 200


def test_a_form_of_who_is_not_signed_in_changes_nothing_and_says_so(site, ann):
    number = ann.form.rpartition("/")[2]
    stranger = site.browser("stranger")
    answer = stranger.post(ann.form, Referer=f"{site.url}/seen/{number}")
    assert answer.status_code == 403
    assert f"/sign-in?next=%2Fseen%2F{number}" in answer.text
    evil = stranger.post(ann.form, Referer="https://evil.example//evil.example/")
    assert "evil" not in evil.text


# What browsers are told


def test_every_answer_tells_browsers_to_be_careful(ann):
    for path in ("/who", "/sign-in", "/no/such/page", "/broken", "/seen/1", "/health", "/robots.txt"):
        headers = ann.once(path).headers
        policy = dict(each.split(" ", 1) for each in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'", path
        assert policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert policy["base-uri"] == "'none'"
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "noindex" in headers["x-robots-tag"]
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers


def test_a_broken_page_says_nothing_of_the_inside(ann):
    page = ann.once("/broken")
    assert page.status_code == 500
    assert "RuntimeError" not in page.text
    assert "foresaw" not in page.text


def test_webhooks_are_answered_as_before(site):
    answer = httpx.post(f"{site.url}{WEBHOOKS}", content=b"{}")
    assert answer.status_code == 401
    assert "content-security-policy" not in answer.headers


def test_who_comes_by_another_name_signs_in_under_the_public_one(make_site):
    site = make_site(public_url="https://patchwright.example.com")
    page = site.browser("ann").once("/sign-in?next=/rules")
    assert 'href="https://patchwright.example.com/sign-in/start?next=%2Frules"' in page.text


def test_behind_https_cookies_are_bound_to_the_host_and_to_https(make_site):
    site = make_site(public_url="https://patchwright.example.com")
    begun = site.browser("ann").once("/sign-in/start")
    cookie = begun.headers["set-cookie"]
    assert cookie.startswith("__Host-patchwright-browser=")
    assert "Secure" in cookie
    assert "Path=/;" in cookie + ";"
    back = parse_qs(urlsplit(begun.headers["location"]).query)["redirect_uri"]
    assert back == ["https://patchwright.example.com/sign-in/callback"]


# Trying too often


def test_who_fails_too_often_waits_and_the_rest_do_not_ask_github(site):
    mallory = site.browser("mallory")
    query = parse_qs(urlsplit(mallory.once("/sign-in/start").headers["location"]).query)
    tried = [
        mallory.client.get(
            f"{site.url}/sign-in/callback", params={"code": f"guess{number}", "state": query["state"][0]}
        )
        for number in range(MOST_FAILURES + 1)
    ]
    assert [each.status_code for each in tried[:-1]] == [400] * MOST_FAILURES
    assert tried[-1].status_code == 429
    assert int(tried[-1].headers["retry-after"]) > 0


def test_who_is_signed_in_is_not_kept_out_by_others_at_the_same_address(site):
    ann = site.browser("ann")
    ann.sign_in()
    for _ in range(MOST_FAILURES):
        site.sign_in.attempts.failed("127.0.0.1")
    assert site.browser("bea").sign_in().status_code == 429
    site.change(checked_at=datetime.now(UTC) - timedelta(hours=1))
    assert ann.get("/who").status_code == 200


def test_the_operator_reads_in_the_log_what_to_check_and_nobody_reads_a_secret(site, capfd):
    site.github.app(
        APP_ID,
        private_key(),
        WEBHOOK_SECRET,
        callback_urls=[f"{site.url}/sign-in/callback"],
        client_secret="another one",
    )
    page = site.browser("ann").sign_in()
    assert page.status_code == 502
    assert "incorrect_client_credentials" in page.text
    log = capfd.readouterr().out
    assert "PATCHWRIGHT_CLIENT_SECRET" in log
    for secret in (site.settings.client_secret.get_secret_value(), "ghu_", "code="):
        assert secret not in page.text
        assert secret not in log


def test_the_form_on_every_page_carries_the_token(ann):
    assert csrf_in(ann.once("/sign-in").text) == ann.csrf
