"""One of the App's pull requests, as GitHub has it now: its explanation, its diff, what it settles."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 - FastAPI reads the annotations

from bot.commands.unignore import is_declined, is_offered_again
from bot.github.errors import GitHubError, Gone, RateLimited
from bot.pages.context import Context, Pages  # noqa: TC001
from bot.pages.diff_html import MOST_FILES, ShownDiff, shown_diff
from bot.pages.markdown_html import markdown, spans
from bot.pages.rendering import render
from bot.pages.work import file_url, place
from bot.plan.marker import read_marker, visible
from bot.signin import SeenRepository, SignedIn  # noqa: TC001
from bot.store import pulls, repositories

if TYPE_CHECKING:
    from markupsafe import Markup

    from bot.github.model import PullInfo
    from bot.store.history import PullRow
    from bot.store.repositories import Stored

router = APIRouter(include_in_schema=False)
log = structlog.get_logger(__name__)

AT_ONCE = 6
"""So many pages may wait for GitHub at the same time; the threads that are left answer other pages."""
_PATIENCE = 3.0
_asking = threading.BoundedSemaphore(AT_ONCE)

State = Literal["open", "merged", "declined", "offered again", "closed"]
_SHOWN: dict[State, tuple[str, str]] = {
    "open": ("open", "Open"),
    "merged": ("good", "Merged"),
    "declined": ("bad", "Declined"),
    "offered again": ("off", "Closed, offered again"),
    "closed": ("off", "Closed"),
}
"""By the state: its sign (``parts.icon``) and its words."""
_KEPT: dict[str, State] = {"open": "open", "merged": "merged", "closed": "declined", "settled": "closed"}


@dataclass(frozen=True, slots=True)
class Live:
    """What GitHub says now."""

    pull: PullInfo
    state: State
    body: Markup
    diff: ShownDiff


class NotAsked(Exception):  # noqa: N818 - named as its reader thinks of it
    """GitHub could not be asked; ``str(error)`` is a sentence for the page."""


@router.get("/repositories/{repository_id}/pulls/{number}")
def pull_request(
    request: Request, repository_id: SeenRepository, number: int, pages: Context, viewer: SignedIn
) -> HTMLResponse:
    """The page; without what GitHub alone knows where that can't be asked. 404 for what the App did not open."""
    if not 0 < number < 2**31:
        raise HTTPException(404)
    with pages.database.read() as connection:
        stored = repositories.read(connection, repository_id)
        row = pulls.read(connection, repository_id, number)
    if stored is None:
        raise HTTPException(404)
    live, trouble = None, ""
    try:
        live = asked(pages, stored, number)
    except NotAsked as error:
        trouble = str(error)
    if live is None and row is None:
        raise HTTPException(404 if not trouble else 503)
    known = _Known(stored, number, row, live, trouble)
    return _page(request, pages, known, may_change=viewer.may_change(stored.id))


def asked(pages: Pages, stored: Stored, number: int) -> Live | None:
    """The pull request as it is on GitHub; None if there is none, or somebody else opened it. Raises NotAsked."""
    if stored.repository is None:
        raise NotAsked("the App is not installed on this repository any more")
    if not _asking.acquire(timeout=_PATIENCE):
        raise NotAsked("too many pages wait for GitHub just now")
    try:
        with pages.connect(stored.repository) as client:
            pull = client.pull(number)
            if pull.author != client.bot_login:
                return None
            changes = client.pull_files(number, MOST_FILES)
    except Gone:
        return None
    except RateLimited as error:
        raise NotAsked(f"GitHub wants to be asked again at {error.until:%H:%M} UTC") from None
    except GitHubError as error:
        log.warning("a pull request could not be shown", number=number, error=str(error))
        raise NotAsked("GitHub does not answer") from None
    finally:
        _asking.release()
    left = max(0, (pull.changed_files or 0) - len(changes))
    return Live(pull, _state(pull), markdown(visible(pull.body), top=3), shown_diff(changes, left))


def _state(pull: PullInfo) -> State:
    if pull.open:
        return "open"
    if pull.merged:
        return "merged"
    if is_offered_again(pull):
        return "offered again"
    return "declined" if is_declined(pull) else "closed"


@dataclass(frozen=True, slots=True)
class _Known:
    """All that there is to show: what was kept, and what GitHub says, or why it says nothing."""

    repository: Stored
    number: int
    row: PullRow | None
    live: Live | None
    trouble: str


def _page(request: Request, pages: Pages, known: _Known, *, may_change: bool) -> HTMLResponse:
    stored, row, live = known.repository, known.row, known.live
    repository = f"{stored.owner}/{stored.name}"
    repository_url = f"{pages.settings.github_url}/{repository}"
    marker = read_marker(live.pull.body) if live else None
    state = live.state if live else _KEPT[row.state] if row else None
    fingerprints = row.findings if row else marker.findings if marker else ()
    with pages.database.read() as connection:
        found = pulls.settled(connection, stored.id, fingerprints)
    sha = live.pull.base_sha if live else ""
    return render(
        request,
        "pages/pull_request.j2",
        active="repositories",
        repository_id=stored.id,
        repository=repository,
        repository_url=repository_url,
        url=f"{repository_url}/pull/{known.number}",
        number=known.number,
        title=live.pull.title if live else row.title if row else "",
        state=state,
        shown=_SHOWN[state] if state else None,
        rule=row.rule if row and row.rule else marker.rule if marker else "",
        base=live.pull.base if live else row.base if row else "",
        row=row,
        live=live,
        gone=live is None and not known.trouble,
        trouble=known.trouble,
        settles=len(fingerprints),
        findings=[
            (
                each,
                place(each.path, each.line),
                spans(each.message),
                file_url(repository_url, sha, each.path, each.line) if sha else "",
            )
            for each in found
        ],
        paused=stored.paused,
        may_undo=may_change and live is not None and live.state == "declined",
    )
