"""The repository's configuration: what it may say, and how its mistakes are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codemods.engine import registry
from codemods.engine.settings.config import Config, ConfigError, read_config
from codemods.engine.settings.config_schema import json_schema

YAML = ".github/patchwright.yml"


@pytest.fixture(autouse=True)
def rules(monkeypatch):
    """Rules with known names, so that no test depends on which there are."""
    names = ["atomic-redis", "lazy-client", "mock-target"]
    known = {name: registry.Known(name, f"nowhere.{name}") for name in names}
    monkeypatch.setattr(registry, "known", lambda: known)


def read(files: dict[str, str | bytes], *, strict: bool = False) -> Config:
    def one(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(path)
        data = files[path]
        return data.encode() if isinstance(data, str) else data

    return read_config(one, strict=strict)


def mistakes(files: dict[str, str | bytes], *, strict: bool = False) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(files, strict=strict)
    return [str(problem) for problem in caught.value.problems]


FULL = """\
rules:
  mock-target: off
  atomic-redis: on
  lazy-client:
    exclude: ["scripts/**"]
    check: success
per-path:
  "legacy/**":
    atomic-redis: off
    mock-target: on
exclude: ["generated/**"]
unsafe-fixes: true
base-branches: [main, release/1]
max-open-pull-requests: 5
split-above: 12
labels: [bot]
reviewers: [octocat, org/team]
commit-style: conventional
suggestions: off
max-comments: 4
check-conclusion: failure
clients: ["acme.sdk.Client"]
timeout-seconds: 2.5
"""


def test_without_a_file_the_defaults_hold():
    config = read({})
    assert config == Config()
    assert (config.max_open_pull_requests, config.check_conclusion, config.unsafe_fixes) == (
        3,
        "neutral",
        False,
    )
    assert config.applies("atomic-redis", "app/a.py")


def test_every_key_of_the_yaml_file():
    config = read({YAML: FULL})
    assert config.path == YAML
    assert config.rules == {"mock-target": False, "atomic-redis": True, "lazy-client": True}
    assert config.exclude == ("generated/**",)
    assert config.base_branches == ("main", "release/1")
    assert (config.unsafe_fixes, config.suggestions) == (True, False)
    assert (config.labels, config.reviewers) == (("bot",), ("octocat", "org/team"))
    assert (config.commit_style, config.check_conclusion) == ("conventional", "failure")
    assert (config.conclusion("lazy-client"), config.conclusion("atomic-redis")) == ("success", "failure")
    assert (config.split_above, config.max_comments) == (12, 4)
    assert config.options() == {
        "lazy-client": {"clients": ["acme.sdk.Client"]},
        "missing-timeout": {"timeout-seconds": 2.5},
    }


def test_the_same_in_pyproject():
    text = """\
[project]
name = "x"

[tool.patchwright]
unsafe-fixes = true
exclude = ["generated/**"]

