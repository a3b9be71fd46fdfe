"""Who may do what: signing in as the App, permissions, and the budget of requests."""

from __future__ import annotations

import time

import httpx
import jwt
import pytest

from tests.github.fixtures import APP_ID
from tests.github.shop import FILES, app_jwt


def test_a_token_ends_after_an_hour(github, repo, ask):
    assert ask.get("/repos/acme/shop").status_code == 200
    github.clock.advance(3601)
    assert ask.get("/repos/acme/shop").json()["message"] == "Bad credentials"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (app_jwt, 200),
        (lambda: app_jwt(lasts=3600), 401),
        (lambda: app_jwt(issued=-1000), 401),
        (lambda: {"Authorization": "Bearer no.such.thing"}, 401),
        (dict, 401),
    ],
    ids=["good", "too long", "expired", "nonsense", "none"],
)
def test_the_app_signs_in_with_its_key(github, headers, status):
    assert httpx.get(f"{github.api_url}/app", headers=headers()).status_code == status


def test_a_jwt_of_another_key_is_refused(github):
    from cryptography.hazmat.primitives.asymmetric import rsa

    other = rsa.generate_private_key(65537, 2048)
    value = jwt.encode(
        {"iss": str(APP_ID), "iat": time.time(), "exp": time.time() + 60}, other, algorithm="RS256"
    )
    assert httpx.get(f"{github.api_url}/app", headers={"Authorization": f"Bearer {value}"}).status_code == 401


def test_a_missing_permission_is_named(repo, ask):
    answer = ask.post("/repos/acme/shop/check-runs", json={"name": "x", "head_sha": repo.tip})
    assert answer.status_code == 403
    assert answer.headers["x-accepted-github-permissions"] == "checks=write"


def test_a_repository_outside_the_installation_is_not_found(github, ask):
    github.create_repository("acme/other", dict(FILES))
    assert ask.get("/repos/acme/other").status_code == 404


def test_a_token_narrowed_to_one_repository(github, repo, installation):
    other = github.create_repository("acme/other", dict(FILES))
    github.add_repositories(installation, [other])
    url = f"{github.api_url}/app/installations/{installation}/access_tokens"
    wanted = {"repository_ids": [other.id], "permissions": {"contents": "read"}}
    given = httpx.post(url, json=wanted, headers=app_jwt()).json()
    headers = {"Authorization": f"token {given['token']}"}
    assert httpx.get(f"{github.api_url}/repos/acme/other", headers=headers).status_code == 200
    assert httpx.get(f"{github.api_url}/repos/acme/shop", headers=headers).status_code == 404
    blob = httpx.post(f"{github.api_url}/repos/acme/other/git/blobs", json={"content": ""}, headers=headers)
    assert blob.status_code == 403


def test_the_hours_budget_is_counted_and_ends(github, repo, installation, ask):
    first = ask.get("/repos/acme/shop").headers
    github.hourly_limit = int(first["x-ratelimit-used"]) + 1
    assert ask.get("/repos/acme/shop").headers["x-ratelimit-remaining"] == "0"
    refused = ask.get("/repos/acme/shop")
    assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (403, "0")
    github.clock.advance(int(refused.headers["x-ratelimit-reset"]) - github.clock.time() + 1)
    token = github.create_token(github.installations[installation], {"metadata": "read"}, None)
    again = ask.get("/repos/acme/shop", headers={"Authorization": f"token {token.value}"})
    assert (again.status_code, again.headers["x-ratelimit-used"]) == (200, "1")
