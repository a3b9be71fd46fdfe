"""The rules: what each finds, how often it did, and its page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 - FastAPI reads the annotations

from bot.pages.context import Context, scope_of
from bot.pages.markdown_html import markdown
from bot.pages.rendering import render
from bot.signin import SignedIn  # noqa: TC001
from bot.store.rule_counts import RuleCounts, rule_counts
from codemods.engine import registry
from codemods.engine.page import page_of

if TYPE_CHECKING:
    from codemods.engine.page import Page

router = APIRouter(include_in_schema=False)

_FIRST_HEADING = re.compile(r"\A\s*#\s[^\n]*\n")
_EXAMPLE_PLACE = re.compile(r"^(```\w+) [^\n]*$", re.MULTILINE)


@router.get("/rules")
def rules(request: Request, pages: Context, viewer: SignedIn) -> HTMLResponse:
    """The list, with counts over the repositories that the viewer sees."""
    with pages.database.read() as connection:
        counts = rule_counts(connection, scope_of(viewer))
    names = sorted(registry.known())
    rows = [(name, _title(page_of(name)), counts.get(name, RuleCounts())) for name in names]
    return render(request, "pages/rules.j2", active="rules", rules=rows, built_in=registry.built_in())


@router.get("/rules/{rule}")
def rule(request: Request, rule: str, pages: Context, viewer: SignedIn) -> HTMLResponse:
    """A rule's page, as `patchwright explain` shows it."""
    if rule not in registry.known():
        raise HTTPException(404)
    with pages.database.read() as connection:
        counts = rule_counts(connection, scope_of(viewer)).get(rule, RuleCounts())
    page = page_of(rule)
    return render(
        request,
        "pages/rule.j2",
        active="rules",
        rule=rule,
        title=_title(page),
        counts=counts,
        is_built_in=rule in registry.built_in(),
        text=markdown(_EXAMPLE_PLACE.sub(r"\1", _FIRST_HEADING.sub("", page.text)), top=2),
    )


def _title(page: Page) -> str:
    """What the rule is about: its page's heading without its name."""
    name, colon, words = page.title.partition(":")
    return words.strip() if colon else name
