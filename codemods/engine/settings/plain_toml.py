"""TOML as plain data, bounded: the standard library's parser takes hours for a key of very many parts."""

from __future__ import annotations

import re
import tomllib
from typing import Any

LARGEST = 1_000_000
"""Bytes of a ``pyproject.toml`` that may hold a configuration; the largest known ones have a tenth of that."""

_MOST_PARTS = 50
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)")
_TEXT = re.compile(
    r""""{3}(?:[^\\]|\\.)*?"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|\#[^\n]*+""", re.DOTALL
)
_BETWEEN_KEYS = re.compile(r"[=,{}\[\]\n]")


class TomlError(Exception):
    """The text can't be read; ``line`` counts from 1, 0 where it can't be told."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def read_toml(data: bytes) -> dict[str, Any]:
    """The data. Raises TomlError."""
    if len(data) > LARGEST:
        raise TomlError(0, f"larger than {LARGEST:,} bytes")
    try:
        text = data.decode("utf-8")
        if any(part.count(".") > _MOST_PARTS for part in _BETWEEN_KEYS.split(_TEXT.sub("", text))):
            raise TomlError(0, f"a key of more than {_MOST_PARTS} parts")
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        at = _AT_LINE.search(str(error))
        said = _AT_LINE.sub("", str(error)) or type(error).__name__
        raise TomlError(int(at[1]) if at else 0, f"does not parse: {said}") from error
