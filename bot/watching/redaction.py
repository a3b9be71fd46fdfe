"""What looks like a secret is taken out of what leaves the process by logs, traces and error reports.

The code says nothing secret in the first place. This is for what libraries and other services say.
"""

from __future__ import annotations

import re

MASK = "[secret]"

_SECRETS = re.compile(
    r"""
      gh[oprsu]_[A-Za-z0-9_.-]{16,2000}                       # GitHub's tokens
    | github_pat_[A-Za-z0-9_]{20,500}
    | v1\.[0-9a-f]{40}
    | eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{1,2000}   # JSON Web Tokens
    | -----BEGIN[ A-Z]*PRIVATE[ ]KEY-----.*?(?:-----END[ A-Z]*PRIVATE[ ]KEY-----|\Z)
    | (?<=://)[^/\s:@]{0,200}:[^/\s@]{1,2000}(?=@)                     # user and password of an address
    | (?i:(?<=bearer[ ])|(?<=token=)|(?<=secret=)|(?<=password=)|(?<=signature=)|(?<=code=))[^\s&"',;]{6,2000}
    """,
    re.VERBOSE | re.DOTALL,
)


def redacted(text: str) -> str:
    """The text with a mask in place of all that looks like a secret."""
    return _SECRETS.sub(MASK, text)


def all_redacted(value: object, depth: int = 6) -> object:
    """The same for every text in lists, tuples and mappings; what lies deeper than ``depth`` becomes text."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, bool | int | float) or value is None:
        return value
    if depth and isinstance(value, dict):
        return {redacted(str(key)): all_redacted(each, depth - 1) for key, each in value.items()}
    if depth and isinstance(value, list | tuple | set | frozenset):
        return [all_redacted(each, depth - 1) for each in value]
    return redacted(str(value))
