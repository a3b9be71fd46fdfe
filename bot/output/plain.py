"""Text from a repository made safe to show: nothing in it can steer a terminal or break a page."""

from __future__ import annotations

import re
import sys

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """``text`` with control characters, direction marks and undecodable bytes as escapes; tabs and line feeds stay."""
    return _STEERING.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def write(text: str, *, exact: bool = False) -> None:
    """Writes to standard output; with ``exact``, surrogate escapes become the bytes that they stand for."""
    stream = sys.stdout
    encoding = "utf-8" if exact else (stream.encoding or "utf-8")
    errors = "surrogateescape" if exact else "backslashreplace"
    stream.flush()
    stream.buffer.write(text.encode(encoding, errors))
    stream.buffer.flush()
