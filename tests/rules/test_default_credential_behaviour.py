"""The settings before and after: the same where they are set, and an error that names the setting where they are not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import Options

ENVIRONMENT = """
import os

SECRET_KEY = os.getenv("SECRET_KEY", "changeme")
ADMIN_PASSWORD = os.environ.get("ADMIN_PASSWORD") or "admin"
"""
FIELDS = """
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    secret_key: str = "changeme"
    admin_password: SecretStr = SecretStr("admin")
    jwt_secret: str = Field(default="changeme", min_length=4)
    token_url: str = "/token"


settings = Settings()
"""
STARLETTE = """
from starlette.config import Config

config = Config()
SECRET_KEY = config("SECRET_KEY", cast=str, default="changeme")
"""
GIVEN = {"SECRET_KEY": "given", "ADMIN_PASSWORD": "given", "JWT_SECRET": "given"}


def patched(code: str) -> str:
    snapshot = MemorySnapshot({"app/settings.py": code.encode()})
    report = analyse(snapshot, [registry.load("default-credential")], Options(workers=1))
    return fixed(snapshot, report, frozenset({Applicability.UNSAFE}))["app/settings.py"].decode()


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "app.settings"}
    exec(compile(code, "app/settings.py", "exec", dont_inherit=True), names)
    return names


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    after = patched(ENVIRONMENT)
    assert run(ENVIRONMENT)["SECRET_KEY"] == "changeme"
    with pytest.raises(KeyError, match="SECRET_KEY"):
        run(after)
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    for name in ("SECRET_KEY", "ADMIN_PASSWORD"):
        assert run(after)[name] == run(ENVIRONMENT)[name] == "given"


def test_pydantics_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    after = patched(FIELDS)
    assert run(FIELDS)["settings"].jwt_secret == "changeme"
    with pytest.raises(ValidationError) as raised:
        run(after)
    assert {error["loc"][0] for error in raised.value.errors()} == {
        "secret_key",
        "admin_password",
        "jwt_secret",
    }
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    assert run(after)["settings"].model_dump() == run(FIELDS)["settings"].model_dump()
    monkeypatch.setenv("JWT_SECRET", "abc")
    with pytest.raises(ValidationError, match="at least 4"):
        run(after)


def test_starlettes_config(monkeypatch: pytest.MonkeyPatch) -> None:
    after = patched(STARLETTE)
    assert run(STARLETTE)["SECRET_KEY"] == "changeme"
    with pytest.raises(KeyError, match="SECRET_KEY"):
        run(after)
    monkeypatch.setenv("SECRET_KEY", "given")
    assert run(after)["SECRET_KEY"] == run(STARLETTE)["SECRET_KEY"] == "given"
