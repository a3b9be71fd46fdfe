"""Signing in with GitHub, as an App's web flow meets it."""

from __future__ import annotations

from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from tests.github.fixtures import APP_ID, WEBHOOK_SECRET, private_key
from tests.github.sign_ins import CODE_SECONDS, challenge_of

BACK = "http://localhost:1/sign-in/callback"
VERIFIER = "v" * 43


@pytest.fixture
def app(github):
    return github.app(APP_ID, private_key(), WEBHOOK_SECRET, callback_urls=[BACK])


@pytest.fixture
def browser(github):
    with httpx.Client(base_url=github.url) as client:
        yield client


def authorize(browser, app, **more):
    query = {"client_id": app.client_id, "redirect_uri": BACK, "state": "s 1", **more}
    return browser.get("/login/oauth/authorize", params=query)


def came_back(answer):
    assert answer.status_code == 302, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def exchange(browser, app, code, **more):
    fields = {"client_id": app.client_id, "client_secret": app.client_secret, "code": code, **more}
    return browser.post("/login/oauth/access_token", data=fields, headers={"Accept": "application/json"})


def ask(github, token, path):
    return httpx.get(github.api_url + path, headers={"Authorization": f"Bearer {token}"})


def test_the_way_from_consent_to_the_person(github, app, browser):
    github.sign_ins.asks = True
    shown = authorize(browser, app)
    assert "Authorize patchwright" in shown.text
    back = came_back(browser.post(str(shown.url), data={"authorize": "1"}))
    assert back["state"] == "s 1"
    token = exchange(browser, app, back["code"], redirect_uri=BACK).json()
    assert token["token_type"] == "bearer"
    assert ask(github, token["access_token"], "/user").json()["login"] == "person"
    assert came_back(authorize(browser, app))["code"], "who has said yes is not asked again"


def test_who_says_no_comes_back_with_an_error(github, app, browser):
    github.sign_ins.asks = True
    shown = authorize(browser, app)
    back = came_back(browser.post(str(shown.url), data={"authorize": "0"}))
    assert back["error"] == "access_denied"
    assert back["state"] == "s 1"


def test_a_code_is_good_once_and_for_ten_minutes(github, app, browser):
    code = came_back(authorize(browser, app))["code"]
    assert "access_token" in exchange(browser, app, code).json()
    again = exchange(browser, app, code)
    assert again.status_code == 200
    assert again.json()["error"] == "bad_verification_code"
    late = came_back(authorize(browser, app))["code"]
    github.clock.advance(CODE_SECONDS + 1)
    assert exchange(browser, app, late).json()["error"] == "bad_verification_code"


@pytest.mark.parametrize(("verifier", "good"), [(VERIFIER, True), ("w" * 43, False), ("", False)])
def test_the_verifier_must_fit_the_challenge(app, browser, verifier, good):
    more = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    code = came_back(authorize(browser, app, **more))["code"]
    assert ("access_token" in exchange(browser, app, code, code_verifier=verifier).json()) is good


def test_a_plain_challenge_is_not_taken(app, browser):
    assert authorize(browser, app, code_challenge=VERIFIER, code_challenge_method="plain").status_code == 400


def test_only_the_registered_address_is_gone_back_to(app, browser):
    answer = authorize(browser, app, redirect_uri=BACK + "/elsewhere")
    assert answer.headers["location"].startswith(BACK + "?")
    assert came_back(answer)["error"] == "redirect_uri_mismatch"
    assert browser.get("/login/oauth/authorize", params={"client_id": "unknown"}).status_code == 404


def test_errors_of_the_exchange_come_with_200_and_as_a_form_unless_json_is_asked_for(app, browser):
    fields = {"client_id": app.client_id, "client_secret": "wrong", "code": "1"}
    answer = browser.post("/login/oauth/access_token", data=fields)
    assert answer.status_code == 200
    assert parse_qs(answer.text)["error"] == ["incorrect_client_credentials"]
    wrong = exchange(browser, app, "1", redirect_uri="http://localhost:1/")
    assert wrong.json()["error"] == "redirect_uri_mismatch"
    assert exchange(browser, app, "1", grant_type="password").json()["error"] == "unsupported_grant_type"


def test_nobody_signed_in_at_github_is_sent_there_first(github, app, browser):
    github.sign_ins.person = ""
    assert authorize(browser, app).headers["location"].startswith("/login?return_to=")
    browser.cookies.set("dotcom_user", "ann")
    token = exchange(browser, app, came_back(authorize(browser, app))["code"]).json()["access_token"]
    assert ask(github, token, "/user").json()["login"] == "ann"


def test_a_person_sees_the_repositories_that_they_were_given_and_the_app_has(github, app):
    mine = github.create_repository("acme/mine", {"a.py": b""}, private=True)
    read = github.create_repository("acme/read", {"a.py": b""})
    github.create_repository("acme/other", {"a.py": b""})
    mine.collaborator("ann", "write")
    read.collaborator("ann", "read")
    github.create_repository("ann/own", {"a.py": b""})
    github.create_repository("stranger/shop", {"a.py": b""})
    github.create_repository("ann/without-app", {"a.py": b""})
    acme = github.install("acme")
    own = github.install("ann", [github.find("ann/own")])
    github.install("stranger")
    token = github.sign_ins.token(app, "ann").value
    listed = ask(github, token, "/user/installations").json()
    assert {each["id"] for each in listed["installations"]} == {acme, own}
    first = ask(github, token, f"/user/installations/{acme}/repositories?per_page=1")
    assert first.json()["total_count"] == 2
    second = httpx.get(first.links["next"]["url"], headers={"Authorization": f"token {token}"}).json()
    both = [*first.json()["repositories"], *second["repositories"]]
    assert {each["full_name"]: each["permissions"]["push"] for each in both} == {
        "acme/mine": True,
        "acme/read": False,
    }
    (one,) = ask(github, token, f"/user/installations/{own}/repositories").json()["repositories"]
    assert one["permissions"]["admin"]


def test_installations_of_others_are_not_found(github, app):
    github.create_repository("stranger/shop", {"a.py": b""})
    number = github.install("stranger")
    token = github.sign_ins.token(app, "ann").value
    assert ask(github, token, "/user/installations").json()["installations"] == []
    assert ask(github, token, f"/user/installations/{number}/repositories").status_code == 404
    token = github.create_token(github.installations[number], {"metadata": "read"}, None).value
    assert ask(github, token, "/user").status_code == 403


def test_the_app_gives_a_token_back(github, app):
    token = github.sign_ins.token(app, "ann").value
    url = f"{github.api_url}/applications/{app.client_id}/token"
    body = {"access_token": token}
    assert httpx.request("DELETE", url, json=body, auth=(app.client_id, "wrong")).status_code == 401
    assert ask(github, token, "/user").status_code == 200
    assert httpx.request("DELETE", url, json=body, auth=(app.client_id, app.client_secret)).status_code == 204
    assert ask(github, token, "/user").status_code == 401
    assert httpx.request("DELETE", url, json=body, auth=(app.client_id, app.client_secret)).status_code == 404


def test_a_persons_token_expires(github, app):
    token = github.sign_ins.token(app, "ann").value
    github.clock.advance(8 * 3600 + 1)
    assert ask(github, token, "/user").status_code == 401
