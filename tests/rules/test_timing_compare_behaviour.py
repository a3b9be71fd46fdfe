"""The same answers before and after: for every kind of value, through FastAPI and Flask-like code, and beyond ASCII."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import Options

SIGNATURES = """
import base64
import hashlib
import hmac


def verify_text(body: bytes, signature: str, key: bytes) -> bool:
    return signature == hmac.new(key, body, hashlib.sha256).hexdigest()


def verify_differs(body: bytes, signature: str, key: bytes) -> bool:
    if signature != "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest():
        return False
    return True


def verify_bytes(body: bytes, signature: bytes, key: bytes) -> bool:
    return hmac.new(key, body, hashlib.sha256).digest() == signature


def verify_base64(body: bytes, signature: str, key: bytes) -> bool:
    return base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode() == signature
"""

ROUTES = """
import os

from fastapi import APIRouter, Header, Request

router = APIRouter()
KEY = os.environ["BEHAVIOUR_API_KEY"]
OTHER_KEY = os.getenv("BEHAVIOUR_OTHER_API_KEY")


@router.get("/required")
def required(x_api_key: str = Header(...)):
    return x_api_key == KEY


@router.get("/optional")
def optional(x_api_key: str | None = Header(None)):
    return x_api_key != KEY


@router.get("/either")
def either(x_api_key: str = Header(...)):
    return x_api_key == OTHER_KEY or x_api_key == "public"


@router.get("/query")
def query(request: Request):
    return request.query_params["api_key"] == KEY


@router.get("/direct")
def direct(request: Request):
    if request.headers.get("x-api-key") != KEY:
        return False
    return True


@router.get("/unset")
def unset(x_api_key: str = Header(...)):
    return os.getenv("BEHAVIOUR_OTHER_API_KEY") == x_api_key


@router.get("/cut")
def cut(request: Request):
    api_key = request.headers.get("x-api-key", "")
    if api_key.startswith("Key "):
        api_key = api_key[4:].strip()
    return api_key == KEY
"""


def patched(code: str) -> str:
    snapshot = MemorySnapshot({"app/checks.py": code.encode()})
    report = analyse(snapshot, [registry.load("timing-compare")], Options(workers=1))
    allowed = frozenset({Applicability.SAFE, Applicability.UNSAFE})
    return fixed(snapshot, report, allowed)["app/checks.py"].decode()


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(code, "app/checks.py", "exec", dont_inherit=True), names)
    return names


@pytest.mark.parametrize("name", ["verify_text", "verify_differs", "verify_bytes", "verify_base64"])
def test_signatures_are_right_and_wrong_for_the_same_values(name: str) -> None:
    after = patched(SIGNATURES)
    assert after.count("hmac.compare_digest(") == 4
    before, now = run(SIGNATURES)[name], run(after)[name]
    made = hmac.new(b"key", b"body", hashlib.sha256)
    texts = [
        made.hexdigest(),
        "sha256=" + made.hexdigest(),
        made.hexdigest().upper(),
        "",
        "ä" * 64,
        "\x00",
        "😀",
    ]
    values: list[str | bytes] = [*texts]
    if name == "verify_bytes":
        values = [made.digest(), b"", b"\xff" * 32, *(text.encode() for text in texts)]
    if name == "verify_base64":
        values += [base64.b64encode(made.digest()).decode(), "rightlength" * 4]
    answers = [before(b"body", value, b"key") for value in values]
    assert [now(b"body", value, b"key") for value in values] == answers
    assert {True, False} <= set(answers)


def test_requests_are_answered_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEHAVIOUR_API_KEY", "s3cret-käse")
    monkeypatch.delenv("BEHAVIOUR_OTHER_API_KEY", raising=False)
    after = patched(ROUTES)
    assert after.count("hmac.compare_digest(") == 7
    clients = []
    for code in (ROUTES, after):
        app = FastAPI()
        app.include_router(run(code)["router"])
        clients.append(TestClient(app, raise_server_exceptions=True))
    latin = "s3cret-käse".encode("latin-1")
    asked: list[tuple[str, dict[str, bytes]]] = [
        (path, headers)
        for path in (
            "/required",
            "/optional",
            "/either",
            "/query?api_key=s3cret-k%C3%A4se",
            "/query?api_key=%ff",
            "/direct",
            "/unset",
            "/cut",
        )
        for headers in (
            {},
            {"x-api-key": latin},
            {"x-api-key": b"public"},
            {"x-api-key": b"\xff\xfe"},
            {"x-api-key": b""},
            {"x-api-key": b"Key " + latin},
        )
    ]
    answers = []
    for client in clients:
        given = [client.get(path, headers=headers) for path, headers in asked]
        answers.append([(each.status_code, each.text) for each in given])
    assert answers[0] == answers[1]
    assert {text for _, text in answers[0]} >= {"true", "false"}


def test_text_beyond_ascii_is_why_both_sides_are_encoded() -> None:
    with pytest.raises(TypeError):
        hmac.compare_digest("ä", "a")
    with pytest.raises(TypeError):
        hmac.compare_digest(None, "a")  # type: ignore[type-var]
    assert not hmac.compare_digest("ä".encode(), b"a")
