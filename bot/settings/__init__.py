"""The operator's settings: environment variables that begin with ``PATCHWRIGHT_``, and what setting up has kept."""

from bot.settings.credentials import CREDENTIALS, Settings
from bot.settings.kept import AppCredentials
from bot.settings.load import (
    NoCredentials,
    SettingsError,
    credentials_given,
    load,
    load_operator,
    with_app,
    with_kept_app,
)
from bot.settings.operator import Operator, cores, logins, origin
from bot.settings.session_key import session_key
from bot.settings.sources import PREFIX, SECRETS

__all__ = [
    "CREDENTIALS",
    "PREFIX",
    "SECRETS",
    "AppCredentials",
    "NoCredentials",
    "Operator",
    "Settings",
    "SettingsError",
    "cores",
    "credentials_given",
    "load",
    "load_operator",
    "logins",
    "origin",
    "session_key",
    "with_app",
    "with_kept_app",
]
