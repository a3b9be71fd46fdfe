"""What all pages share: the frame, the style sheet, errors, and what an attacker's names may do to them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from fastapi import HTTPException
from starlette.middleware import Middleware

from bot.app import create_app
from bot.pages import routers
from bot.signin.headers import SecurityHeaders
from bot.signin.required import signed_in
from bot.signin.viewer import Viewer
from tests.bot.pages import sample
from tests.bot.pages.reading import Read

if TYPE_CHECKING:
    from tests.bot.pages.conftest import Site

ALL = ("/", "/?period=month", "/repositories", "/repositories/7", "/nothing/here")


async def test_the_style_sheet_is_kept_for_good_under_its_own_address(site: Site) -> None:
    page = await site.get("/repositories")
    address = next(part for part in page.text.split('"') if part.endswith("/style.css"))
    sheet = await site.get(address)
    assert sheet.status_code == 200
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert sheet.headers["cache-control"] == "public, max-age=31536000, immutable"
    older = await site.get("/static/0123456789abcdef/style.css")
    assert older.text == sheet.text, (
        "a page of an older version, still open somewhere, does not lose its style"
    )
    assert older.headers["cache-control"] == "no-cache"
    assert (await site.get(address.replace("style.css", "..%2fbase.j2"))).status_code == 404
    assert (await site.get(address.replace("style.css", "base.css"))).status_code == 404


async def test_no_search_engine_comes_in(site: Site) -> None:
    robots = await site.get("/robots.txt")
    assert robots.text.splitlines() == ["User-agent: *", "Disallow: /"]
    assert 'name="robots" content="noindex, nofollow"' in (await site.get("/")).text


@pytest.mark.parametrize("address", ALL)
async def test_every_page_can_be_gone_through_by_its_headings_and_without_script(
    site: Site, address: str
) -> None:
    with site.database.write() as connection:
        sample.busy_weeks(connection)
    read = Read((await site.get(address)).text)
    levels = [level for level, _ in read.headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert "script" not in read.tags
    assert read.links["Skip to the content"] == "#content"
    forbidden = {"style", "onclick", "onload", "onerror"}
    assert not [each for each in read.attributes if each[1] in forbidden], (
        "the content security policy forbids it"
    )


async def test_the_frame_says_where_one_is_and_lets_one_out(site: Site) -> None:
    page = await site.get("/repositories")
    assert '<a href="/repositories" aria-current="page">Repositories</a>' in page.text
    (out,) = [each for each in Read(page.text).forms if each.action == "/sign-out"]
    assert (out.method, out.fields) == ("post", {"csrf": "token-of-olga"})
    assert page.headers["cache-control"] == "no-store"
    viewer = Viewer("<b>eve</b>", operator=False)
    theirs = await site.get("/", viewer)
    assert "<b>eve" not in theirs.text
    assert "Deliveries" not in Read(theirs.text).links, "these are for operators"


async def test_what_was_done_is_said_in_the_services_own_words_only(site: Site) -> None:
    assert "Paused: nothing is written" in Read((await site.get("/?said=paused")).text).text
    forged = await site.get("/?said=Send+your+password+to+eve")
    assert "password" not in forged.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nothing", 404),
        ("/repositories/seven", 404),
        ("/repositories?page=0", 400),
        ("/repositories/-1", 404),
    ],
)
async def test_what_is_not_there_is_said_on_a_page(site: Site, address: str, status: int) -> None:
    page = await site.get(address)
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert Read(page.text).links["Go to the overview"] == "/"


async def test_numbers_that_no_database_holds_are_those_of_no_repository(anywhere: Site) -> None:
    for number in (2**31, 2**63 - 1, 2**63, 2**64, 10**30):
        assert (await anywhere.get(f"/repositories/{number}")).status_code == 404


async def test_programs_get_their_errors_as_json(site: Site) -> None:
    for address in ("/webhooks/other", "/health/x", "/metrics/x"):
        answer = await site.get(address)
        assert answer.status_code == 404
        assert list(answer.json()) == ["error"]


async def test_without_pages_every_error_is_json(site: Site) -> None:
    site.app = create_app(None, {})  # type: ignore[arg-type]
    answer = await site.get("/")
    assert (answer.status_code, list(answer.json())) == (404, ["error"])


async def test_a_mistake_of_ours_shows_nothing_of_the_inside(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError("a secret of the inside")

    def refused() -> None:
        raise HTTPException(403, "The form was <i>too</i> old.")

    told: list[Exception] = []
    headers = Middleware(SecurityHeaders, https=True)
    site.app = create_app(
        None,  # type: ignore[arg-type]
        {},
        pages=site.app.state.pages,
        routers=routers(),
        middleware=[headers],
        report=told.append,
    )
    site.app.add_api_route("/broken", broken)
    site.app.add_api_route("/refused", refused)
    page = await site.get("/broken")
    assert page.status_code == 500
    assert "Traceback" not in page.text
    assert "secret" not in page.text
    assert "RuntimeError" not in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert [str(each) for each in told] == ["a secret of the inside"]
    logged = capsys.readouterr().out
    assert "a request failed" in logged
    assert "test_frame.py" in logged
    assert "secret" not in logged
    no = await site.get("/refused")
    assert no.status_code == 403
    assert "The form was &lt;i&gt;too&lt;/i&gt; old." in no.text


async def test_a_database_that_is_away_is_said_to_be(site: Site) -> None:
    with site.database.write() as connection:
        connection.execute(sa.text("ALTER TABLE repositories RENAME TO elsewhere"))
    page = await site.get("/repositories")
    assert page.status_code == 503
    assert "/ready says what is wrong" in page.text
    assert "elsewhere" not in page.text
    assert "SELECT" not in page.text


async def test_nobody_sees_a_page_without_signing_in(site: Site) -> None:
    del site.app.dependency_overrides[signed_in]
    site.app.state.pages = site.app.state.pages
    for address in ("/", "/repositories", "/repositories/7"):
        page = await site.get(address)
        assert page.status_code != 200
