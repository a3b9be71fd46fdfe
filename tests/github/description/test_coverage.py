"""A whole run fails when an operation that the client can call was never seen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.github.description import operations
from tests.github.description.coverage import client_operations

ROOT = Path(__file__).parents[3]
CONFTEST = """
from tests.github.description import coverage
pytest_plugins = ["tests.github.description.coverage"]
coverage.client_operations = lambda: frozenset({"rate-limit/get", "meta/get-zen"})
"""
TESTS = """
from tests.github.description import Exchange, coverage

def test_one():
    coverage.saw(Exchange("GET", "/rate_limit"))

def test_other():
    coverage.saw(Exchange("GET", "/zen", status=%d))
"""


def run(folder: Path, status: int, *arguments: str) -> tuple[int, str]:
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = cases\n")
    (folder / "cases").mkdir(exist_ok=True)
    (folder / "cases" / "conftest.py").write_text(CONFTEST)
    (folder / "cases" / "test_calls.py").write_text(TESTS % status)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:schemathesis", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_whole_run_names_what_was_never_called(tmp_path, workers):
    code, output = run(tmp_path, 404, "-n", workers)
    assert code == 1, output
    assert "operations of GitHub that no test called" in output
    assert "\nmeta/get-zen\n" in output
    assert "\nrate-limit/get\n" not in output


def test_a_whole_run_that_saw_everything_passes(tmp_path):
    code, output = run(tmp_path, 200, "-n", "2")
    assert code == 0, output
    assert "Every operation that the client can call was seen: 2." in output


def test_a_part_of_the_tests_is_not_judged(tmp_path):
    assert run(tmp_path, 404, "-k", "one")[0] == 0
    assert run(tmp_path, 404, "cases/test_calls.py")[0] == 0


def test_all_that_the_client_can_call_is_described():
    rest = {each for each in client_operations() if not each.startswith("graphql/")}
    assert rest
    assert rest - operations.operations().keys() == set()
