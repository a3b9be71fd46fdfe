"""The pages about deliveries, through HTTP."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.pages import deliveries
from bot.store.tables import DeliveryState, JobState
from tests.bot.pages.detail import NOW

if TYPE_CHECKING:
    import pytest

    from tests.bot.pages.detail import Details


def guids(page: str) -> list[str]:
    return re.findall(r'href="/deliveries/(d-\d+)"', page)


def test_operators_alone_see_deliveries(details: Details) -> None:
    repo = details.repository()
    details.keep_delivery("d-1", repo)
    for path in ("/deliveries", "/deliveries/d-1"):
        assert details.get(path).status_code == 200
        assert details.get(path, details.may_write(repo)).status_code == 404
        assert details.get(path, None).status_code == 303


def test_the_list_goes_on_page_by_page(details: Details, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "PER_PAGE", 3)
    for count in range(7):
        details.keep_delivery(f"d-{count}", received_at=NOW - timedelta(minutes=count))
    address, seen = "/deliveries?state=dead", []
    while address:
        page = details.get(address).text
        seen.append(guids(page))
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == [["d-0", "d-1", "d-2"], ["d-3", "d-4", "d-5"], ["d-6"]]


def test_the_list_is_chosen_from(details: Details) -> None:
    repo = details.repository()
    details.keep_delivery("d-1", repo)
    details.keep_delivery("d-2", state=DeliveryState.IGNORED, reason="<b>a tag</b>")
    details.keep_delivery("d-3", event="check_run", action="rerequested")
    assert guids(details.get("/deliveries").text) == ["d-3", "d-2", "d-1"]
    assert guids(details.get("/deliveries?state=ignored").text) == ["d-2"]
    assert guids(details.get("/deliveries?event=check_run").text) == ["d-3"]
    for odd in ("event=%3Cscript%3E", "event=%00", "after=%00", "state=%F0%9F%98%80"):
        answer = details.get(f"/deliveries?{odd}")
        assert (answer.status_code, "<script" in answer.text) == (400, False), odd
    assert "&lt;b&gt;a tag" in details.get("/deliveries").text
    assert repo.full_name in details.get("/deliveries").text
    assert details.get("/deliveries?state=nonsense").status_code == 404
    assert details.get("/deliveries?after=nonsense").status_code == 404


def test_one_delivery_is_shown_with_its_jobs_and_payload(details: Details) -> None:
    repo = details.repository()
    payload = json.dumps({"ref": "refs/heads/<main>", "text": "a\u202eb"}).encode()
    details.keep_delivery("d-1", repo, payload, reason="GitHub <refused>")
    details.keep_job("gh-d-1", repo, delivery="d-1", state=JobState.DEAD, reason="refused")
    page = details.get("/deliveries/d-1").text
    for told in (
        "GitHub &lt;refused&gt;",
        '<a href="/runs/gh-d-1">Bring the default branch up to date</a>',
        "refs/heads/&lt;main&gt;",
        "⟨U+202E⟩",
        'action="/deliveries/d-1/redeliver"',
        repo.full_name,
    ):
        assert told in page, told
    details.keep_delivery("d-2", repo, state=DeliveryState.DONE, reason=None)
    assert "/redeliver" not in details.get("/deliveries/d-2").text
    assert details.get("/deliveries/no-such").status_code == 404


def test_a_large_or_odd_payload_is_cut(details: Details) -> None:
    details.keep_delivery(
        "d-1", payload=json.dumps({"long": "x" * 3_000_000, "many": list(range(50_000))}).encode()
    )
    page = details.get("/deliveries/d-1").text
    assert len(page) < 500_000
    assert "are left out" in page
    details.keep_delivery("d-2", payload=b"[" * 100_000)
    assert details.get("/deliveries/d-2").status_code == 200
    details.keep_delivery("d-3", payload=b"\xff\xfe no json")
    assert "no json" in details.get("/deliveries/d-3").text
