"""The configuration's JSON schema, as the command prints it and as the file that editors use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from bot.starter import STARTER
from codemods.engine.settings.config_schema import json_schema
from tests.packaging.schema import FILE, published

BIN = Path(sys.executable).parent
COMMITTED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def without_rules(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without the names of rules: a new one asks for no change of the file."""
    properties = schema["properties"]
    rules = properties["rules"] | {"properties": {}}
    paths = properties["per-path"] | {
        "additionalProperties": properties["per-path"]["additionalProperties"] | {"properties": {}}
    }
    return schema | {"properties": properties | {"rules": rules, "per-path": paths}}


def test_the_command_prints_it():
    done = subprocess.run([BIN / "patchwright", "schema"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == json_schema()


def test_the_file_is_what_the_command_prints():
    """If it is not: ``make schema``."""
    assert without_rules(COMMITTED) == without_rules(published())
    assert (
        COMMITTED["properties"]["rules"]["properties"].items()
        <= published()["properties"]["rules"]["properties"].items()
    )


@pytest.mark.parametrize("schema", [COMMITTED, json_schema()], ids=["file", "command"])
def test_it_takes_what_is_right_and_names_what_is_not(schema):
    validator = jsonschema_rs.validator_for(schema)
    assert validator.is_valid(yaml.safe_load(STARTER))
    assert validator.is_valid({"rules": {"mock-target": "off", "lazy-client": {"exclude": ["scripts/**"]}}})
    for wrong in (
        {"exlude": []},
        {"rules": {"mock-target": "perhaps"}},
        {"max-open-pull-requests": "three"},
        {"check-conclusion": "red"},
        {"per-path": {"legacy/**": {"atomic-redis": 3}}},
    ):
        assert not validator.is_valid(wrong), wrong


def test_the_file_lets_an_operators_own_rules_pass():
    jsonschema_rs.validate(COMMITTED, {"rules": {"our-own": "off"}, "per-path": {"a/**": {"our-own": True}}})
    assert not jsonschema_rs.is_valid(json_schema(), {"rules": {"our-own": "off"}})
