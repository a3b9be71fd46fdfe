"""A server that takes the connection and never answers: before, the request waits for it; afterwards it gives up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress

import aiohttp
import httpx
import pytest

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import ALL, Options

REQUESTS = """
import requests


def work(url):
    {call}
"""
HTTPX = """
import httpx


def work(url):
    with httpx.Client(timeout=None) as client:
        client.get(url)
"""
AIOHTTP = """
import asyncio

import aiohttp


async def fetch(url):
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
        async with session.get(url) as response:
            await response.read()


def work(url):
    asyncio.run(fetch(url))
"""


class Silent:
    """Takes connections, says that it has them, and never answers."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        self._taken: list[socket.socket] = []
        self.asked = threading.Semaphore(0)
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
                connection.recv(1)
            except OSError:
                return
            self._taken.append(connection)
            self.asked.release()

    def close(self) -> None:
        """Lets everybody go; who comes again (aiohttp does, once) is refused."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listening.close()
        for each in self._taken:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    yield server
    server.close()


def patched(code: str, seconds: float = 0.3) -> str:
    snapshot = MemorySnapshot({"app/work.py": code.encode()})
    options = Options(workers=1, rules={"missing-timeout": {"timeout-seconds": seconds}})
    report = analyse(snapshot, [registry.load("missing-timeout")], options)
    return fixed(snapshot, report, ALL)["app/work.py"].decode()


def run(code: str, url: str) -> BaseException | None:
    names: dict[str, object] = {}
    exec(compile(code, "app/work.py", "exec"), names)
    try:
        names["work"](url)
    except (OSError, httpx.HTTPError, aiohttp.ClientError) as error:  # those of requests are OSErrors
        return error
    return None


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        (REQUESTS.format(call="requests.get(url)"), "ReadTimeout"),
        (REQUESTS.format(call="requests.get(url, stream=True)"), "ReadTimeout"),
        (REQUESTS.format(call="requests.Session().post(url, json={})"), "ReadTimeout"),
        (REQUESTS.format(call="requests.request('PUT', url, timeout=None)"), "ReadTimeout"),
        (HTTPX, "ReadTimeout"),
        (AIOHTTP, "SocketTimeoutError"),
    ],
)
def test_a_server_that_never_answers(code: str, raised: str, silent: Silent) -> None:
    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(run, code, silent.url)
        try:
            assert silent.asked.acquire(timeout=60)
            after = run(patched(code), silent.url)
            waits = not before.done()
        finally:
            silent.close()  # otherwise the pool waits for ever
        assert wait([before], timeout=60).done
    assert type(after).__name__ == raised
    assert waits, "it waits as long as the server keeps the connection"


def test_requests_limit_is_one_on_silence() -> None:
    code = patched(REQUESTS.format(call="return requests.get(url).text"), seconds=3)
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listening.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        for _ in range(5):  # longer in all than the limit, and far less between two bytes
            threading.Event().wait(0.7)
            connection.sendall(b"x")
        connection.close()

    names: dict[str, object] = {}
    exec(compile(code, "app/work.py", "exec"), names)
    thread = threading.Thread(target=answer)
    thread.start()
    assert names["work"](f"http://127.0.0.1:{listening.getsockname()[1]}/") == "xxxxx"
    thread.join()
    listening.close()
