"""What ruff says of files in memory: one process for all of them, with no configuration but ours."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codemods.engine.files.source import Source

_RULES = "F401,F811,F821,F822,F823,F841,F405,PLE0118"
_NAMED = re.compile(r"`([^`]+)`")
_ONCE = frozenset({"F405"})


class LintFailed(RuntimeError):  # noqa: N818 - ruff's failure, named so
    """Ruff did not run to its end; the message is what it wrote."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One complaint: ruff's code, the name it is about, where (line from 1, column from 0), and its message.

    ``once``: how often the same name is complained about does not count, only whether it is.
    """

    code: str
    name: str
    message: str
    line: int
    column: int

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same when lines move."""
        return self.code, self.name

    @property
    def once(self) -> bool:
        """Whether the number of complaints about one name says nothing (names from star imports)."""
        return self.code in _ONCE


@cache
def ruff_binary() -> str:
    """The ruff of this installation."""
    from ruff.__main__ import find_ruff_bin  # type: ignore[import-untyped]

    return str(find_ruff_bin())


def lint(files: Sequence[Source]) -> list[list[Complaint]]:
    """The complaints about each file: names undefined, unused, redefined, and syntax; ``# noqa`` is not heeded.

    Raises LintFailed.
    """
    if not files:
        return []
    with TemporaryDirectory(prefix="patchwright-") as folder:
        places: dict[tuple[str, str], Path] = {}
        for source in files:
            name = source.path.rpartition("/")[2]
            key = name, source.text
            if key not in places:
                place = Path(folder, f"f{len(places)}", name)
                place.parent.mkdir()
                # Ruff reads UTF-8 only; what the file says of its encoding is a comment to it.
                place.write_bytes(source.text.encode("utf-8", "surrogatepass"))
                places[key] = place
        found = _complaints(folder)
        return [found.get(str(places[source.path.rpartition("/")[2], source.text]), []) for source in files]


def _complaints(folder: str) -> dict[str, list[Complaint]]:
    command = [ruff_binary(), "check", "--isolated", "--no-cache", "--ignore-noqa", "--no-respect-gitignore"]
    command += [
        "--quiet",
        "--exit-zero",
        "--select",
        _RULES,
        "--target-version",
        "py314",
        "--output-format",
        "json",
    ]
    command += ["--config", "exclude=[]", folder]
    run = subprocess.run(command, capture_output=True, check=False, timeout=600)  # noqa: S603 - our own binary
    if run.returncode != 0:
        raise LintFailed(run.stderr.decode("utf-8", "replace").strip())
    real = str(Path(folder).resolve())
    found: dict[str, list[Complaint]] = {}
    for each in json.loads(run.stdout):
        code, message = str(each["code"]), str(each["message"])
        named = _NAMED.search(message)
        name = message if code == "invalid-syntax" or named is None else named.group(1)
        where = each["location"]
        path = str(each["filename"]).replace(real, folder, 1)
        found.setdefault(path, []).append(Complaint(code, name, message, where["row"], where["column"] - 1))
    return found
