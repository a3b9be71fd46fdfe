"""A whole way without a mouse: everything can be reached, and one always sees where one is."""

from __future__ import annotations

from tests.browser.world import MAINTAINER, OPERATOR

_FOCUSED = """() => {
    const it = document.activeElement, style = getComputedStyle(it), box = it.getBoundingClientRect();
    return {
        name: it.tagName === 'BODY' ? '' : (it.getAttribute('aria-label') || it.innerText || it.id).trim(),
        shown: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none',
        size: box.width * box.height,
    };
}"""


def tab_to(visitor, name):
    """Press Tab until something with this name has the focus; each stop on the way must be seen."""
    passed = []
    for _ in range(80):
        visitor.page.keyboard.press("Tab")
        focused = visitor.page.evaluate(_FOCUSED)
        if focused["name"]:
            assert focused["shown"], (
                f"{focused['name']!r} on {visitor.path} does not show that it has the focus"
            )
            assert focused["size"] > 0, (
                f"{focused['name']!r} on {visitor.path} has the focus and is not there"
            )
        passed.append(focused["name"])
        if focused["name"].startswith(name):
            return
    raise AssertionError(f"{name!r} was not reached on {visitor.path}: {passed}")


def enter(visitor):
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")


def test_sign_in_look_around_pause_and_sign_out_by_keyboard(visit, world):
    olga = visit(OPERATOR, fresh=True)
    repo = world["elsewhere/hidden"]
    olga.go("/repositories")
    tab_to(olga, "Sign in with GitHub")
    enter(olga)
    assert olga.path == "/repositories"
    tab_to(olga, "elsewhere/hidden")
    enter(olga)
    assert olga.path == f"/repositories/{repo.id}"
    tab_to(olga, "Pause")
    enter(olga)
    assert "Paused: nothing is written" in olga.text
    tab_to(olga, "Resume")
    enter(olga)
    world.settle()
    tab_to(olga, "Sign out")
    enter(olga)
    assert "You are signed out" in olga.text


def test_the_first_stop_leads_past_the_navigation(visit):
    ann = visit(MAINTAINER)
    ann.go("/rules")
    ann.page.keyboard.press("Tab")
    assert ann.page.evaluate(_FOCUSED)["name"] == "Skip to the content"
    ann.page.keyboard.press("Enter")
    ann.page.keyboard.press("Tab")
    inside = ann.page.evaluate("() => document.querySelector('main').contains(document.activeElement)")
    assert inside
