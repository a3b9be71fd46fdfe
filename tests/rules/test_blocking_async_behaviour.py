"""Two tasks on one loop: before, the second runs when the first is through; afterwards while it waits. Values stay."""

from __future__ import annotations

import asyncio
import http.server
import threading
from collections.abc import Iterator

import pytest

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import Options

CODE = """
import subprocess
import time

import requests


async def work(url, events):
    events.append("begins")
    try:
        result = {call}
    except (subprocess.CalledProcessError, requests.RequestException) as error:
        result = type(error).__name__
    events.append("ends")
    return result
"""


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"path": "%s"}' % self.path.encode())

    def log_message(self, *args: object) -> None:
        """Nothing is said."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def ran(code: str, url: str) -> tuple[object, list[str]]:
    names: dict[str, object] = {}
    exec(compile(code, "app/work.py", "exec"), names)
    events: list[str] = []

    async def other() -> None:
        events.append("other")

    async def both() -> object:
        result, _ = await asyncio.gather(names["work"](url, events), other())
        return result

    return asyncio.run(both()), events


@pytest.mark.parametrize(
    ("call", "result"),
    [
        ("time.sleep(0.01)", None),
        ("requests.get(url + '/a?b=c', timeout=30).json()", {"path": "/a?b=c"}),
        ("requests.get(url, params={'q': 1}, timeout=30).json()['path']", "/?q=1"),
        ("requests.post('http://127.0.0.1:9/', timeout=30)", "ConnectionError"),
        ("[each for each in requests.get(url, timeout=30).json()]", ["path"]),
        ("requests.Session().request('GET', url, timeout=30).ok", True),
        ("-requests.head(url, timeout=30).status_code", -501),
        ("subprocess.run(['echo', 'a'], capture_output=True, text=True).stdout", "a\n"),
        ("subprocess.check_output(['echo', 'b'])", b"b\n"),
        ("subprocess.check_call(['false'])", "CalledProcessError"),
        ("subprocess.call(['false'])", 1),
    ],
)
def test_the_other_task(call: str, result: object, url: str) -> None:
    code = CODE.format(call=call)
    snapshot = MemorySnapshot({"app/work.py": code.encode()})
    report = analyse(snapshot, [registry.load("blocking-async")], Options(workers=1))
    after = fixed(snapshot, report)["app/work.py"].decode()
    assert ran(code, url) == (result, ["begins", "ends", "other"])
    assert ran(after, url) == (result, ["begins", "other", "ends"])


def test_both_rules_at_one_call() -> None:
    code = CODE.format(call="requests.get(url).json()").encode()
    made = set()
    for order in (["blocking-async", "missing-timeout"], ["missing-timeout", "blocking-async"]):
        files = {"app/work.py": code}
        for name in order:
            snapshot = MemorySnapshot(files)
            report = analyse(snapshot, [registry.load(name)], Options(workers=1))
            patch = next(each for each in report.findings if each.patch)
            files = {path: source.data for path, source in patch.changed.items()}
        made.add(files["app/work.py"])
    (together,) = made
    assert b"(await asyncio.to_thread(requests.get, url, timeout=10)).json()" in together
