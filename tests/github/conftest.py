"""The stand-in itself under test, with an App on one small repository."""

from __future__ import annotations

import github as pygithub
import httpx
import pytest

from tests.github.fixtures import APP_ID, github, private_key
from tests.github.shop import FILES

__all__ = ["github"]


@pytest.fixture
def repo(github):
    return github.create_repository("acme/shop", dict(FILES))


@pytest.fixture
def installation(github, repo):
    return github.install("acme", [repo])


@pytest.fixture
def ask(github, installation):
    """Plain requests with a token of the installation."""
    token = github.create_token(
        github.installations[installation], {"contents": "write", "metadata": "read"}, None
    )
    with httpx.Client(base_url=github.api_url, headers={"Authorization": f"token {token.value}"}) as client:
        yield client


@pytest.fixture
def signed_in(github, installation):
    """PyGithub as the installation."""
    auth = pygithub.Auth.AppAuth(APP_ID, private_key())
    hasty = {"retry": None, "seconds_between_requests": 0, "seconds_between_writes": 0}
    with pygithub.GithubIntegration(auth=auth, base_url=github.api_url, **hasty) as integration:
        yield integration.get_github_for_installation(installation)


@pytest.fixture
def seen(signed_in, repo):
    return signed_in.get_repo(repo.full_name)
