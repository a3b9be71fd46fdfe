"""A request that fails in an app that runs: what the client reads and what the log has, before and after."""

from __future__ import annotations

import logging

import pytest
from fastapi.testclient import TestClient

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import ALL, Options

APP = """
import logging

from fastapi import FastAPI, HTTPException
from sqlalchemy import create_engine, text

logger = logging.getLogger("behaviour")
app = FastAPI()
engine = create_engine("sqlite://")


@app.get("/users/{{name}}")
def one(name: str):
    try:
        with engine.connect() as connection:
            return connection.execute(text("SELECT mfa_secret FROM users")).scalar()
    except Exception as e:
        {before}raise HTTPException(status_code=500, detail={detail})


@app.get("/asked/{{name}}")
def asked(name: str):
    try:
        return int(name)
    except ValueError as e:
        raise HTTPException(status_code=400, detail=str(e))
"""


def patched(code: str) -> str:
    snapshot = MemorySnapshot({"app/main.py": code.encode()})
    report = analyse(snapshot, [registry.load("error-detail")], Options(workers=1))
    return fixed(snapshot, report, ALL)["app/main.py"].decode()


def answered(code: str, caplog: pytest.LogCaptureFixture) -> tuple[str, list[logging.LogRecord]]:
    names: dict[str, object] = {"__name__": "app.main"}
    exec(compile(code, "app/main.py", "exec"), names)
    client = TestClient(names["app"])
    assert "invalid literal" in client.get("/asked/x").json()["detail"], "what clients may know they are told"
    caplog.clear()
    answer = client.get("/users/ann%20%25s")
    assert answer.status_code == 500
    return answer.json()["detail"], [
        each for each in caplog.records if each.name in {"behaviour", "app.main"}
    ]


@pytest.mark.parametrize(
    ("before", "detail", "told", "logged"),
    [
        ("", "str(e)", "Internal server error", "one failed"),
        ("", 'f"No user {name}: {e}"', "No user ann %s", "No user ann %s"),
        ("", '"Query failed: " + str(e)', "Query failed", "Query failed"),
        ('logger.error(f"no {name}: {e}")\n        ', "str(e)", "Internal server error", "no ann %s"),
        ('logger.error("no user")\n        ', 'f"{e}"', "Internal server error", "no user"),
        ('logger.exception("gone")\n        ', 'f"Sorry: {e!r}"', "Sorry", "gone"),
    ],
)
def test_what_the_client_reads_and_what_the_log_has(
    before: str, detail: str, told: str, logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    code = APP.format(before=before, detail=detail)
    words, _ = answered(code, caplog)
    assert "no such table: users" in words, "what the database says is told to everyone"
    words, records = answered(patched(code), caplog)
    assert words == told
    (record,) = records
    assert record.getMessage() == logged
    assert record.exc_info is not None
    assert "no such table: users" in str(record.exc_info[1])


def test_a_module_without_a_logger_gets_one(caplog: pytest.LogCaptureFixture) -> None:
    code = APP.format(before="", detail="str(e)").replace("import logging\n", "")
    code = code.replace('logger = logging.getLogger("behaviour")\n', "")
    words, records = answered(patched(code), caplog)
    assert words == "Internal server error"
    assert [(each.name, each.levelname) for each in records] == [("app.main", "ERROR")]
