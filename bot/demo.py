"""Shows Patchwright at work on a sample application that comes with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bot import preview
from bot.templates import FOLDER

SAMPLE = FOLDER / "sample"
"""A small service with all four patterns in several modules, and its tests."""
_WHOLE = FOLDER.parent / "tests" / "demo" / "__main__.py"


def run() -> int:
    """The whole service beside a stand-in for GitHub, in a checkout of the project; the exit code.

    The stand-in belongs to the tests and is not installed: elsewhere the pull requests are previewed.
    """
    if _WHOLE.is_file():
        return subprocess.run(
            [sys.executable, "-m", "tests.demo"],
            env=os.environ | {"PYTHONPATH": str(_WHOLE.parents[2])},
            check=False,
        ).returncode
    previewed()
    return 0


def previewed() -> list[preview.Shown]:
    """Previews the pull requests for a copy of the sample in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="patchwright-demo-") as folder:
        copy = Path(folder) / "helpdesk"
        shutil.copytree(SAMPLE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        return preview.run(copy)
