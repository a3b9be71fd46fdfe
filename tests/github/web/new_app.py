"""Making an App from a manifest: the page that a form leads to, and the way back with a code."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from tests.github.new_app import LONGEST_NAME, ManifestError, create, read_manifest
from tests.github.web.page import form, github_of, page, person, problem, sign_in_first, with_query

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

    from tests.github.people import Account

_WRONG = "Invalid GitHub App configuration"


def add_routes(app: FastAPI) -> None:
    """Add them to the application."""
    for start in ("", "/organizations/{org}"):
        app.add_route(start + "/settings/apps/new", _confirm, methods=["POST"])
        app.add_route(start + "/settings/apps/manifest", _create, methods=["POST"])


def _owner(request: Request) -> Account | None:
    """The organisation in the address, else the person; None if there is no such organisation."""
    name = request.path_params.get("org")
    if name is None:
        return person(request)
    found = github_of(request).known_account(name)
    return found if found is not None and found.type == "Organization" else None


async def _confirm(request: Request) -> Response:
    if person(request) is None:
        return sign_in_first(request)
    owner = _owner(request)
    if owner is None:
        return problem("Page not found", "There is no such organization.", 404)
    sent = await request.form()
    text = str(sent.get("manifest", ""))
    try:
        manifest = read_manifest(text)
    except ManifestError as error:
        return problem(
            _WRONG, f"The configuration does not appear to be a valid GitHub App manifest.\n{error}"
        )
    state = request.query_params.get("state") or str(sent.get("state", ""))
    name = escape(str(manifest.get("name", "")))
    asked = "".join(
        f"<li>{escape(name)}: {escape(level)}</li>"
        for name, level in manifest.get("default_permissions", {}).items()
    )
    fields = (
        f'<p><label>GitHub App name <input name="name" value="{name}" maxlength="{LONGEST_NAME}" required></label></p>'
        f"<button>Create GitHub App for {escape(owner.login)}</button>"
    )
    action = request.url.path.removesuffix("new") + "manifest"
    body = f"<p>It asks for:</p><ul>{asked}</ul>" + form(action, {"manifest": text, "state": state}, fields)
    return page("Create GitHub App", body)


async def _create(request: Request) -> Response:
    owner, sent = _owner(request), await request.form()
    if owner is None:
        return problem("Page not found", "There is nobody to own the App.", 404)
    try:
        manifest = read_manifest(str(sent.get("manifest", "")))
        code = await run_in_threadpool(create, github_of(request), manifest, str(sent.get("name", "")), owner)
    except ManifestError as error:
        return problem(_WRONG, str(error))
    state = {"state": str(sent["state"])} if sent.get("state") else {}
    return RedirectResponse(with_query(manifest["redirect_url"], code=code, **state), 302)
