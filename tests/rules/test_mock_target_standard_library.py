"""What mock-target says of the standard library does not hang on what happens to be imported already."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

_ASK = "import json, sys; from codemods.mock_target.stdlib import missing; print(json.dumps(missing(sys.argv[1])))"


@pytest.mark.parametrize(
    "name",
    [
        "logging.handlers.SMTPHandler.emit",
        "logging.config.dictConfig",
        "json.tool.main",
        "importlib.metadata.version",
        "asyncio.staggered.staggered_race",
        "collections.abc.Mapping",
        "sqlite3.dump",
    ],
)
def test_a_submodule_is_there_before_anybody_imports_it(name: str) -> None:
    assert _asked(name) is None


def test_a_misspelt_name_is_told() -> None:
    assert _asked("time.slepp") == ["time", "slepp"]


def _asked(name: str) -> object:
    done = subprocess.run([sys.executable, "-c", _ASK, name], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
