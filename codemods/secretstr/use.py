"""A use of a secret that needs its text."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

Effect = Literal["masks", "raises", "never equal", "mistaken"]


@dataclass(frozen=True)
class Use:
    """A use that needs text. ``what`` says which; ``effect``: what happens today.

    ``certain``: that text is meant. ``wants_bytes``: the text as bytes. ``takes_bytes``: bytes do as well as text. ``subject``: the whole alternative
    (``secret or default``) that reaches the use, the secret itself where there is none.
    """

    what: str
    effect: Effect
    certain: bool = True
    wants_bytes: bool = False
    subject: ast.expr | None = None
    note: str = ""
    takes_bytes: bool = False
