"""What is known before a payload is read: who the App is, and what its store says of the repository."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.events.work import Repository

PREFIX = "patchwright/"
"""Branches below it are the App's."""


@dataclass(frozen=True, slots=True)
class Known:
    """``bot`` is the App's login, ``slug[bot]``; empty if it is not known yet.

    ``repository`` is the one that the delivery speaks of, if the store has it. ``base_branches`` are the branches
    that its configuration names beside the default branch; None as long as that was not read.
    ``installed`` are the repositories that the delivery's installation is known to act on.
    """

    bot: str = ""
    repository: Repository | None = None
    base_branches: tuple[str, ...] | None = None
    installed: tuple[Repository, ...] = ()
