"""What people see: what they were given on GitHub and the App has, no more and no less, and not for long after."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROLES = ["none", "read", "triage", "write", "maintain", "admin"]
MAY_PUSH = {"write", "maintain", "admin"}


@pytest.fixture
def acme(site):
    """Four private repositories of ``acme``, two of them the App's, and one of ``other``, where it is installed too."""
    github = site.github
    repos = {
        name: github.create_repository(f"acme/{name}", {"a.py": b""}, private=True)
        for name in ("one", "two", "three", "four")
    }
    github.install("acme", [repos["one"], repos["two"]])
    repos["elsewhere"] = github.create_repository("other/elsewhere", {"a.py": b""}, private=True)
    github.install("other")
    return repos


def seen(page):
    return {int(number): may for number, may in page.json()["seen"].items()}


def test_a_person_sees_what_both_they_and_the_app_were_given(site, acme):
    acme["one"].collaborator("ann", "write")
    acme["two"].collaborator("ann", "read")
    acme["three"].collaborator("ann", "admin")
    acme["elsewhere"].collaborator("bea", "write")
    assert seen(site.browser("ann").sign_in()) == {acme["one"].id: True, acme["two"].id: False}
    assert seen(site.browser("bea").sign_in()) == {acme["elsewhere"].id: True}
    assert seen(site.browser("stranger").sign_in()) == {}


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(st.lists(st.tuples(st.sampled_from(ROLES), st.booleans(), st.booleans()), min_size=1, max_size=6))
def test_exactly_what_github_shows(site, cases):
    github = site.github
    owner, login = f"org{next(_numbers)}", f"person{next(_numbers)}"
    expected, installed = {}, []
    for place, (role, private, has_app) in enumerate(cases):
        repo = github.create_repository(f"{owner}/r{place}", {"a.py": b""}, private=private)
        if role != "none":
            repo.collaborator(login, role)
        if has_app:
            installed.append(repo)
            if role != "none":
                expected[repo.id] = role in MAY_PUSH
    if installed:
        github.install(owner, installed)
    browser = site.browser(login)
    assert seen(browser.sign_in()) == expected
    for repo in github.repositories.values():
        assert browser.once(f"/seen/{repo.id}").status_code == (200 if repo.id in expected else 404)


_numbers = itertools.count()


def test_what_is_not_seen_answers_as_what_does_not_exist(site, acme):
    acme["one"].collaborator("ann", "read")
    ann = site.browser("ann")
    ann.sign_in()
    missing = ann.once("/seen/987654321")
    assert missing.status_code == 404
    for repo in ("two", "three", "elsewhere"):
        hidden = ann.once(f"/seen/{acme[repo].id}")
        assert (hidden.status_code, hidden.text, dict(hidden.headers) | {"date": ""}) == (
            404,
            missing.text,
            dict(missing.headers) | {"date": ""},
        )
    posted = [ann.post(f"/changed/{number}") for number in (acme["two"].id, 987654321)]
    assert [each.status_code for each in posted] == [404, 404]
    assert posted[0].text == posted[1].text
    assert ann.once("/operators").text == missing.text
    for odd in ("0", "-1", "x", str(2**63), str(10**400), "1.0", "%00"):
        assert ann.once(f"/seen/{odd}").status_code == 404
    unsigned = [site.browser("cat").once(f"/seen/{number}") for number in (acme["one"].id, 987654321)]
    assert [each.status_code for each in unsigned] == [303, 303], "who is not signed in learns nothing either"


def test_who_may_not_push_changes_nothing(site, acme):
    acme["one"].collaborator("ann", "triage")
    acme["one"].collaborator("bea", "write")
    for login, status in (("ann", 403), ("bea", 200), ("olga", 200)):
        browser = site.browser(login)
        browser.sign_in()
        assert browser.post(f"/changed/{acme['one'].id}").status_code == status, login


def test_operators_see_all_without_github_being_asked_which(site, acme):
    olga = site.browser("olga")
    olga.sign_in()
    assert all(olga.once(f"/seen/{repo.id}").status_code == 200 for repo in acme.values())
    assert olga.once(f"/seen/{2**63}").status_code == 404, "no such number is kept anywhere"
    assert not [each for each in site.github.exchanges if "/user/installations" in each.target]


def test_who_loses_access_loses_the_pages(site, acme):
    acme["one"].collaborator("ann", "write")
    acme["two"].collaborator("ann", "write")
    ann = site.browser("ann")
    ann.sign_in()
    del acme["one"].collaborators["ann"]
    acme["two"].collaborator("ann", "read")
    grow_old(site)
    assert ann.get(f"/seen/{acme['one'].id}").status_code == 404
    assert ann.once(f"/seen/{acme['two'].id}").status_code == 200
    assert ann.post(f"/changed/{acme['two'].id}").status_code == 403


def test_asking_again_is_silent_and_leads_back_to_the_page(site, acme):
    acme["one"].collaborator("ann", "read")
    ann = site.browser("ann")
    ann.sign_in()
    token, before = ann.csrf, site.rows()[0]
    grow_old(site)
    page = ann.get(f"/seen/{acme['one'].id}?branch=a%2Fb")
    assert page.status_code == 200
    assert str(page.url).endswith("?branch=a%2Fb")
    [after] = site.rows()
    assert after["checked_at"] > before["checked_at"] - timedelta(hours=1)
    assert (after["created_at"], after["expires_at"]) == (before["created_at"], before["expires_at"])
    assert ann.csrf == token, "forms in other tabs still hold"
    assert "login=ann" in ann.went[-3]


