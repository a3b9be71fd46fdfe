"""What a process shares, and credentials that are none."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from bot.events.work import Repository
from bot.github.connect import app_of, connect
from bot.github.errors import Refused


@dataclass
class Settings:
    app_id: int = 7
    private_key: SecretStr = field(default_factory=lambda: SecretStr("no key"))
    api_url: str = "http://127.0.0.1:9/api/v3"
    write_pause_seconds: float = 0.0


def test_one_app_for_a_process_and_another_for_other_credentials():
    assert app_of(Settings()) is app_of(Settings())
    assert app_of(Settings(private_key=SecretStr("other"))) is not app_of(Settings())


def test_a_key_that_is_none_is_said_without_showing_it():
    settings = Settings(private_key=SecretStr("-----BEGIN NONSENSE-----"))
    client = connect(settings, Repository(id=1, owner="o", name="r", installation=2))
    with pytest.raises(Refused, match="give it in PEM") as caught:
        client.repository()
    assert "NONSENSE" not in str(caught.value)
    assert "NONSENSE" not in repr(client.app)


def test_an_address_that_is_none_is_refused():
    with pytest.raises(Refused, match="must begin with https://"):
        app_of(Settings(api_url="ftp://github.example.com"))
