"""Check runs and suites as GitHub writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.people import node_id
from tests.github.shapes.apps import integration

if TYPE_CHECKING:
    from tests.github.records import CheckRun
    from tests.github.repositories import Repo
    from tests.github.urls import Urls


def check_run(repo: Repo, run: CheckRun, urls: Urls) -> dict[str, Any]:
    """GitHub's ``check-run``."""
    url = urls.api(f"/repos/{repo.full_name}/check-runs/{run.id}")
    app = repo.github.apps.get(run.app)
    html = urls.html(f"/{repo.full_name}/runs/{run.id}")
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("CR", run.id),
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": url,
        "html_url": html,
        "details_url": run.details_url or html,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": run.suite},
        "app": None if app is None else integration(app, urls),
        "pull_requests": pull_requests(repo, run.head_sha, urls),
    }


def pull_requests(repo: Repo, sha: str, urls: Urls) -> list[dict[str, Any]]:
    """GitHub's ``pull-request-minimal`` for each open pull request whose head is this commit."""
    small = {"id": repo.id, "url": urls.api(f"/repos/{repo.full_name}"), "name": repo.name}
    return [
        {
            "id": pull.id,
            "number": pull.number,
            "url": urls.api(f"/repos/{repo.full_name}/pulls/{pull.number}"),
            "head": {"ref": pull.head, "sha": pull.head_sha, "repo": small},
            "base": {"ref": pull.base, "sha": pull.base_sha, "repo": small},
        }
        for pull in repo.pulls
        if pull.open and pull.head_sha == sha and pull.fork is None
    ]
