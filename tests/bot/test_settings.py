"""What the operator sets, and what is said about mistakes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.settings import Settings, SettingsError, load
from tests.service import private_key


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment with what is needed, and nothing else of ours."""
    for name in [name for name in os.environ if name.startswith("PATCHWRIGHT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATCHWRIGHT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PATCHWRIGHT_APP_ID", "4711")
    monkeypatch.setenv("PATCHWRIGHT_PRIVATE_KEY", private_key())
    monkeypatch.setenv("PATCHWRIGHT_WEBHOOK_SECRET", "geheim and long")
    return monkeypatch


def mistakes() -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load()
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value.mistakes


def test_three_variables_are_enough(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load()
    assert settings.app_id == 4711
    assert settings.api_url == "https://api.github.com"
    assert settings.database.render_as_string() == f"sqlite:///{tmp_path}/patchwright.db"
    assert settings.webhook_secrets == (b"geheim and long",)
    assert settings.onboarding == "none"


def test_everything_that_is_missing_is_said_at_once(environment: pytest.MonkeyPatch) -> None:
    for name in ("APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET"):
        environment.delenv(f"PATCHWRIGHT_{name}")
    said = mistakes()
    assert [line.split()[0] for line in said] == [
        "PATCHWRIGHT_APP_ID",
        "PATCHWRIGHT_PRIVATE_KEY",
        "PATCHWRIGHT_WEBHOOK_SECRET",
    ]
    assert "PATCHWRIGHT_PRIVATE_KEY_FILE" in said[1]


def test_an_empty_variable_is_as_good_as_none(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PATCHWRIGHT_WEBHOOK_SECRET_OLD", "")
    environment.setenv("PATCHWRIGHT_ONBOARDING", "")
    assert len(load().webhook_secrets) == 1


def test_secrets_come_from_files(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, text in (("PRIVATE_KEY", private_key()), ("WEBHOOK_SECRET", "one from a file\n")):
        (tmp_path / name).write_text(text)
        environment.delenv(f"PATCHWRIGHT_{name}")
        environment.setenv(f"PATCHWRIGHT_{name}_FILE", str(tmp_path / name))
    settings = load()
    assert settings.webhook_secrets == (b"one from a file",)
    assert settings.private_key.get_secret_value().startswith("-----BEGIN")


def test_files_that_cannot_be_used(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("PATCHWRIGHT_WEBHOOK_SECRET_FILE", str(tmp_path / "x"))
    environment.delenv("PATCHWRIGHT_PRIVATE_KEY")
    environment.setenv("PATCHWRIGHT_PRIVATE_KEY_FILE", str(tmp_path / "gone"))
    key, secret = mistakes()
    assert "PATCHWRIGHT_PRIVATE_KEY cannot be read" in key
    assert "No such file" in key
    assert "PATCHWRIGHT_WEBHOOK_SECRET is set twice" in secret


def test_a_key_in_one_line(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PATCHWRIGHT_PRIVATE_KEY", private_key().replace("\n", "\\n"))
    assert load().private_key.get_secret_value() == private_key()


def _wrong_kind() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("/etc/key.pem", "PATCHWRIGHT_PRIVATE_KEY_FILE"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "the whole file"),
        (_wrong_kind(), "not an RSA key"),
    ],
)
def test_keys_that_are_none(environment: pytest.MonkeyPatch, key: str, said: str) -> None:
    environment.setenv("PATCHWRIGHT_PRIVATE_KEY", key)
    (line,) = mistakes()
    assert said in line
    assert "MIIE" not in line


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PORT", "eighty", "'eighty'"),
        ("PORT", "tcp://10.0.0.1:80", "enableServiceLinks"),
        ("ONBOARDING", "yes", "'none' or 'pr'"),
        ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error', not 'loud'"),
        ("ANALYSIS_SECONDS", "0", "greater than 0"),
        ("WEBHOOK_SECRET", "  ", "blank"),
        ("WEBHOOK_SECRET", "hunter2", "shorter than 12"),
        ("GITHUB_URL", "github.example.com", "https://"),
        ("GITHUB_URL", "https://me:geheim2@github.example.com", "no user"),
        ("DATABASE_URL", "mysql://me:geheim2@host/db", "sqlite or postgresql"),
        ("DATABASE_URL", "sqlite://", "names no file"),
        ("DATABASE_URL", "what is this, geheim2?", "no database URL"),
    ],
)
def test_values_that_are_wrong(environment: pytest.MonkeyPatch, variable: str, value: str, said: str) -> None:
    environment.setenv(f"PATCHWRIGHT_{variable}", value)
    (line,) = mistakes()
    assert line.startswith(f"PATCHWRIGHT_{variable} ")
    assert said in line
    if variable != "GITHUB_URL":
        assert "geheim2" not in line


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://github.com/", "https://api.github.com"),
        ("https://api.github.com", "https://api.github.com"),
        ("https://github.example.com", "https://github.example.com/api/v3"),
        ("https://github.example.com/api/v3/", "https://github.example.com/api/v3"),
        ("https://octo.ghe.com", "https://api.octo.ghe.com"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123/api/v3"),
    ],
)
def test_where_the_api_is(environment: pytest.MonkeyPatch, url: str, api: str) -> None:
    environment.setenv("PATCHWRIGHT_GITHUB_URL", url)
    assert load().api_url == api


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_postgresql_by_any_of_its_names(environment: pytest.MonkeyPatch, scheme: str) -> None:
    environment.setenv("PATCHWRIGHT_DATABASE_URL", f"{scheme}://me:s%40e@host/db")
    database = load().database
    assert database.drivername == "postgresql+psycopg"
    assert database.password == "s@e"


@pytest.mark.parametrize(
    "url", ["postgresql://me:geheim2@host/db", "postgresql://me@/db?host=/run/postgresql&password=geheim2"]
)
def test_nothing_shows_a_secret(environment: pytest.MonkeyPatch, url: str) -> None:
    environment.setenv("PATCHWRIGHT_DATABASE_URL", url)
    settings: Settings = load()
    assert settings.database.password == "geheim2"
    shown = f"{settings!r} {settings} {settings.database!r} {settings.database}"
    assert "geheim" not in shown
    assert "PRIVATE KEY" not in shown


def test_a_name_that_is_almost_a_setting_is_a_mistake_and_a_stranger_s_is_not(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("PATCHWRIGHT_SERVICE_HOST", "10.0.0.1")
    environment.setenv("PATCHWRIGHT_CACHE_DIR", "somewhere")
    assert load().app_id == 4711
    environment.setenv("PATCHWRIGHT_WEBHOK_SECRET_OLD", "alt")
    assert mistakes() == [
        "PATCHWRIGHT_WEBHOK_SECRET_OLD is no setting; did you mean PATCHWRIGHT_WEBHOOK_SECRET_OLD?"
    ]
