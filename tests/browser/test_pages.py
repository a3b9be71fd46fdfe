"""Every page as an operator meets it: what it says, and whether everybody can use it."""

from __future__ import annotations

import re

import pytest

from tests.browser.visitor import SCHEMES
from tests.browser.world import MAINTAINER, OPERATOR


def job_of(visitor, repo):
    """The address of the newest run's page, as the repository's page links it."""
    visitor.go(f"/repositories/{repo.id}")
    return visitor.page.locator('a[href^="/runs/"]').first.get_attribute("href")


def dead_job(visitor, world):
    visitor.go("/")
    return visitor.page.get_by_role("link", name="acme/ailing").first.get_attribute("href")


def delivery(visitor, world):
    visitor.go("/deliveries?event=installation")
    return visitor.page.locator('th a[href^="/deliveries/"]').first.get_attribute("href")


PAGES = {
    "overview": lambda visitor, world: "/",
    "overview of a quarter": lambda visitor, world: "/?period=quarter",
    "repositories": lambda visitor, world: "/repositories",
    "repository": lambda visitor, world: f"/repositories/{world['helpdesk'].id}",
    "repository without a run": lambda visitor, world: f"/repositories/{world['ailing'].id}",
    "run": lambda visitor, world: job_of(visitor, world["helpdesk"]),
    "dead job": dead_job,
    "merged pull request": lambda visitor, world: f"/repositories/{world['helpdesk'].id}/pulls/1",
    "declined pull request": lambda visitor, world: f"/repositories/{world['helpdesk'].id}/pulls/2",
    "open pull request": lambda visitor, world: f"/repositories/{world['helpdesk'].id}/pulls/3",
    "deliveries": lambda visitor, world: "/deliveries",
    "failed deliveries": lambda visitor, world: "/deliveries?state=dead",
    "delivery": delivery,
    "rules": lambda visitor, world: "/rules",
    "rule": lambda visitor, world: "/rules/atomic-redis",
    "signed in": lambda visitor, world: "/sign-in",
    "after installing": lambda visitor, world: "/setup/done?setup_action=install",
}
SHOTS = {
    "overview": "overview",
    "repository": "repository",
    "run": "run",
    "open pull request": "pull-request",
    "deliveries": "deliveries",
}


@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_use_the_page(visit, world, name):
    olga = visit(OPERATOR)
    path = PAGES[name](olga, world)
    olga.go(path)
    olga.check_headings()
    olga.page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true })")
    olga.check_accessible()
    phone = visit(OPERATOR, phone=True)
    phone.go(path)
    phone.check_fits()
    if name in SHOTS:
        olga.go(path)
        olga.shoot(SHOTS[name], whole=name == "overview")
    if name == "overview":
        olga.shoot(f"{SHOTS[name]}-dark", whole=True, scheme="dark")


@pytest.mark.parametrize("name", ["open pull request", "run"])
def test_a_long_name_above_a_page_does_not_make_it_wider_than_a_phone(visit, world, name):
    phone = visit(OPERATOR, phone=True)
    phone.go(PAGES[name](phone, world))
    phone.page.locator(".crumbs a").last.evaluate("it => { it.textContent = 'a'.repeat(100) }")
    phone.check_fits()


def test_the_overview_counts_what_was_done_and_plots_it(visit):
    olga = visit(OPERATOR)
    olga.go("/")
    figures = dict(
        olga.page.locator("dl.figures > div").evaluate_all(
            "all => all.map(each => [each.querySelector('dt').innerText, parseInt(each.querySelector('dd').innerText)])"
        )
    )
    assert figures["Merged"] >= 1
    assert figures["Declined"] >= 2
    assert figures["Pull requests opened"] >= figures["Merged"] + figures["Declined"]
    plot = olga.page.get_by_role("img", name=re.compile("Pull requests since"))
    assert plot.locator("rect.bar-opened").count() >= 1
    assert plot.bounding_box()["width"] > 300
    olga.page.get_by_text("As a table").click()
    olga.page.get_by_role("columnheader", name="Opened").wait_for()


