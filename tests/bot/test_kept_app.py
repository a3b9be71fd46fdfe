"""The App that setting up has kept: when it counts, and what is said of a file that is not right."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from bot.settings import (
    NoCredentials,
    Operator,
    SettingsError,
    load,
    session_key,
)
from bot.settings.kept import AppCredentials, keep
from tests.service import private_key

KEPT = {
    "github_url": "https://github.com",
    "app_id": 4711,
    "slug": "patchwright",
    "html_url": "https://github.com/apps/patchwright",
    "private_key": private_key(),
    "webhook_secret": "geheim and long",
    "client_id": "Iv1",
    "client_secret": "geheim2",
    "public_url": "https://patchwright.example.com",
    "operators": ["mona"],
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Nothing of ours but the data folder."""
    for name in [name for name in os.environ if name.startswith("PATCHWRIGHT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATCHWRIGHT_DATA_DIR", str(tmp_path / "data"))
    return monkeypatch


@pytest.fixture
def kept(environment: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file, as setting up writes it."""
    del environment
    return keep(tmp_path / "data", AppCredentials.model_validate(KEPT))


def mistakes() -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load()
    assert "geheim" not in str(caught.value)
    assert "PRIVATE KEY" not in str(caught.value)
    return caught.value.mistakes


def change(kept: Path, **values: Any) -> None:
    data = json.loads(kept.read_text()) | values
    kept.write_text(json.dumps({name: value for name, value in data.items() if value is not None}))


def test_nothing_is_set_and_nothing_is_kept(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PATCHWRIGHT_PORT", "8181")
    with pytest.raises(NoCredentials) as caught:
        load()
    assert caught.value.operator.port == 8181
    assert [line.split()[0] for line in caught.value.mistakes] == [
        "PATCHWRIGHT_APP_ID",
        "PATCHWRIGHT_PRIVATE_KEY",
        "PATCHWRIGHT_WEBHOOK_SECRET",
    ]


def test_the_kept_app_is_used(kept: Path) -> None:
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert [each.name for each in kept.parent.iterdir()] == ["app.json"]
    settings = load()
    assert (settings.app_id, settings.client_id) == (4711, "Iv1")
    assert settings.webhook_secrets == (b"geheim and long",)
    assert settings.private_key.get_secret_value() == private_key()
    assert (settings.public_url, settings.operators) == ("https://patchwright.example.com", ("mona",))
    assert "geheim" not in f"{settings!r} {settings}"


def test_what_the_environment_says_of_addresses_and_people_counts_more(
    kept: Path, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("PATCHWRIGHT_PUBLIC_URL", "https://Other.example.com:443/")
    environment.setenv("PATCHWRIGHT_OPERATORS", "@Sam, mona ,")
    settings = load()
    assert settings.public_url == "https://other.example.com"
    assert settings.operators == ("sam", "mona")


@pytest.mark.parametrize("name", ["APP_ID", "WEBHOOK_SECRET_OLD", "CLIENT_ID", "PRIVATE_KEY_FILE"])
def test_credentials_of_two_sources_are_never_mixed(
    kept: Path, environment: pytest.MonkeyPatch, name: str
) -> None:
    environment.setenv(f"PATCHWRIGHT_{name}", "7")
    said = mistakes()
    assert any(line.startswith("PATCHWRIGHT_WEBHOOK_SECRET is not set") for line in said)


def test_the_webhook_secret_is_changed_in_the_file(kept: Path) -> None:
    change(kept, webhook_secret="new, and long", webhook_secret_old="geheim and long")
    assert load().webhook_secrets == (b"new, and long", b"geheim and long")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"slug": None}, 'lacks "slug"'),
        ({"app_id": "many"}, '"app_id" is wrong'),
        ({"webhok_secret_old": "geheim"}, '"webhok_secret_old", which means nothing'),
        ({"private_key": "geheim"}, '"private_key" is not PEM text'),
        ({"client_secret": None}, '"client_secret" is not set, but'),
    ],
)
def test_a_file_that_is_not_right(kept: Path, values: dict[str, Any], said: str) -> None:
    change(kept, **values)
    (line,) = mistakes()
    assert line.startswith(str(kept))
    assert said in line


@pytest.mark.parametrize("contents", [b"", b"{", b"[]", b"\xff"])
def test_a_damaged_file(kept: Path, contents: bytes) -> None:
    kept.write_bytes(contents)
    (line,) = mistakes()
    assert f"{kept} is damaged" in line


def test_a_file_that_cannot_be_read(kept: Path) -> None:
    kept.unlink()
    kept.mkdir()
    (line,) = mistakes()
    assert f"{kept} cannot be read" in line


def test_an_app_of_another_github(kept: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PATCHWRIGHT_GITHUB_URL", "https://ghe.example.com")
    (line,) = mistakes()
    assert line.startswith("PATCHWRIGHT_GITHUB_URL is https://ghe.example.com, but the App in ")
    assert "https://github.com" in line


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PUBLIC_URL", "patchwright.example.com", "is no URL"),
        ("PUBLIC_URL", "https://patchwright.example.com/below", "scheme, host and port only"),
        ("PUBLIC_URL", "https://me:geheim2@patchwright.example.com", "scheme, host and port only"),
        ("PUBLIC_URL", "https://patchwright.example.com:port", "is no URL"),
        ("OPERATORS", "mona sam", "no GitHub login"),
        ("SESSION_SECRET", "geheim2", "shorter than 32"),
        ("SETUP_TOKEN", "geheim2", "shorter than 16"),
        ("METRICS_TOKEN", "geheim2", "shorter than 16"),
        ("CREDENTIALS_HOOK", "'unclosed", "is no command"),
        ("METRICS_PORT", "70000", "less than or equal to 65535"),
        ("SWEEP_MINUTES", "-1", "greater than or equal to 0"),
    ],
)
def test_values_that_are_wrong(
    kept: Path, environment: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    environment.setenv(f"PATCHWRIGHT_{variable}", value)
    (line,) = mistakes()
    assert line.startswith(f"PATCHWRIGHT_{variable} ")
    assert said in line


@pytest.mark.parametrize("given", ["CLIENT_ID", "CLIENT_SECRET"])
def test_signing_in_needs_both(environment: pytest.MonkeyPatch, given: str) -> None:
    for name, value in (
        ("APP_ID", "1"),
        ("PRIVATE_KEY", private_key()),
        ("WEBHOOK_SECRET", "x" * 12),
        (given, "y"),
    ):
        environment.setenv(f"PATCHWRIGHT_{name}", value)
    (line,) = mistakes()
    assert "signing in needs both" in line


def test_sessions_have_a_key_that_stays(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    operator = Operator()
    key = session_key(operator)
    assert len(key) >= 32
    assert session_key(operator) == key
    file = tmp_path / "data" / "session.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    environment.setenv("PATCHWRIGHT_SESSION_SECRET", "s" * 32)
    assert session_key(Operator()) == b"s" * 32
