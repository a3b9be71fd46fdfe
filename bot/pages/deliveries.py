"""Webhook deliveries, for operators: what came, what became of it, and putting it back."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 - FastAPI reads the annotations

from bot.events.decide import HANDLED
from bot.pages.code_html import highlighted
from bot.pages.context import Context  # noqa: TC001
from bot.pages.rendering import render
from bot.pages.run import Id  # noqa: TC001
from bot.pages.work import STATES, in_words
from bot.signin import OperatorOnly  # noqa: TC001
from bot.store import delivery_list, jobs, repositories
from bot.store.delivery_list import NoCursor, listed
from bot.store.tables import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markupsafe import Markup
    from sqlalchemy import Connection

router = APIRouter(include_in_schema=False)

PER_PAGE = 50
MOST_PAYLOAD = 100_000
"""Characters of a payload that are shown."""


@router.get("/deliveries")
def deliveries(
    request: Request,
    pages: Context,
    viewer: OperatorOnly,
    *,
    state: Annotated[str, Query(pattern=r"^[a-z]{0,16}$")] = "",
    event: Annotated[str, Query(pattern=r"^[a-z_]{0,64}$")] = "",
    after: Annotated[str, Query(pattern=r"^[!-~]{0,128}$")] = "",
) -> HTMLResponse:
    """The list; ``state`` and ``event`` choose from it, ``after`` is where a page begins."""
    try:
        chosen = DeliveryState(state) if state else None
    except ValueError:
        raise HTTPException(404) from None
    with pages.database.read() as connection:
        try:
            found = listed(
                connection, state=chosen, event=event or None, after=after or None, most=PER_PAGE + 1
            )
        except NoCursor:
            raise HTTPException(404) from None
        names = _names(connection, (each.repository_id for each in found))
        counts = delivery_list.states(connection)
    shown, more = found[:PER_PAGE], len(found) > PER_PAGE
    return render(
        request,
        "pages/deliveries.j2",
        active="deliveries",
        deliveries=shown,
        names=names,
        states=STATES,
        state=state,
        event=event,
        events=sorted(HANDLED | ({event} if event else set())),
        choices=[
            ("", "All", sum(counts.values()), _address(event=event)),
            *((each.value, STATES[each][1], counts[each], _address(each, event)) for each in DeliveryState),
        ],
        older=_address(state, event, shown[-1].cursor) if more else "",
        newest=_address(state, event) if after else "",
    )


@router.get("/deliveries/{guid}")
def delivery(request: Request, guid: Id, pages: Context, viewer: OperatorOnly) -> HTMLResponse:
    """One delivery, its jobs and its payload."""
    with pages.database.read() as connection:
        found = delivery_list.read(connection, guid)
        if found is None:
            raise HTTPException(404)
        asked_for = jobs.of_delivery(connection, guid)
        payload = delivery_list.payload(connection, guid)
        names = _names(connection, [found.repository_id, *(each.repository_id for each in asked_for)])
    text, left = _readable(payload)
    return render(
        request,
        "pages/delivery.j2",
        active="deliveries",
        delivery=found,
        state=STATES[found.state],
        jobs=[(each, in_words(each.work), STATES[each.state]) for each in asked_for],
        names=names,
        payload=text,
        size=len(payload),
        left=left,
        may_redeliver=found.state is DeliveryState.DEAD,
    )


def _names(connection: Connection, numbers: Iterable[int | None]) -> dict[int, str]:
    found = {each: repositories.read(connection, each) for each in set(numbers) if each is not None}
    return {number: f"{it.owner}/{it.name}" for number, it in found.items() if it is not None}


def _address(state: str = "", event: str = "", after: str = "") -> str:
    given = {"state": state, "event": event, "after": after}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/deliveries?{query}" if query else "/deliveries"


def _readable(payload: bytes) -> tuple[list[Markup], int]:
    """The payload's lines as HTML, and how many characters of it are left out."""
    text, language = payload.decode("utf-8", "replace"), ""
    with suppress(ValueError, RecursionError):  # what is no JSON is shown as it came
        text, language = json.dumps(json.loads(text), indent=2, ensure_ascii=False), "json"
    shown = text[:MOST_PAYLOAD]
    return highlighted(shown, language), len(text) - len(shown)
