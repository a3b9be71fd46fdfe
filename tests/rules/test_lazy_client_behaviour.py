"""lazy-client proved by running: sample projects, with their own tests, before and after the rewrite."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from codemods.engine.edits.apply import apply, compatible
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.names.importers import imported_elsewhere
from codemods.engine.project import Project
from codemods.engine.run.patching import sources_of
from codemods.lazy_client import RULE
from tests.case_files import Case, read_cases
from tests.suites import run_suite

PROJECTS = Path(__file__).parent.parent / "projects"
STANDINS = PROJECTS / "standins"
CASES = read_cases((PROJECTS / "lazy_client.md").read_text(encoding="utf-8"))
IMPORTS = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
for library in ("openai", "boto3", "pymongo"):
    built = getattr(sys.modules.get(library), "BUILT", [])
    assert built == [], (library, built)
"""


def rewritten(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files after every fix, safe and unsafe, applied together."""
    project = Project(MemorySnapshot(files))
    changes = []
    for path in RULE.candidates(project):
        module = project.module(path)
        assert module is not None
        for finding in RULE.detect(module, project):
            assert finding.applicability is not Applicability.DISPLAY_ONLY, finding
            changes.append(RULE.rewrite(finding, project))
    sources = sources_of(changes, project)
    chosen = compatible(changes, sources)
    assert not chosen.held
    after = apply(chosen.accepted, sources, imported_elsewhere(project))
    return {**files, **{path: source.data for path, source in after.items()}}


def write(files: dict[str, bytes], folder: Path) -> Path:
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder


def environment(folder: Path) -> dict[str, str]:
    """The stand-ins, and nothing that clients read."""
    roots = [folder, folder / "src", STANDINS]
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(str(root) for root in roots),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in ``folder`` with that."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )


def suite(folder: Path) -> tuple[int, str]:
    """How many tests pass in ``folder``; fails with the output if one does not."""
    ran = run_suite(folder, ".", environment=environment(folder))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    match = re.search(r"(\d+) passed", ran.stdout)
    assert match
    return int(match[1]), ran.stdout


@pytest.fixture(params=CASES, ids=[case.title for case in CASES])
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


def test_suite_passes_before_and_after(case: Case, tmp_path: Path) -> None:
    before = suite(write(case.files, tmp_path / "before"))
    after = suite(write(rewritten(case.files), tmp_path / "after"))
    assert before[0] == after[0]


def test_importing_builds_nothing(case: Case, tmp_path: Path) -> None:
    files = rewritten(case.files)
    folder = write(files, tmp_path)
    names = [
        path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in files
        if path.endswith(".py") and "test" not in path
    ]
    ran = python(folder, "-c", IMPORTS, *names)
    assert ran.returncode == 0, ran.stderr


def test_a_second_run_finds_nothing(case: Case) -> None:
    files = rewritten(case.files)
    project = Project(MemorySnapshot(files))
    found = []
    for path in RULE.candidates(project):
        module = project.module(path)
        assert module is not None
        found += list(RULE.detect(module, project))
    assert found == []


def test_first_use_builds_once(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.title == "Patches of every kind")
    folder = write(rewritten(case.files), tmp_path)
    ran = python(
        folder,
        "-c",
        "import os, openai, app.ai, app.service, app.jobs\n"
        "assert openai.BUILT == []\n"
        "os.environ['OPENAI_API_KEY'] = 'late'\n"
        "assert app.ai.ask('x') == 'late: small'\n"
        "assert len(openai.BUILT) == 1\n"
        "app.service.Service().run(), app.jobs.two(), app.ai.model()\n"
        "assert len(openai.BUILT) == 1\n",
    )
    assert ran.returncode == 0, ran.stderr


def test_a_missing_key_is_a_503_and_a_patched_client_needs_none(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.title == "A FastAPI application")
    files = rewritten(case.files)
    folder = write(files, tmp_path)
    ran = python(
        folder,
        "-c",
        "from unittest.mock import MagicMock, patch\n"
        "from fastapi.testclient import TestClient\n"
        "from app.main import app\n"
        "http = TestClient(app)\n"
        "answer = http.get('/ask')\n"
        "assert answer.status_code == 503, answer\n"
        "assert answer.json() == {'detail': 'OpenAI API key not configured'}\n"
        "assert http.get('/swallowed').json() == {'error': 'HTTPException'}\n"
        "with patch('app.llm._client') as client:\n"
        "    client.chat.completions.create.return_value = 'ok'\n"
        "    assert http.get('/ask').json() == {'answer': 'ok'}\n",
    )
    assert ran.returncode == 0, ran.stderr
    project = Project(MemorySnapshot(case.files))
    module = project.module("app/llm.py")
    assert module is not None
    (finding,) = RULE.detect(module, project)
    assert any("`swallowed`" in note for note in finding.notes)


def test_closing_does_not_build(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.title == "Closing at the end")
    folder = write(rewritten(case.files), tmp_path)
    ran = python(
        folder,
        "-c",
        "import asyncio, openai, pymongo\n"
        "from fastapi.testclient import TestClient\n"
        "from web import db\n"
        "from web.main import app\n"
        "with TestClient(app):\n"
        "    pass\n"
        "db.stop()\n"
        "asyncio.run(db.stop_async())\n"
        "assert openai.BUILT == [] and pymongo.BUILT == []\n",
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("listed", [("acme.sdk.AcmeClient",), ["app.own.AcmeClient"]])
def test_a_repository_adds_its_own_clients(listed: tuple[str, ...] | list[str]) -> None:
    module = listed[0].rpartition(".")[0]
    use = f"from {module} import AcmeClient\nacme = AcmeClient(api_key='k')\ndef use():\n    return acme.x\n"
    files = {"app/use.py": use.encode(), "app/own.py": b"class AcmeClient:\n    x = 1\n"}
    for options, count in (({}, 0), ({"lazy-client": {"clients": listed}}, 1)):
        project = Project(MemorySnapshot(files), options)
        found = [
            finding
            for path in RULE.candidates(project)
            if (parsed := project.module(path)) is not None
            for finding in RULE.detect(parsed, project)
        ]
        assert len(found) == count
        assert all("Acme client" in finding.message for finding in found)


def test_evidence_can_be_cached() -> None:
    project = Project(MemorySnapshot(CASES[0].files))
    module = project.module("app/ai.py")
    assert module is not None
    (finding,) = RULE.detect(module, project)
    kept = pickle.loads(pickle.dumps(finding))
    assert RULE.rewrite(kept, project) == RULE.rewrite(finding, project)
