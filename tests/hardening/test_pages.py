"""Pages asked for with every kind of nonsense, by operators, for whom all of them are open: none is a 5xx."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from bot.pages import routers
from bot.signin.viewer import Viewer
from tests.bot.pages.sample import busy_weeks

if TYPE_CHECKING:
    from tests.bot.pages.conftest import Site

OPERATOR = Viewer("olga", operator=True, repositories={})
STRANGER = Viewer("sven", operator=False, repositories={})
NONSENSE = [
    "0", "-1", "1", "9" * 40, str(2**63), "1e3", "nan", "\u0661", "\0", "\U0001f600", "..", "%2e%2e", "{{7*7}}", "a" * 5_000,
    "<script>alert(1)</script>", "' OR 1=1 --", "\u202e", "gh-\r\nSet-Cookie: x=y", "\x80",
]  # fmt: skip
QUERY = [f"?{name}={quote(value, safe='')}" for name in ("page", "state", "period", "rule", "after", "done") for value in NONSENSE[3:9]]  # fmt: skip


def addresses() -> list[str]:
    """Every page, its parameters filled in with nonsense."""
    found = []
    for router in routers():
        for route in router.routes:
            if isinstance(route, APIRoute) and "GET" in route.methods:
                names = [part for part in route.path.split("/") if part.startswith("{")]
                for value in NONSENSE if names else [""]:
                    path = route.path
                    for name in names:
                        path = path.replace(name, quote(value, safe=""))
                    found.append(path)
    return found


@pytest.mark.parametrize("viewer", [OPERATOR, STRANGER], ids=["operator", "stranger"])
async def test_no_nonsense_is_a_failure(site: Site, viewer: Viewer) -> None:
    with site.database.write() as connection:
        busy_weeks(connection)
    asked = addresses()
    assert len(asked) > 50
    asked += [f"{path}{query}" for path, query in product(["/", "/repositories", "/deliveries"], QUERY)]
    for address in asked:
        page = await site.get(address, viewer)
        assert page.status_code < 500, address
        assert "set-cookie" not in page.headers
        assert "<script" not in page.text
        assert "Traceback" not in page.text
        assert "\u202e" not in page.text
