"""A wheel, installed where nothing else of the project is, does its work: code, pages and templates are in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from codemods.engine import registry

ROOT = Path(__file__).parents[1]


def call(*command: str | Path, cwd: Path, codes: tuple[int, ...] = (0,)) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))
    }
    environment["PATCHWRIGHT_CACHE_DIR"] = str(cwd / "cache")
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in codes, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    call(*command, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The ``bin`` folder of an environment with the wheel and, seen from afar, its dependencies.

    A folder named in a ``.pth`` file is searched, but its own ``.pth`` files are not followed: the editable
    project stays out of sight.
    """
    folder = tmp_path_factory.mktemp("environment")
    call(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", folder / "bin" / "python"]
    call(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=folder)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(
        f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n"
    )
    return folder / "bin"


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "limits.py").write_text(
        "import redis\n\nr = redis.Redis()\n\n\n"
        "def visit(key: str) -> int:\n    n = r.incr(key)\n    r.expire(key, 60)\n    return n\n"
    )
    return folder


def test_the_wheel_holds_what_is_needed_and_no_more(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {
        "bot",
        "codemods",
        "templates",
    }
    assert "templates/pull_request.md.j2" in names
    assert "templates/sample/pyproject.toml" in names
    assert {"bot/py.typed", "codemods/py.typed"} <= set(names)
    for rule in registry.built_in().values():
        assert f"codemods/{rule.page.name}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_code_and_templates_come_from_the_wheel(installed, tmp_path):
    script = "import bot.templates, codemods; print(bot.templates.FOLDER); print(codemods.__file__)"
    for line in call(installed / "python", "-c", script, cwd=tmp_path).splitlines():
        assert Path(line).is_relative_to(installed.parent)


def test_rules(installed, tmp_path):
    listed = call(installed / "patchwright", "rules", cwd=tmp_path)
    assert [name for name in registry.built_in() if name not in listed] == []


def test_check(installed, project):
    found = json.loads(
        call(installed / "patchwright", "check", "--format", "json", cwd=project, codes=(0, 1))
    )
    assert found["files"] == 1
    assert [(each["rule"], each["path"]) for each in found["findings"]] == [("atomic-redis", "limits.py")]
    assert "pipeline" in found["findings"][0]["patch"]


def test_preview(installed, project):
    call(installed / "patchwright", "preview", "--out", "out", cwd=project)
    assert sorted(path.name for path in (project / "out").iterdir()) == [
        "01-atomic-redis.diff",
        "01-atomic-redis.md",
    ]
    assert "## Why it matters" in (project / "out" / "01-atomic-redis.md").read_text(encoding="utf-8")