[tool.patchwright.rules]
mock-target = false
"""
    config = read({"pyproject.toml": text})
    assert config.path == "pyproject.toml"
    assert (config.unsafe_fixes, config.exclude) == (True, ("generated/**",))
    assert config.rules == {"mock-target": False}


@pytest.mark.parametrize(
    ("rule", "path", "on"),
    [
        ("atomic-redis", "app/a.py", True),
        ("atomic-redis", "legacy/deep/a.py", False),
        ("mock-target", "app/a.py", False),
        ("mock-target", "legacy/a.py", True),
        ("lazy-client", "scripts/run.py", False),
        ("lazy-client", "app/scripts.py", True),
        ("secretstr", "app/a.py", True),
    ],
)
def test_rules_per_path(rule, path, on):
    config = read({YAML: FULL})
    assert config.applies(rule, path) is on
    assert config.enabled(rule)


def test_a_rule_that_is_off_everywhere_is_not_enabled():
    assert not read({YAML: "rules: {mock-target: off}"}).enabled("mock-target")


def test_an_empty_file_is_the_defaults():
    assert read({YAML: "# nothing yet\n"}).path == YAML


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exclude: []\nlabel: [x]\n", f"{YAML}:2: unknown key label. Did you mean labels?"),
        (
            "rules:\n  mock-traget: off\n",
            f"{YAML}:2: there is no rule called mock-traget. Did you mean mock-target?",
        ),
        (
            "rules:\n  mock-target: maybe\n",
            f"{YAML}:2: rules.mock-target must be on, off or a table of options, not 'maybe'",
        ),
        ("unsafe-fixes: 1\n", f"{YAML}:1: unsafe-fixes: input should be a valid boolean, not 1"),
        (
            "\n\nmax-open-pull-requests: -1\n",
            f"{YAML}:3: max-open-pull-requests: input should be greater than or equal to 0, not -1",
        ),
        (
            "check-conclusion: nuetral\n",
            f"{YAML}:1: check-conclusion must be one of neutral, success, failure, action_required",
        ),
        ("labels:\n  - fine\n  - 3\n", f"{YAML}:3: labels.1: input should be a valid string, not 3"),
        ("clients: [Client]\n", f"{YAML}:1: clients.0: "),
        ("- a\n- b\n", f"{YAML}:1: not a mapping of settings"),
        ("exclude: [a\nrules: {}\n", f"{YAML}:2: does not parse: "),
        ("exclude: []\nexclude: []\n", f"{YAML}:2: exclude is given twice"),
        ("labels: !!python/object/apply:os.system [ls]\n", f"{YAML}:1: "),
        ("labels: [!!binary aGk=]\n", f"{YAML}:1: the tag "),
        ("per-path:\n  'a/**':\n    lazy-cleint: off\n", f"{YAML}:3: there is no rule called lazy-cleint."),
        (
            "base-branches: [main, patchwright/secretstr]\n",
            f"{YAML}:1: base-branches.1 must not lie below patchwright/, where the App's own branches are",
        ),
        (
            "base-branches: ['release/*']\n",
            f"{YAML}:1: base-branches.0 must be the name of a branch, not a glob",
        ),
        ("timeout-seconds: 0\n", f"{YAML}:1: timeout-seconds: input should be greater than 0, not 0"),
    ],
)
def test_mistakes_are_told_with_their_lines(text, said):
    (only,) = mistakes({YAML: text})
    assert only.startswith(said)


def test_all_mistakes_are_told_at_once_in_order():
    said = mistakes({YAML: "labels: 3\nrules: {nope: on}\nfoo: 1\n"})
    assert [line.split(":")[1] for line in said] == ["1", "2", "3"]


def test_mistakes_in_pyproject_have_lines_too():
    text = '[project]\nname = "x"\n\n[tool.patchwright]\nlabel = []\n\n[tool.patchwright.rules.mock-target]\nexclude = [1]\n'
    assert mistakes({"pyproject.toml": text}) == [
        "pyproject.toml:5: unknown key label. Did you mean labels?",
        "pyproject.toml:8: rules.mock-target.exclude.0 must be a glob such as 'legacy/**', not 1",
    ]


def test_an_alias_bomb_is_refused():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (only,) = mistakes({YAML: "\n".join(lines)})
    assert "more than 5,000 values" in only


def test_an_alias_of_itself_is_refused():
    (only,) = mistakes({YAML: "labels: &me [*me]\n"})
    assert "nested too deep" in only


@pytest.mark.parametrize("text", ["[" * 5000, "a: " * 3000, "{" * 100_000, "\t- x", "\0", "%YAML 9.9\n---\n"])
def test_unusual_text_is_an_error_and_no_crash(text):
    assert mistakes({YAML: text})


def test_a_huge_file_is_refused():
    assert mistakes({YAML: "# " + "x" * 300_000}) == [f"{YAML}: larger than 200,000 bytes"]


def test_text_that_is_not_utf8_is_refused():
    assert mistakes({YAML: b"labels: []\nreviewers: [\xe9]\n"}) == [f"{YAML}:2: not UTF-8"]


def test_two_configurations_are_refused():
    (only,) = mistakes({YAML: "labels: []\n", "pyproject.toml": "[tool.patchwright]\nlabels = []\n"})
    assert only.startswith("pyproject.toml:1: [tool.patchwright] and .github/patchwright.yml both configure")


def test_a_broken_pyproject_is_a_note_while_it_holds_no_configuration():
    config = read({"pyproject.toml": "[project\nname = 1\n"})
    assert config.notes["pyproject.toml"].startswith("does not parse: ")
    assert "(line 1)" in config.notes["pyproject.toml"]


@pytest.mark.parametrize("strict", [True, False])
def test_a_broken_pyproject_is_an_error_where_it_may_hold_the_configuration(strict):
    text = "[project\n" if strict else "[tool.patchwright]\nlabels = [\n"
    (only,) = mistakes({"pyproject.toml": text}, strict=strict)
    assert only.startswith("pyproject.toml:")
    assert "does not parse" in only


def test_the_schema_names_every_key_and_rule():
    schema = json_schema()
    keys = {line.split(":")[0] for line in FULL.splitlines() if line[0].isalpha()}
    assert set(schema["properties"]) == keys
    assert set(schema["properties"]["rules"]["properties"]) == {"atomic-redis", "lazy-client", "mock-target"}
    assert schema["additionalProperties"] is False
    json.dumps(schema)


def test_start_up_imports_no_pydantic_without_a_configuration():
    import subprocess
    import sys

    code = (
        "import sys; from codemods.engine.settings.config import read_config\n"
        "def read(path): raise FileNotFoundError(path)\n"
        "read_config(read); print('pydantic' in sys.modules, 'yaml' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "False"]
