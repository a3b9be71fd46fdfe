"""Where settings come from: environment variables, and files that such variables name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

PREFIX = "PATCHWRIGHT_"
SECRETS = (
    "private_key",
    "webhook_secret",
    "webhook_secret_old",
    "client_secret",
    "database_url",
    "session_secret",
    "setup_token",
    "metrics_token",
)
"""The settings that may also be given as a file's path: ``PATCHWRIGHT_PRIVATE_KEY_FILE`` and so on."""


@dataclass(frozen=True)
class _Unreadable:
    """Stands for the contents of a file that a ``*_FILE`` variable names, where that cannot be had."""

    why: str


def _readable(value: object) -> object:
    if isinstance(value, _Unreadable):
        raise ValueError(value.why)  # noqa: TRY004 - pydantic reports ValueError
    return value


Secret = Annotated[SecretStr, BeforeValidator(_readable)]
"""Text that is never shown, from a variable or from the file that ``*_FILE`` names."""


def given(name: str) -> bool:
    """Whether the environment gives this setting, itself or as a file's path. An empty variable gives nothing."""
    variable = f"{PREFIX}{name.upper()}"
    return bool(os.environ.get(variable) or (name in SECRETS and os.environ.get(f"{variable}_FILE")))


class FromEnvironment(BaseSettings):
    """Settings by name, then from files that variables name, then from the variables themselves."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order in which a setting is looked for."""
        return init_settings, _Files(settings_cls), env_settings


class _Files(PydanticBaseSettingsSource):
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self._contents(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        contents = {name: self._contents(name) for name in SECRETS if name in self.settings_cls.model_fields}
        return {name: value for name, value in contents.items() if value is not None}

    def _contents(self, name: str) -> str | _Unreadable | None:
        variable = f"{PREFIX}{name.upper()}"
        path = os.environ.get(f"{variable}_FILE")
        if not path:
            return None
        if os.environ.get(variable):
            return _Unreadable(f"is set twice: unset it, or {variable}_FILE")
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            return _Unreadable(f"cannot be read from the file in {variable}_FILE: {error.strerror}")
        except UnicodeDecodeError:
            return _Unreadable(f"cannot be read from the file in {variable}_FILE: it is not text")
