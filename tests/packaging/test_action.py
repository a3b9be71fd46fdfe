"""The GitHub Action: its own scripts, run as a runner runs them, also with inputs that mean harm."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
BIN = Path(sys.executable).parent
_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
FINDING = (
    "import redis\n\nr = redis.Redis()\n\n\n"
    "def visit(key: str) -> int:\n    n = r.incr(key)\n    r.expire(key, 60)\n    return n\n"
)


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    (folder / "limits.py").write_text(FINDING)
    return folder


def check(workspace: Path, **inputs: str) -> tuple[int, dict[str, str], str]:
    """The exit code of the step Check, its outputs, and what it said."""
    given = {name: str(each["default"]) for name, each in ACTION["inputs"].items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    values = {f"inputs.{name}": value for name, value in given.items()}
    temp = workspace.parent / "temp"
    (temp / "patchwright" / "bin").mkdir(parents=True, exist_ok=True)
    command = temp / "patchwright" / "bin" / "patchwright"
    command.unlink(missing_ok=True)
    command.symlink_to(BIN / "patchwright")
    values["runner.temp"] = str(temp)
    step = STEPS["Check"]
    output = temp / "output"
    output.write_text("")
    environment = {
        name: _EXPRESSION.sub(lambda found: values[found[1]], text) for name, text in step["env"].items()
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=workspace,
        env={"PATH": "/usr/bin:/bin", "HOME": str(temp), "GITHUB_OUTPUT": str(output)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
    return done.returncode, outputs, done.stdout + done.stderr


def report(workspace: Path, name: str = "patchwright.sarif") -> list[dict[str, Any]]:
    return list(json.loads((workspace / name).read_text())["runs"][0]["results"])


def test_findings_are_written_and_the_step_goes_on(workspace):
    code, outputs, _ = check(workspace)
    assert code == 0
    assert outputs == {"sarif": "patchwright.sarif", "found": "true"}
    (found,) = report(workspace)
    assert found["ruleId"] == "atomic-redis"
    assert found["fixes"]


def test_the_step_fails_where_it_is_asked_to(workspace):
    code, outputs, said = check(workspace, fail="true", output="reports.sarif")
    assert code == 1
    assert outputs == {"sarif": "reports.sarif", "found": "true"}
    assert "::error::" in said
    assert report(workspace, "reports.sarif")


def test_nothing_found_is_a_report_without_results(workspace):
    code, outputs, _ = check(workspace, select="mock-target", fail="true")
    assert (code, outputs["found"]) == (0, "false")
    assert report(workspace) == []


def test_paths_are_one_a_line_and_may_hold_spaces(workspace):
    (workspace / "a folder").mkdir()
    (workspace / "a folder" / "more.py").write_text(FINDING)
    (workspace / "other.py").write_text(FINDING)
    code, _, said = check(workspace, paths="a folder\nother.py\n")
    assert code == 0, said
    uris = [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in report(workspace)]
    assert sorted(uris) == ["a%20folder/more.py", "other.py"]


@pytest.mark.parametrize("name", ["paths", "select", "unsafe_fixes", "fail", "output"])
@pytest.mark.parametrize(
    "harm",
    [
        '"; touch harm; "',
        "$(touch harm)",
        "`touch harm`",
        "x\ntouch harm",
        "'; touch harm; '",
        "--help; touch harm",
    ],
)
def test_inputs_run_nothing(workspace, name, harm):
    check(workspace, **{name: harm})
    assert not (workspace / "harm").exists()


def test_an_option_given_as_a_path_is_a_path(workspace):
    code, _, said = check(workspace, paths="--diff")
    assert code == 2
    assert "no such file" in said


def test_an_output_cannot_be_forged_by_a_path_of_two_lines(workspace):
    code, outputs, _ = check(workspace, output="x\nfound=false")
    assert code == 2
    assert outputs == {}


def test_a_mistake_fails_the_step_with_its_reason(workspace):
    code, _, said = check(workspace, select="atomic-rdis")
    assert code == 2
    assert "Did you mean atomic-redis?" in said
    assert check(workspace, fail="perhaps")[0] == 2


def test_no_script_has_an_expression_in_it():
    for step in STEPS.values():
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_nothing_of_the_checked_out_repository_is_imported(workspace):
    install = STEPS["Install Patchwright"]["run"]
    calls = [line for line in install.splitlines() if re.search(r'(?:python|PYTHON)" ', line)]
    assert calls
    assert [line for line in calls if not re.search(r'" -I ', line)] == []
    for name in ("venv", "pip", "sys", "bot", "codemods", "typer", "sitecustomize"):
        (workspace / f"{name}.py").write_text("import pathlib; pathlib.Path('harm').write_text('')\n")
    code, _, said = check(workspace)
    assert code == 0, said
    assert not (workspace / "harm").exists()


def test_inputs_and_outputs_are_all_used():
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    used = {each.removeprefix("inputs.") for each in _EXPRESSION.findall(text) if each.startswith("inputs.")}
    assert used == set(ACTION["inputs"])
    written = set(re.findall(r'echo "(\w+)=', STEPS["Check"]["run"]))
    assert written == set(ACTION["outputs"])


def test_it_has_the_shape_of_an_action():
    # What GitHub's metadata syntax asks of a composite action
    schema = {
        "type": "object",
        "required": ["name", "description", "runs"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string"},
            "description": {"type": "string"},
            "author": {"type": "string"},
            "branding": {"type": "object", "required": ["icon", "color"]},
            "inputs": {
                "additionalProperties": {
                    "required": ["description", "required"],
                    "properties": {"default": {"type": "string"}},
                }
            },
            "outputs": {"additionalProperties": {"required": ["description", "value"]}},
            "runs": {
                "required": ["using", "steps"],
                "properties": {
                    "using": {"const": "composite"},
                    "steps": {
                        "items": {"required": ["run", "shell"], "properties": {"env": {"type": "object"}}}
                    },
                },
            },
        },
    }
    jsonschema_rs.validate(schema, ACTION)
    assert os.sep not in ACTION["inputs"]["output"]["default"]
