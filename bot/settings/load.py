"""Reads the settings, and says everything that is wrong with them."""

from __future__ import annotations

import os
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.settings.credentials import CREDENTIALS, Settings
from bot.settings.kept import AppCredentials, UnusableFile, kept_file, read_kept
from bot.settings.operator import Operator
from bot.settings.sources import PREFIX, SECRETS, given

OTHERS = {f"{PREFIX}CACHE_DIR", f"{PREFIX}TRACEBACK"}
"""Variables that mean something to the command line, not to the service."""

_REQUIRED = tuple(name for name in CREDENTIALS if Settings.model_fields[name].is_required())
_Kind = TypeVar("_Kind", bound=Operator)


class SettingsError(Exception):
    """Settings that the service cannot start with: one line for each mistake, and never a secret's value."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class NoCredentials(SettingsError):  # noqa: N818 - they are not wrong, there are none
    """There is no App yet: neither does the environment give its credentials, nor has setting up kept any.

    All else is right: ``operator`` has it.
    """

    def __init__(self, operator: Operator) -> None:
        super().__init__([_missing(name) for name in _REQUIRED])
        self.operator = operator


def load() -> Settings:
    """The settings of this process: the App's credentials from the environment, or else as setting up has kept them.

    Raises SettingsError with all that is wrong, and what to do about each; NoCredentials where there is no App yet.
    """
    if credentials_given():
        return _built(Settings)
    operator = load_operator()
    found = with_kept_app(operator)
    if found is None:
        raise NoCredentials(operator)
    return found


def credentials_given() -> bool:
    """Whether the environment gives credentials, be they complete or not: then what was kept is not looked at."""
    return any(given(name) for name in CREDENTIALS)


def load_operator() -> Operator:
    """The settings without the App's credentials. Raises SettingsError."""
    return _built(Operator)


def with_kept_app(operator: Operator) -> Settings | None:
    """The settings with what setting up has kept in the data folder; None if that is nothing. Raises SettingsError."""
    try:
        app = read_kept(operator.data_dir)
    except UnusableFile as error:
        raise SettingsError(error.mistakes) from None
    return None if app is None else with_app(operator, app)


def with_app(operator: Operator, app: AppCredentials) -> Settings:
    """The settings with the credentials that setting up has made. Raises SettingsError where they do not fit."""
    path = kept_file(operator.data_dir)
    if app.github_url != operator.github_url:
        said = (
            f"PATCHWRIGHT_GITHUB_URL is {operator.github_url}, but the App in {path} is of {app.github_url}: "
            "set it to that, or move the file away to set up another App."
        )
        raise SettingsError([said])
    decided = {name: getattr(operator, name) for name in Operator.model_fields}
    decided |= {name: decided[name] or getattr(app, name) for name in ("public_url", "operators")}
    try:
        return Settings(**decided, **{name: getattr(app, name) for name in CREDENTIALS})
    except ValidationError as error:
        raise SettingsError(
            [f'{path}: "{each["loc"][0]}" {_reason(dict(each))}.' for each in error.errors()]
        ) from None


def _built(kind: type[_Kind]) -> _Kind:
    misspelt = _misspelt()
    try:
        found = kind()  # type: ignore[call-arg]
    except ValidationError as error:
        raise SettingsError([*misspelt, *(_worded(dict(mistake)) for mistake in error.errors())]) from None
    if misspelt:
        raise SettingsError(misspelt) from None
    return found


def _misspelt() -> list[str]:
    """What is said of variables that are no settings, but look like one; others may be anybody's."""
    names = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    names |= {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS} | OTHERS
    said = []
    for variable in sorted(os.environ):
        if variable.startswith(PREFIX) and variable not in names:
            near = get_close_matches(variable, sorted(names), n=1, cutoff=0.88)
            said += [f"{variable} is no setting; did you mean {near[0]}?"] if near else []
    return said


def _missing(name: str) -> str:
    variable = f"{PREFIX}{name.upper()}"
    or_file = f" (or the path of a file with it in {variable}_FILE)" if name in SECRETS else ""
    return f"{variable} is not set: {Settings.model_fields[name].description}{or_file}."


def _reason(mistake: dict[str, Any]) -> str:
    if mistake["type"] == "value_error":
        return str(mistake["ctx"]["error"])
    return f"is wrong: {mistake['msg']}"


def _worded(mistake: dict[str, Any]) -> str:
    name = str(mistake["loc"][0])
    variable = f"{PREFIX}{name.upper()}"
    if mistake["type"] == "missing":
        return _missing(name)
    if mistake["type"] == "value_error":
        return f"{variable} {mistake['ctx']['error']}."
    given_value = "" if name in SECRETS else f", not {str(mistake['input'])[:60]!r}"
    said = str(mistake["msg"]).removeprefix("Input should be ")
    if mistake["type"] != "literal_error":  # what it lists has commas of its own
        said = said.partition(",")[0]
    hint = ""
    if name == "port" and str(mistake["input"]).startswith("tcp://"):
        hint = " Kubernetes sets it for a service called patchwright: set enableServiceLinks to false."
    return f"{variable} should be {said}{given_value}: {Settings.model_fields[name].description}.{hint}"
