"""Configurations that were written to harm: they end quickly, as a mistake with its line, whoever reads them.

The configuration of a pull request is read in the service's own process, also one from a fork.
"""

from __future__ import annotations

import pytest

from bot.markdown import code, prose
from bot.plan.config_check import config_check
from codemods.engine.settings.config import ConfigError, Problem, read_config
from tests.hardening.ending import soon

YAML, TOML = ".github/patchwright.yml", "pyproject.toml"
TABLE = "[tool.patchwright]\n"


def problems(text: str, path: str = YAML) -> tuple[Problem, ...]:
    """What is said of it; empty where it can be used."""

    def read(asked: str) -> bytes:
        if asked != path:
            raise FileNotFoundError(asked)
        return text.encode()

    with soon():
        try:
            read_config(read)
        except ConfigError as error:
            return error.problems
    return ()


def laughs(depth: int) -> str:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, depth)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(laughs(12), "more than 5,000 values", id="billion laughs"),
        pytest.param("rules: &a {atomic-redis: *a}", "", id="an alias of itself"),
        pytest.param("[" * 190_000, "nested too deep", id="brackets"),
        pytest.param("{a: " * 45_000, "nested too deep", id="mappings"),
        pytest.param("- " * 90_000, "nested too deep", id="dashes"),
        pytest.param("\n".join(" " * n + "a:" for n in range(600)), "nested too deep", id="indentation"),
        pytest.param("labels: [" + "a," * 15_000 + "]", "more than 5,000 values", id="many values"),
        pytest.param("labels: " + "x" * 250_000, "larger than 200,000 bytes", id="large"),
        pytest.param("labels: !!python/object/apply:os.system ['true']", "is not plain data", id="a tag that runs"),
        pytest.param("labels: !!python/name:os.system", "is not plain data", id="a tag that imports"),
        pytest.param("max-open-pull-requests: 0x" + "f" * 10_000, "a number of that size", id="a huge number"),
        pytest.param("timeout-seconds: 1" + ":59" * 60_000, "a number of that size", id="a number to base 60"),
        pytest.param("split-above: " + "9" * 100_000, "not a value", id="a huge decimal number"),
        pytest.param(f"commit-style: '{'a' * 150_000}'", "must be one of", id="a long value"),
        pytest.param(f"{'k' * 500}: 1", "unknown key", id="a long key"),
        pytest.param("labels: ['\0']", "does not parse", id="a null byte"),
        pytest.param('labels: ["\\ud800"]', "labels.0", id="half a surrogate pair"),
        pytest.param("timeout-seconds: .nan", "timeout-seconds", id="not a number"),
        pytest.param("exclude: off\nexclude: on", "given twice", id="a key twice"),
    ],
)  # fmt: skip
def test_hostile_yaml_is_a_mistake_in_a_sentence(text, said):
    found = problems(text)
    assert found
    assert any(said in each.message for each in found)
    assert all(len(each.message) <= 300 for each in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(f"{TABLE}{'a.' * 100_000}b = 1\n", "more than 50 parts", id="a key of many parts"),
        pytest.param(f"[{'a.' * 100_000}b]\n{TABLE}", "more than 50 parts", id="a table of many parts"),
        pytest.param(
            f"{TABLE}x = {{{'a.' * 100_000}b = 1}}\n", "more than 50 parts", id="in an inline table"
        ),
        pytest.param(TABLE + "a" + ".'a'" * 100_000 + " = 1\n", "more than 50 parts", id="in quotes"),
        pytest.param(f"{TABLE}x = {'[' * 100_000}", "does not parse", id="brackets"),
        pytest.param(f"{TABLE}#{'#' * 1_000_000}", "larger than 1,000,000 bytes", id="large"),
        pytest.param(f"{TABLE}split-above = 0x{'f' * 10_000}\n", "a number of that size", id="a huge number"),
        pytest.param(f'{TABLE}x = """\n[{" " * 3_000}\n"""\n', "unknown key x", id="what is no table"),
    ],
)
def test_hostile_toml_is_a_mistake_in_a_sentence(text, said):
    (found,) = problems(text, TOML)
    assert said in found.message
    assert len(found.message) <= 300


def test_a_hostile_pyproject_without_configuration_is_a_note():
    with soon():
        config = read_config(_only_toml)
    assert "more than 50 parts" in config.notes[TOML]


def _only_toml(path: str) -> bytes:
    if path != TOML:
        raise FileNotFoundError(path)
    return f"{'a.' * 100_000}b = 1\n".encode()


def test_dots_in_text_are_no_parts_of_keys():
    text = TABLE + 'exclude = ["' + "a." * 200 + '"]\n[x]\ny = """\n' + "a." * 200 + ' \\"""\n"""\n'
    assert problems(text, TOML) == ()


@pytest.mark.parametrize(
    "value", [" " * 150_000, "`" * 150_000, "@" * 150_000, "\\r" * 50_000, "<!--" * 30_000]
)
def test_a_check_run_about_any_value_is_short(value):
    with soon():
        summary = config_check(problems(f'commit-style: "{value}"'), "0" * 40).summary
    assert "commit-style" in summary
    assert len(summary) < 1_000


@pytest.mark.parametrize("space", [" ", "\t", "\xa0", "\u2003", " \u2028"])
def test_one_line_is_made_in_time_that_grows_with_the_text(space):
    """An expression for line ends with space around them takes an hour for the spaces of one long line."""
    with soon():
        assert len(code(f"a{space * 300_000}b")) > 300_000
        assert prose(f"a{space * 300_000}\n{space * 300_000}b") == "a b"
