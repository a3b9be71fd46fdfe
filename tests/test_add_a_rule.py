"""The steps of CONTRIBUTING.md, followed to the letter in a copy of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.case_files import Block, parts

ROOT = Path(__file__).parents[1]
COPIED = ("bot", "codemods", "templates", "tests", "pyproject.toml")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with the files that CONTRIBUTING.md says to write."""
    folder = tmp_path_factory.mktemp("project")
    for name in COPIED:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copyfile
        copy(source, folder / name)
    written = [
        block
        for block in parts((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
        if isinstance(block, Block) and len(block.words) == 2
    ]
    for block in written:
        path = folder / block.words[1]
        assert not path.exists()
        path.parent.mkdir(exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    assert len(written) == 3
    return folder


def call(folder: Path, *command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PATCHWRIGHT_CACHE_DIR": str(folder / "cache")}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_cases_and_its_page_pass(project):
    tests = ["tests/test_cases.py", "tests/test_pages.py", "-k", "assert_tuple or assert-tuple"]
    printed = call(
        project, "pytest", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:xdist", *tests
    )
    assert "20 passed" in printed, printed


def test_the_linter_is_content(project):
    call(project, "ruff", "check", "--no-cache", "codemods/assert_tuple.py")
    call(project, "ruff", "format", "--no-cache", "--check", "codemods/assert_tuple.py")
