"""A plugin for pytest: says at the end of a run, loudly, that the browser tests were left out.

It is named in ``tests/conftest.py``, because the process that writes the summary of a parallel run collects nothing.
"""

from __future__ import annotations

from typing import Any

from tests.browser.chromium import VARIABLE, left_out


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The last words, where somebody chose to do without a browser."""
    if left_out():
        terminalreporter.section("NO BROWSER: tests/browser was left out", sep="!", red=True, bold=True)
        terminalreporter.write_line(
            f"{VARIABLE}=none: nothing was proved of the pages in a browser. Install Chromium and unset it."
        )
