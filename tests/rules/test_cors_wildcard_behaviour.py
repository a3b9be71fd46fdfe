"""What Starlette answers a strange website that sends its visitor's cookie, before and after."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import ALL, Options

APP = """
import os

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
{before}app.add_middleware(CORSMiddleware, {given}, allow_credentials=True)


@app.get("/account")
def account():
    return "hers"
"""
GIVEN = {
    "in place": ("", 'allow_origins=["*"]'),
    "a variable": ('origins = ["*"]\n', "allow_origins=origins"),
    "an expression": ("", 'allow_origin_regex=".*"'),
    "an environment variable": ("", 'allow_origins=os.getenv("CORS_ALLOW_ORIGINS", "*").split(",")'),
    "among others": ("", 'allow_origins=["https://app.example", "https://www.example", "*"]'),
}
STRANGE, OWN = "https://evil.example", "https://app.example"


def patched(code: str) -> str:
    snapshot = MemorySnapshot({"app/main.py": code.encode()})
    report = analyse(snapshot, [registry.load("cors-wildcard")], Options(workers=1))
    return fixed(snapshot, report, ALL)["app/main.py"].decode()


def allowed(code: str, origin: str) -> tuple[str | None, str | None]:
    """Which origin a browser is told may read the answer: to a request with a cookie, and when it asks before one."""
    names: dict[str, object] = {"__name__": "app.main"}
    exec(compile(code, "app/main.py", "exec"), names)
    client = TestClient(names["app"], cookies={"session": "hers"})
    simple = client.get("/account", headers={"Origin": origin})
    assert simple.json() == "hers"
    asked = client.options("/account", headers={"Origin": origin, "Access-Control-Request-Method": "GET"})
    name = "access-control-allow-origin"
    for answer in (simple, asked):
        if name in answer.headers:
            assert answer.headers["access-control-allow-credentials"] == "true"
    return simple.headers.get(name), asked.headers.get(name)


@pytest.mark.parametrize("kind", GIVEN)
@pytest.mark.parametrize("named", ["", OWN, f"{OWN},https://www.example", f"{OWN}, https://www.example"])
def test_who_may_read_the_answer(kind: str, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, given = GIVEN[kind]
    code = APP.format(before=before, given=given)
    monkeypatch.delenv("CORS_ALLOW_ORIGINS", raising=False)
    assert allowed(code, STRANGE) == (STRANGE, STRANGE), "Starlette answers with whoever asks"

    if named:
        monkeypatch.setenv("CORS_ALLOW_ORIGINS", named)
    after = patched(code)
    assert allowed(after, STRANGE) == (None, None)
    if named or kind == "among others":
        assert allowed(after, OWN) == (OWN, OWN)


def test_a_wildcard_without_credentials_is_no_danger_and_stays() -> None:
    code = APP.format(before="", given='allow_origins=["*"]').replace(", allow_credentials=True", "")
    snapshot = MemorySnapshot({"app/main.py": code.encode()})
    report = analyse(snapshot, [registry.load("cors-wildcard")], Options(workers=1))
    assert not report.findings
    names: dict[str, object] = {"__name__": "app.main"}
    exec(compile(code, "app/main.py", "exec"), names)
    answer = TestClient(names["app"]).get("/account", headers={"Origin": STRANGE})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
