"""Repositories that the App leaves alone, told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.github.model import RepositoryInfo


def left_alone(repository: RepositoryInfo) -> str | None:
    """Why nothing is done in this repository; None where something may be."""
    if repository.archived:
        return "archived: it can't be written to"
    if repository.disabled:
        return "disabled by GitHub"
    if repository.fork:
        return "a fork: changes belong into the repository it was made from"
    if repository.empty:
        return "empty: it has no commit yet"
    return None
