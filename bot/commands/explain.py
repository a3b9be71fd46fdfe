"""``explain <rule>``: the rule's page, cut short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.answer import Answer, told
from bot.plan.body import flowing
from codemods.engine.page import page_of

if TYPE_CHECKING:
    from bot.commands.asked import Asked


def explain(asked: Asked) -> Answer:
    """What the rule finds, why that matters, and what its patches may change."""
    rule = asked.command.rule
    page = page_of(rule)
    return told(
        "explain",
        rule=rule,
        title=page.title.removeprefix(rule).lstrip(": ").strip() or rule,
        summary=page.summary,
        why=_first(page.section("Why is this bad")),
        example=_code(page.section("Example")),
        instead=_code(page.section("Use instead")),
        safety=flowing(page.section("Fix safety")),
    )


def _first(text: str) -> str:
    """The first paragraph, on one line."""
    return flowing(text.strip().split("\n\n", maxsplit=1)[0])


def _code(section: str) -> str:
    """The first fenced block of a section, without its fences; empty for none."""
    _, fence, rest = section.partition("```")
    return rest.partition("\n")[2].partition("\n```")[0] if fence else ""
