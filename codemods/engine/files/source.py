"""One source file: its bytes, how they decode, and where its lines and nodes lie."""

from __future__ import annotations

import ast
import bisect
import codecs
import io
import re
import tokenize
import warnings
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

_LINE_END = re.compile(r"\r\n|\r|\n")
MAX_BYTES = 2_000_000
UNREADABLE = b"\0"
"""Stands for a file that exists and can't be read: it never parses, so nothing is believed about its names."""

_MAX_LINE = 200_000
_LONGEST_REASON = 200
_NO_ENCODINGS_OF_FILES = frozenset(
    [
        "idna",
        "punycode",
        "undefined",
        "unicode-escape",
        "unicode_escape",
        "raw-unicode-escape",
        "raw_unicode_escape",
        "utf-7",
    ]
)
"""Python takes them in a PEP 263 comment; some take hours for a megabyte, and in none does a line end stay one."""


class Unreadable(Exception):  # noqa: N818 - an answer, not a failure
    """The file can't be analysed; ``str(unreadable)`` is the reason that the report shows."""


def digest(data: bytes) -> str:
    """The content hash by which files are known to caches: 32 hexadecimal digits."""
    return blake2b(data, digest_size=16).hexdigest()


@dataclass(frozen=True)
class Source:
    """A Python file as it lies on disk; ``path`` is relative to the project's root, with ``/``."""

    path: str
    data: bytes

    @cached_property
    def encoding(self) -> str:
        """The encoding that Python would use: byte order mark, PEP 263 cookie, else UTF-8."""
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(self.data).readline)
        except (SyntaxError, UnicodeError) as error:
            raise Unreadable(f"encoding: {str(error)[:_LONGEST_REASON]}") from error
        if codecs.lookup(encoding).name in _NO_ENCODINGS_OF_FILES:
            raise Unreadable(f"encoding: {encoding} is not one that files are written in")
        return encoding

    @cached_property
    def text(self) -> str:
        """The decoded text without byte order mark; line ends are as in the file.

        Raises Unreadable for binary, oversized and wrongly encoded files.
        """
        if len(self.data) > MAX_BYTES:
            raise Unreadable(f"larger than {MAX_BYTES:,} bytes")
        if b"\0" in self.data:
            raise Unreadable("binary: holds a NUL byte")
        try:
            return self.data.decode(self.encoding)
        except (UnicodeError, LookupError) as error:
            raise Unreadable(f"does not decode as {self.encoding}") from error

    def encode(self, text: str) -> bytes:
        """``text`` as bytes in this file's encoding, with its byte order mark if it had one."""
        if self.encoding == "utf-8-sig":
            return codecs.BOM_UTF8 + text.encode("utf-8")
        return text.encode(self.encoding)

    def replaced(self, text: str) -> Source:
        """The same file with other text."""
        return Source(self.path, self.encode(text))

    @cached_property
    def newline(self) -> str:
        """The line end that the file uses first; a line feed if it has none."""
        found = _LINE_END.search(self.text)
        return found.group() if found else "\n"

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    @cached_property
    def lines(self) -> list[str]:
        """The lines as Python counts them (not at form feeds), without their ends; index 0 is line 1."""
        return _LINE_END.split(self.text)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree. Raises Unreadable where this interpreter can't parse the file."""
        if any(len(line) > _MAX_LINE for line in self.lines):
            raise Unreadable(f"a line longer than {_MAX_LINE:,} characters")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(self.text)
        except SyntaxError as error:
            raise Unreadable(f"does not parse as this Python: {error.msg} (line {error.lineno})") from error
        except (RecursionError, MemoryError, ValueError) as error:
            raise Unreadable(f"does not parse: {type(error).__name__}") from error

    def offset(self, line: int, column: int) -> int:
        """The character offset of an ``ast`` position: line from 1, column in UTF-8 bytes."""
        start = self._starts[line - 1]
        text = self.lines[line - 1]
        if text.isascii():
            return start + column
        return start + len(text.encode()[:column].decode())

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Start and end offsets of an expression or statement; decorators are not part of it."""
        assert isinstance(node, (ast.expr, ast.stmt, ast.arg, ast.keyword, ast.alias, ast.ExceptHandler))
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self.offset(node.lineno, node.col_offset),
            self.offset(node.end_lineno, node.end_col_offset),
        )

    def segment(self, node: ast.AST) -> str:
        """The text of a node, exactly as written."""
        start, end = self.span(node)
        return self.text[start:end]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character offset, both from 1."""
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line_start(self, line: int) -> int:
        """The offset where line ``line`` (from 1) begins; the end of the text beyond the last line."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def indent(self, line: int) -> str:
        """The white space that line ``line`` begins with."""
        text = self.lines[line - 1]
        return text[: len(text) - len(text.lstrip(" \t\f"))]
