"""The addresses at GitHub, on github.com and on an Enterprise Server."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from bot.settings import Settings
from bot.signin.oauth import OAuth
from tests.github.fixtures import private_key


@pytest.mark.parametrize(
    ("github", "authorize"),
    [
        ("https://github.com", "https://github.com/login/oauth/authorize"),
        ("https://ghe.example.com/", "https://ghe.example.com/login/oauth/authorize"),
        ("https://acme.ghe.com", "https://acme.ghe.com/login/oauth/authorize"),
        ("https://example.com/github", "https://example.com/github/login/oauth/authorize"),
    ],
)
def test_people_are_sent_to_their_own_github(github, authorize, tmp_path):
    settings = Settings(
        app_id=1, private_key=private_key(), webhook_secret="x" * 12, github_url=github, data_dir=tmp_path
    )
    oauth = OAuth(settings.github_url, settings.api_url, "Iv1.x", "secret", "https://patchwright.example.com")
    url = oauth.authorize_url("a state", "v" * 43, "ann")
    assert url.partition("?")[0] == authorize
    query = parse_qs(urlsplit(url).query)
    assert query["login"] == ["ann"]
    assert query["redirect_uri"] == ["https://patchwright.example.com/sign-in/callback"]
    assert "secret" not in url
    assert "v" * 43 not in url
