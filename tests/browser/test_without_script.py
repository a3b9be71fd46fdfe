"""A whole way with scripts switched off: sign in, look around, undo a decline, sign out."""

from __future__ import annotations

from tests.browser.world import ATOMIC, MAINTAINER
from tests.end_to_end.world import open_pulls


def test_everything_works_without_script(visit, world):
    repo = world["declined-too"]
    ann = visit(MAINTAINER, fresh=True, script=False)
    ann.sign_in("/")
    ann.page.get_by_text("As a table").click()
    ann.page.get_by_role("columnheader", name="Opened").wait_for()
    ann.follow("Repositories", exact=True)
    ann.follow("acme/declined-too", exact=True)
    ann.submit("Offer again")
    assert "what was declined is offered again" in ann.text
    world.settle()
    ann.go(f"/repositories/{repo.id}")
    ann.follow(open_pulls(repo)[ATOMIC].title)
    ann.follow("acme/declined-too")
    ann.page.locator('a[href^="/runs/"]').first.click()
    ann.page.get_by_role("heading", name="Steps").wait_for()
    ann.follow("Rules", exact=True)
    ann.follow("secretstr")
    ann.submit("Sign out")
    assert "You are signed out" in ann.text