def test_what_is_old_counts_for_nothing_until_github_has_answered(site, acme):
    acme["one"].collaborator("ann", "write")
    ann = site.browser("ann")
    ann.sign_in()
    token = ann.csrf
    grow_old(site)
    answer = ann.post(
        f"/changed/{acme['one'].id}", {"csrf": token}, Referer=f"{site.url}/seen/{acme['one'].id}"
    )
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.text
    assert f"/sign-in/start?again=1&amp;next=%2Fseen%2F{acme['one'].id}" in answer.text
    site.github.faults.status("GET", "/user", 502, times=None)
    assert ann.get(f"/seen/{acme['one'].id}").status_code == 503
    assert ann.once(f"/seen/{acme['one'].id}").status_code == 303, "still nothing"
    site.github.faults.clear()
    assert ann.get(f"/seen/{acme['one'].id}").status_code == 200


def test_many_tabs_that_wake_up_together_keep_one_session(site, acme):
    acme["one"].collaborator("ann", "read")
    ann = site.browser("ann")
    ann.sign_in()
    token = ann.csrf
    grow_old(site)
    starts = [ann.once(f"/seen/{acme['one'].id}?tab={tab}").headers["location"] for tab in range(4)]
    begun = [ann.once(start).headers["location"] for start in starts[:3]]
    backs = [ann.client.get(way, headers={"Cookie": "dotcom_user=ann"}).headers["location"] for way in begun]
    arrived = [ann.client.get(back).headers["location"] for back in backs]
    arrived.append(ann.once(starts[3]).headers["location"])
    assert arrived == [f"/seen/{acme['one'].id}?tab={tab}" for tab in range(4)]
    asked = [each for each in site.github.exchanges if "/user/installations?" in each.target]
    assert len(asked) == 2, "once at first, once for all of the tabs"
    assert ann.csrf == token


def test_a_form_that_was_taken_does_not_lead_by_github(site, acme):
    acme["one"].collaborator("ann", "write")
    ann = site.browser("ann")
    ann.sign_in()
    minutes = timedelta(minutes=site.settings.visibility_minutes)
    token = ann.csrf
    site.change(checked_at=datetime.now(UTC) - minutes + timedelta(seconds=15))
    assert ann.once("/who").status_code == 200
    assert "Nothing was changed" in ann.post(f"/changed/{acme['one'].id}", {"csrf": token}).text


def test_signing_out_works_however_old_it_is(site):
    ann = site.browser("ann")
    ann.sign_in()
    token = ann.csrf
    grow_old(site)
    assert ann.post("/sign-out", {"csrf": token}).status_code == 303
    assert site.rows() == []


def test_somebody_else_at_github_gets_a_session_of_their_own(site, acme):
    acme["one"].collaborator("ann", "read")
    ann = site.browser("ann")
    ann.sign_in()
    carried = ann.client.cookies["patchwright-session"]
    grow_old(site)
    ann.login = "bea"
    site.github.account("bea")
    assert ann.get(f"/seen/{acme['one'].id}").status_code == 404
    assert ann.client.cookies["patchwright-session"] != carried
    assert [each["login"] for each in site.rows()] == ["bea"]


def test_operators_are_not_asked_again_but_the_setting_holds_at_once(site, make_site):
    olga = site.browser("olga")
    olga.sign_in()
    grow_old(site)
    assert olga.once("/operators").status_code == 200
    other = make_site(operators=())
    there = other.browser("olga")
    there.client.cookies.update(olga.client.cookies)
    assert there.once("/operators").status_code == 303, "what she sees is to be asked now"
    assert there.get("/operators").status_code == 404


@pytest.mark.parametrize("many", [100, 101, 230])
def test_all_pages_of_repositories_are_read(site, many, acme):
    github = site.github
    repos = [github.create_repository(f"big/r{place}") for place in range(many)]
    for repo in repos:
        repo.collaborator("ann", "read")
    github.install("big")
    assert seen(site.browser("ann").sign_in()) == dict.fromkeys([repo.id for repo in repos], False)


def test_an_installation_that_cannot_be_asked_hides_only_its_own(site, acme):
    acme["one"].collaborator("ann", "read")
    acme["elsewhere"].collaborator("ann", "read")
    number = next(each.id for each in site.github.installations.values() if each.account.login == "acme")
    site.github.faults.status("GET", f"/user/installations/{number}/repositories", 404, "Not Found")
    assert seen(site.browser("ann").sign_in()) == {acme["elsewhere"].id: False}


def test_a_rate_limit_is_not_taken_for_an_answer(site, acme):
    acme["one"].collaborator("ann", "read")
    site.github.faults.secondary_limit("GET", "/user/installations/*/repositories")
    failed = site.browser("ann").sign_in()
    assert failed.status_code == 503
    assert site.rows() == []


def grow_old(site):
    """Nobody was asked what people see for an hour."""
    site.change(checked_at=datetime.now(UTC) - timedelta(hours=1))
