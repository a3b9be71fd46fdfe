"""What all tests share."""

from __future__ import annotations

pytest_plugins = ["tests.github.description.coverage", "tests.browser.left_out", "tests.order"]
