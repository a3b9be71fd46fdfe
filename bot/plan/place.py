"""Places in the code as a reader finds them: with a link to the very commit that the text speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.markdown import code

if TYPE_CHECKING:
    from bot.plan.state import State
    from codemods.engine.run.report import Reported


def place(site: Reported, state: State) -> str:
    """``path:line`` as Markdown; a permalink where the repository has a page and the commit is known."""
    return place_at(site, state.url, state.base_sha)


def place_at(site: Reported, url: str, sha: str) -> str:
    """``path:line`` as Markdown; a permalink at ``sha`` where the repository has a page at ``url``."""
    shown = code(f"{site.path}:{site.line}")
    if not url or not sha:
        return shown
    path = quote(site.path.encode("utf-8", "surrogateescape"))
    lines = f"L{site.line}" + (f"-L{site.end_line}" if site.end_line > site.line else "")
    return f"[{shown}]({url}/blob/{sha}/{path}#{lines})"


def commit_link(state: State) -> str:
    """The base commit by its first digits, linked where the repository has a page; empty where it is not known."""
    short = code(state.base_sha[:12])
    if not state.base_sha:
        return ""
    return f"[{short}]({state.url}/commit/{state.base_sha})" if state.url else short
