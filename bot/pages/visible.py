"""Characters that nobody sees, made visible: text on a page must read as it is kept."""

from __future__ import annotations

import re

_CONTROL = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
)
_INVISIBLE = re.compile(rf"[{_CONTROL}]")
_IN_CODE = re.compile(
    rf"[{_CONTROL}\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u3164\uffa0]"
)


def visible(text: str) -> str:
    """``text`` with the numbers of characters that hide or reorder others in their place, as ``⟨U+202E⟩``.

    Line feeds and tabs stay, and so do the zero-width characters that words and emoji are written with.
    """
    return _INVISIBLE.sub(_number, text.replace("\r\n", "\n"))


def visible_code(text: str) -> str:
    """As `visible`, for code, where zero-width characters tell names apart that look the same."""
    return _IN_CODE.sub(_number, text)


def _number(found: re.Match[str]) -> str:
    return f"⟨U+{ord(found[0]):04X}⟩"
