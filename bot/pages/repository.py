"""One repository: its configuration, what is found there, its pull requests and runs."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from bot.pages.context import Context, scope_of
from bot.pages.rendering import render
from bot.pages.work import linked
from bot.signin.required import SeenRepository, SignedIn  # noqa: TC001 - FastAPI reads the annotations
from bot.store import repository_page

router = APIRouter(include_in_schema=False)


@router.get(
    "/repositories/{repository_id}",
    response_class=HTMLResponse,
    summary="What the App does in one repository",
)
def repository(
    request: Request,
    repository_id: SeenRepository,
    viewer: SignedIn,
    context: Context,
    runs: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> HTMLResponse:
    """The page; ``runs`` is which part of the runs it shows. 404 for a repository that the viewer does not see."""
    scope = scope_of(viewer)
    with context.database.read() as connection:
        found = repository_page.repository(connection, scope, repository_id)
        if found is None:
            raise HTTPException(404)
        branches = repository_page.branches(connection, scope, found)
        pulls = repository_page.pulls(connection, scope, found)
        failed = repository_page.failed(connection, scope, repository_id)
        ended = repository_page.page_of_runs(connection, scope, repository_id, runs)
    may_change = viewer.may_change(repository_id)
    declined = [each for each in pulls if each.declined]
    site = f"{context.settings.github_url}/{quote(found.owner)}/{quote(found.name)}"

    def file(sha: str, path: str, line: int = 0) -> str:
        return f"{site}/blob/{quote(sha)}/{quote(path)}{f'#L{line}' if line else ''}"

    return render(
        request,
        "pages/repository.j2",
        active="repositories",
        repository=found,
        branches=branches,
        open_pulls=[each for each in pulls if each.state == "open"],
        ended_pulls=[each for each in pulls if each.state != "open" and not each.declined],
        declined=declined,
        failed=failed,
        runs=ended,
        before=f"/repositories/{repository_id}?runs={ended.number - 1}#runs" if ended.number > 1 else "",
        after=f"/repositories/{repository_id}?runs={ended.number + 1}#runs"
        if ended.number < ended.pages
        else "",
        site=site,
        file=file,
        linked=linked,
        may_change=may_change,
        may_undo=may_change and found.installed and not found.paused,
        most=repository_page.MOST_FINDINGS,
    )
