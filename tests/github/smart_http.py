"""What is not the API: ``git clone`` and ``git push`` over HTTP, and the archives that links lead to."""

from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from tests.github.bare import ENVIRONMENT, ZERO
from tests.github.urls import CODELOAD_PREFIX

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

    from tests.github.people import Account
    from tests.github.repositories import Repo
    from tests.github.server import StandIn


def add_routes(app: FastAPI) -> None:
    """Add them to the application."""
    app.add_route("/{owner}/{repo}.git/{rest:path}", _git, methods=["GET", "POST"])
    app.add_route(CODELOAD_PREFIX + "/{owner}/{repo}/legacy.tar.gz/{ref:path}", _archive, methods=["GET"])


async def _archive(request: Request) -> Response:
    return await run_in_threadpool(_archive_of, request)


def _archive_of(request: Request) -> Response:
    github: StandIn = request.app.state.github
    repo = github.find(f"{request.path_params['owner']}/{request.path_params['repo']}")
    until = github.downloads.get(request.query_params.get("token", ""), 0)
    ref = request.path_params["ref"]
    sha = None if repo is None or ref.startswith("-") else repo.git.commit_of(ref)
    if repo is None or sha is None or until <= github.clock.time():
        return Response("404: Not Found", 404, media_type="text/plain")
    prefix = f"{repo.owner.login}-{repo.name}-{sha[:7]}"
    data = repo.git.run(
        "-c", "tar.tar.gz.command=gzip -1cn", "archive", "--format=tar.gz", f"--prefix={prefix}/", sha
    )
    headers = {"Content-Disposition": f"attachment; filename={prefix}.tar.gz"}
    return Response(data, 200, headers, media_type="application/x-gzip")


async def _git(request: Request) -> Response:
    data = await request.body()
    return await run_in_threadpool(_git_backend, request, data)


def _git_backend(request: Request, data: bytes) -> Response:
    github: StandIn = request.app.state.github
    repo = github.find(f"{request.path_params['owner']}/{request.path_params['repo']}")
    if repo is None:
        return Response("Repository not found.", 404, media_type="text/plain")
    if "authorization" not in request.headers and _writes(request):
        return Response(
            "Who are you?", 401, {"WWW-Authenticate": 'Basic realm="GitHub"'}, media_type="text/plain"
        )
    who = _pusher(request, github)
    if request.path_params["rest"] != "git-receive-pack":
        return _backend(request, data, repo, who)
    if repo.archived:
        return Response("This repository was archived so it is read-only.", 403, media_type="text/plain")
    with repo.lock:
        before = repo.git.refs()
        answer = _backend(request, data, repo, who)
        after = repo.git.refs()
        if not before and after and repo.git.tip(repo.default_branch) is None:
            _adopt_default(repo, after)
        changes = [
            (ref, before.get(ref, ZERO), after.get(ref, ZERO))
            for ref in {**before, **after}
            if before.get(ref) != after.get(ref)
        ]
        repo.refs_changed(changes, who)
    return answer


def _writes(request: Request) -> bool:
    service = request.query_params.get("service")
    return "git-receive-pack" in {service, request.path_params["rest"]}


def _adopt_default(repo: Repo, refs: dict[str, str]) -> None:
    """The first branch that is pushed to an empty repository becomes its default one."""
    first = next((ref for ref in refs if ref.startswith("refs/heads/")), None)
    if first is not None:
        repo.default_branch = first.removeprefix("refs/heads/")
        repo.git.run("symbolic-ref", "HEAD", first)


def _pusher(request: Request, github: StandIn) -> Account:
    """Who is named in the address (``http://login:any@...``), or the bot by its token as the password."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return github.account("person")
    login, _, password = base64.b64decode(value).decode().partition(":")
    token = github.tokens.get(password)
    return token.installation.app.bot if token is not None else github.account(login or "person")


def _backend(request: Request, data: bytes, repo: Repo, who: Account) -> Response:
    headers = request.headers
    environment = {
        **ENVIRONMENT,
        "GIT_PROJECT_ROOT": str(repo.path.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repo.path.name}/{request.path_params['rest']}",
        "QUERY_STRING": request.url.query,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(data)),
        "REMOTE_USER": who.login,
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
        "HTTP_GIT_PROTOCOL": headers.get("git-protocol", ""),
        "GIT_PROTOCOL": headers.get("git-protocol", ""),
        "GIT_COMMITTER_NAME": who.login,
        "GIT_COMMITTER_EMAIL": who.email,
    }
    done = subprocess.run(
        ["git", "http-backend"], input=data, capture_output=True, check=False, env=environment
    )
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    given = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if ": " in line)
    status = int(given.pop("Status", "200").split()[0]) if given else 500
    return Response(body or done.stderr, status, given)
