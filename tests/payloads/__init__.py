"""Recorded webhook payloads of GitHub, scrubbed: see README.md."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parent / "examples.json.gz"


@dataclass(frozen=True, slots=True)
class Example:
    """One recorded delivery. Treat the payload as read-only: it is shared."""

    event: str
    action: str | None
    payload: Any

    @property
    def body(self) -> bytes:
        """The payload as the bytes of a delivery, to be signed."""
        return json.dumps(self.payload, separators=(",", ":"), ensure_ascii=False).encode()

    def __str__(self) -> str:
        return f"{self.event}.{self.action}" if self.action else self.event


@cache
def examples() -> list[Example]:
    """All 329 recorded payloads, of every event; many lack `installation`, some are years old."""
    stored = json.loads(gzip.decompress(EXAMPLES.read_bytes()))
    return [Example(each["event"], each["payload"].get("action"), each["payload"]) for each in stored]


def examples_of(event: str) -> list[Example]:
    """Those of one event."""
    return [each for each in examples() if each.event == event]
