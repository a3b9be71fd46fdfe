"""Imports as a person writes them, put into a file."""

from __future__ import annotations

from codemods.engine.edits.imports import ensure
from codemods.engine.files.source import Source
from codemods.engine.finding import ImportNeed

PATH = "src/app/x.py"


def need(written: str) -> ImportNeed:
    """``import m``, ``import m as a``, ``from m import a`` or ``from m import a as b``."""
    words = written.split()
    alias = words[words.index("as") + 1] if "as" in words else None
    return ImportNeed(PATH, words[1], words[3] if words[0] == "from" else None, alias)


def ensured(text: str | bytes, *needs: str, path: str = PATH) -> str:
    data = text.encode() if isinstance(text, str) else text
    return ensure(Source(path, data), [need(each) for each in needs]).text
