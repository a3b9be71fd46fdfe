"""What people do on the pages, and what comes of it on GitHub."""

from __future__ import annotations

import re

from tests.browser.world import ATOMIC, MAINTAINER, OPERATOR, READER
from tests.end_to_end.world import RACE, open_pulls


def test_a_maintainer_takes_back_that_something_was_declined(visit, world):
    repo = world["declined"]
    ann = visit(MAINTAINER)
    ann.go(f"/repositories/{repo.id}")
    assert open_pulls(repo) == {}
    ann.submit("Offer again")
    assert "what was declined is offered again" in ann.text
    ann.check_accessible()
    world.settle()
    assert set(open_pulls(repo)) == {ATOMIC}
    ann.go(f"/repositories/{repo.id}")
    assert ann.page.get_by_role("button", name="Offer again").count() == 0
    ann.follow(open_pulls(repo)[ATOMIC].title)
    assert ann.path.endswith(f"/pulls/{open_pulls(repo)[ATOMIC].number}")


def test_the_pull_requests_own_page_takes_it_back_too(visit, world):
    repo = world["declined-as-well"]
    ann = visit(MAINTAINER)
    ann.go(f"/repositories/{repo.id}/pulls/1")
    ann.submit("Offer again")
    world.settle()
    assert set(open_pulls(repo)) == {ATOMIC}


def test_who_may_only_read_has_no_buttons(visit, world):
    ben = visit(READER)
    ben.go(f"/repositories/{world['helpdesk'].id}")
    assert "Declined" in ben.text
    buttons = ben.page.locator("main").get_by_role("button")
    assert buttons.count() == 0, buttons.all_inner_texts()


def test_an_operator_pauses_a_repository_and_resumes_it(visit, world):
    repo = world["calm"]
    olga = visit(OPERATOR)
    olga.go(f"/repositories/{repo.id}")
    olga.submit("Pause")
    assert "Paused: nothing is written" in olga.text
    olga.check_accessible()
    repo.push("main", {"shop/race.py": RACE})
    world.settle()
    assert ATOMIC not in open_pulls(repo)
    olga.submit("Resume")
    assert "Resumed" in olga.text
    world.settle()
    assert ATOMIC in open_pulls(repo)


def test_an_operator_retries_a_job_that_failed(visit, world):
    repo = world["sick"]
    olga = visit(OPERATOR)
    olga.go("/")
    olga.page.get_by_role("heading", name="Failed jobs").scroll_into_view_if_needed()
    olga.follow("acme/sick", exact=True)
    assert re.match(r"/runs/.", olga.path)
    assert "Why it failed" in olga.text
    olga.submit("Retry")
    assert "waits in the queue again" in olga.text
    world.settle()
    assert len(open_pulls(repo)) == 1
    olga.page.reload()
    assert olga.page.get_by_role("button", name="Retry").count() == 0


def test_an_operator_has_a_failed_delivery_worked_on_again(visit, world):
    repo = world["elsewhere/broken"]
    olga = visit(OPERATOR)
    olga.go("/deliveries?state=dead")
    paths = [each.get_attribute("href") for each in olga.page.locator('th a[href^="/deliveries/"]').all()]
    for path in paths:
        olga.go(path)
        if "elsewhere/broken" in olga.text:
            break
    olga.submit("Redeliver")
    assert "waits in the queue again" in olga.text
    world.settle()
    assert len(open_pulls(repo)) == 1
    olga.page.reload()
    assert olga.page.get_by_role("button", name="Redeliver").count() == 0


def test_what_has_been_open_for_too_long_changes_nothing(visit, world):
    """Two windows: in the one somebody signs out, in the other a form is still there."""
    ann = visit(MAINTAINER, fresh=True)
    ann.expect(401, 403)
    ann.sign_in(f"/repositories/{world['helpdesk'].id}")
    other = ann.context.new_page()
    other.goto("/")
    with other.expect_navigation():
        other.get_by_role("button", name="Sign out").click()
    declined = [each.number for each in world["helpdesk"].pulls if not each.open and not each.merged]
    ann.submit("Offer again")
    assert "Nothing was changed" in ann.text
    world.settle()
    assert [each.number for each in world["helpdesk"].pulls if not each.open and not each.merged] == declined
