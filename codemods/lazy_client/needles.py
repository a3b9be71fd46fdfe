"""Cheap looks at a file's bytes, so that only files that can matter are parsed."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=256)
def word(name: str) -> re.Pattern[bytes]:
    """``name`` as a word of its own."""
    return re.compile(rb"\b%s\b" % re.escape(name.encode()))


@lru_cache(maxsize=256)
def imported(name: str) -> re.Pattern[bytes]:
    """``name`` somewhere in an import statement, also in a bracketed one over several lines."""
    return re.compile(rb"\b(?:from|import)\b[^\n(#\"']*(?:\([^)]*)?\b%s\b" % re.escape(name.encode()))


@lru_cache(maxsize=256)
def imported_inside(name: str) -> re.Pattern[bytes]:
    """``name`` in an indented import statement."""
    return re.compile(rb"^[ \t]+(?:from|import)\b[^\n#]*\b%s\b" % re.escape(name.encode()), re.MULTILINE)


@lru_cache(maxsize=256)
def in_string(name: str) -> re.Pattern[bytes]:
    """``name`` as a string of its own, or as a part of a dotted one."""
    quoted = re.escape(name.encode())
    return re.compile(rb"[\"'.:}]%s(?:[\"'.]|$)|[\"']%s\.|>>>|multiple\(" % (quoted, quoted), re.MULTILINE)


def mentions(stem: str, data: bytes) -> bool:
    """Whether a file imports the module ``stem``, or names it inside a dotted string."""
    return bool(imported(stem).search(data) or _dotted(stem).search(data))


@lru_cache(maxsize=256)
def _dotted(stem: str) -> re.Pattern[bytes]:
    return re.compile(rb"[\"'](?:[\w.]*\.%s\b[\w.]*|%s\.[\w.]+)[\"']" % ((re.escape(stem.encode()),) * 2))


RELATIVE = re.compile(rb"\bfrom\s+\.+\s+import\b")
DYNAMIC = re.compile(rb"import_module|reload\(|sys\.modules|importorskip|__import__")
