"""A job's work and state in words, and what it did with links to where that can be seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never
from urllib.parse import quote

from markupsafe import Markup, escape

from bot.events.work import (
    AnswerMergeGroup,
    CheckConfig,
    CheckHead,
    CheckPull,
    ForgetRepository,
    Ignored,
    PressButton,
    RunCommand,
    UpdateBranch,
)
from bot.pages.code_html import breakable
from bot.pages.visible import visible
from bot.store.tables import DeliveryState, JobState

if TYPE_CHECKING:
    from bot.events.work import Work

STATES: dict[str, tuple[str, str]] = {
    JobState.WAITING: ("wait", "Waiting"),
    JobState.RUNNING: ("open", "Running"),
    JobState.LATER: ("wait", "Waiting for its time"),
    JobState.DONE: ("good", "Done"),
    JobState.SUPERSEDED: ("off", "Superseded"),
    JobState.DEAD: ("bad", "Failed"),
    DeliveryState.IGNORED: ("off", "Ignored"),
}
"""By a job's or delivery's state: its sign (``parts.icon``) and its words."""
STEPS = {
    "look": "Look at the branch on GitHub",
    "snapshot": "Fetch the files",
    "configuration": "Read the configuration",
    "state": "Read what is open and declined",
    "analyse": "Analyse the code",
    "compare": "Read what the pull request changes",
    "publish": "Write to GitHub",
    "answer": "Answer on GitHub",
    "forget": "Delete what is kept",
}
"""The names of steps, as they are in metrics and traces (``bot.watching.steps``), in words."""
_BUTTONS = {"apply": "Apply fixes", "open": "Open as pull request"}
_NUMBER = re.compile(r"(?<![\w&/])#(\d{1,9})\b")


def in_words(work: Work | None) -> str:
    """What a job is for, as a title."""
    match work:
        case None:
            return "Decide what is to be done"
        case UpdateBranch(branch=branch):
            return f"Bring {branch or 'the default branch'} up to date"
        case CheckPull(number=number):
            return f"Check pull request #{number}"
        case CheckHead(head_sha=sha):
            return f"Check the pull requests with {sha[:10]} as their head"
        case CheckConfig(sha=sha):
            return f"Check the configuration at {sha[:10]}"
        case AnswerMergeGroup(head_sha=sha):
            return f"Answer the merge group at {sha[:10]}"
        case PressButton(identifier=name, sender=sender):
            return f"{_BUTTONS.get(name, name)}, for {sender}"
        case RunCommand(number=number, sender=sender):
            return f"Answer {sender} on #{number}"
        case ForgetRepository():
            return "Forget the repository"
        case Ignored():
            return "Nothing to do"
        case _:
            assert_never(work)


def linked(line: str, repository_url: str) -> Markup:
    """One line of what a job did on GitHub, its numbers of pull requests and issues linked; plain without an address."""
    if not repository_url:
        return escape(visible(line))
    parts, end = [], 0
    for number in _NUMBER.finditer(line):
        url = f"{repository_url}/pull/{number[1]}"
        parts += [
            escape(visible(line[end : number.start()])),
            Markup('<a href="{}">#{}</a>').format(url, number[1]),
        ]
        end = number.end()
        if line.endswith(f"({url})"):
            line = line.removesuffix(f"({url})").rstrip()
    return Markup("").join([*parts, escape(visible(line[end:]))])


def place(path: str, line: int) -> Markup:
    """``path:line``, which may be broken behind each folder's name."""
    return breakable(path) + f":{line}"


def file_url(repository_url: str, sha: str, path: str, line: int) -> str:
    """Where a line of a file at a commit is shown on GitHub."""
    return f"{repository_url}/blob/{quote(sha, safe='')}/{quote(path)}#L{line}"
