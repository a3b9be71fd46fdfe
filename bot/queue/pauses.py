"""How long to wait before something that failed is tried again. Pure but for the chance it is given."""

from __future__ import annotations

from collections.abc import Callable

PAUSES = (5.0, 30.0, 120.0, 600.0, 3600.0)
"""Seconds after the first failed attempt, the second, and so on; one attempt more than these is the last."""

ATTEMPTS = len(PAUSES) + 1
"""How often a job is tried at most."""

JITTER = 0.2
"""The part of a pause that chance may add, so that what failed together is not tried again together."""


def pause(failed: int, chance: Callable[[], float]) -> float | None:
    """Seconds to wait after ``failed`` attempts in a row; None when it is not worth another one.

    ``chance()`` gives a number from 0 to 1, as `random.random` does.
    """
    if failed > len(PAUSES):
        return None
    return PAUSES[failed - 1] * (1 + JITTER * chance())
