"""What the reports say, seen on a running app: a login that takes any number of guesses, probes that find nothing."""

from __future__ import annotations

from fastapi.testclient import TestClient

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse
from codemods.engine.run.report import Options

SERVICE = """
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import OAuth2PasswordRequestForm

app = FastAPI()
attempts = {}


@app.post("/login")
def login(request: Request, form: OAuth2PasswordRequestForm = Depends()):
    if form.password != "correct":
        raise HTTPException(status_code=400, detail="Incorrect username or password")
    return {"access_token": "t"}


@app.get("/items")
def items():
    return []


@app.post("/items")
def create():
    return {}
"""
LIMIT = '''
@app.middleware("http")
async def limit_attempts(request: Request, call_next):
    """The rate limit, in the smallest form."""
    attempts[request.client.host] = attempts.get(request.client.host, 0) + 1
    if attempts[request.client.host] > 5:
        return JSONResponse({}, status_code=429)
    return await call_next(request)
'''
HEALTH = """
@app.get("/healthz")
def healthz():
    return {}
"""
LIMITED = f"{SERVICE}\n\nfrom fastapi.responses import JSONResponse\n{LIMIT}"


def said(code: str) -> list[str]:
    rules = [registry.load("no-readiness"), registry.load("unlimited-login")]
    report = analyse(MemorySnapshot({"main.py": code.encode()}), rules, Options(workers=1))
    return sorted(each.finding.rule for each in report.findings)


def client(code: str) -> TestClient:
    names: dict[str, object] = {}
    exec(compile(code, "main.py", "exec"), names)
    return TestClient(names["app"])


def guesses(code: str) -> list[int]:
    asking = client(code)
    return [
        asking.post("/login", data={"username": "anna", "password": str(number)}).status_code
        for number in range(20)
    ]


def test_a_login_without_limit_takes_every_guess():
    assert set(guesses(SERVICE)) == {400}
    assert "unlimited-login" in said(SERVICE)


def test_with_a_limit_nothing_is_said():
    assert guesses(LIMITED)[5:] == [429] * 15
    assert "unlimited-login" not in said(LIMITED)


def test_probes_find_nothing_until_there_is_a_route():
    assert client(SERVICE).get("/healthz").status_code == 404
    assert "no-readiness" in said(SERVICE)
    assert client(SERVICE + HEALTH).get("/healthz").status_code == 200
    assert "no-readiness" not in said(SERVICE + HEALTH)
