"""The wire carries the secret after the fix; before it the mask goes out, or an error is raised."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.registry import load
from codemods.engine.run.analyse import Options, analyse
from tests.rules.secretstr_program import MASK, SECRET, Wire, fix, project_of, run


@pytest.fixture
def wire():
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length).decode()
            self.server.wire.seen.append(f"{self.path}\n{self.headers}\n{body}")  # type: ignore[attr-defined]
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.wire = Wire(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.wire  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


ON_THE_WIRE = {
    "requests header": """
        import requests
        from shop.config import settings
        def run(address):
            requests.get(address, headers={"X-Key": settings.api_key}, timeout=5)
    """,
    "requests bearer f-string": """
        import requests
        from shop.config import get_settings
        def run(address):
            headers = {"Authorization": f"Bearer {get_settings().api_key}", "Accept": "*/*"}
            requests.get(address, headers=headers, timeout=5)
    """,
    "requests query": """
        import requests
        from .config import settings
        def run(address):
            requests.get(address, params={"key": settings.api_key}, timeout=5)
    """,
    "requests form": """
        import requests
        from shop import config
        def run(address):
            requests.post(address, data={"password": config.settings.mail.password}, timeout=5)
    """,
    "requests json": """
        import requests
        from shop.config import settings
        def run(address):
            requests.post(address, json={"login": {"password": settings.api_key}}, timeout=5)
    """,
    "requests session headers": """
        import requests
        from shop.config import settings
        def run(address):
            session = requests.Session()
            session.headers.update({"X-Key": settings.api_key})
            session.headers["X-Other"] = f"key {settings.api_key}"
            session.get(address, timeout=5)
    """,
    "httpx client": """
        import httpx
        from shop.config import Settings
        class Client:
            def __init__(self, settings: Settings):
                self.settings = settings
                self.http = httpx.Client(headers={"Authorization": "Token " + settings.api_key})
            def ping(self, address):
                return self.http.get(address)
        def run(address):
            Client(Settings()).ping(address)
    """,
    "httpx asyncio": """
        import asyncio
        import httpx
        from shop.config import settings as s
        async def ping(address):
            async with httpx.AsyncClient() as client:
                await client.post(address, headers={"X-Key": s.api_key}, content="x")
        def run(address):
            asyncio.run(ping(address))
    """,
    "httpx percent": """
        import httpx
        from shop.config import settings
        def run(address):
            httpx.get("%s/?key=%s" % (address, settings.api_key))
    """,
    "httpx format": """
        import httpx
        from shop.config import settings
        URL = "{}/?token={}"
        def run(address):
            httpx.get(URL.format(address, settings.api_key))
    """,
    "httpx header from bytes": """
        import httpx
        from shop.config import settings
        def run(address):
            httpx.get(address, headers={"X-Key": settings.raw})
    """,
    "urllib": """
        import urllib.request
        from shop.config import settings
        def run(address):
            request = urllib.request.Request(address, headers={"X-Key": settings.api_key})
            urllib.request.urlopen(request).read()
    """,
    "aiohttp": """
        import asyncio
        import aiohttp
        from shop.config import settings
        async def ping(address):
            async with aiohttp.ClientSession(headers={"X-Key": str(settings.api_key)}) as session:
                async with session.get(address) as answer:
                    await answer.read()
        def run(address):
            asyncio.run(ping(address))
    """,
    "headers made by a helper": """
        import httpx
        from shop.config import settings
        class Api:
            def _headers(self):
                headers = {"Accept": "application/json"}
                headers["X-Key"] = settings.api_key
                return headers
            def ping(self, address):
                return httpx.get(address, headers=self._headers())
        def run(address):
            Api().ping(address)
    """,
    "module alias": """
        import httpx
        from shop.config import settings
        KEY = settings.api_key
        def run(address):
            httpx.get(f"{address}/?key={KEY}")
    """,
    "optional behind a guard": """
        import httpx
        from shop.config import settings
        def run(address):
            if not settings.maybe:
                raise SystemExit("no key")
            httpx.get(address, headers={"X-Key": settings.maybe})
    """,
    "optional without guard": """
        import httpx
        from shop.config import settings
        def run(address):
            httpx.get(address, headers={"Authorization": f"Bearer {settings.maybe}"})
    """,
    "optional with a default": """
        import httpx
        from shop.config import settings
        def run(address):
            httpx.get(address, headers={"X-Key": settings.maybe or "none"})
    """,
    "walrus": """
        import httpx
        from shop.config import settings
        def run(address):
            headers = {}
            if key := settings.maybe:
                headers["X-Key"] = key
            httpx.get(address, headers=headers)
    """,
    "dependency": """
        import httpx
        from typing import Annotated
        from fastapi import Depends, FastAPI
        from fastapi.testclient import TestClient
        from shop.config import Settings, get_settings
        app = FastAPI()
        Config = Annotated[Settings, Depends(get_settings)]
        @app.get("/")
        def ping(address: str, settings: Config, other: Settings = Depends(get_settings)):
            httpx.get(address, headers={"X-Key": settings.api_key, "X-Other": f"{other.api_key}"})
        def run(address):
            assert TestClient(app).get("/", params={"address": address}).status_code == 200
    """,
}


@pytest.mark.parametrize("name", ON_THE_WIRE)
def test_the_wire_carries_the_secret(name, wire, tmp_path):
    files = project_of(ON_THE_WIRE[name])
    before = run(files, tmp_path / "before", wire)
    assert SECRET not in wire.text
    assert getattr(before, "raised", None) or MASK in wire.text.replace("%2A", "*")
    wire.seen.clear()
    assert run(fix(files), tmp_path / "after", wire) is None
    assert SECRET in wire.text
    assert MASK not in wire.text


def test_report_is_json():
    files = project_of(ON_THE_WIRE["requests header"])
    report = analyse(MemorySnapshot(files), [load("secretstr")], Options())
    assert json.dumps([each.message for each in report.findings]).count("settings.api_key") == 1
