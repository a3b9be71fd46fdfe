"""Trying again what can pass by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bot.github.errors import Passing

Result = TypeVar("Result")

PAUSES = (0.5, 2.0)
"""Seconds before an action is tried again after one of GitHub's races, or anything else that can pass."""


def with_patience(
    step: Callable[[], Result], pauses: tuple[float, ...], sleep: Callable[[float], None]
) -> Result:
    """Every action looks before it writes: beginning it again does only what is missing."""
    for pause in pauses:
        try:
            return step()
        except Passing:
            sleep(pause)
    return step()
