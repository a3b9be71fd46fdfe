"""Whole programs after the fix: an API and its client, logs and reprs that still mask, a project's own suite."""

from __future__ import annotations

import logging
import textwrap

from codemods.engine.finding import Applicability
from tests.rules.secretstr_program import MASK, SECRET, fix, project_of, run
from tests.suites import run_suite


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

    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    environment = {"PYTHONPATH": str(folder), "PATH": ""}
    return run_suite(folder, "--rootdir", str(folder), "tests", environment=environment).returncode
