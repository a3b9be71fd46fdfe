"""Which of GitHub's operations the client can call, by the names that GitHub's own description gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_Called = TypeVar("_Called", bound=Callable[..., object])

OPERATIONS: dict[str, frozenset[str]] = {}
"""Operation ids (``git/create-tree``; ``graphql/updateRefs`` for GraphQL) by the method that calls them."""


def calls(*operations: str) -> Callable[[_Called], _Called]:
    """Notes which operations the function sends itself; those of the functions that it uses are theirs to note."""

    def noted(function: _Called) -> _Called:
        OPERATIONS[f"{function.__module__}.{function.__qualname__}"] = frozenset(operations)
        return function

    return noted


def all_operations() -> frozenset[str]:
    """Every operation that anything in ``bot.github`` can call."""
    return frozenset().union(*OPERATIONS.values())
