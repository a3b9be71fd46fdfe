"""Every page of the service, asked for by somebody who sees one repository, about one that they do not see."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi.routing import APIRoute

from bot import pages
from tests.bot.pages.sample import add_job, add_pull, add_repository, add_run

HUSH = "hushhush"
"""Stands in everything that is kept of the repository that Ann does not see."""

MISSING = {
    "repository_id": "987654321",
    "number": "9",
    "job_id": "gh-no-such-job",
    "guid": "no-such-delivery",
    "rule": "no-such-rule",
}


@pytest.fixture
def two(site):
    """Ann sees ``acme/seen``; ``hushhush/hushhush`` is there too, in another installation, with a like history."""
    github = site.github
    seen = github.create_repository("acme/seen", {"a.py": b""}, private=True)
    seen.collaborator("ann", "admin")
    github.install("acme", [seen])
    hidden = github.create_repository(f"{HUSH}/{HUSH}", {"a.py": b""}, private=True)
    github.install(HUSH, [hidden])
    with site.database.write() as connection:
        for repo, owner, name in ((seen, "acme", "seen"), (hidden, HUSH, HUSH)):
            add_repository(
                connection, repo.id, owner, name, config_text=name, config_trouble=name, config_source=name
            )
            add_run(
                connection,
                repo.id,
                {"lazy-client": 2},
                summary=name,
                path=f"{name}.py",
                message=name,
                job_id=f"gh-{name}",
            )
            add_pull(connection, repo.id, 7, "lazy-client", "open", title=name)
            add_pull(connection, repo.id, 8, "lazy-client", "closed", title=name)
            add_job(connection, repo.id, "dead", name, reason=name)
        add_job(connection, None, "dead", f"{HUSH}-of-nobody", reason=HUSH)
    return seen, hidden


def addresses(method):
    """The paths of all pages that take ``method``, as FastAPI writes them."""
    routes = [each for router in pages.routers() for each in router.routes if isinstance(each, APIRoute)]
    return sorted({each.path for each in routes if method in each.methods and "{version}" not in each.path})


def filled(path, **values):
    return re.sub(r"\{(\w+)[^}]*\}", lambda found: str(values[found[1]]), path)


def test_what_is_anothers_is_answered_as_what_does_not_exist(site, two):
    _, hidden = two
    ann = site.browser("ann")
    ann.sign_in()
    theirs = [
        {"repository_id": hidden.id, "number": 7, "job_id": f"gh-{HUSH}", "guid": HUSH},
        {
            "repository_id": hidden.id,
            "number": 7,
            "job_id": f"gh-{HUSH}-of-nobody",
            "guid": f"{HUSH}-of-nobody",
        },
        {"repository_id": hidden.id, "number": 8, "job_id": f"GH-{HUSH.upper()}", "guid": "seen"},
    ]
    tried = 0
    for path in (each for each in addresses("GET") if "{" in each and "{rule}" not in each):
        missing = ann.once(filled(path, **MISSING))
        assert missing.status_code == 404, path
        for ids in theirs:
            tried += 1
            answer = ann.once(filled(path, **ids))
            assert (answer.status_code, answer.text) == (404, missing.text), path
    for path in addresses("POST"):
        missing = ann.post(filled(path, **MISSING), {"pull": "8"})
        assert missing.status_code == 404, path
        for ids in theirs:
            tried += 1
            answer = ann.post(filled(path, **ids), {"pull": "8"})
            assert (answer.status_code, answer.text) == (404, missing.text), path
    assert tried >= 24
    asked = [
        each.target for each in site.github.exchanges if HUSH in each.target or str(hidden.id) in each.target
    ]
    assert asked == [], "GitHub was not even asked"


def test_no_page_that_can_be_reached_tells_of_anothers(site, two):
    ann = site.browser("ann")
    ann.sign_in("/")
    waiting = ["/", "/rules", "/repositories", "/repositories?q=hush", "/sign-in"]
    done = set()
    while waiting:
        path = waiting.pop()
        if path in done:
            continue
        done.add(path)
        page = ann.get(path)
        assert page.status_code < 500, path
        assert HUSH not in page.text.lower(), path
        for found in re.findall(r'(?:href|action)="([^"]+)"', page.text):
            to = urlsplit(urljoin(f"{site.url}{path}", found.replace("&amp;", "&")))
            if f"{to.scheme}://{to.netloc}" == site.url and not to.path.startswith(
                ("/sign-in/start", "/sign-out", "/static")
            ):
                waiting.append(to.path + (f"?{to.query}" if to.query else ""))
    assert f"/repositories/{two[0].id}" in done
    assert "/runs/gh-seen" in done


def test_the_operator_reaches_both(site, two):
    olga = site.browser("olga")
    olga.sign_in("/")
    for repo in two:
        assert olga.once(f"/repositories/{repo.id}").status_code == 200
    assert HUSH in olga.once("/repositories").text
    assert olga.once("/deliveries").status_code == 200


def test_every_page_asks_who_is_there(site, two):
    nobody = site.browser("nobody")
    open_to_all = {"/robots.txt"}
    for path in set(addresses("GET")) - open_to_all:
        answer = nobody.once(
            filled(path, **MISSING | {"repository_id": two[0].id, "job_id": "gh-seen", "rule": "lazy-client"})
        )
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/sign-in"), path
    for path in addresses("POST"):
        answer = nobody.post(filled(path, **MISSING | {"repository_id": two[0].id, "job_id": "gh-seen"}))
        assert answer.status_code == 403, path
        assert "Nothing was changed" in answer.text


def test_every_form_asks_for_the_token(site, two):
    ann, olga = site.browser("ann"), site.browser("olga")
    tokens = [browser.sign_in().json()["csrf"] for browser in (ann, olga)]
    for browser, others in ((ann, tokens[1]), (olga, tokens[0])):
        for path in addresses("POST"):
            about = filled(path, repository_id=two[0].id, job_id="gh-seen", guid="seen")
            for wrong in ({"csrf": "x"}, {"csrf": ""}, {"csrf": others}, {"csrf": "".join(tokens)}):
                status = browser.post(about, wrong).status_code
                assert status == (404 if "deliveries" in path and browser is ann else 403), path
            status = browser.post(about, Origin="https://evil.example").status_code
            assert status == (404 if "deliveries" in path and browser is ann else 403), path
