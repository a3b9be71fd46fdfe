"""The overview, as people read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.pages.charts import Events, plot
from bot.signin.viewer import Viewer
from bot.store.tables import repositories
from tests.bot.pages import sample
from tests.bot.pages.reading import Read
from tests.bot.pages.sample import HOSTILE, add_job, add_pull, add_repository, add_run

if TYPE_CHECKING:
    from tests.bot.pages.conftest import Site

ANNA = Viewer("anna", operator=False, repositories={7: False})
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def read(site: Site, address: str = "/", viewer: Viewer | None = None) -> Read:
    page = await site.get(address, viewer)
    assert page.status_code == 200
    return Read(page.text)


async def test_a_newcomer_is_told_what_to_do_next(site: Site) -> None:
    page = await read(site)
    assert "No repository yet" in page.text
    assert page.links["How to install it"] == "/setup/done"
    theirs = await read(site, viewer=ANNA)
    assert "Ask whoever administers them" in theirs.text
    assert "How to install it" not in theirs.links
    with site.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
    page = await read(site)
    assert "one begins with every push" in page.text
    assert "The first run says what is found" in page.text
    assert "Nothing decided yet" in page.text


async def test_the_figures_of_a_week_and_of_a_month(anywhere: Site) -> None:
    now = sample.now()
    with anywhere.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
        add_run(connection, 7, {"missing-timeout": 9}, finished_at=now - timedelta(days=20))
        add_run(connection, 7, {"missing-timeout": 2, "spec-mock": 5})
        add_run(connection, 7, {"missing-timeout": 1}, branch="release")
        for number, days, rule, state in (
            (1, 0, "missing-timeout", "open"),
            (2, 2, "missing-timeout", "merged"),
            (3, 2, "missing-timeout", "closed"),
            (4, 3, "spec-mock", "settled"),
            (5, 20, "spec-mock", "merged"),
            (6, 200, "spec-mock", "merged"),
            (8, 19, "onboarding", "merged"),
        ):
            at = now - timedelta(days=days)
            closed = None if state == "open" else at
            add_pull(connection, 7, number, rule, state, opened_at=at, closed_at=closed)
        add_pull(connection, 7, 7, "spec-mock", "merged", opened_at=None, closed_at=None)
    week = await read(anywhere)
    assert "Pull requests opened 4 Merged 1 Declined 1 Findings now 8" in week.text
    assert ": 2 runs over 1 repository" in week.text
    assert week.row("of 2") == "missing-timeout 1 of 2 50 %"
    assert "spec-mock 5 1" in week.rows
    assert "missing-timeout 3 1" in week.rows, "of both branches, in their newest runs"
    month = await read(anywhere, "/?period=month")
    assert "Pull requests opened 6 Merged 3 Declined 1 Findings now 8" in month.text
    assert month.row("of 1") == "spec-mock 1 of 1 100 %", "one that the App closed was not decided by people"
    assert "onboarding" not in " ".join(each for each in month.rows if " of " in each), "it is about no rule"
    quarter = await read(anywhere, "/?period=quarter")
    assert "Week Opened Merged Declined" in quarter.rows
    assert "Merged 1 Declined 1" in (await read(anywhere, "/?period=never")).text, (
        "a week, for what is no period"
    )


async def test_the_plot_has_a_table_with_the_same_numbers(site: Site) -> None:
    now = sample.now()
    with site.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
        for number in range(3):
            add_pull(connection, 7, number + 1, "spec-mock", "merged", opened_at=now, closed_at=now)
    page = await read(site)
    assert f"{now:%a} {now.day} {now:%b} 3 3 0" in page.rows
    assert "3 opened, 3 merged, 0 declined" in page.text, "the plot's own title"
    assert len([each for each in page.rows if each.endswith(" 0 0 0")]) == 6


async def test_what_waits_and_what_failed(anywhere: Site) -> None:
    with anywhere.database.write() as connection:
        add_repository(connection, 7, "octo", "shop", config_trouble="x.yml:1: no")
        add_repository(connection, 8, "octo", "billing", paused=True)
        add_job(connection, 7, "running", "d-1")
        add_job(connection, 7, "waiting", "d-2")
        add_job(connection, 8, "later", "d-3")
        add_job(connection, 8, "dead", "d-4", reason="GitHub refused it", finished_at=sample.now())
        add_job(connection, None, "dead", "d-5", reason="no such installation")
    page = await read(anywhere)
    assert "Jobs at work 1 Jobs waiting oldest 4 minutes ago 1" in page.text
    assert "come back later 1 Failed jobs 2 to retry Failed deliveries 2 Paused repositories 1" in page.text
    assert page.links["octo/billing"] == "/runs/gh-d-4"
    assert page.links["gh-d-5"] == "/runs/gh-d-5"
    assert "GitHub refused it" in page.text
    retry = [each for each in page.forms if each.action.endswith("/retry")]
    assert sorted(each.action for each in retry) == ["/runs/gh-d-4/retry", "/runs/gh-d-5/retry"]
    assert "Retry the job of octo/billing" in page.text
    assert page.links["Failed jobs"] == "#stuck", "they have a panel of the page's whole width"
    assert page.links["octo/shop"] == "/repositories/7#configuration"


async def test_a_rule_is_linked_while_it_is_installed(site: Site) -> None:
    with site.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
        add_run(connection, 7, {"atomic-redis": 1, "a-rule-of-old": 1})
        add_pull(connection, 7, 1, "atomic-redis", "merged")
    for address in ("/", "/repositories/7"):
        page = await read(site, address)
        assert "/rules/atomic-redis" in page.links.values()
        assert "a-rule-of-old" in page.text
        assert "/rules/a-rule-of-old" not in page.links.values()


async def test_jobs_that_take_long_are_named(anywhere: Site) -> None:
    long_ago = sample.now() - timedelta(hours=3)
    with anywhere.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
        add_repository(connection, 8, "octo", "billing")
        add_job(connection, 7, "running", "d-1", started_at=long_ago)
        add_job(connection, 7, "waiting", "d-2")
        add_job(connection, 8, "waiting", "d-3", queued_at=long_ago)
        add_job(connection, 8, "dead", "d-4")
    page = await read(anywhere)
    assert "Jobs that take long octo/shop began 3 hours ago octo/billing waits since 3 hours ago" in page.text
    reader = await read(anywhere, viewer=Viewer("rita", operator=False, repositories={7: True, 8: False}))
    assert "no reason was kept" in reader.text
    assert [each.action for each in reader.forms] == ["/sign-out"], "whoever may not write retries nothing"


async def test_people_see_only_their_own_repositories_in_counts_too(anywhere: Site) -> None:
    with anywhere.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
        add_repository(connection, 8, "secret", "plans", paused=True, config_trouble="x.yml:1: no")
        for number in (7, 8):
            add_run(connection, number, {"spec-mock": number})
            add_pull(connection, number, number, f"rule-of-{number}", "merged")
        add_run(connection, 8, {"hidden-rule": 1}, branch="hidden")
        add_job(connection, 8, "waiting", "d-1")
        add_job(connection, 8, "dead", "d-2", reason="a secret reason")
        add_job(connection, None, "dead", "d-3", reason="another reason")
    page = await read(anywhere, viewer=ANNA)
    assert "Pull requests opened 1 Merged 1 Declined 0 Findings now 7" in page.text
    assert ": 1 run over 1 repository" in page.text
    assert "Jobs waiting 0 Failed jobs 0" in page.text
    for hidden in ("secret", "plans", "rule-of-8", "hidden", "another reason", "Paused", "Failed deliveries"):
        assert hidden not in page.text
    nothing = await read(anywhere, viewer=Viewer("eve", operator=False))
    assert "octo" not in nothing.text
    many = Viewer(
        "max", operator=False, repositories=dict.fromkeys(range(100_000, 170_000), True) | {7: True}
    )
    assert "Findings now 7" in (await read(anywhere, viewer=many)).text, "more than parameters of a statement"


async def test_names_that_are_html_stay_text(site: Site) -> None:
    with site.database.write() as connection:
        add_repository(connection, 7, "octo", "shop", config_trouble=HOSTILE)
        connection.execute(sa.update(repositories).values(owner=HOSTILE))
        add_run(connection, 7, {HOSTILE: 2})
        add_pull(connection, 7, 1, HOSTILE, "merged", title=HOSTILE)
        add_job(connection, 7, "dead", "d-1", reason=HOSTILE)
    page = await site.get("/")
    found = Read(page.text)
    assert "script" not in found.tags
    assert '<script>alert("x")</script>⟨U+202E⟩{{ 7 * 7 }}' in found.text
    assert "\u202e" not in page.text
    assert "49" not in found.text
    assert all(not each.startswith("javascript:") for each in found.links.values())


def test_a_plot_has_room_for_all_of_its_days() -> None:
    events = Events([NOON] * 7, [NOON - timedelta(days=6)], [NOON - timedelta(days=60)])
    made = plot(events, NOON.date() - timedelta(days=6), 7, 1)
    assert [each.opened for each in made.slots] == [0, 0, 0, 0, 0, 0, 7]
    assert made.slots[0].merged == 1
    assert made.total == 8, "what lies before is not counted"
    assert [value for value, _ in made.ticks] == [0, 5, 10]
    bars = [bar for slot in made.slots for bar in slot.bars]
    assert all(bar.x >= 0 and bar.x + bar.width <= 100 and bar.y >= 0 for bar in bars)
    assert plot(Events([], [], []), NOON.date(), 91, 7).slots[-1].name.count(" to ") == 1
