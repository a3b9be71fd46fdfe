"""Headers and bodies: what is read, what is refused, how large and how slow they may be."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from bot.receive.body import MAX_BODY
from bot.store.tables import deliveries
from tests.bot.receive.push import PUSH, error

if TYPE_CHECKING:
    from tests.bot.receive.conftest import Web

# Headers and bodies


@pytest.mark.parametrize(
    ("headers", "status", "said"),
    [
        ({"X_GitHub_Event": None}, 400, "X-GitHub-Event is missing"),
        ({"X_GitHub_Delivery": None}, 400, "X-GitHub-Delivery is missing"),
        ({"X_GitHub_Event": "Push!"}, 400, "X-GitHub-Event"),
        ({"X_GitHub_Delivery": "../../etc"}, 400, "X-GitHub-Delivery"),
        ({"X_GitHub_Delivery": "a" * 65}, 400, "X-GitHub-Delivery"),
        ({"Content_Type": "text/plain"}, 415, "application/json"),
        ({"Content_Type": None}, 415, "application/json"),
        ({"X_GitHub_Hook_Installation_Target_ID": "4712"}, 403, "App 4712"),
    ],
)
def test_headers_that_do_not_belong(web: Web, headers: dict[str, str | None], status: int, said: str) -> None:
    response = web.deliver(PUSH, **headers)
    assert response.status_code == status
    assert said in error(response)
    assert web.kept == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a": 1} and more', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"a": "\xff"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "not JSON"),
        (b"[]", "no object"),
        (b"null", "no object"),
        (b'"push"', "no object"),
        (b'{"repository": {"id": "seven"}}', "repository.id"),
        (b'{"repository": {"id": 1e400}}', "repository.id"),
        (b'{"repository": {"id": 9223372036854775808}}', "repository.id"),
        (b'{"repository": {"id": true}}', "repository.id"),
        (b'{"installation": {"id": -1}}', "installation.id"),
        (b'{"installation": []}', "installation"),
        (b'{"action": {}}', "action"),
    ],
)
def test_bodies_that_are_none(web: Web, body: bytes, said: str) -> None:
    response = web.deliver(body)
    assert response.status_code == 400
    assert said in error(response)
    assert web.kept == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"action": "a\\u0000b", "repository": {"id": 7, "full_name": "a\\u0000/b"}, "installation": {"id": 1}}',
        b'{"repository": null, "installation": null, "action": null}',
        b'{"ref": "\\ud800", "repository": {"id": 7}}',
        b"{}",
    ],
)
def test_odd_but_sound_bodies_are_kept(web_on_both: Web, body: bytes) -> None:
    assert web_on_both.deliver(body).status_code in {200, 202, 400}
    for row in web_on_both.rows(deliveries):
        with web_on_both.database.write() as connection:
            assert web_on_both.receiver.queue._decide(connection, row["guid"])  # type: ignore[attr-defined]


def test_a_form_is_read_as_well(web: Web) -> None:
    form = urlencode({"payload": PUSH.decode()}).encode()
    assert web.deliver(form, Content_Type="application/x-www-form-urlencoded").status_code == 202
    (row,) = web.rows(deliveries)
    assert row["payload"] == PUSH
    response = web.deliver(b"pay=1", Content_Type="application/x-www-form-urlencoded")
    assert response.status_code == 400
    assert "application/json" in error(response)


def test_json_with_a_charset(web: Web) -> None:
    assert web.deliver(PUSH, Content_Type="application/json; charset=utf-8").status_code == 202


def test_webhooks_that_do_not_say_whose_they_are(web: Web) -> None:
    response = web.deliver(
        PUSH, X_GitHub_Hook_Installation_Target_Type=None, X_GitHub_Hook_Installation_Target_ID=None
    )
    assert response.status_code == 202


# Size and time


def test_the_largest_body_that_github_sends(web: Web) -> None:
    body = PUSH[:-1] + b', "commits": "'
    body += b"x" * (MAX_BODY - len(body) - 2) + b'"}'
    assert len(body) == MAX_BODY
    assert web.deliver(body).status_code == 202
    assert web.rows(deliveries)[0]["payload"] == body


def test_one_byte_more(web: Web) -> None:
    response = web.deliver(b" " * (MAX_BODY + 1))
    assert response.status_code == 413
    assert "25 MB" in error(response)
    assert web.deliver(PUSH).status_code == 202


def _raw(web: Web, head: str, *parts: bytes) -> bytes:
    """What comes back for a request that is written by hand, until the server hangs up."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=20) as connection:
        connection.sendall(f"POST /webhooks/github HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
        for part in parts:
            try:
                connection.sendall(part)
            except OSError:
                break
        answer = b""
        try:
            while got := connection.recv(65536):
                answer += got
        except ConnectionResetError:
            pass
        return answer


def test_a_body_that_says_it_is_enormous_is_not_read(web: Web) -> None:
    answer = _raw(web, f"Content-Length: {10**12}")
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_in_pieces_without_a_length_is_bounded_too(web: Web) -> None:
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    answer = _raw(web, "Transfer-Encoding: chunked", *[chunk] * 40, b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_that_does_not_come(web: Web) -> None:
    web.receiver.read_seconds = 0.2
    answer = _raw(web, "Content-Length: 100", b"{")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"error"' in answer


def test_a_sender_that_hangs_up(web: Web) -> None:
    with socket.create_connection(("127.0.0.1", web.port)) as connection:
        connection.sendall(b"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert web.deliver(PUSH).status_code == 202
    assert web.kept == ["d-1"]
