"""Tokens: made when needed, shared within a process, renewed when GitHub no longer takes them."""

from __future__ import annotations

import io
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from bot.github.errors import GitHubError, Passing, Refused, Unrecognized
from bot.github.signing_in import App
from tests.github.fixtures import APP_ID, private_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.github.client import RepositoryClient
    from tests.github.repositories import Repo
    from tests.github.server import StandIn


def tokens(github: StandIn) -> int:
    return len(github.exchanges.to("POST", "/access_tokens"))


def test_clients_of_one_process_share_a_token(
    repo: Repo, github: StandIn, connected: Callable[..., RepositoryClient]
):
    for _ in range(3):
        connected(repo).branch_tip("main")
    assert tokens(github) == 1


def test_a_token_is_good_for_one_repository_only(
    repo: Repo, github: StandIn, connected: Callable[..., RepositoryClient]
):
    other = github.create_repository("octo/other", {"a.py": b""})
    connected(repo).branch_tip("main")
    connected(other).branch_tip("main")
    asked = [each.request_json["repository_ids"] for each in github.exchanges.to("POST", "/access_tokens")]
    assert asked == [[repo.id], [other.id]]


def test_several_threads_ask_for_it_once(
    repo: Repo, github: StandIn, connected: Callable[..., RepositoryClient]
):
    clients = [connected(repo) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        tips = set(pool.map(lambda each: each.branch_tip("main"), clients))
    assert tips == {repo.tip}
    assert tokens(github) == 1


def test_an_expired_token_is_renewed_in_the_middle_of_a_job(client: RepositoryClient, github: StandIn):
    client.branch_tip("main")
    github.clock.advance(3601)
    assert client.branch_tip("main")
    github.expire_tokens()
    assert client.create_blob(b"x")
    assert tokens(github) == 3
    assert len([each for each in github.exchanges.to("POST", "/git/blobs") if each.status == 201]) == 1


def test_credentials_that_are_not_taken_are_refused_after_one_more_attempt(
    client: RepositoryClient, github: StandIn
):
    client.branch_tip("main")
    fault = github.faults.bad_credentials(times=None)
    with pytest.raises(Unrecognized, match="credentials"):
        client.branch_tip("main")
    assert fault.hits == 2


def test_another_key_is_refused(repo: Repo, github: StandIn, connected: Callable[..., RepositoryClient]):
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    client = connected(repo, None, App(APP_ID, pem, github.api_url))
    with pytest.raises(Unrecognized, match="check its id, its key and the clock"):
        client.repository()


def test_an_unknown_app_id_is_refused(
    repo: Repo, github: StandIn, connected: Callable[..., RepositoryClient]
):
    client = connected(repo, None, App(999, private_key(), github.api_url))
    with pytest.raises(Refused):
        client.repository()


def test_no_secret_is_in_logs_or_errors(
    client: RepositoryClient, github: StandIn, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    tip = client.branch_tip("main")
    assert tip is not None
    client.tarball(tip, io.BytesIO())
    texts = []
    for strike in (
        lambda: github.faults.status("GET", "/repos/*/git/ref/*", 500),
        lambda: github.faults.bad_credentials("GET", "/repos/*/git/ref/*", times=2),
        lambda: github.faults.disconnect("GET", "/repos/*/git/ref/*", times=3),
    ):
        strike()
        with pytest.raises(GitHubError) as caught:
            client.branch_tip("main")
        texts.append(str(caught.value))
        github.faults.clear()
    said = caplog.text + "".join(texts)
    assert len(texts) == 3
    for token in github.tokens:
        assert token not in said
    assert "PRIVATE KEY" not in said
    assert "eyJ" not in said
    assert "token=" not in said, "the link to a tarball"


def test_nobody_there(repo: Repo, connected: Callable[..., RepositoryClient]):
    client = connected(repo, None, App(APP_ID, private_key(), "http://127.0.0.1:9/api/v3"))
    with pytest.raises(Passing, match="the connection failed"):
        client.repository()
