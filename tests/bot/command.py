"""Runs the real command in a process of its own, with a rule that an operator could have installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[2]
RULE = '''\
"""A rule for tests: ``old(x)`` should be ``new(x)``."""
import ast
from codemods.engine.finding import Applicability, Change, Edit, Finding, ImportNeed, Refused


class OldCall:
    name = "old-call"
    version = 1

    def candidates(self, project):
        return project.containing(b"old(")

    def detect(self, module, project):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "old":
                how = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
                kind = {"unsafe": Applicability.UNSAFE, "show": Applicability.DISPLAY_ONLY}.get(how, Applicability.SAFE)
                start, end = module.source.span(node.func)
                line, column = module.source.position(start)
                if how == "crash":
                    raise ZeroDivisionError("secret text")
                yield Finding(self.name, module.path, line, column, node.end_lineno, "old is called.", kind,
                              "its name is old", ("new is slower",), (start, end))

    def rewrite(self, finding, project):
        start, end = finding.evidence
        return Change((Edit(finding.path, start, end, "new"),), (ImportNeed(finding.path, "lib", "new"),))


RULE = OldCall()
'''
PAGE = """\
# old-call: what is old

Calls of `old` where `new` is meant.

## What it does
Finds calls of `old`.

## Why is this bad?
It is old.
"""


@dataclass(frozen=True)
class Done:
    """What the command wrote and ended with."""

    code: int
    out: str
    err: str
    raw: bytes

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


class Command:
    """The command, in ``root`` as the current folder; the cache is a folder of the test's own."""

    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path / "project"
        self.root.mkdir()
        self.cache = tmp_path / "cache"
        installed = tmp_path / "installed"
        info = installed / "acme-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
        (info / "entry_points.txt").write_text("[patchwright.rules]\nold-call = acme_old_call:RULE\n")
        (installed / "acme_old_call.py").write_text(RULE)
        (installed / "acme_old_call.md").write_text(PAGE)
        kept = ("PATH", "HOME", "LANG", "LC_ALL", "COVERAGE_PROCESS_START")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ}
        self.environment |= {
            "PYTHONPATH": f"{installed}{os.pathsep}{HERE}",
            "PATCHWRIGHT_CACHE_DIR": str(self.cache),
            "COLUMNS": "100",
        }

    def write(self, path: str, data: str | bytes) -> Path:
        """Puts a file into the project."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data.encode() if isinstance(data, str) else data)
        return place

    def git(self, *words: str) -> str:
        """Runs git in the project."""
        done = subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words],
            cwd=self.root,
            check=True,
            capture_output=True,
        )
        return done.stdout.decode("utf-8", "surrogateescape")

    def start(self, *words: str | Path, **environment: str) -> subprocess.Popen[bytes]:
        """Starts the command, with interrupts as a terminal gives them, whatever this process was started with."""
        begin = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from bot.cli import main; main()"
        return subprocess.Popen(
            [sys.executable, "-c", begin, *words],
            cwd=self.root,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __call__(self, *words: str | Path, **environment: str) -> Done:
        """Runs the command to its end."""
        process = self.start(*words, **environment)
        out, err = process.communicate(timeout=120)
        done = Done(process.returncode, out.decode("utf-8", "surrogateescape"), err.decode(), out)
        assert "Traceback" not in done.out + done.err, done.err
        return done
