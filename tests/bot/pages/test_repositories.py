"""The list of repositories."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.signin.viewer import Viewer
from bot.store.repository_list import PER_PAGE
from tests.bot.pages import sample
from tests.bot.pages.reading import Read
from tests.bot.pages.sample import HOSTILE, add_job, add_pull, add_repository, add_run

if TYPE_CHECKING:
    from tests.bot.pages.conftest import Site

ANNA = Viewer("anna", operator=False, repositories={7: True})


async def read(site: Site, address: str = "/repositories", viewer: Viewer | None = None) -> Read:
    page = await site.get(address, viewer)
    assert page.status_code == 200
    return Read(page.text)


async def test_each_repository_says_how_it_is(anywhere: Site) -> None:
    with anywhere.database.write() as connection:
        add_repository(connection, 7, "octo", "shop", config_trouble="x.yml:1: no")
        add_repository(connection, 8, "octo", "billing", paused=True)
        add_repository(connection, 9, "octo", "docs")
        add_repository(connection, 10, "Acme", "left", installation_id=None)
        add_run(connection, 7, {"spec-mock": 4}, finished_at=sample.now() - timedelta(days=2))
        add_run(connection, 7, {"spec-mock": 3})
        add_run(connection, 7, {"spec-mock": 2}, branch="release")
        add_pull(connection, 7, 1, "spec-mock", "open")
        add_pull(connection, 7, 2, "spec-mock", "merged")
        add_run(connection, 8, {})
        add_repository(connection, 11, "octo", "broken")
        add_job(connection, 11, "dead", "first")
        add_job(connection, 7, "dead", "second")
    page = await read(anywhere)
    assert page.row("octo/ broken") == "octo/ broken Failed 0 open 0 findings none yet"
    assert page.row("octo/ shop") == "octo/ shop At work Configuration 1 open 5 findings 2 hours ago"
    assert page.row("octo/ billing") == "octo/ billing Paused 0 open 0 findings 2 hours ago"
    assert page.row("octo/ docs") == "octo/ docs No run yet 0 open 0 findings none yet"
    assert "Not installed" in page.rows[1], "by name, whatever its letters"
    assert page.links["octo/ shop"] == "/repositories/7"


async def test_it_is_filtered_by_name(anywhere: Site) -> None:
    with anywhere.database.write() as connection:
        for number, name in enumerate(("web-shop", "Shop_api", "shop%x", "docs")):
            add_repository(connection, number + 1, "octo", name)
    assert len((await read(anywhere, "/repositories?q=SHOP")).rows) == 4
    assert len((await read(anywhere, "/repositories?q=octo/docs")).rows) == 2
    assert len((await read(anywhere, "/repositories?q=%25")).rows) == 2, "a per cent sign stands for itself"
    assert len((await read(anywhere, "/repositories?q=p_")).rows) == 2
    none = await read(anywhere, "/repositories?q=nothing%00")
    assert "None with this name" in none.text
    assert none.links["Show all"] == "/repositories"


async def test_it_goes_on_over_pages(site: Site) -> None:
    with site.database.write() as connection:
        for number in range(2 * PER_PAGE + 1):
            add_repository(connection, number + 1, "octo", f"shop-{number:04}")
    first = await read(site, "/repositories?q=shop+%26")
    assert "None with this name" in first.text
    first = await read(site, "/repositories?q=shop-")
    assert "Page 1 of 3" in first.text
    assert first.links["Next"] == "/repositories?q=shop-&page=2"
    assert "Previous" not in first.links
    last = await read(site, "/repositories?page=99")
    assert "Page 3 of 3" in last.text
    assert last.links["Previous"] == "/repositories?page=2"
    assert len(last.rows) == 2


async def test_people_see_their_own(anywhere: Site) -> None:
    with anywhere.database.write() as connection:
        add_repository(connection, 7, "octo", "shop")
        add_repository(connection, 8, "secret", "plans")
    page = await read(anywhere, viewer=ANNA)
    assert "1 repository that you see on GitHub" in page.text
    assert "secret" not in page.text
    hidden = await read(anywhere, "/repositories?q=plans", ANNA)
    assert "0 repositories" in hidden.text
    assert "secret" not in hidden.text
    assert "None that you see" in (await read(anywhere, viewer=Viewer("eve", operator=False))).text


async def test_what_is_looked_for_stays_text(site: Site) -> None:
    page = await site.get("/repositories?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    found = Read(page.text)
    assert "script" not in found.tags
    assert found.forms[-1].fields["q"] == '"><script>alert(1)</script>'
    with site.database.write() as connection:
        add_repository(connection, 7, "octo", HOSTILE)
    page = await site.get("/repositories")
    assert "script" not in Read(page.text).tags
    assert "\u202e" not in page.text
