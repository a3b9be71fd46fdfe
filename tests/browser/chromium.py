"""Which Chromium the tests drive, and what to do where there is none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

VARIABLE = "PATCHWRIGHT_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
MISSING = f"""There is no Chromium for the tests in tests/browser. One of these is needed:
  - the system's package, which is found by itself: apt-get install chromium
  - Playwright's own: .venv/bin/playwright install chromium
  - any other: {VARIABLE}=/path/to/chrome
{VARIABLE}=none leaves these tests out, and says so at the end of the run."""


class NoChromium(Exception):  # noqa: N818 - said to a person
    """There is none; ``str(error)`` says what to install."""


def left_out() -> bool:
    """Whether somebody decided to run the tests without a browser."""
    return os.environ.get(VARIABLE, "").lower() == "none"


def find(own: str = "") -> str:
    """The executable: what the variable names, the system's, or ``own``, Playwright's. Raises NoChromium."""
    named = os.environ.get(VARIABLE)
    if named:
        if not os.access(named, os.X_OK) or not Path(named).is_file():
            raise NoChromium(f"{VARIABLE}={named} is no program that can be run.")
        return named
    for found in filter(None, map(shutil.which, NAMES)):
        return found
    if own and Path(own).is_file():
        return own
    raise NoChromium(MISSING)


def launch(playwright: Playwright) -> Browser:
    """The browser, without a window. Raises NoChromium."""
    executable = find(playwright.chromium.executable_path)
    return playwright.chromium.launch(executable_path=executable, args=list(FLAGS), headless=True)
