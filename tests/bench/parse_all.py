"""Parses every Python file below a folder with LibCST and does nothing else: ``python -m tests.bench.parse_all DIR``."""

from __future__ import annotations

import sys
from pathlib import Path

import libcst

from tests.bench.tree import python_files


def main(root: str) -> None:
    """Parses the files one after the other; those that do not parse count as read."""
    for path in python_files(Path(root)):
        try:
            libcst.parse_module(path.read_bytes())
        except (libcst.ParserSyntaxError, UnicodeDecodeError, RecursionError):
            continue


if __name__ == "__main__":
    main(sys.argv[1])
