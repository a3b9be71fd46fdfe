"""The comments of a file, found by the tokenizer, so that ``#`` inside strings is none."""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from codemods.engine.files.source import Unreadable

if TYPE_CHECKING:
    from codemods.engine.files.source import Source

_DIRECTIVE = re.compile(
    r"#\s*(?:noqa|type:|pragma|pylint:|pyright:|mypy:|ruff:|flake8|isort:|fmt:|nosec|nosemgrep|yapf:|patchwright:)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment: ``text`` from its ``#``, ``line`` from 1, offsets in the text; ``own_line`` without code before it."""

    text: str
    line: int
    start: int
    end: int
    own_line: bool

    @property
    def directive(self) -> bool:
        """Whether it speaks to a tool about the code on its line (``# noqa``, ``# type: ignore``)."""
        return _DIRECTIVE.match(self.text) is not None


def tokens_of(source: Source) -> list[tokenize.TokenInfo]:
    """All tokens; columns count characters, lines as in ``source.lines``. Raises Unreadable."""
    # The lines are joined anew because the tokenizer does not end lines at a lone carriage return.
    joined = io.StringIO("\n".join(source.lines))
    try:
        return list(tokenize.generate_tokens(joined.readline))
    except (tokenize.TokenError, SyntaxError) as error:
        raise Unreadable(f"does not tokenize: {error.args[0]}") from error


@lru_cache(maxsize=16)
def comments_of(source: Source) -> tuple[Comment, ...]:
    """The comments in order. Raises Unreadable."""
    if "#" not in source.text:
        return ()
    found = []
    for token in tokens_of(source):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            start = source.line_start(line) + column
            own = not source.lines[line - 1][:column].strip()
            text = token.string.rstrip()
            found.append(Comment(text, line, start, start + len(text), own))
    return tuple(found)
