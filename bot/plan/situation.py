"""All that a plan depends on, in one piece."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bot.plan.owners import Owners
from bot.plan.wording import is_conventional

if TYPE_CHECKING:
    from bot.plan.found import Found
    from bot.plan.state import State
    from codemods.engine.settings.config import Config


@dataclass(frozen=True)
class Situation:
    """What was found, what is true on GitHub, and what the repository asks for."""

    found: Found
    state: State
    config: Config

    @cached_property
    def owners(self) -> Owners:
        """The code owners of the repository's files."""
        return Owners(self.found.codeowners)

    @property
    def conventional(self) -> bool:
        """Whether commits are written as Conventional Commits."""
        return is_conventional(self.config, history=self.state.conventional)

    @property
    def other_base(self) -> str:
        """The base branch where it is not the default one, else empty."""
        state = self.state
        return state.base if state.default and state.default != state.base else ""
