"""Rules do not fight: any of them, named in any order, make the same of the same files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import ALL, Options
from tests.case_files import read_cases

CASES = sorted((Path(__file__).parent / "cases").glob("*.md"))
PROJECTS = [dict(case.files) for path in CASES for case in read_cases(path.read_text(encoding="utf-8"))]
RULES = sorted(registry.built_in())

SERVICE = b"""import logging
import subprocess
import time

import requests
from fastapi import FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware

logger = logging.getLogger(__name__)
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)


@app.get("/rates/{code}")
async def rates(code: str):
    try:
        answer = requests.get(f"https://rates.example/{code}")
        time.sleep(1)
        with open("rates.json", "w") as kept:
            kept.write(answer.text)
    except Exception as e:
        logger.error(f"no rates for {code}: {e}")
        raise HTTPException(status_code=500, detail=str(e))
    except:
        subprocess.run(["true"])
    return answer.json()
"""


def made(files: dict[str, bytes], names: list[str]) -> dict[str, bytes]:
    """The changed files after every patch of these rules."""
    snapshot = MemorySnapshot(files)
    found = analyse(snapshot, [registry.load(name) for name in names], Options(workers=1))
    return fixed(snapshot, found, ALL)


def agree(files: dict[str, bytes], names: list[str], order: list[str]) -> None:
    first, second = made(files, names), made(files, order)
    assert first == second
    after = {**files, **first}
    left = made(after, order)
    assert left == {}, "a second run changes nothing"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_rules_in_any_order(data: st.DataObject) -> None:
    files: dict[str, bytes] = {}
    for number in range(data.draw(st.integers(1, 3))):
        chosen = data.draw(st.sampled_from(PROJECTS))
        files |= {f"p{number}/{path}" if path in files else path: text for path, text in chosen.items()}
    names = data.draw(st.lists(st.sampled_from(RULES), min_size=2, unique=True))
    agree(files, names, data.draw(st.permutations(names)))


@pytest.mark.parametrize("turned", [1, -1, 7])
def test_one_handler_that_many_rules_have_something_to_say_of(turned: int) -> None:
    agree({"app/main.py": SERVICE, "app/__init__.py": b""}, RULES, RULES[turned:] + RULES[:turned])
