"""A patch's own lines in the repository's formatting, where it says that ruff or black formats it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

from codemods.engine.checks.lint import ruff_binary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.files.source import Source

_TARGET = re.compile(r"py3\d{1,2}")


class Readable(Protocol):
    """What the configuration is read from: a project."""

    def read(self, path: str) -> bytes:
        """The bytes of a file, empty where there is none."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a repository formats, as far as ruff can be told. ``certain``: it says that code is formatted, not just linted."""

    certain: bool
    line_length: int
    quotes: str = "double"
    indent: str = "space"
    indent_width: int = 4
    keep_trailing_commas: bool = True
    target: str | None = None

    @property
    def options(self) -> list[str]:
        """The options for ``ruff format --isolated``."""
        settings = [
            f"line-length={self.line_length}",
            f"indent-width={self.indent_width}",
            f"format.quote-style='{self.quotes}'",
            f"format.indent-style='{self.indent}'",
            f"format.skip-magic-trailing-comma={str(not self.keep_trailing_commas).lower()}",
            *([f"target-version='{self.target}'"] if self.target else []),
        ]
        return [part for setting in settings for part in ("--config", setting)]


def format_changed_lines(before: Source, after: Source, project: Readable) -> Source:
    """``after`` with the lines that differ from ``before`` formatted as the repository formats; else as it is.

    A file that was formatted before is formatted after. In any other only the changed lines are, and only where
    no other line changes with them. Configuration files are parsed as data and never given to ruff.
    """
    style = style_of(before.path, project)
    if style is None:
        return after
    if _formatted(before.text, style) == before.text:
        text = _formatted(after.text, style)
        return after if text is None else after.replaced(text)
    if not style.certain:
        return after
    for first, last in reversed(list(_changed(before.lines, after.lines))):
        text = _formatted(after.text, style, f"{first}-{last + 1}")
        if text is None:
            continue
        result = after.replaced(text)
        if all(first <= start and end <= last for start, end in _changed(result.lines, after.lines)):
            after = result
    return after


def style_of(path: str, project: Readable) -> Style | None:
    """The style that the nearest configuration above ``path`` declares; None where there is none."""
    for folder in PurePosixPath(path).parents:
        for name in (".ruff.toml", "ruff.toml", "pyproject.toml"):
            data = project.read(str(folder / name))
            if not data:
                continue
            try:
                table = tomllib.loads(data.decode())
            except ValueError:
                continue
            style = _style(table) if name == "pyproject.toml" else _ruff(table, certain="format" in table)
            if style is not None:
                return style
    return None


def _style(pyproject: dict[str, Any]) -> Style | None:
    tool = pyproject.get("tool")
    if not isinstance(tool, dict):
        return None
    black, ruff = tool.get("black"), tool.get("ruff")
    if isinstance(black, dict):
        return Style(
            certain=True,
            line_length=_number(black, "line-length", 88),
            quotes="preserve" if black.get("skip-string-normalization") is True else "double",
            keep_trailing_commas=black.get("skip-magic-trailing-comma") is not True,
        )
    return _ruff(ruff, certain="format" in ruff) if isinstance(ruff, dict) else None


def _ruff(table: dict[str, Any], *, certain: bool) -> Style:
    own = table.get("format")
    own = own if isinstance(own, dict) else {}
    target = table.get("target-version")
    return Style(
        certain=certain,
        line_length=_number(table, "line-length", 88),
        quotes=_choice(own, "quote-style", ("double", "single", "preserve")),
        indent=_choice(own, "indent-style", ("space", "tab")),
        indent_width=_number(table, "indent-width", 4),
        keep_trailing_commas=own.get("skip-magic-trailing-comma") is not True,
        target=target if isinstance(target, str) and _TARGET.fullmatch(target) else None,
    )


def _number(table: dict[str, Any], key: str, default: int) -> int:
    value = table.get(key)
    return value if isinstance(value, int) and 1 <= value <= 320 and not isinstance(value, bool) else default


def _choice(table: dict[str, Any], key: str, choices: tuple[str, ...]) -> str:
    value = table.get(key)
    return value if value in choices else choices[0]


def _formatted(text: str, style: Style, lines: str | None = None) -> str | None:
    """``text`` formatted, all or the range of lines; None where ruff cannot."""
    command = [ruff_binary(), "format", "--isolated", "--no-cache", "--quiet", *style.options]
    command += [*(["--range", lines] if lines else []), "--stdin-filename", "formatted.py", "-"]
    run = subprocess.run(command, input=text.encode(), capture_output=True, check=False, timeout=60)  # noqa: S603 - our own binary
    return run.stdout.decode() if run.returncode == 0 else None


def _changed(old: list[str], new: list[str]) -> Iterator[tuple[int, int]]:
    """The runs of lines (from 1, both ends included) of ``new`` that are not in ``old``; around what was taken out, one."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    matcher = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    for tag, _, _, start, end in matcher.get_opcodes():
        if tag != "equal":
            yield min(head + start + 1, len(new)), max(head + end, min(head + start + 1, len(new)))
