"""What a page asks for before it answers: somebody who is signed in, an operator, a repository that they see."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from bot.signin.sign_in import SignIn, sign_in_of
from bot.signin.viewer import Viewer

_NO_NUMBER = 2**63
"""The first number that databases cannot hold."""


class SignInNeeded(Exception):  # noqa: N818 - what is asked for, not what went wrong
    """Nobody is signed in, or what the person sees is to be read from GitHub again (``again``, their login)."""

    def __init__(self, again: str | None = None) -> None:
        super().__init__("signing in is needed")
        self.again = again


def signed_in(request: Request) -> Viewer:
    """Who is signed in; also kept as ``request.state.viewer``. Raises SignInNeeded, SignInUnavailable."""
    known = viewer_of(request)
    if known is not None:
        return known
    sign_in: SignIn = sign_in_of(request)
    sign_in.origin(request)
    session = sign_in.session(request)
    if session is None:
        raise SignInNeeded
    if sign_in.is_stale(session, form=request.method not in {"GET", "HEAD"}):
        raise SignInNeeded(again=session.login)
    viewer = sign_in.viewer(session)
    request.state.viewer, request.state.csrf = viewer, viewer.csrf
    return viewer


def viewer_of(request: Request) -> Viewer | None:
    """Who was found to be signed in while this request was answered; for the frame of a page."""
    found: Viewer | None = getattr(request.state, "viewer", None)
    return found


SignedIn = Annotated[Viewer, Depends(signed_in)]
"""The parameter of a page for people who are signed in; others are sent to sign in."""


def operator(viewer: SignedIn) -> Viewer:
    """The operator who is signed in. For others there is no such page: 404."""
    if not viewer.operator:
        raise HTTPException(404)
    return viewer


OperatorOnly = Annotated[Viewer, Depends(operator)]
"""The parameter of a page for operators."""


def seen_repository(repository_id: int, viewer: SignedIn) -> int:
    """The path's ``repository_id``, if the viewer sees that repository; otherwise 404, as for one that is none."""
    if not 0 < repository_id < _NO_NUMBER or not viewer.sees(repository_id):
        raise HTTPException(404)
    return repository_id


SeenRepository = Annotated[int, Depends(seen_repository)]
"""The parameter ``repository_id`` of a page about a repository."""


def changeable_repository(repository_id: SeenRepository, viewer: SignedIn) -> int:
    """The path's ``repository_id``, if the viewer may push there; 404 for one that they do not see, else 403."""
    if not viewer.may_change(repository_id):
        raise HTTPException(403)
    return repository_id


ChangeableRepository = Annotated[int, Depends(changeable_repository)]
"""The parameter ``repository_id`` of a form that changes something about a repository."""
