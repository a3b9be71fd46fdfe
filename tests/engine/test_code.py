"""Results that were kept are not taken over once any code has changed that the rule may rest on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ASK = "import sys, importlib; from codemods.engine.run.code import code_of; importlib.import_module(sys.argv[1]); print(code_of(sys.argv[1]))"


def code_of(module: str, folder: Path) -> str:
    """As a process of its own says it, which has just begun."""
    roots = os.pathsep.join([str(folder), str(Path(__file__).parents[2])])
    return subprocess.run(
        [sys.executable, "-c", ASK, module],
        env={**os.environ, "PYTHONPATH": roots},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_what_a_rule_knows_of_libraries_counts(tmp_path: Path) -> None:
    for path in ("acme/__init__.py", "acme/rules/__init__.py", "acme/rules/one.py", "acme/known/table.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    before = code_of("acme.rules.one", tmp_path)
    assert code_of("acme.rules.one", tmp_path) == before
    (tmp_path / "acme/known/table.py").write_text("KNOWN = 1\n")
    assert code_of("acme.rules.one", tmp_path) != before


def test_of_a_single_module_only_itself_counts(tmp_path: Path) -> None:
    for path in ("acme_rule.py", "unrelated.py"):
        (tmp_path / path).write_text("")
    before = code_of("acme_rule", tmp_path)
    (tmp_path / "unrelated.py").write_text("KNOWN = 1\n")
    assert code_of("acme_rule", tmp_path) == before
    (tmp_path / "acme_rule.py").write_text("KNOWN = 1\n")
    assert code_of("acme_rule", tmp_path) != before
