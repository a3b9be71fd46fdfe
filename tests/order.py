"""What takes longest begins first, so that at the end of a run no process waits for another's last test."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

LONG = (
    "tests/end_to_end",
    "tests/packaging/test_image",
    "tests/bot/queue",
    "tests/hardening",
    "tests/browser",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every process of a run collects the same and so orders the same."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
