"""Which version of Patchwright this is."""

from __future__ import annotations

from functools import cache


@cache
def own_version() -> str:
    """The installed package's version, ``0`` where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("patchwright")
    except PackageNotFoundError:
        return "0"
