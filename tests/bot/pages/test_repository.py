"""The page of one repository."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.signin.viewer import Viewer
from bot.store.repository_page import MOST_FINDINGS, RUNS_PER_PAGE
from tests.bot.pages import sample
from tests.bot.pages.reading import Read
from tests.bot.pages.sample import HOSTILE, add_job, add_pull, add_repository, add_run

if TYPE_CHECKING:
    from tests.bot.pages.conftest import Site

READER = Viewer("rita", operator=False, repositories={7: False})
WRITER = Viewer("will", operator=False, repositories={7: True})
CONFIG = "rules:\n  naive-datetime: false\n"


async def read(site: Site, address: str = "/repositories/7", viewer: Viewer | None = None) -> Read:
    page = await site.get(address, viewer)
    assert page.status_code == 200
    return Read(page.text)


async def test_the_configuration_in_force_is_shown_with_where_it_comes_from(anywhere: Site) -> None:
    with anywhere.database.write() as connection:
        source = ".github/patchwright.yml"
        add_repository(
            connection,
            7,
            "octo",
            "shop",
            config_source=source,
            config_sha="c" * 40,
            config_text=CONFIG,
            config_trouble=f"{source}:3: unknown key\n{source}:9: no number",
        )
        add_repository(connection, 8, "octo", "docs", config_sha="d" * 40)
        add_repository(connection, 9, "octo", "new")
    page = await read(anywhere)
    assert page.links[source] == f"https://github.example.com/octo/shop/blob/{'c' * 40}/{source}"
    assert "naive-datetime: false" in page.text
    assert "Newest configuration not in force" in page.text
    assert f"{source}:3: unknown key {source}:9: no number" in page.text
    assert (
        "The defaults: the repository has no configuration" in (await read(anywhere, "/repositories/8")).text
    )
    assert "Not read yet" in (await read(anywhere, "/repositories/9")).text


async def test_findings_are_those_of_the_newest_run_over_each_branch(anywhere: Site) -> None:
    with anywhere.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
        add_run(connection, 7, {"old-rule": 3}, finished_at=sample.now() - timedelta(days=1))
        add_run(connection, 7, {"spec-mock": 2, "lazy-client": 1}, path="src/a b#c.py")
        add_run(connection, 7, {"spec-mock": 1}, branch="a-release")
        add_run(connection, 8, {"foreign-rule": 1})
    page = await read(anywhere)
    assert [text for level, text in page.headings if level == 3] == ["main", "a-release"]
    assert "3 findings at 9f3c2b7d10" in page.text
    assert "old-rule" not in page.text
    assert "foreign-rule" not in page.text
    assert page.links["src/a b#c.py:10"].endswith(f"/blob/{'9f3c2b7d10' * 4}/src/a%20b%23c.py#L10")


async def test_many_findings_are_counted_and_the_first_are_listed(site: Site) -> None:
    with site.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
        add_run(connection, 7, {"atomic-redis": MOST_FINDINGS + 1, "spec-mock": 3})
    page = await read(site)
    assert "The first 500 of 504 findings are listed" in page.text
    assert "Not listed: only the first 500" in page.text


async def test_what_was_declined_can_be_offered_again_by_those_who_may_write(anywhere: Site) -> None:
    with anywhere.database.write() as connection:
        add_repository(connection, 7, "octo", "shop", undeclined=["7-taken-back-0", "7-taken-back-1"])
        add_pull(connection, 7, 1, "spec-mock", "open")
        add_pull(connection, 7, 2, "spec-mock", "merged")
        add_pull(connection, 7, 3, "spec-mock", "closed", title="Declined by a person")
        add_pull(connection, 7, 4, "taken-back", "closed")
        add_pull(connection, 7, 5, "spec-mock", "settled")
    page = await read(anywhere, viewer=WRITER)
    undo = [each for each in page.forms if each.action == "/repositories/7/undo"]
    assert [each.fields["pull"] for each in undo] == ["3"]
    assert "what #3 would have changed" in page.text, "what a screen reader says of the button"
    assert "Offered again" in page.row("#4")
    assert "Merged" in page.row("#2")
    assert "Closed" in page.row("#5")
    reader = await read(anywhere, viewer=READER)
    assert "Declined by a person" in reader.text
    assert [each.action for each in reader.forms] == ["/sign-out"]


async def test_who_may_push_and_operators_pause_and_resume_it(site: Site) -> None:
    with site.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
        add_repository(connection, 8, "octo", "docs", paused=True)
        add_pull(connection, 8, 3, "spec-mock", "closed")
    forms = (await read(site)).forms
    assert ("post", "/repositories/7/pause", {"csrf": "token-of-olga"}) in [
        (each.method, each.action, each.fields) for each in forms
    ]
    paused = await read(site, "/repositories/8")
    assert "Paused: nothing is written" in paused.text
    assert {each.action for each in paused.forms} == {"/sign-out", "/repositories/8/resume"}
    assert "Resume the repository to offer it again" in paused.text
    writer, reader = await read(site, viewer=WRITER), await read(site, viewer=READER)
    assert {each.action for each in writer.forms} == {"/sign-out", "/repositories/7/pause"}
    assert {each.action for each in reader.forms} == {"/sign-out"}


async def test_jobs_that_failed_are_named_with_the_reason_and_can_be_retried(anywhere: Site) -> None:
    with anywhere.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
        add_repository(connection, 8, "octo", "docs")
        add_job(connection, 7, "dead", "d-1", reason="no permission", finished_at=sample.now())
        add_job(connection, 8, "dead", "d-2", reason="of another repository")
    page = await read(anywhere, viewer=WRITER)
    assert "Failed jobs" in [text for _, text in page.headings]
    assert "no permission" in page.text
    assert "of another repository" not in page.text
    assert "No run yet On GitHub" not in page.text, "it is not that nothing was tried"
    assert page.links["just now"] == "/runs/gh-d-1"
    assert "/runs/gh-d-1/retry" in {each.action for each in page.forms}
    reader = await read(anywhere, viewer=READER)
    assert "no permission" in reader.text
    assert {each.action for each in reader.forms} == {"/sign-out"}


async def test_what_a_run_did_is_linked_and_shows_no_bare_address(site: Site) -> None:
    url = "https://github.example.com/octo/shop/pull/3"
    with site.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
        add_run(connection, 7, {}, actions=[f"opened #3 Fix it ({url})"])
    page = await read(site)
    assert page.links["#3"] == url
    assert "opened #3 Fix it" in page.row("opened")
    assert url not in page.text


async def test_runs_are_listed_the_newest_first(anywhere: Site) -> None:
    with anywhere.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
        for age in range(RUNS_PER_PAGE + 2):
            add_run(
                connection,
                7,
                {"spec-mock": age},
                finished_at=sample.now() - timedelta(days=age),
                actions=["opened #4", "updated #5"] if age == 0 else [],
                skipped=[{"path": "a.py", "reason": "it does not parse"}] * (age % 2),
                job_id=f"gh-{age}/base0",
            )
        add_job(connection, 7, "running", "d-1")
        add_job(connection, 7, "done", "d-2")
    page = await read(anywhere)
    assert "1 job in the queue" in page.text
    assert page.row("opened #4") == "just now main 9f3c2b7d10 0 412 3.4 s opened #4 and 1 more"
    assert "1 412 (1 skipped) 3.4 s nothing to do" in page.row("1 day ago")
    assert page.links["2 days ago"] == "/runs/gh-2/base0"
    assert page.links["Next"] == "/repositories/7?runs=2#runs"
    older = await read(anywhere, "/repositories/7?runs=2")
    assert "Page 2 of 2" in older.text
    assert older.links["Previous"] == "/repositories/7?runs=1#runs"
    assert "21 days ago" in older.text


async def test_a_repository_that_one_does_not_see_is_none(anywhere: Site) -> None:
    with anywhere.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
        add_repository(connection, 8, "secret", "plans")
    hidden = await anywhere.get("/repositories/8", READER)
    missing = await anywhere.get("/repositories/999", READER)
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.text == missing.text
    assert (await anywhere.get("/repositories/999")).status_code == 404


async def test_nothing_that_a_repository_names_becomes_html(site: Site) -> None:
    with site.database.write() as connection:
        add_repository(
            connection,
            7,
            "octo",
            "shop",
            default_branch=HOSTILE,
            base_branches=[HOSTILE],
            config_source=f"{HOSTILE}.yml",
            config_sha=HOSTILE,
            config_text=f"</code></pre>{HOSTILE}\x00\x1b[31m",
            config_trouble=f"{HOSTILE}\n{HOSTILE}",
        )
        add_run(
            connection,
            7,
            {HOSTILE: 1},
            branch=HOSTILE,
            path=f"{HOSTILE}.py",
            message=HOSTILE,
            sha=HOSTILE[:64],
            actions=[HOSTILE],
        )
        add_pull(
            connection,
            7,
            1,
            HOSTILE,
            "open",
            title=HOSTILE,
            base=HOSTILE,
            part=HOSTILE,
            url="javascript:alert(1)",
        )
        add_pull(connection, 7, 2, HOSTILE, "closed", title=HOSTILE, base=HOSTILE)
    page = await site.get("/repositories/7")
    assert page.status_code == 200
    found = Read(page.text)
    assert "script" not in found.tags
    assert "{{ 7 * 7 }}" in found.text
    assert not {"\u202e", "\x00", "\x1b"} & set(page.text)
    assert {each.split(":")[0] for each in found.links.values() if ":" in each} == {"https"}
