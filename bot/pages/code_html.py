"""Code as HTML with Pygments' classes, line by line; the colours are the style sheet's."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape
from pygments.lexers.configs import IniLexer, TOMLLexer
from pygments.lexers.data import JsonLexer, YamlLexer
from pygments.lexers.diff import DiffLexer
from pygments.lexers.python import PythonLexer
from pygments.lexers.shell import BashLexer
from pygments.token import STANDARD_TYPES, Token

from bot.pages.visible import visible_code

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

CLASSES = frozenset(name for name in STANDARD_TYPES.values() if name)
"""What a ``span`` of coloured code may be called."""
LONGEST_LINE = 400
"""As much of a line is shown, in characters."""
LONGEST_TEXT = 150_000
"""Longer texts stay without colours."""
_PLAIN = frozenset({Token.Text, Token.Punctuation})
_LEXERS: dict[str, type[Lexer]] = {
    "python": PythonLexer,
    "py": PythonLexer,
    "pyi": PythonLexer,
    "toml": TOMLLexer,
    "ini": IniLexer,
    "cfg": IniLexer,
    "json": JsonLexer,
    "yaml": YamlLexer,
    "yml": YamlLexer,
    "sh": BashLexer,
    "bash": BashLexer,
    "console": BashLexer,
    "diff": DiffLexer,
}


def highlighted(text: str, language: str) -> list[Markup]:
    """The lines of ``text`` as HTML, without their ends. ``language`` is a name, or how a file's name ends.

    Languages that are not known, and very long texts, come without colours; very long lines are cut.
    """
    lines = [_short(line) for line in text.replace("\r\n", "\n").split("\n")]
    lexer = _lexer(language.lower().removeprefix("."))
    if lexer is None or sum(len(line) for line in lines) > LONGEST_TEXT:
        return [escape(visible_code(line)) for line in lines]
    made: list[list[tuple[str, str]]] = [[]]
    for kind, value in lexer.get_tokens("\n".join(lines)):
        name = _class(kind)
        for place, part in enumerate(value.split("\n")):
            if place:
                made.append([])
            if part and made[-1] and made[-1][-1][0] == name:
                made[-1][-1] = (name, made[-1][-1][1] + part)
            elif part:
                made[-1].append((name, part))
    joined = [Markup("").join(_coloured(*each) for each in parts) for parts in made]
    return [*joined, *[Markup("")] * len(lines)][: len(lines)]


def _coloured(name: str, text: str) -> Markup:
    shown = escape(visible_code(text))
    return Markup('<span class="{}">{}</span>').format(name, shown) if name else shown


def breakable(path: str) -> Markup:
    """A path that a narrow page may break behind each folder's name."""
    return Markup("/<wbr>").join(escape(visible_code(each)) for each in path.split("/"))


def _short(line: str) -> str:
    left = len(line) - LONGEST_LINE
    return line if left <= 0 else f"{line[:LONGEST_LINE]} … and {left:,} more characters"


def _class(kind: _TokenType) -> str:
    """The class of a token; that of whitespace, plain names and punctuation is left out."""
    if _PLAIN.intersection(kind.split()) or kind is Token.Name or kind is Token.Operator:
        return ""
    while kind not in STANDARD_TYPES and kind.parent is not None:
        kind = kind.parent
    return STANDARD_TYPES.get(kind, "")


@cache
def _lexer(language: str) -> Lexer | None:
    found = _LEXERS.get(language)
    return found(stripnl=False) if found else None
