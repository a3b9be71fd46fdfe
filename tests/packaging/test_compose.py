"""compose.yaml: of the shape that the Compose specification asks for, true to the settings, and shut as far as can be.

compose-spec.json.gz is the schema of https://github.com/compose-spec/compose-spec, unchanged but for its spaces; its
licence is beside it.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from bot.settings import PREFIX, SECRETS, Settings
from tests.packaging.dockerfile import read

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
OWN = ["serve", "worker"]
OF_THE_WEB_SERVER = {"FORWARDED_ALLOW_IPS"}


def megabytes(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([KMG])?", text).groups()
    return int(number) * {"K": 1, "M": 1024, "G": 1024**2}[unit] // 1024


def test_it_has_the_shape_of_the_specification():
    schema = json.loads(gzip.decompress((Path(__file__).parent / "compose-spec.json.gz").read_bytes()))
    jsonschema_rs.validate(schema, COMPOSE)


@pytest.mark.parametrize("service", OWN)
def test_every_variable_is_a_setting(service):
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    files = {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
    for variable, value in SERVICES[service]["environment"].items():
        assert variable in settings | files | OF_THE_WEB_SERVER
        if variable in files:
            assert value.removeprefix("/run/secrets/") in SERVICES[service]["secrets"]
        else:
            assert variable.removeprefix(PREFIX).lower() not in SECRETS, "a secret in plain text"


def test_every_variable_that_is_asked_for_is_told_of():
    asked = set(re.findall(r"\$\{(\w+)", TEXT))
    page = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    assert sorted(name for name in asked if name not in page) == []


def test_secrets_are_files_that_git_and_the_builder_never_see():
    used = {name for service in SERVICES.values() for name in service["secrets"]}
    assert used == set(COMPOSE["secrets"])
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./secrets/")
    assert "/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("service", SERVICES)
def test_it_is_shut(service):
    given = SERVICES[service]
    assert given["read_only"] is True
    assert given["cap_drop"] == ["ALL"]
    assert "cap_add" not in given
    assert "privileged" not in given
    assert given["security_opt"] == ["no-new-privileges:true"]
    assert given["restart"] == "unless-stopped"
    assert {"cpus", "memory", "pids"} <= given["deploy"]["resources"]["limits"].keys()


def test_nobody_is_root():
    (user,) = (step.text for step in read(ROOT / "Dockerfile") if step.name == "USER")
    assert "root" not in user
    assert not user.startswith("0")
    assert all("user" not in SERVICES[name] for name in OWN)
    assert SERVICES["postgres"]["user"] == "999:999"


def test_a_worker_has_the_memory_that_its_settings_allow_it():
    given = SERVICES["worker"]
    settings = given["environment"]
    analysis = int(settings["PATCHWRIGHT_ANALYSIS_PROCESSES"]) * int(
        settings["PATCHWRIGHT_ANALYSIS_MEMORY_MB"]
    )
    temporary = 256
    assert megabytes(given["deploy"]["resources"]["limits"]["memory"]) >= analysis + temporary + 512


def test_what_runs_is_what_the_dockerfile_says():
    steps = {step.name: step for step in read(ROOT / "Dockerfile")}
    for name in OWN:
        assert SERVICES[name]["build"] == "."
        volumes = [each.split(":")[1] for each in SERVICES[name]["volumes"]]
        assert volumes == steps["VOLUME"].words
    (port,) = SERVICES["serve"]["ports"]
    assert port.endswith(f":{steps['EXPOSE'].text}")
    assert port.startswith("127.0.0.1:"), "a proxy brings TLS"


def test_the_health_check_asks_a_worker_where_it_listens():
    (check,) = (step.text for step in read(ROOT / "Dockerfile") if step.name == "HEALTHCHECK")
    assert "PATCHWRIGHT_METRICS_PORT" in check
    assert SERVICES["worker"]["environment"]["PATCHWRIGHT_METRICS_PORT"]
    assert "PATCHWRIGHT_METRICS_PORT" not in SERVICES["serve"]["environment"]


def test_the_database_is_pinned_and_reached_by_the_service_alone():
    given = SERVICES["postgres"]
    assert re.fullmatch(r"postgres:\d+\.\d+-\w+", given["image"])
    assert "ports" not in given
    assert given["networks"] == ["database"]
    assert COMPOSE["networks"]["database"] == {"internal": True}
    for name in OWN:
        assert SERVICES[name]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_there_are_two_workers_and_time_to_end_for_all():
    assert SERVICES["worker"]["deploy"]["replicas"] == 2
    drain = Settings.model_fields["drain_seconds"].default
    for name in OWN:
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > drain + 10
