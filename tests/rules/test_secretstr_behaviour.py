"""The rewritten programs are run: the wire carries the secret, and logs and reprs still mask it.

Each program is a little project whose ``main.run(address)`` talks to a real HTTP server on loopback (or computes
something without one). Before the fix the mask goes out, an error is raised or a comparison fails; after it the
secret arrives.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib
import json
import logging
import sys
import textwrap
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.registry import load
from codemods.engine.run.analyse import Options, analyse, fixed

SECRET = "s3cr3t-value"
MASK = "**********"
EVERYTHING = frozenset({Applicability.SAFE, Applicability.UNSAFE})

SETTINGS = f"""
from functools import lru_cache

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic_settings import BaseSettings


class Mail(BaseModel):
    password: SecretStr = SecretStr("{SECRET}")


class Settings(BaseSettings):
    api_key: SecretStr = SecretStr("{SECRET}")
    maybe: SecretStr | None = SecretStr("{SECRET}")
    missing: SecretStr | None = None
    raw: SecretBytes = SecretBytes(b"{SECRET}")
    user: str = "me"
    mail: Mail = Mail()


@lru_cache
def get_settings() -> Settings:
    return Settings()


settings = get_settings()
"""


class Wire:
    """Everything that arrived at the server, as one text."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.seen: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join(self.seen)


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


def project_of(main: str, **others: str) -> dict[str, bytes]:
    files = {"shop/__init__.py": "", "shop/config.py": SETTINGS, "shop/main.py": main}
    files |= {f"shop/{name}.py": text for name, text in others.items()}
    return {path: textwrap.dedent(text).lstrip("\n").encode() for path, text in files.items()}


