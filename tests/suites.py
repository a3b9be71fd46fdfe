"""A suite of tests in a process of its own, with no plug-in that it does not need."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_WITHOUT = ("cacheprovider", "schemathesis", "xdist", "randomly")


def run_suite(
    folder: Path, *arguments: str, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """pytest in ``folder``, with what it printed as text; bytecode is written nowhere."""
    plugins = [word for name in _WITHOUT for word in ("-p", f"no:{name}")]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, *arguments],
        cwd=folder,
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
