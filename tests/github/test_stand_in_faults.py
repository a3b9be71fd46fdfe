"""Faults that a test asks for: errors, pushes in between, silence, lags."""

from __future__ import annotations

import httpx
import pytest


def test_an_effect_can_take_place_although_the_answer_is_502(github, repo, ask):
    fault = github.faults.after_effect("POST", "/repos/*/git/refs")
    wanted = {"ref": "refs/heads/new", "sha": repo.tip}
    assert ask.post("/repos/acme/shop/git/refs", json=wanted).status_code == 502
    assert ("new" in repo.branches(), fault.hits) == (True, 1)
    assert ask.post("/repos/acme/shop/git/refs", json=wanted).status_code == 422


def test_a_person_can_push_between_two_calls(github, repo, ask):
    github.faults.meanwhile("GET", "/repos/*/git/ref/*", lambda: repo.push("main", {"app.py": "theirs"}))
    before = repo.tip
    assert ask.get("/repos/acme/shop/git/ref/heads/main").json()["object"]["sha"] == repo.tip != before


def test_a_request_can_hang(github, repo, ask):
    github.faults.timeout("GET", "/repos/acme/shop")
    with pytest.raises(httpx.ReadTimeout):
        ask.get("/repos/acme/shop", timeout=0.2)
    assert ask.get("/repos/acme/shop").status_code == 200


def test_a_connection_can_break_off(github, repo, ask):
    github.faults.disconnect("GET", "/repos/acme/shop")
    with pytest.raises(httpx.RemoteProtocolError):
        ask.get("/repos/acme/shop")


def test_what_is_new_can_be_missing_from_lists_for_a_while(github, repo, ask):
    github.faults.lag(reads=2)
    ask.post("/repos/acme/shop/git/refs", json={"ref": "refs/heads/patchwright/x", "sha": repo.tip})
    counts = [len(ask.get("/repos/acme/shop/git/matching-refs/heads/patchwright/").json()) for _ in range(3)]
    assert counts == [0, 0, 1]
