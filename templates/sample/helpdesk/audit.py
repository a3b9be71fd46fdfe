"""Who did what: one line per event."""

from datetime import UTC, datetime
from pathlib import Path

LOG = Path("audit.log")


def record(event: str) -> None:
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"{datetime.now(UTC).isoformat()} {event}\n")
