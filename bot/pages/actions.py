"""What people do on pages: retry, redeliver, pause, resume, take a no back. Every one may be done twice."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import structlog
from fastapi import APIRouter, HTTPException
from fastapi.responses import RedirectResponse

from bot.commands.unignore import is_declined, is_offered_again, taken_back
from bot.events.work import WORK, UpdateBranch
from bot.github.errors import GitHubError, Gone
from bot.pages.context import Context, Pages  # noqa: TC001 - FastAPI reads the annotations
from bot.pages.notices import PARAMETER
from bot.pages.run import Id, may_change, may_see
from bot.plan.marker import read_marker
from bot.redeliver import PutBack, put_back
from bot.signin import ChangeableRepository, Form, OperatorOnly, SignedIn  # noqa: TC001
from bot.store import jobs, pulls, repositories

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.github.client import RepositoryClient
    from bot.signin import Viewer
    from bot.store.repositories import Stored

router = APIRouter(include_in_schema=False)
log = structlog.get_logger(__name__)


@router.post("/runs/{job_id}/retry")
def retry(job_id: Id, pages: Context, viewer: SignedIn, form: Form) -> RedirectResponse:
    """Puts a dead job back into the queue."""
    with pages.database.read() as connection:
        job = jobs.read(connection, job_id)
    if job is None or not may_see(viewer, job.repository_id):
        raise HTTPException(404)
    if not may_change(viewer, job):
        raise HTTPException(403)
    done = pages.queue.retry(job_id)
    _record(viewer, "retry", done=done, job=job_id, repository=job.repository_id)
    return _back(f"/runs/{quote(job_id, safe='')}", "retried" if done else "not-dead")


@router.post("/deliveries/{guid}/redeliver")
def redeliver(guid: Id, pages: Context, viewer: OperatorOnly, form: Form) -> RedirectResponse:
    """Puts a delivery that failed back into the queue."""
    done = put_back(pages.database, pages.queue, guid)
    if done is PutBack.UNKNOWN:
        raise HTTPException(404)
    _record(viewer, "redeliver", done=done is PutBack.QUEUED, delivery=guid)
    said = "redelivered" if done is PutBack.QUEUED else "nothing-repeated"
    return _back(f"/deliveries/{quote(guid, safe='')}", said)


@router.post("/repositories/{repository_id}/pause")
def pause(
    repository_id: ChangeableRepository, pages: Context, viewer: SignedIn, form: Form
) -> RedirectResponse:
    """Stops all writing to the repository but answers to commands."""
    with pages.database.write() as connection:
        stored = _stored(connection, repository_id)
        repositories.pause(connection, repository_id, paused=True)
    _record(viewer, "pause", done=not stored.paused, repository=repository_id)
    return _back(f"/repositories/{repository_id}", "paused")


@router.post("/repositories/{repository_id}/resume")
def resume(
    repository_id: ChangeableRepository, pages: Context, viewer: SignedIn, form: Form
) -> RedirectResponse:
    """Goes on, and has done what was left undone."""
    with pages.database.write() as connection:
        stored = _stored(connection, repository_id)
        repositories.pause(connection, repository_id, paused=False)
        if stored.paused and stored.repository is not None:
            bases = [each for each in stored.base_branches or () if each != stored.default_branch]
            for branch in (None, *bases):
                work = UpdateBranch(
                    repository=stored.repository, branch=branch, reason=f"{viewer.login} resumed it"
                )
                _enqueue(connection, pages, f"resume-{uuid.uuid4()}", work)
    _record(viewer, "resume", done=stored.paused, repository=repository_id)
    return _back(f"/repositories/{repository_id}", "resumed")


@router.post("/repositories/{repository_id}/undo")
def undo(
    repository_id: ChangeableRepository, pages: Context, viewer: SignedIn, form: Form
) -> RedirectResponse:
    """Takes back that people declined a pull request (``pull``, its number): what it was about is offered again.

    The closed pull request says so from then on, as after the command ``unignore``; then its base is looked at anew.
    """
    number = _number(form.get("pull", ""))
    with pages.database.read() as connection:
        stored = _stored(connection, repository_id)
    if stored.repository is None:
        return _back(f"/repositories/{repository_id}", "not-installed")
    if stored.paused:
        return _back(f"/repositories/{repository_id}", "paused-first")
    try:
        with pages.connect(stored.repository) as client:
            base = _offer_again(client, number)
    except Gone:
        raise HTTPException(404) from None
    except GitHubError as error:
        log.warning("a no could not be taken back", number=number, error=str(error), login=viewer.login)
        return _back(f"/repositories/{repository_id}", "github-trouble")
    if base is not None:
        reason = f"{viewer.login} took back that #{number} was declined"
        work = UpdateBranch(repository=stored.repository, branch=base or None, reason=reason)
        with pages.database.write() as connection:
            pulls.note_offered_again(connection, repository_id, number)
            _enqueue(connection, pages, f"undo-{repository_id}-{number}", work)
    _record(viewer, "undo", done=base is not None, repository=repository_id, number=number)
    return _back(f"/repositories/{repository_id}", "undone" if base is not None else "not-declined")


def _offer_again(client: RepositoryClient, number: int) -> str | None:
    """The base of the pull request, empty for the default branch; None if nobody declined it, or it is not the App's."""
    pull = client.pull(number)
    marker = read_marker(pull.body)
    if pull.author != client.bot_login or marker is None:
        return None
    if not is_declined(pull) and not is_offered_again(pull):
        return None
    taken_back(client, [pull])
    return marker.base


def _enqueue(connection: Connection, pages: Pages, job: str, work: UpdateBranch) -> None:
    payload: dict[str, object] = {"work": WORK.dump_python(work, mode="json")}
    pages.queue.enqueue(connection, job, str(work.repository.id), payload)


def _stored(connection: Connection, repository_id: int) -> Stored:
    found = repositories.read(connection, repository_id)
    if found is None:
        raise HTTPException(404)
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise HTTPException(400)
    return int(text)


def _record(viewer: Viewer, action: str, *, done: bool, **about: object) -> None:
    log.info("asked for on a page", action=action, login=viewer.login, done=done, **about)


def _back(path: str, said: str) -> RedirectResponse:
    return RedirectResponse(f"{path}?{urlencode({PARAMETER: said})}", 303)
