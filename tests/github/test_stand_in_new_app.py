"""An App made from a manifest and installed through the pages."""

from __future__ import annotations

import json
import re
import time
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import pytest

from tests.github.new_app import CODE_SECONDS

MANIFEST = {
    "name": "Our Patchwright",
    "url": "https://example.com",
    "hook_attributes": {"url": "http://127.0.0.1:1/webhooks/github"},
    "redirect_url": "http://127.0.0.1:1/setup/created?kept=1",
    "callback_urls": ["http://127.0.0.1:1/sign-in/callback"],
    "setup_url": "http://127.0.0.1:1/setup/done",
    "public": False,
    "default_permissions": {"contents": "write", "pull_requests": "write", "checks": "write"},
    "default_events": ["push", "pull_request", "check_run"],
}


@pytest.fixture
def browser(github):
    with httpx.Client(base_url=github.url, follow_redirects=False) as client:
        yield client


def confirm(browser, manifest=MANIFEST, start=""):
    fields = {"manifest": json.dumps(manifest)}
    return browser.post(f"{start}/settings/apps/new", params={"state": "abc"}, data=fields)


def create(browser, name="Our Patchwright", start=""):
    fields = {"manifest": json.dumps(MANIFEST), "name": name, "state": "abc"}
    return browser.post(f"{start}/settings/apps/manifest", data=fields)


def convert(github, code):
    return httpx.post(f"{github.api_url}/app-manifests/{code}/conversions")


def came_back(answer):
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def test_a_manifest_becomes_an_app_that_can_sign_in(github, browser):
    shown = confirm(browser)
    assert "Create GitHub App for person" in shown.text
    assert 'value="Our Patchwright"' in shown.text
    back = came_back(create(browser))
    assert back == {"kept": "1", "state": "abc", "code": back["code"]}
    answer = convert(github, back["code"])
    assert answer.status_code == 201
    made = answer.json()
    assert made["slug"] == "our-patchwright"
    assert made["owner"]["login"] == "person"
    now = int(time.time())
    signed = jwt.encode({"iss": made["client_id"], "iat": now, "exp": now + 60}, made["pem"], "RS256")
    app = httpx.get(f"{github.api_url}/app", headers={"Authorization": f"Bearer {signed}"}).json()
    assert app["events"] == MANIFEST["default_events"]
    assert app["permissions"] == {"metadata": "read", **MANIFEST["default_permissions"]}


def test_the_code_is_good_once_and_for_an_hour(github, browser):
    code = came_back(create(browser))["code"]
    assert convert(github, code).status_code == 201
    assert convert(github, code).status_code == 404
    late = came_back(create(browser, "Another"))["code"]
    github.clock.advance(CODE_SECONDS + 1)
    assert convert(github, late).status_code == 404


def test_an_organisation_owns_what_is_made_on_its_page(github, browser):
    github.organization("acme")
    start = "/organizations/acme"
    assert "Create GitHub App for acme" in confirm(browser, start=start).text
    code = came_back(create(browser, start=start))["code"]
    assert convert(github, code).json()["owner"]["type"] == "Organization"
    assert confirm(browser, start="/organizations/nobody").status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"default_events": ["installation"]}, "Default events unsupported: installation"),
        ({"default_events": ["issues"]}, "Default events unsupported: issues"),
        ({"default_permissions": {"everything": "write"}}, "everything=write"),
        ({"redirect_url": "nowhere"}, "redirect_url must be a valid URL"),
        ({"hook_attributes": {}}, "hook_attributes.url must be a valid URL"),
        ({"nome": "x"}, "nome is not a key"),
        ({"public": "no"}, "public is of the wrong type"),
    ],
)
def test_a_wrong_manifest_is_refused_with_a_reason(browser, change, said):
    answer = confirm(browser, {**MANIFEST, **change})
    assert answer.status_code == 422
    assert said in answer.text


def test_names_are_taken_once_and_are_short(browser):
    assert create(browser).status_code == 302
    assert "already been taken" in create(browser).text
    assert "between 1 and 34" in create(browser, "x" * 35).text


def test_the_page_of_an_app_installs_it_and_leads_back(github, browser):
    code = came_back(create(browser))["code"]
    assert convert(github, code).status_code == 201
    github.create_repository("person/shop", {"a.py": b""})
    github.create_repository("person/other", {"a.py": b""})
    github.organization("acme")
    shown = browser.get("/apps/our-patchwright/installations/new", params={"state": "xyz"})
    assert re.findall(r'name="account" value="(\w+)"', shown.text) == ["person"], "it is not public"
    fields = {"account": "person", "which": "selected", "repositories": "shop", "state": "xyz"}
    back = browser.post("/apps/our-patchwright/installations", data=fields)
    assert back.headers["location"].startswith(MANIFEST["setup_url"])
    assert came_back(back)["setup_action"] == "install"
    assert came_back(back)["state"] == "xyz"
    (delivery,) = github.deliveries
    assert (delivery.event, delivery.action) == ("installation", "created")
    assert [each["name"] for each in delivery.payload["repositories"]] == ["shop"]
    github.wait_until_delivered()
    assert delivery.status == "failed to connect", "it was sent to the App's own address"
    assert browser.post("/apps/our-patchwright/installations", data={"account": "acme"}).status_code == 404


def test_deliveries_can_be_asked_for_by_what_came_of_them(github, browser):
    code = came_back(create(browser))["code"]
    made = convert(github, code).json()
    github.create_repository("person/shop", {"a.py": b""})
    github.install("person", app=github.apps[made["id"]])
    github.wait_until_delivered()
    now = int(time.time())
    signed = jwt.encode({"iss": str(made["id"]), "iat": now, "exp": now + 60}, made["pem"], "RS256")
    url = f"{github.api_url}/app/hook/deliveries"
    found = {
        status: httpx.get(
            url, params={"status": status}, headers={"Authorization": f"Bearer {signed}"}
        ).json()
        for status in ("success", "failure")
    }
    assert [len(each) for each in found.values()] == [0, 1]
