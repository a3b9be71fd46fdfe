"""Where GitHub's API lies, and what a process shares."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from bot.events.work import Repository
from bot.github.connect import api_url, app_of, connect
from bot.github.errors import Refused


@dataclass
class Settings:
    app_id: int = 7
    private_key: SecretStr = SecretStr("no key")
    github_url: str = "http://127.0.0.1:9/api/v3"
    write_pause_seconds: float = 0.0


@pytest.mark.parametrize(
    ("address", "api"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://github.com/", "https://api.github.com"),
        ("https://api.github.com", "https://api.github.com"),
        ("https://octo.ghe.com", "https://api.octo.ghe.com"),
        ("https://api.octo.ghe.com", "https://api.octo.ghe.com"),
        ("https://git.example.com", "https://git.example.com/api/v3"),
        ("https://git.example.com/api/v3/", "https://git.example.com/api/v3"),
        ("http://127.0.0.1:8001/api/v3", "http://127.0.0.1:8001/api/v3"),
    ],
)
def test_the_address_of_the_api(address: str, api: str):
    assert api_url(address) == api


@pytest.mark.parametrize("address", ["", "github.com", "ftp://github.com", "https://", "file:///etc"])
def test_an_address_that_is_none_is_refused(address: str):
    with pytest.raises(Refused, match="must look like"):
        api_url(address)


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
