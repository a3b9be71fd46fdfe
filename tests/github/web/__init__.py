"""GitHub's pages for people, as far as an App leads there: consent to sign in, making an App, installing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI


def add_routes(app: FastAPI) -> None:
    """Add them to the application."""
    from tests.github.web import install, new_app, oauth

    for each in (oauth, new_app, install):
        each.add_routes(app)
