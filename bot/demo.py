"""Shows Patchwright at work on a sample application that comes with it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bot import preview
from bot.templates import FOLDER

if TYPE_CHECKING:
    from bot.preview import Shown

SAMPLE = FOLDER / "sample"
"""A small service with all four patterns in several modules, and its tests."""


def run() -> list[Shown]:
    """Previews the pull requests for a copy of the sample in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="patchwright-demo-") as folder:
        copy = Path(folder) / "helpdesk"
        shutil.copytree(SAMPLE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        return preview.run(copy)
