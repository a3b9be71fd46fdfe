"""The operator's settings: environment variables that begin with ``PATCHWRIGHT_``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

PREFIX = "PATCHWRIGHT_"
OTHERS = {f"{PREFIX}CACHE_DIR", f"{PREFIX}TRACEBACK"}
"""Variables that mean something to the command line, not to the service."""


class SettingsError(Exception):
    """Settings that the service cannot start with: one line for each mistake, and never a secret's value."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True)
class _Unreadable:
    """Stands for the contents of a file that a ``*_FILE`` variable names, where that cannot be had."""

    why: str


def _readable(value: object) -> object:
    if isinstance(value, _Unreadable):
        raise ValueError(value.why)  # noqa: TRY004 - pydantic reports ValueError
    return value


Secret = Annotated[SecretStr, BeforeValidator(_readable)]


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Settings(BaseSettings):
    """What the operator decides. `load` reads them and words what is wrong; tests may give them by name."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    app_id: int = Field(gt=0, description="the App's numeric id, from its settings page on GitHub")
    private_key: Secret = Field(
        description="the App's private key: the PEM text, as GitHub gave it for download"
    )
    webhook_secret: Secret = Field(
        description="the webhook secret, the same as in the App's settings on GitHub"
    )
    webhook_secret_old: Secret | None = Field(
        None, description="the webhook secret before this one; accepted too while the secret is being changed"
    )
    github_url: str = Field("https://github.com", description="GitHub, or a GitHub Enterprise Server")
    github_api_url: str | None = Field(
        None,
        description="the root of GitHub's REST API, where it does not follow from PATCHWRIGHT_GITHUB_URL",
    )
    database_url: Secret | None = Field(
        None,
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; a file in the data folder if unset",
    )
    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("patchwright", appauthor=False)),
        description="the folder for what the service keeps",
    )
    host: str = Field("127.0.0.1", description="the address to listen on; 0.0.0.0 for all")
    port: int = Field(8080, ge=0, le=65535, description="the port to listen on; 0 for any free one")
    onboarding: Literal["none", "pr"] = Field(
        "none",
        description="pr: a repository's first pull request adds the configuration, the rest follow its merge",
    )
    analysis_processes: int = Field(default_factory=cores, ge=1, le=256, description="analyses at once")
    analysis_seconds: float = Field(300, gt=0, description="the time that one repository's analysis may take")
    analysis_memory_mb: int = Field(
        2048, ge=128, description="the memory that one repository's analysis may take"
    )
    concurrency: int = Field(8, ge=1, le=256, description="jobs at once, most of them waiting for GitHub")
    write_pause_seconds: float = Field(1.0, ge=0, le=60, description="the pause between two writes to GitHub")
    drain_seconds: float = Field(30, ge=0, description="how long jobs at work may take to end at shutdown")
    retention_days: int = Field(90, ge=8, description="how long finished deliveries and runs are kept")
    log_format: Literal["json", "console"] = Field(
        "json", description="how the log is written: as JSON, or for people to read"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="the least that is logged"
    )

    @field_validator("private_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        text = value.get_secret_value().strip()
        if "\\n" in text:
            text = text.replace("\\r", "").replace("\\n", "\n").strip()
        if not text.startswith("-----BEGIN"):
            raise ValueError(
                "is not PEM text (-----BEGIN ...). To name a file, use PATCHWRIGHT_PRIVATE_KEY_FILE"
            )
        try:
            key = load_pem_private_key(text.encode(), password=None)
        except (ValueError, TypeError):
            raise ValueError(
                "is damaged or encrypted: give the whole file as GitHub gave it, with all its lines"
            ) from None
        if not isinstance(key, RSAPrivateKey):
            raise ValueError("is not an RSA key; GitHub Apps have RSA keys")  # noqa: TRY004
        return SecretStr(text + "\n")

    @field_validator("webhook_secret", "webhook_secret_old")
    @classmethod
    def _is_not_blank(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().strip():
            raise ValueError("is blank: anyone could forge deliveries")
        return value

    @field_validator("github_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"https", "http"} or not parts.hostname:
            raise ValueError("is no URL: it looks like https://github.example.com")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("takes scheme and host only, no user, password, query or fragment")
        path = parts.path.rstrip("/").removesuffix("/api/v3")
        if parts.hostname in {"github.com", "www.github.com", "api.github.com"}:
            return "https://github.com"
        return f"{parts.scheme}://{parts.netloc}{path}"

    @field_validator("github_api_url")
    @classmethod
    def _is_an_api(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "https://api.github.com")
        if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or parts.query:
            raise ValueError("is no URL: it looks like https://github.example.com/api/v3")
        return value.rstrip("/") if value else None

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        try:
            url = make_url(value.get_secret_value().strip())
        except (ArgumentError, ValueError):
            raise ValueError(
                "is no database URL: sqlite:////path/to/file or postgresql://USER:PASSWORD@HOST/NAME "
                "(in a password, write @ as %40, / as %2F, : as %3A)"
            ) from None
        kind = url.drivername.partition("+")[0]
        if kind == "sqlite" and url.database in {None, "", ":memory:"}:
            raise ValueError("names no file: jobs have to survive the process; use sqlite:////path/to/file")
        if kind == "sqlite":
            driver = "sqlite"
        elif kind in {"postgresql", "postgres"}:
            driver = "postgresql+psycopg"
        else:
            raise ValueError("is for a database that is not supported: use sqlite or postgresql")
        password = url.query.get("password")
        if isinstance(password, str):  # there it would be shown
            url = url.set(password=password).difference_update_query(["password"])
        return SecretStr(url.set(drivername=driver).render_as_string(hide_password=False))

    @cached_property
    def database(self) -> URL:
        """Where the service keeps its data; prints without its password."""
        if self.database_url is not None:
            return make_url(self.database_url.get_secret_value())
        return URL.create("sqlite", database=str(self.data_dir / "patchwright.db"))

    @cached_property
    def api_url(self) -> str:
        """GitHub's REST API, without a slash at the end."""
        if self.github_api_url is not None:
            return self.github_api_url
        parts = urlsplit(self.github_url)
        if parts.hostname == "github.com":
            return "https://api.github.com"
        if parts.hostname and parts.hostname.endswith(".ghe.com"):
            return f"{parts.scheme}://api.{parts.netloc}"
        return f"{self.github_url}/api/v3"

    @cached_property
    def webhook_secrets(self) -> tuple[bytes, ...]:
        """The secrets that a delivery may be signed with, the current one first."""
        both = (self.webhook_secret, self.webhook_secret_old)
        return tuple(secret.get_secret_value().encode() for secret in both if secret is not None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """By name, then files that variables name, then the variables themselves."""
        return init_settings, _Files(settings_cls), env_settings


SECRETS = ("private_key", "webhook_secret", "webhook_secret_old", "database_url")
"""The settings that may also be given as a file's path: ``PATCHWRIGHT_PRIVATE_KEY_FILE`` and so on."""


class _Files(PydanticBaseSettingsSource):
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self._contents(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        contents = {name: self._contents(name) for name in SECRETS}
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


def load() -> Settings:
    """The settings of this process. Raises SettingsError with all that is wrong, and what to do about each."""
    misspelt = _misspelt()
    try:
        found = Settings()  # type: ignore[call-arg]
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


def _worded(mistake: dict[str, Any]) -> str:
    name = str(mistake["loc"][0])
    variable = f"{PREFIX}{name.upper()}"
    about = Settings.model_fields[name].description
    or_file = f" (or the path of a file with it in {variable}_FILE)" if name in SECRETS else ""
    if mistake["type"] == "missing":
        return f"{variable} is not set: {about}{or_file}."
    if mistake["type"] == "value_error":
        return f"{variable} {mistake['ctx']['error']}."
    given = "" if name in SECRETS else f", not {str(mistake['input'])[:60]!r}"
    said = str(mistake["msg"]).removeprefix("Input should be ")
    if mistake["type"] != "literal_error":  # what it lists has commas of its own
        said = said.partition(",")[0]
    hint = ""
    if name == "port" and str(mistake["input"]).startswith("tcp://"):
        hint = " Kubernetes sets it for a service called patchwright: set enableServiceLinks to false."
    return f"{variable} should be {said}{given}: {about}.{hint}"
