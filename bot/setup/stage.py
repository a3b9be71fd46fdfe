"""Setting up, as far as it has come in this process."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot.settings import SettingsError, with_app, with_kept_app
from bot.setup import keeping
from bot.setup.conversion import NotConverted, convert
from bot.setup.guard import Guard, States
from bot.setup.keeping import NotKept

if TYPE_CHECKING:
    from bot.settings import AppCredentials, Operator, Settings
    from bot.setup.manifest import Choice

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Problem:
    """Why setting up stopped, and what is to be done. ``again``: trying the same again may help.

    ``made``: the App is there on GitHub, and its credentials are in this process alone.
    """

    text: str
    again: bool
    made: bool


class Stage:
    """Kept in ``app.state.stage``. Safe for several threads; what takes its time is done one after another."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self.guard = Guard(operator)
        self.states: States[Choice] = States()
        self.settings: Settings | None = None
        self.problem: Problem | None = None
        self._code: tuple[Choice, str] | None = None
        self._made: AppCredentials | None = None
        self._lock = threading.Lock()
        self._said: list[str] = []

    @property
    def done(self) -> bool:
        """Whether there are credentials to go on with."""
        return self.settings is not None

    @property
    def begun(self) -> bool:
        """Whether GitHub has made an App whose credentials are not kept yet."""
        return not self.done and (self._code is not None or self._made is not None)

    @property
    def held(self) -> bool:
        """Whether credentials are in memory alone."""
        return not self.done and self._made is not None

    def convert(self, choice: Choice, code: str) -> Problem | None:
        """Go on with the code that GitHub gave; None when all is done. Asks GitHub and writes: not in the event loop."""
        with self._lock:
            if self._made is None:  # credentials that are there already are not to be lost for others
                self._code = (choice, code)
            self.problem = self._go_on()
            return self.problem

    def again(self) -> Problem | None:
        """Try again what failed; None when all is done."""
        with self._lock:
            self.problem = self._go_on()
            return self.problem

    def look(self) -> bool:
        """Whether credentials have come from elsewhere: another process that shares the data folder was set up."""
        if self.begun or self.done:
            return self.done
        try:
            found = with_kept_app(self.operator)
        except SettingsError as error:
            if error.mistakes != self._said:
                self._said = error.mistakes
                log.warning("the kept credentials cannot be used", reason=error.mistakes)
            return False
        with self._lock:
            if found is None or self._made is not None or self.settings is not None:
                return self.done
            self.settings = found
        log.info("credentials were found", app=found.app_id)
        return True

    def give_up(self) -> None:
        """The process ends: say what is lost, if anything is."""
        if self._made is not None and not self.done:
            log.error(
                "the App's credentials were not kept and are lost: delete the App, and set up again",
                app=self._made.html_url,
            )

    def _go_on(self) -> Problem | None:
        if self.settings is not None:
            return None
        if self._made is None:
            if self._code is None:
                return Problem(
                    "There is nothing to try again: create the App first.", again=False, made=False
                )
            try:
                self._made = convert(self.operator, *self._code)
            except NotConverted as error:
                log.warning("GitHub gave no credentials for the code", reason=str(error))
                if not error.again:
                    self._code = None
                return Problem(str(error), again=error.again, made=False)
            self._code = None
            log.info("the App was made", app=self._made.app_id, slug=self._made.slug)
        try:
            settings = with_app(self.operator, self._made)
            keeping.store(self.operator, self._made)
        except (NotKept, SettingsError) as error:
            log.error("the App's credentials are not kept", reason=str(error))  # noqa: TRY400 - it says all
            return Problem(str(error), again=True, made=True)
        self.settings = settings
        return None
