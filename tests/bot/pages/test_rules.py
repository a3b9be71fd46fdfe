"""The pages about rules, through HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.store.history import FindingRow
from codemods.engine import registry
from codemods.engine.page import page_of

if TYPE_CHECKING:
    from tests.bot.pages.detail import Details


def test_every_rule_is_listed_and_has_a_page(details: Details) -> None:
    viewer = details.may_read(details.repository())
    listed = details.get("/rules", viewer).text
    for name in registry.known():
        assert f'href="/rules/{name}"' in listed
        page = details.get(f"/rules/{name}", viewer)
        assert page.status_code == 200
        for section in page_of(name).sections:
            assert f"<h2>{section}" in page.text, (name, section)
        assert page.text.count("<h1") == 1


def test_examples_are_coloured_and_say_nothing_of_tests(details: Details) -> None:
    page = details.get("/rules/atomic-redis").text
    assert '<span class="kn">import</span>' in page
    assert "```" not in page


def test_counts_are_of_what_the_viewer_sees(details: Details) -> None:
    repo, other = details.repository(), details.repository()
    for count, where in ((3, repo), (5, other)):
        found = [FindingRow(f"f{n}", "atomic-redis", "a.py", n, "safe", "m") for n in range(count)]
        details.keep_run(f"gh-{count}", where, *found)
    assert "3 safe, 0 unsafe, 0 by hand" in details.get("/rules", details.may_read(repo)).text
    assert "8 safe, 0 unsafe, 0 by hand" in details.get("/rules").text
    assert (
        "<dt>Safe patches</dt><dd>3</dd>" in details.get("/rules/atomic-redis", details.may_read(repo)).text
    )


def test_what_is_no_rule_has_no_page(details: Details) -> None:
    for name in ("no-such-rule", "..%2f..%2fetc%2fpasswd", "Atomic-Redis", "%00"):
        assert details.get(f"/rules/{name}").status_code == 404, name
    assert details.get("/rules", None).status_code == 303
