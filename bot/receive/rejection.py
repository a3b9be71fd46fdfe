"""Why a request is not taken as a delivery."""

from __future__ import annotations


class Rejected(Exception):  # noqa: N818 - named for what it means to the sender
    """The request is answered ``status`` (4xx) with ``reason``, a sentence for the person who reads GitHub's log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason
