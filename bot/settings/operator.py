"""What the operator decides, whether or not there is an App yet."""

from __future__ import annotations

import os
import re
import shlex
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import NoDecode
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.settings.sources import FromEnvironment, Secret

_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9]|[-_](?=[a-z0-9])){0,99}")
_OPERATOR = re.compile(rf"{_LOGIN.pattern}(?::[1-9][0-9]{{0,18}})?")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+", re.IGNORECASE)
_HTTP = {"https", "http"}


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _parted(value: object) -> object:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


class Operator(FromEnvironment):
    """Everything but the App's credentials."""

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
    public_url: str | None = Field(
        None,
        description="the address that people and GitHub reach the service at, such as https://patchwright.example.com",
    )
    operators: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parted)] = Field(
        (),
        description="GitHub logins, parted by commas, that see every repository and may retry, pause and redeliver",
    )
    session_secret: Secret | None = Field(
        None,
        description="what sessions are signed with, at least 32 characters; if unset, a random one is kept in the "
        "data folder. Several machines need the same",
    )
    session_minutes: int = Field(480, ge=5, le=43_200, description="how long somebody stays signed in")
    visibility_minutes: int = Field(
        15, ge=1, le=1440, description="after how long GitHub is asked again what somebody may see"
    )
    credentials_hook: str | None = Field(
        None,
        description="a command that is given the credentials of an App that the setup page made, as JSON on its "
        "standard input, in place of the file in the data folder",
    )
    setup_token: Secret | None = Field(
        None,
        description="what the setup page asks for, at least 16 characters; a random one, written to the log, if unset",
    )
    metrics_token: Secret | None = Field(
        None, description="the bearer token that /metrics asks for; open to everybody if unset"
    )
    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="where a worker serves /metrics and /health; nowhere if unset"
    )
    sweep_minutes: int = Field(
        10, ge=0, le=1440, description="how often GitHub is asked for failed deliveries; 0 for never"
    )
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

    @field_validator("public_url")
    @classmethod
    def _is_public(cls, value: str | None) -> str | None:
        return None if value is None else origin(value)

    @field_validator("operators")
    @classmethod
    def _are_logins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return logins(value)

    @field_validator("session_secret", "setup_token", "metrics_token")
    @classmethod
    def _is_long_enough(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        least = {"session_secret": 32, "setup_token": 16}.get(str(info.field_name), 16)
        if value is not None and len(value.get_secret_value().strip()) < least:
            raise ValueError(f"is shorter than {least} characters: `openssl rand -hex 32` gives a good one")
        return value

    @field_validator("credentials_hook")
    @classmethod
    def _is_a_command(cls, value: str | None) -> str | None:
        try:
            words = shlex.split(value or "true")
        except ValueError:
            words = []
        if not words:
            raise ValueError("is no command: a quotation mark is not closed, or nothing is in it")
        return value

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


def logins(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """GitHub logins in lower case; text has them parted by commas. Raises ValueError with the one that is none.

    Each may be followed by a colon and the account's number, which stays with the person when the login is renamed.
    """
    parted = _parted(value)
    assert isinstance(parted, tuple)
    found = tuple(str(each).removeprefix("@").lower() for each in parted)
    for each in found:
        if not _OPERATOR.fullmatch(each):
            raise ValueError(f"has {each[:60]!r}, which is no GitHub login: name people by their logins")
    return found


def origin(value: str) -> str:
    """Scheme, host and port of an address that people reach the service at. Raises ValueError with what is wrong."""
    try:
        parts = urlsplit(value.strip())
        port = parts.port
    except ValueError:
        raise ValueError("is no URL: it looks like https://patchwright.example.com") from None
    host = parts.hostname or ""
    if parts.scheme not in _HTTP or not _HOST.fullmatch(host):
        raise ValueError("is no URL: it looks like https://patchwright.example.com")
    if parts.username or parts.password or parts.query or parts.fragment or parts.path not in {"", "/"}:
        raise ValueError("takes scheme, host and port only: the pages lie at the root of a host")
    named = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{named}" + (f":{port}" if port not in {None, usual} else "")
