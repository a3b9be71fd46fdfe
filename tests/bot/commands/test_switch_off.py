"""Switching a rule off in a configuration: nothing else in the file changes, and it means what it should."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.switch_off.edit import NEW, NotEdited, switched_off
from bot.starter import STARTER
from codemods.engine.settings.config import read_config

RULE = "atomic-redis"
YAML, TOML = ".github/patchwright.yml", "pyproject.toml"


def edited(path: str, text: str) -> str:
    files = {path: text.encode()}

    def read(asked: str) -> bytes:
        if asked not in files:
            raise FileNotFoundError(asked)
        return files[asked]

    before = read_config(read)
    done = switched_off(read, RULE)
    assert done is not None
    assert done.path == path
    files[path] = done.after
    assert read_config(read) == replace(before, rules={**before.rules, RULE: False})
    assert switched_off(read, RULE) is None
    return done.after.decode()


def nothing(path: str) -> bytes:
    raise FileNotFoundError(path)


def test_without_a_configuration_one_is_made():
    done = switched_off(nothing, RULE)
    assert done is not None
    assert (done.path, done.before) == (NEW, b"")
    assert done.after == b"rules:\n  atomic-redis: off\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "rules:\n  atomic-redis: off\n"),
        ("# nothing yet\n", "# nothing yet\n\nrules:\n  atomic-redis: off\n"),
        ("labels: [bot]  # ours", "labels: [bot]  # ours\n\nrules:\n  atomic-redis: off\n"),
        ("rules: {}\n", "rules: {atomic-redis: off}\n"),
        ("rules: {secretstr: off}\n", "rules: {atomic-redis: off, secretstr: off}\n"),
        ("rules:\n  secretstr: off\n", "rules:\n  secretstr: off\n  atomic-redis: off\n"),
        ("rules:\n    secretstr: off # why\n\n# more\nlabels: []\n",
         "rules:\n    secretstr: off # why\n    atomic-redis: off\n\n# more\nlabels: []\n"),
        ("rules:\n  secretstr:\n    exclude:\n      - a\n      - b  # both\n",
         "rules:\n  secretstr:\n    exclude:\n      - a\n      - b  # both\n  atomic-redis: off\n"),
        ("rules:\n  secretstr: off", "rules:\n  secretstr: off\n  atomic-redis: off\n"),
        ("rules:\n  atomic-redis: on  # for now\n", "rules:\n  atomic-redis: off  # for now\n"),
        ("rules:\n  atomic-redis: true\n", "rules:\n  atomic-redis: off\n"),
        ('rules:\n  "atomic-redis": "on"\n', 'rules:\n  "atomic-redis": off\n'),
        ("rules:\n  atomic-redis:\n    exclude: [a]\n",
         "rules:\n  atomic-redis:\n    enabled: off\n    exclude: [a]\n"),
        ("rules:\n  atomic-redis: {exclude: [a]}\n", "rules:\n  atomic-redis: {enabled: off, exclude: [a]}\n"),
        ("rules:\n  atomic-redis:\n    exclude: [a]\n    enabled: on # yes\n",
         "rules:\n  atomic-redis:\n    exclude: [a]\n    enabled: off # yes\n"),
        ("{labels: [a]}\n", "{rules: {atomic-redis: off}, labels: [a]}\n"),
        ("rules:\r\n  secretstr: off\r\n", "rules:\r\n  secretstr: off\r\n  atomic-redis: off\r\n"),
        ("---\nlabels: []\n", "---\nlabels: []\n\nrules:\n  atomic-redis: off\n"),
        (STARTER, f"{STARTER.rstrip()}\n\nrules:\n  atomic-redis: off\n"),
    ],
)  # fmt: skip
def test_yaml(before: str, after: str):
    assert edited(YAML, before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[tool.patchwright]\nlabels = ["a"]  # ours\n\n[tool.other]\nx = 1\n',
         '[tool.patchwright]\nlabels = ["a"]  # ours\n\n[tool.patchwright.rules]\natomic-redis = false\n\n[tool.other]\nx = 1\n'),
        ("[tool.patchwright]\n", "[tool.patchwright]\n\n[tool.patchwright.rules]\natomic-redis = false\n"),
        ("[tool.patchwright.rules]\nsecretstr = false\n# end\n",
         "[tool.patchwright.rules]\nsecretstr = false\natomic-redis = false\n# end\n"),
        ("[tool.patchwright.rules]\natomic-redis = true # yet\n", "[tool.patchwright.rules]\natomic-redis = false # yet\n"),
        ('[tool.patchwright.rules]\n"atomic-redis" = "on"\n', '[tool.patchwright.rules]\n"atomic-redis" = false\n'),
        ("[tool.patchwright]\nrules.secretstr = false\n",
         "[tool.patchwright]\nrules.secretstr = false\nrules.atomic-redis = false\n"),
        ("[tool.patchwright]\nrules = { secretstr = false }\n",
         "[tool.patchwright]\nrules = { atomic-redis = false, secretstr = false }\n"),
        ("[tool.patchwright]\nrules = {}\n", "[tool.patchwright]\nrules = { atomic-redis = false }\n"),
        ('[tool.patchwright.rules.atomic-redis]\nexclude = ["a"]\n',
         '[tool.patchwright.rules.atomic-redis]\nenabled = false\nexclude = ["a"]\n'),
        ('[tool.patchwright.rules.atomic-redis]\nexclude = ["a"]\nenabled = true\n',
         '[tool.patchwright.rules.atomic-redis]\nexclude = ["a"]\nenabled = false\n'),
        ('[tool.patchwright.rules]\natomic-redis = { exclude = ["a"] }\n',
         '[tool.patchwright.rules]\natomic-redis = { enabled = false, exclude = ["a"] }\n'),
        ('[tool]\npatchwright = { labels = ["a"] }\n',
         '[tool]\npatchwright = { rules = { atomic-redis = false }, labels = ["a"] }\n'),
        ("[tool.patchwright]\r\nlabels = []\r\n",
         "[tool.patchwright]\r\nlabels = []\r\n\r\n[tool.patchwright.rules]\r\natomic-redis = false\r\n"),
    ],
)  # fmt: skip
def test_toml(before: str, after: str):
    assert edited(TOML, before) == after


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("rules:\n  no-such-rule: off\n", "config-broken"),
        ("per-path:\n  'a/**':\n    atomic-redis: on\n", "config-per-path"),
        ("labels: &a [x]\nreviewers: *a\n...\n", "config-form"),
    ],
)
def test_what_is_refused(text: str, case: str):
    def read(path: str) -> bytes:
        if path != YAML:
            raise FileNotFoundError(path)
        return text.encode()

    with pytest.raises(NotEdited) as told:
        switched_off(read, RULE)
    assert told.value.case == case


_SWITCHES = st.sampled_from([True, False, "on", "off"])
_TABLES = st.fixed_dictionaries(
    {}, optional={"enabled": _SWITCHES, "exclude": st.lists(st.just("a/**"), max_size=2)}
)
_CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "labels": st.lists(st.sampled_from(["a", "b: c", "#d"]), max_size=2),
        "rules": st.dictionaries(
            st.sampled_from(["atomic-redis", "secretstr", "lazy-client"]), _SWITCHES | _TABLES, max_size=3
        ),
        "timeout-seconds": st.just(5),
    },
)


@given(_CONFIGS, st.sampled_from([True, False, None]), st.integers(1, 4), st.sampled_from(["\n", "\r\n"]))
def test_any_plain_yaml(config: dict[str, object], flow: bool | None, indent: int, end: str):
    text = yaml.safe_dump(config, default_flow_style=flow, indent=indent, sort_keys=False)
    files = {YAML: text.replace("\n", end).encode()}

    def read(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(path)
        return files[path]

    before = read_config(read)
    done = switched_off(read, RULE)
    if done is None:
        assert not before.enabled(RULE)
        return
    files[YAML] = done.after
    assert read_config(read) == replace(before, rules={**before.rules, RULE: False})
    assert b"\r" not in done.after.replace(b"\r\n", b"")
