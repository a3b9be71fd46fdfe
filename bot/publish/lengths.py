"""How long texts on GitHub may be; the middle of what is longer is left out."""

from __future__ import annotations

LONGEST_BODY = 65_536
"""Of a pull request or comment, in characters."""
LONGEST_TITLE = 256
"""Of a pull request, in characters."""
LONGEST_SUMMARY = 65_535
"""Of a check run. GitHub speaks of characters; bytes are counted here, which is never more than it takes."""
LONGEST_MESSAGE = 64_000
"""Of an annotation, in bytes: GitHub takes 64 KB."""
_CUT = "\n\n[shortened]\n\n"


def shortened(text: str, longest: int, cut: str = _CUT) -> str:
    """``text``, or its beginning and end with ``cut`` between them: at most ``longest`` characters."""
    if len(text) <= longest:
        return text
    left = longest - len(cut)
    return f"{text[: left - left // 2]}{cut}{text[len(text) - left // 2 :]}"


def shortened_title(text: str) -> str:
    """A title of at most 256 characters."""
    return shortened(text, LONGEST_TITLE, " ... ")


def shortened_bytes(text: str, longest: int) -> str:
    """As ``shortened``, in bytes of UTF-8: no character is cut in two."""
    data = text.encode("utf-8", "replace")
    if len(data) <= longest:
        return text
    left = longest - len(_CUT)
    head, tail = data[: left - left // 2], data[len(data) - left // 2 :]
    return f"{head.decode('utf-8', 'ignore')}{_CUT}{tail.decode('utf-8', 'ignore')}"
