"""A repository on the stand-in, a client for it, and a store of blobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.snapshot.blobs import BlobStore, store_path
from tests.bot.github import conftest as connected_parts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

github = connected_parts.github
app = connected_parts.app
repo = connected_parts.repo
installation = connected_parts.installation
connected = connected_parts.connected
client = connected_parts.client


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BlobStore]:
    """An empty store."""
    with BlobStore(store_path(tmp_path, 7)) as opened:
        yield opened
