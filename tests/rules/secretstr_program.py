"""A program with secrets in its settings: written, fixed and run.

Each is a little project whose ``main.run(address)`` talks to a real HTTP server on loopback (or computes something
without one).
"""

from __future__ import annotations

import importlib
import sys
import textwrap
from types import SimpleNamespace

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.registry import load
from codemods.engine.run.analyse import Options, analyse, fixed

SECRET = "s3cr3t-value"
MASK = "**********"
EVERYTHING = frozenset({Applicability.SAFE, Applicability.UNSAFE})

SETTINGS = f"""
from functools import lru_cache

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic_settings import BaseSettings


class Mail(BaseModel):
    password: SecretStr = SecretStr("{SECRET}")


class Settings(BaseSettings):
    api_key: SecretStr = SecretStr("{SECRET}")
    maybe: SecretStr | None = SecretStr("{SECRET}")
    missing: SecretStr | None = None
    raw: SecretBytes = SecretBytes(b"{SECRET}")
    user: str = "me"
    mail: Mail = Mail()


@lru_cache
def get_settings() -> Settings:
    return Settings()


settings = get_settings()
"""


class Wire:
    """Everything that arrived at the server, as one text."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.seen: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join(self.seen)


def project_of(main: str, **others: str) -> dict[str, bytes]:
    files = {"shop/__init__.py": "", "shop/config.py": SETTINGS, "shop/main.py": main}
    files |= {f"shop/{name}.py": text for name, text in others.items()}
    return {path: textwrap.dedent(text).lstrip("\n").encode() for path, text in files.items()}


def run(files: dict[str, bytes], folder, wire: Wire | None):
    """What ``shop.main.run`` gives: its result, or the error's class name."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        return importlib.import_module("shop.main").run(wire.address if wire else "")
    except Exception as error:  # noqa: BLE001 - whatever the program raises is its answer
        return SimpleNamespace(raised=type(error).__name__)
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name == "shop" or name.startswith("shop.")]:
            del sys.modules[name]


def fix(files: dict[str, bytes], allowed: frozenset[Applicability] = EVERYTHING) -> dict[str, bytes]:
    snapshot = MemorySnapshot(files)
    report = analyse(snapshot, [load("secretstr")], Options())
    after = {**files, **fixed(snapshot, report, allowed)}
    again = analyse(MemorySnapshot(after), [load("secretstr")], Options())
    assert not [each for each in again.findings if each.applicability in allowed]
    return after
