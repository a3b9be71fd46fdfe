"""What the tests of the command share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bot.command import Command
from tests.postgres import database_url, postgres, postgres_url  # noqa: F401

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def patchwright(tmp_path: Path) -> Command:
    """The command in an empty project."""
    return Command(tmp_path)
