"""The operator's pages: what the service did, and what waits for a person. HTML made here, without script."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import APIRouter

MODULES = (
    "static",
    "overview",
    "repositories",
    "repository",
    "run",
    "pull_request",
    "deliveries",
    "rules",
    "actions",
)
"""The modules here that have pages; each has a ``router``."""


def routers() -> list[APIRouter]:
    """The routers of all pages, for ``create_app``."""
    return [import_module(f"{__name__}.{name}").router for name in MODULES]
