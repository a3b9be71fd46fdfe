"""By what a finding is known again when lines have moved."""

from __future__ import annotations

import re
from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING

from codemods.engine.files.source import Source, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codemods.engine.finding import Finding

_COMMENT = re.compile(r"\s#[^\"']*$")
_SPACE = re.compile(r"\s+")


def fingerprints(findings: Iterable[Finding], read: Callable[[str], bytes]) -> dict[Finding, str]:
    """Each finding's fingerprint: 16 hexadecimal digits.

    They come from its rule, its file, the text of its lines without comments and spacing, and which of several
    equal ones it is.
    """
    found: dict[Finding, str] = {}
    sources: dict[str, Source] = {}
    seen: Counter[str] = Counter()
    for finding in sorted(
        findings, key=lambda each: (each.path, each.line, each.column, each.rule, each.message)
    ):
        if finding.path not in sources:
            sources[finding.path] = Source(finding.path, read(finding.path))
        base = likeness(finding, sources[finding.path])
        seen[base] += 1
        data = f"{base}\n{seen[base]}".encode("utf-8", "surrogateescape")
        found[finding] = blake2b(data, digest_size=8).hexdigest()
    return found


def likeness(finding: Finding, source: Source) -> str:
    """What equal findings of one file share, wherever in ``source`` they lie: all of a fingerprint but the counting."""
    return "\n".join([finding.rule, finding.path, _text(source, finding)])


def _text(source: Source, finding: Finding) -> str:
    try:
        lines = source.lines[finding.line - 1 : finding.end_line]
    except Unreadable:
        return ""
    return _SPACE.sub("", "\n".join(_COMMENT.sub("", line) for line in lines))
