"""The same program on a machine that does not prefer UTF-8: the C locale, with Python's help against it switched off."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import ALL, Options

CODE = """
import io
import os
import sys
import tempfile
from pathlib import Path

kept = Path(sys.argv[1])
name = "Caf\\u00e9"
{code}
assert kept.read_bytes() == name.encode(), kept.read_bytes()
"""
ELSEWHERE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def ran(code: str, file: Path, environment: dict[str, str]) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code, str(file)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if result.returncode == 0 else result.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "code",
    [
        "open(kept, 'w').write(name)",
        "io.open(str(kept), 'a').write(name)",
        "os.fdopen(os.open(kept, os.O_CREAT | os.O_WRONLY), 'w').write(name)",
        "kept.write_text(name)",
        "with kept.open('w') as file:\n    file.write(name)",
        "kept.write_bytes(name.encode())\nassert kept.read_text() == name",
        "kept.write_bytes(name.encode())\nassert (kept.parent / kept.name).open().read() == name",
        (
            "with tempfile.NamedTemporaryFile('w', dir=kept.parent, delete=False) as file:\n"
            "    file.write(name)\nos.rename(file.name, kept)"
        ),
    ],
)
def test_the_machines_encoding(code: str, tmp_path: Path) -> None:
    before = CODE.format(code=code)
    snapshot = MemorySnapshot({"app/work.py": before.encode()})
    report = analyse(snapshot, [registry.load("open-encoding")], Options(workers=1))
    after = fixed(snapshot, report, ALL)["app/work.py"].decode()
    assert ran(before, tmp_path / "utf-8", {"PYTHONUTF8": "1"}) == ""
    assert ran(before, tmp_path / "before", ELSEWHERE).startswith(
        ("UnicodeEncodeError", "UnicodeDecodeError")
    )
    assert ran(after, tmp_path / "after", ELSEWHERE) == ""