def run(files: dict[str, bytes], folder, wire: Wire | None):
    """What ``shop.main.run`` gives: its result, or the error's class name."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        return importlib.import_module("shop.main").run(wire.address if wire else "")
    except Exception as error:  # noqa: BLE001 - whatever the program raises is its answer
        return SimpleNamespace(raised=type(error).__name__)
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name == "shop" or name.startswith("shop.")]:
            del sys.modules[name]


def fix(files: dict[str, bytes], allowed: frozenset[Applicability] = EVERYTHING) -> dict[str, bytes]:
    snapshot = MemorySnapshot(files)
    report = analyse(snapshot, [load("secretstr")], Options())
    after = {**files, **fixed(snapshot, report, allowed)}
    again = analyse(MemorySnapshot(after), [load("secretstr")], Options())
    assert not [each for each in again.findings if each.applicability in allowed]
    return after


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


RESULTS = {
    "basic credentials": (
        """
        import base64
        from shop.config import settings
        def run(address):
            return base64.b64encode(f"{settings.user}:{settings.api_key}".encode()).decode()
        """,
        base64.b64encode(f"me:{SECRET}".encode()).decode(),
    ),
    "hmac": (
        """
        import hashlib
        import hmac
        from shop.config import settings
        def run(address):
            return hmac.new(settings.api_key.encode(), b"body", hashlib.sha256).hexdigest()
        """,
        hmac.new(SECRET.encode(), b"body", hashlib.sha256).hexdigest(),
    ),
    "hmac of the secret itself": (
        """
        import hashlib
        import hmac
        from shop.config import settings
        def run(address):
            return hmac.new(settings.api_key, b"body", hashlib.sha256).hexdigest()
        """,
        hmac.new(SECRET.encode(), b"body", hashlib.sha256).hexdigest(),
    ),
    "hmac of secret bytes": (
        """
        import hashlib
        import hmac
        from shop.config import settings
        def run(address):
            return hmac.new(settings.raw, b"body", hashlib.sha256).hexdigest()
        """,
        hmac.new(SECRET.encode(), b"body", hashlib.sha256).hexdigest(),
    ),
    "comparison": (
        """
        from shop.config import settings
        def run(address):
            given: str = "s3cr3t-value"
            return given == settings.api_key
        """,
        True,
    ),
    "comparison of digests": (
        """
        import secrets
        from shop.config import settings
        def run(address):
            return secrets.compare_digest("s3cr3t-value", settings.api_key), secrets.compare_digest(b"s3cr3t-value", settings.api_key)
        """,
        (True, True),
    ),
    "one of several texts": (
        """
        from shop.config import settings
        def run(address):
            return settings.api_key in ("changeme", "s3cr3t-value")
        """,
        True,
    ),
    "text in a secret": (
        """
        from shop.config import settings
        def run(address):
            return "cr3t" in settings.api_key
        """,
        True,
    ),
    "slice": (
        "from shop.config import settings\ndef run(address):\n    return settings.api_key[:3]\n",
        SECRET[:3],
    ),
    "method of text": (
        "from shop.config import settings\ndef run(address):\n    return settings.api_key.strip().upper()\n",
        SECRET.upper(),
    ),
    "promised text": (
        """
        from shop.config import settings
        def key() -> str:
            return settings.api_key
        def run(address):
            return key() + "!"
        """,
        SECRET + "!",
    ),
    "promised text of bytes": (
        """
        from shop.config import settings
        def key() -> str:
            return settings.raw
        def run(address):
            return key() + "!"
        """,
        SECRET + "!",
    ),
    "database address": (
        """
        from pydantic import PostgresDsn
        from shop.config import settings
        def run(address):
            url = PostgresDsn.build(scheme="postgresql", username="u", password=settings.api_key, host="db", path="x")
            return str(url), f"postgresql://u:{settings.api_key}@db/x"
        """,
        (f"postgresql://u:{SECRET}@db/x", f"postgresql://u:{SECRET}@db/x"),
    ),
    "environment": (
        """
        import os
        import subprocess
        import sys
        from shop.config import settings
        def run(address):
            os.environ["SHOP_KEY"] = settings.api_key
            try:
                command = [sys.executable, "-c", "import os, sys; print(os.environ['SHOP_KEY'], sys.argv[1])", settings.api_key]
                return subprocess.run(command, capture_output=True, text=True).stdout.split()
            finally:
                del os.environ["SHOP_KEY"]
        """,
        [SECRET, SECRET],
    ),
    "joined": (
        'from shop.config import settings\ndef run(address):\n    return ":".join([settings.user, settings.api_key]).encode()\n',
        f"me:{SECRET}".encode(),
    ),
    "json": (
        """
        import json
        from shop.config import settings
        def run(address):
            return json.loads(json.dumps({"a": [{"key": settings.api_key}]}))
        """,
        {"a": [{"key": SECRET}]},
    ),
    "conditional expression": (
        """
        from urllib.parse import quote
        from shop.config import settings
        def run(address):
            return quote(settings.maybe if settings.maybe is not None else "none")
        """,
        SECRET,
    ),
    "no value": (
        """
        import httpx
        from shop.config import settings
        def run(address):
            request = httpx.Request("GET", "http://x", headers={"A": f"Bearer {settings.missing}", "B": settings.missing or "none"})
            return request.headers["a"], request.headers["b"]
        """,
        ("Bearer None", "none"),
    ),
    "project function": (
        """
        import httpx
        from shop.config import settings
        def ask(key: str):
            return httpx.Request("GET", "http://x", headers={"A": key}).headers["a"]
        def run(address):
            return ask(settings.api_key)
        """,
        SECRET,
    ),
}


@pytest.mark.parametrize("name", RESULTS)
def test_the_result_is_made_of_the_secret(name, tmp_path):
    main, expected = RESULTS[name]
    files = project_of(main)
    before = run(files, tmp_path / "before", None)
    if name != "no value":
        assert before != expected
    after = fix(files)
    assert after != files
    assert run(after, tmp_path / "after", None) == expected


def test_api_answers_and_its_client(tmp_path):
    """FastAPI's own side: response headers, keys that requests bring, the test client's headers."""
    main = """
        import hmac
        from fastapi import Depends, FastAPI, Header, HTTPException, Response
        from fastapi.security import APIKeyHeader
        from fastapi.testclient import TestClient
        from shop.config import Settings, get_settings
        app = FastAPI()
        scheme = APIKeyHeader(name="X-Key")
        @app.get("/equal")
        def equal(x_key: str = Header(), settings: Settings = Depends(get_settings)):
            if x_key != settings.api_key:
                raise HTTPException(401, detail=f"{x_key} is not {settings.api_key}")
            return "in"
        @app.get("/digest")
        def digest(key: str = Depends(scheme), settings: Settings = Depends(get_settings)):
            return hmac.compare_digest(key, settings.api_key)
        @app.get("/answer")
        def answer(settings: Settings = Depends(get_settings)):
            return Response(headers={"X-Token": settings.api_key})
        def run(address):
            client = TestClient(app, headers={"X-Key": get_settings().api_key}, raise_server_exceptions=False)
            equal, digest, answer = client.get("/equal"), client.get("/digest"), client.get("/answer")
            wrong = client.get("/equal", headers={"X-Key": "x"})
            return equal.status_code, digest.text, answer.headers.get("x-token"), wrong.json()["detail"]
    """
    files = project_of(main)
    assert getattr(run(files, tmp_path / "before", None), "raised", None)
    assert run(fix(files), tmp_path / "after", None) == (200, "true", SECRET, f"x is not {MASK}")


def test_logs_and_reprs_still_mask(tmp_path, caplog, capsys, recwarn):
    main = """
        import logging
        import warnings
        from shop.config import settings
        logger = logging.getLogger("shop")
        class Client:
            def __init__(self):
                self.key = settings.api_key
            def __repr__(self):
                return f"Client({self.key})"
        def run(address):
            text = f"with {settings.api_key}"
            logger.warning("%s and %s", text, settings.api_key)
            logger.warning(f"key {settings.api_key}")
            print("key", str(settings.api_key), repr(settings), Client())
            warnings.warn(f"key {settings.api_key}")
            try:
                assert not settings.api_key, f"still {settings.api_key}"
            except AssertionError as error:
                print(error)
            try:
                raise ValueError("no %s" % settings.api_key)
            except ValueError as error:
                return str(error), {"headers": {"X-Key": f"Bearer {settings.api_key}"}}["headers"]["X-Key"]
    """
    files = project_of(main)
    after = fix(files, frozenset({Applicability.SAFE}))
    with caplog.at_level(logging.WARNING):
        message, _ = run(after, tmp_path, None)
    shown = f"{message}{caplog.text}{capsys.readouterr().out}{[str(each.message) for each in recwarn]}"
    assert SECRET not in shown
    assert shown.count(MASK) >= 8


def test_a_projects_own_suite_passes_before_and_after(tmp_path, monkeypatch):
    """Tests that put plain text into the field follow: their text becomes a secret, as it is in production."""
    client = """
        from shop.config import settings
        def headers() -> dict[str, str]:
            return {"X-Key": settings.api_key}
    """
    suite = """
        from unittest.mock import patch
        from shop.client import headers
        from shop.config import settings
        def test_set(monkeypatch):
            monkeypatch.setattr(settings, "api_key", "for-test")
            assert headers() == {"X-Key": "for-test"}
        def test_patched():
            with patch.object(settings, "api_key", "patched"):
                assert headers() == {"X-Key": "patched"}
        def test_named(monkeypatch):
            monkeypatch.setattr("shop.config.settings.api_key", "named")
            assert headers() == {"X-Key": "named"}
    """
    files = project_of("", client=client)
    files["tests/test_client.py"] = textwrap.dedent(suite).lstrip().encode()
    after = fix(files)
    assert b'"for-test")' in files["tests/test_client.py"]
    assert b'SecretStr("for-test")' in after["tests/test_client.py"]
    for name, version in (("before", files), ("after", after)):
        assert _pytest(version, tmp_path / name) == 0


def _pytest(files: dict[str, bytes], folder) -> int:
    import subprocess

    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:schemathesis",
        "--rootdir",
        str(folder),
        "tests",
    ]
    return subprocess.run(
        command, cwd=folder, check=False, env={"PYTHONPATH": str(folder), "PATH": ""}
    ).returncode


def test_report_is_json():
    files = project_of(ON_THE_WIRE["requests header"])
    report = analyse(MemorySnapshot(files), [load("secretstr")], Options())
    assert json.dumps([each.message for each in report.findings]).count("settings.api_key") == 1