def test_a_repository_shows_its_configuration_findings_and_history(visit, world):
    ann = visit(MAINTAINER)
    ann.go(f"/repositories/{world['helpdesk'].id}")
    assert "Four at once are enough" in ann.text
    assert ".github/patchwright.yml" in ann.text
    for heading in ("Open pull requests", "Declined", "Open findings", "Configuration in force", "Runs"):
        assert ann.page.get_by_role("heading", name=heading, exact=True).is_visible(), heading
    assert ann.page.get_by_role("button", name="Pause").count() == 1, "she may push there"
    ann.page.locator("details.rule summary").first.click()
    ann.page.locator("details.rule[open] .found a").first.wait_for()


def test_a_run_shows_its_steps_and_its_log(visit, world):
    ann = visit(MAINTAINER)
    ann.go(job_of(ann, world["helpdesk"]))
    steps = ann.page.locator("table.steps tbody tr")
    assert steps.count() >= 3
    assert re.search(r"\d", steps.first.inner_text()), "each with its time"
    assert ann.page.get_by_role("region", name="Lines of the log").locator("tr").count() >= 2
    assert ann.page.get_by_role("heading", name="Done on GitHub").is_visible()


def test_a_pull_request_shows_its_explanation_and_its_diff_in_colour(visit, world):
    ann = visit(MAINTAINER)
    ann.go(f"/repositories/{world['helpdesk'].id}")
    pull = next(each for each in world["helpdesk"].pulls if each.open)
    ann.follow(pull.title)
    assert pull.title in ann.text
    assert "helpdesk/" in ann.text, "the files' names"
    coloured = ann.page.evaluate(
        "() => new Set([...document.querySelectorAll('main code span, main td span, main pre span')]"
        ".map(each => getComputedStyle(each).color)).size"
    )
    assert coloured >= 3, "highlighted by its meaning"
    there = ann.page.get_by_role("link", name="Open on GitHub").get_attribute("href")
    assert there == f"{world.github.url}/acme/helpdesk/pull/{pull.number}"


def test_deliveries_are_chosen_by_state_and_event(visit):
    olga = visit(OPERATOR)
    olga.go("/deliveries")
    olga.page.get_by_label("Event").select_option("pull_request")
    olga.submit("Show")
    rows = olga.page.locator("main tbody tr")
    assert rows.count() >= 1
    assert all("pull_request" in each.inner_text() for each in rows.all())


def test_rules_have_their_pages(visit):
    ann = visit(MAINTAINER)
    ann.go("/rules")
    ann.follow("atomic-redis")
    assert ann.page.get_by_role("heading", level=1).inner_text().startswith("atomic-redis")
    assert ann.page.locator("main pre").count() >= 1, "with examples"


def test_dark_and_light_are_two_looks(visit):
    grounds = set()
    for scheme in SCHEMES:
        ann = visit(MAINTAINER, scheme=scheme)
        ann.go("/")
        grounds.add(ann.page.evaluate("() => getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2


def test_no_page_is_for_search_engines_or_frames_and_nothing_comes_from_elsewhere(visit):
    olga = visit(OPERATOR)
    for path in ("/", "/repositories", "/deliveries", "/rules"):
        headers = olga.go(path).headers
        assert "noindex" in headers["x-robots-tag"]
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert olga.page.locator("script, [style], [onclick]").count() == 0


def test_a_pull_request_that_github_cannot_be_asked_for_is_still_a_page(visit, world):
    fault = world.github.faults.status("GET", "/repos/acme/helpdesk/pulls/4*", 503, times=None)
    ann = visit(MAINTAINER)
    try:
        ann.go(f"/repositories/{world['helpdesk'].id}/pulls/4")
    finally:
        fault.times = 0
    assert "can't be shown" in ann.text
    assert ann.page.get_by_role("link", name="The pull request on GitHub").is_visible()
    ann.check_accessible()


def test_what_a_page_does_wrong_would_be_noticed(visit):
    """The content security policy refuses styles and scripts that are put into a page, and the tests see that it does."""
    ann = visit(MAINTAINER)
    ann.go("/rules")
    ann.page.evaluate(
        """() => {
            document.body.insertAdjacentHTML('beforeend', '<p style="color: red" onclick="alert(1)">Hello</p>');
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.append(script);
        }"""
    )
    assert ann.page.evaluate("() => window.ran") is None
    refused = [each for each in ann.troubles if "Content Security Policy" in each]
    assert len(refused) >= 2, ann.troubles
    ann.troubles.clear()
