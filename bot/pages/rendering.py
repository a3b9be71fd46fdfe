"""Pages from their templates. What comes from a repository is escaped, and what hides in it is written out."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse
from markupsafe import Markup

from bot.pages import notices, static, text
from bot.pages.visible import visible
from bot.templates import FOLDER
from bot.version import own_version
from codemods.engine import registry

if TYPE_CHECKING:
    from jinja2 import Environment
    from starlette.requests import Request

NAVIGATION = (
    ("overview", "/", "Overview", False),
    ("repositories", "/repositories", "Repositories", False),
    ("deliveries", "/deliveries", "Deliveries", True),
    ("rules", "/rules", "Rules", False),
)
"""Of each part: its name (``active`` of its pages), address, title, and whether it is for operators alone."""


def render(request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
    """The page made from template ``name`` with ``values``; an unknown variable in it is an error.

    Every template also has: ``viewer`` (None while nobody is signed in; ``request.state.viewer``), ``csrf`` (the token
    for its forms; ``request.state.csrf``), ``navigation`` and ``active`` (the part that the page belongs to, given by
    ``values``), ``notice``, ``version``, ``now``, ``stylesheet``, ``icon``.
    """
    viewer = getattr(request.state, "viewer", None)
    operator = viewer is not None and viewer.operator
    given: dict[str, Any] = {
        "viewer": viewer,
        "csrf": getattr(request.state, "csrf", ""),
        "navigation": [each for each in NAVIGATION if operator or not each[3]] if viewer else [],
        "active": "",
        "notice": notices.notice(request.query_params.get(notices.PARAMETER)),
        "version": own_version(),
        "now": datetime.now(UTC),
        "stylesheet": static.address("style.css"),
        "icon": static.address("icon.svg"),
        **values,
    }
    html = environment().get_template(name).render(given)
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})


@cache
def environment() -> Environment:
    """The pages' own environment, escaping everything; the one for Markdown escapes nothing."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        ago=text.ago,
        counted=text.counted,
        day=text.day,
        number=text.number,
        pull_word=text.pull_word,
        seconds=text.seconds,
        stamp=text.stamp,
        web_address=text.web_address,
    )
    made.tests["installed_rule"] = _is_installed
    return made


def _is_installed(rule: str) -> bool:
    """Whether the rule has a page: a run may be older than the rules that are installed now."""
    return rule in registry.known()


def _visible(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
