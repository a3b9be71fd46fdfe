"""Text of a repository made safe for Markdown on GitHub: nobody is mentioned, nothing is linked, nothing is HTML."""

from __future__ import annotations

import re

_BREAK = "\u200b"
_SPAN = re.compile(r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~])")
_REFERENCE = re.compile(r"(?<=[@#])(?=\w)|(?<=GH-)(?=\d)|(?<=://)(?=\S)|(?<=www\.)(?=\S)", re.IGNORECASE)
_RUN = re.compile(r"`+|~+")
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0d-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _one_line(text: str) -> str:
    """Line ends, with the space around them, as one space each. In time proportional to the text."""
    return _SPACE.sub(lambda run: " " if "\n" in run[0] or "\r" in run[0] else run[0], text)


def prose(text: str) -> str:
    """One line of plain text; what stands in balanced backquotes stays a code span."""
    text = _one_line(text).strip()
    parts, end = [], 0
    for span in _SPAN.finditer(text):
        parts += [_escaped(text[end : span.start()]), code(span[2].strip() or span[2])]
        end = span.end()
    parts.append(_escaped(text[end:]))
    return "".join(parts)


def _escaped(text: str) -> str:
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    return _REFERENCE.sub(_BREAK, _SPECIAL.sub(r"\\\1", text))


def plain(text: str) -> str:
    """One line for a commit message: no control characters, nobody mentioned, no issue closed."""
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _one_line(text))
    return _REFERENCE.sub(_BREAK, text)


def code(text: str) -> str:
    """A code span that holds exactly ``text``, whatever backquotes are in it."""
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _one_line(text))
    fence = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def cell(markdown: str) -> str:
    """Markdown that may stand in a table: every pipe escaped, once."""
    return re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", _one_line(markdown))


def fenced(text: str, language: str = "") -> str:
    """A fenced block; its fence is longer than any run of backquotes in ``text``. Line ends become line feeds."""
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))
    fence = "`" * max(3, max((len(run) for run in _RUN.findall(text)), default=0) + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"
