"""What a page says at its top after a form was sent: the address names one of these sentences, and only these."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Notice(NamedTuple):
    """A sentence and its kind."""

    kind: Literal["good", "trouble"]
    text: str


PARAMETER = "said"
"""The name in the address: ``/repositories/7?said=paused``."""

NOTICES = {
    "paused": Notice("good", "Paused: nothing is written to this repository until it is resumed."),
    "resumed": Notice("good", "Resumed: what was left undone in the meantime is done now."),
    "undone": Notice("good", "Taken back: what was declined is offered again."),
    "retried": Notice("good", "The job waits in the queue again."),
    "not-dead": Notice("trouble", "The job was not failed any more: there was nothing to retry."),
    "redelivered": Notice("good", "The delivery waits in the queue again."),
    "nothing-repeated": Notice("trouble", "The work of the delivery was done: nothing is repeated."),
    "not-declined": Notice("trouble", "Nobody declined that pull request, or somebody took it back already."),
    "paused-first": Notice("trouble", "The repository is paused: resume it first."),
    "not-installed": Notice("trouble", "The App is not installed on this repository any more."),
    "github-trouble": Notice(
        "trouble", "GitHub did not take it: nothing was changed. Try again in a minute."
    ),
    "signed-out": Notice("good", "You are signed out."),
}


def notice(name: str | None) -> Notice | None:
    """The sentence with this name, None for none."""
    return NOTICES.get(name) if name else None
