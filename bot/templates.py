"""Where the texts that people read lie, and how they are filled in."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).resolve().parent.parent / "templates"
"""Installed beside this package, and in a checkout too."""


def render(name: str, **values: object) -> str:
    """The template called ``name`` with ``values``; an unknown variable in it is an error."""
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from bot import markdown

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown, not HTML: bot.markdown escapes what comes from repositories
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        cell=markdown.cell,
        code=markdown.code,
        fenced=markdown.fenced,
        plain=markdown.plain,
        prose=markdown.prose,
    )
    return environment
