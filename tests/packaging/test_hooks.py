"""The hooks for pre-commit: each hook's entry with the files of a commit, as pre-commit calls it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.packaging.test_action import FINDING

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
HOOKS = {
    each["id"]: each for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}


@pytest.fixture
def repository(tmp_path):
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / "limits.py").write_text(FINDING)
    (tmp_path / "quiet.py").write_text("print('nothing to see')\n")
    (tmp_path / "untouched.py").write_text(FINDING)
    return tmp_path


def run(hook: str, repository: Path, *files: str) -> subprocess.CompletedProcess[str]:
    entry = shlex.split(HOOKS[hook]["entry"])
    return subprocess.run(
        [BIN / entry[0], *entry[1:], *files],
        cwd=repository,
        env={"PATH": "/usr/bin:/bin", "PATCHWRIGHT_CACHE_DIR": str(repository.parent / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_fails_a_commit_with_findings_in_its_files(repository):
    done = run("patchwright-check", repository, "limits.py", "quiet.py")
    assert done.returncode == 1
    assert "limits.py" in done.stdout
    assert "untouched.py" not in done.stdout


def test_check_passes_a_commit_without(repository):
    assert run("patchwright-check", repository, "quiet.py").returncode == 0


def test_fix_changes_the_files_of_the_commit_alone(repository):
    done = run("patchwright-fix", repository, "limits.py", "quiet.py")
    assert done.returncode == 0, done.stderr
    assert "pipeline" in (repository / "limits.py").read_text()
    assert (repository / "untouched.py").read_text() == FINDING


@pytest.mark.parametrize("hook", HOOKS.values(), ids=lambda hook: hook["id"])
def test_pre_commit_can_install_and_run_it(hook):
    assert hook["language"] == "python"
    assert hook["types"] == ["python"]
    assert hook["require_serial"] is True  # else it would run several at once, each reading the whole project
