"""Signing in with GitHub, in a real browser, between two sites."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bot.store.tables import sessions
from tests.browser.world import MAINTAINER, OPERATOR, READER


def test_somebody_signs_in_with_consent_and_out_again(visit, world):
    world.github.sign_ins.asks = True
    world.github.sign_ins.allowed.clear()
    ann = visit(MAINTAINER, fresh=True)
    there = f"/repositories/{world['calm'].id}"
    try:
        ann.go(there)
        assert ann.path == "/sign-in"
        ann.check_accessible()
        ann.follow("Sign in with GitHub")
        assert ann.page.url.startswith(world.github.url), "GitHub asks the first time"
        ann.submit("Authorize patchwright")
    finally:
        world.github.sign_ins.asks = False
    assert ann.path == there, "back to the page that was asked for"
    assert "acme/calm" in ann.page.title()
    assert not world.github.sign_ins.tokens, "the person's token was given back"
    ann.submit("Sign out")
    assert "You are signed out" in ann.text
    ann.go("/repositories")
    assert ann.path == "/sign-in"


def test_who_does_not_consent_is_told_so(visit, world):
    somebody = visit("somebody", fresh=True)
    somebody.expect(400, 403)
    world.github.sign_ins.asks = True
    try:
        somebody.go("/sign-in")
        somebody.follow("Sign in with GitHub")
        somebody.submit("Cancel")
    finally:
        world.github.sign_ins.asks = False
    assert somebody.page.url.startswith(world.url)
    assert "not signed in" in somebody.text
    somebody.check_accessible()


def test_a_person_sees_what_they_see_on_github_and_an_operator_sees_all(visit):
    names = {"acme/helpdesk", "acme/calm", "acme/sick", "elsewhere/hidden"}
    seen = {}
    for login in (OPERATOR, MAINTAINER, READER, "stranger"):
        visitor = visit(login)
        visitor.go("/repositories")
        seen[login] = {name for name in names if name in visitor.text}
    assert seen == {
        OPERATOR: names,
        MAINTAINER: names - {"elsewhere/hidden"},
        READER: {"acme/helpdesk"},
        "stranger": set(),
    }


def test_what_one_may_not_see_is_not_there(visit, world):
    ann = visit(MAINTAINER)
    ann.go(f"/repositories/{world['elsewhere/hidden'].id}", 404)
    hidden = ann.text
    ann.check_accessible()
    ann.go("/repositories/999999999", 404)
    assert ann.text == hidden
    ann.go("/deliveries", 404)
    assert ann.page.get_by_role("link", name="Deliveries").count() == 0


def test_what_somebody_may_see_is_asked_again_after_a_while_without_a_click(visit, world):
    carl = visit("carl", fresh=True)
    repo = world["helpdesk"]
    repo.collaborator("carl", "read")
    carl.sign_in(f"/repositories/{repo.id}")
    del repo.collaborators["carl"]
    world["calm"].collaborator("carl", "read")
    engine = sa.create_engine(world.service.database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        connection.execute(sa.update(sessions).where(sessions.c.login == "carl").values(checked_at=long_ago))
    carl.expect(404)
    carl.page.reload()
    assert carl.path == f"/repositories/{repo.id}"
    assert "acme/helpdesk" not in carl.text, "taken away on GitHub, and so here"
    carl.go("/repositories")
    assert "acme/calm" in carl.text
    assert "acme/helpdesk" not in carl.text
