"""The hidden comments by which the App knows its own pull requests and comments again.

A marker stands at the start of a line. Nothing that comes from a repository does: tables, lists and diffs put
something of their own in front. Whoever reads markers looks only at what the App itself has written.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from bot.plan.state import Marker

VERSION = 1
_PULL = re.compile(r"^<!-- patchwright:pull (\{.*\}) -->[ \t\r]*$", re.MULTILINE)
_COMMENT = re.compile(r"^<!-- patchwright:comment key=([a-z0-9-]+) -->[ \t\r]*$", re.MULTILINE)
_FINDING = re.compile(r"^<!-- patchwright:finding ([0-9a-f]{16}) -->[ \t\r]*$", re.MULTILINE)
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_MARK = re.compile(r"[0-9a-f]{8}")
_SPEAKING = re.compile(r"[<>@#&]|--")


def pull_marker(marker: Marker) -> str:
    """One line, without its end. 2,000 findings take 21,400 characters: eight bytes each."""
    data: dict[str, object] = {
        "version": marker.version,
        "rule": marker.rule,
        "part": marker.part,
        "base": marker.base,
        "base_sha": marker.base_sha,
        "patch": marker.patch,
        "findings": _packed(marker.findings, _FINGERPRINT),
        "files": _packed(marker.files, _MARK),
        "said": marker.said,
        "title": marker.title,
        "settled": marker.settled,
        "before": list(marker.before),
        "stopped": marker.stopped,
    }
    text = json.dumps({key: value for key, value in data.items() if value}, separators=(",", ":"))
    return f"<!-- patchwright:pull {_SPEAKING.sub(_escaped, text)} -->"


def read_marker(body: str) -> Marker | None:
    """The marker of a pull request's body, whatever people wrote around it; None for none that can be read."""
    found = _PULL.findall(body)
    if not found:
        return None
    try:
        return _marker(json.loads(found[-1]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def with_marker(body: str, marker: Marker) -> str:
    """The body with this marker in place of its own; at the end where it has none."""
    found = list(_PULL.finditer(body))
    line = pull_marker(marker)
    if found:
        return f"{body[: found[-1].start()]}{line}{body[found[-1].end() :]}"
    return f"{body.rstrip()}\n\n{line}\n" if body.strip() else f"{line}\n"


def behind_marker(body: str) -> str:
    """What people or other bots wrote below the marker, empty for nothing."""
    found = list(_PULL.finditer(body))
    return body[found[-1].end() :].strip() if found else ""


def visible(body: str) -> str:
    """The body without its markers, as a reader sees it."""
    return _COMMENT.sub("", _PULL.sub("", body)).rstrip() + "\n"


def comment_marker(key: str) -> str:
    """The line that a comment with this key ends in."""
    return f"<!-- patchwright:comment key={key} -->"


def comment_key(body: str) -> str | None:
    """The key of a comment of the App's, None for one without."""
    found = _COMMENT.findall(body)
    return found[-1] if found else None


def finding_marker(fingerprint: str) -> str:
    """The line that a review comment about the finding with this fingerprint ends in."""
    return f"<!-- patchwright:finding {fingerprint} -->"


def finding_of(body: str) -> str | None:
    """The fingerprint in a review comment of the App's, None for one without."""
    found = _FINDING.findall(body)
    return found[-1] if found else None


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in found[0])


def _packed(words: tuple[str, ...], shape: re.Pattern[str]) -> str | list[str]:
    """Hexadecimal words of one length as one string; other words as they are."""
    if all(shape.fullmatch(word) for word in words):
        return base64.b64encode(bytes.fromhex("".join(words))).decode("ascii")
    return list(words)


def _unpacked(value: Any, digits: int) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(_text(word) for word in value)
    try:
        data = base64.b64decode(_text(value), validate=True).hex()
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(data) % digits:
        raise ValueError("cut off")
    return tuple(data[start : start + digits] for start in range(0, len(data), digits))


def _marker(data: Any) -> Marker:
    version = data["version"]
    if not isinstance(version, int) or version != VERSION:
        raise ValueError("a version that this one does not know")
    return Marker(
        version=version,
        rule=_text(data["rule"]),
        part=_text(data.get("part", "")),
        base=_text(data.get("base", "")),
        base_sha=_text(data.get("base_sha", "")),
        patch=_text(data.get("patch", "")),
        findings=_unpacked(data.get("findings", ""), 16),
        settled=_text(data.get("settled", "")),
        files=_unpacked(data.get("files", ""), 8),
        said=_text(data.get("said", "")),
        title=_text(data.get("title", "")),
        before=tuple(_text(each) for each in _list(data.get("before", []))),
        stopped=data.get("stopped", False) is True,
    )


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value
