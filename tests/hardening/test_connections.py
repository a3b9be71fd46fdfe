"""Requests that never end, written by hand: whoever sends them holds nothing for long."""

from __future__ import annotations

import socket
from itertools import repeat
from typing import TYPE_CHECKING

import pytest

from bot.receive.connection import BoundedProtocol
from bot.receive.signature import sign
from tests.bot.receive.conftest import SECRET, Web

if TYPE_CHECKING:
    from collections.abc import Iterable

START = b"POST /webhooks/github HTTP/1.1\r\nHost: x\r\n"
SHORT, LONG = 0.3, 300.0


@pytest.fixture
def impatient(web: Web, monkeypatch: pytest.MonkeyPatch) -> Web:
    """A server that waits for requests a third of a second."""
    monkeypatch.setattr(BoundedProtocol, "request_seconds", SHORT)
    return web


@pytest.fixture
def patient(web: Web, monkeypatch: pytest.MonkeyPatch) -> Web:
    """A server that waits for as long as no test does."""
    monkeypatch.setattr(BoundedProtocol, "request_seconds", LONG)
    web.receiver.read_seconds = LONG
    return web


def said(web: Web, parts: Iterable[bytes], *, every: float = 0.0) -> bytes:
    """What comes back until the server hangs up; it is sent one part after another, one each ``every`` seconds."""
    with socket.create_connection(("127.0.0.1", web.port)) as connection:
        answer = b""
        for part in parts:
            connection.settimeout(20)
            try:
                connection.sendall(part)
                if every:
                    connection.settimeout(every)
                    if not (got := connection.recv(65536)):
                        return answer
                    answer += got
            except TimeoutError:
                continue
            except OSError:
                break
        connection.settimeout(10)
        try:
            while got := connection.recv(65536):
                answer += got
        except TimeoutError:
            pytest.fail("the connection is held open")
        except OSError:
            pass
        return answer


def test_a_connection_that_says_nothing_is_closed(impatient: Web) -> None:
    assert said(impatient, []).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"PO", id="the method"),
        pytest.param(START, id="headers"),
        pytest.param(START + b"X-Long: ", id="one header"),
        pytest.param(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + START, id="after an answer"),
    ],
)
def test_a_head_that_drips_is_not_waited_for(impatient: Web, start: bytes) -> None:
    answer = said(impatient, [start, *repeat(b"x", 200)], every=0.05)
    assert b"HTTP/1.1 408 " in answer or b"HTTP/1.1 400 " in answer
    assert impatient.client.get(f"{impatient.url}/health").status_code == 200


@pytest.mark.parametrize("length", [b"Content-Length: 1000000", b"Transfer-Encoding: chunked"])
def test_a_body_that_drips_is_not_waited_for(web: Web, length: bytes) -> None:
    web.receiver.read_seconds = SHORT
    start = START + length + b"\r\n\r\n"
    answer = said(web, [start, *repeat(b"1\r\nx\r\n", 200)], every=0.05)
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_body_that_nobody_reads_is_not_waited_for_either(impatient: Web) -> None:
    start = b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    answer = said(impatient, [start, *repeat(b"x", 200)], every=0.05)
    assert answer.count(b"HTTP/1.1 ") in {1, 2}
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("start", "endless"),
    [
        pytest.param(b"GET /", b"x" * 65_536, id="an address"),
        pytest.param(START, b"X-Y: " + b"z" * 1_000 + b"\r\n", id="headers"),
        pytest.param(START + b"X-Y: ", b"z" * 65_536, id="one header"),
    ],
)
def test_a_head_without_end_is_not_kept(patient: Web, start: bytes, endless: bytes) -> None:
    answer = said(patient, [start, *repeat(endless, 500)])
    assert answer.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 ")) or answer == b""
    assert patient.client.get(f"{patient.url}/health").status_code == 200


@pytest.mark.parametrize(
    "endless", [pytest.param(b"1;" + b"x" * 65_536, id="chunk extensions"), pytest.param(b"0\r\nX: " + b"y" * 65_536, id="trailers")]
)  # fmt: skip
def test_what_stands_beside_a_body_has_an_end(patient: Web, endless: bytes) -> None:
    start = START + b"Transfer-Encoding: chunked\r\n\r\n"
    said(patient, [start, endless, *repeat(b"x" * 65_536, 500)])  # comes back only when the server hangs up
    assert patient.kept == []


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 3\r\nTransfer-Encoding: chunked",
        b"Content-Length: 3\r\nContent-Length: 4",
        b"Content-Length: -1",
        b"Content-Length: 1e3",
        b"Content-Length: " + b"9" * 400,
        b"Transfer-Encoding: gzip, chunked, gzip",
        b"X\x00Y: 1",
        b"X Y : 1",
    ],
)
def test_lengths_that_contradict_each_other_are_refused(patient: Web, head: bytes) -> None:
    answer = said(patient, [START + head + b"\r\n\r\n"])
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 "))


def test_many_that_say_nothing_do_not_keep_others_out(patient: Web) -> None:
    held = [socket.create_connection(("127.0.0.1", patient.port)) for _ in range(300)]
    for each in held:
        each.sendall(START)
    try:
        assert patient.deliver(b"{}", event="ping").json()["result"] == "pong"
    finally:
        for each in held:
            each.close()


def test_a_request_in_time_is_answered_whatever_the_connection_did_before(web: Web) -> None:
    body = b'{"zen": "x"}'
    head = (
        START
        + b"Content-Type: application/json\r\nX-GitHub-Event: ping\r\nX-GitHub-Delivery: d\r\n"
        + f"X-Hub-Signature-256: {sign(body, SECRET)}\r\nContent-Length: {len(body)}\r\n".encode()
    )
    last = head + b"Connection: close\r\n\r\n" + body
    answer = said(web, [head + b"\r\n" + body, head + b"\r\n" + body, last])
    assert answer.count(b"HTTP/1.1 200 ") == 3
    assert answer.count(b"pong") == 3
