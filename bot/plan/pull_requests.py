"""From a report to the pull requests that should be open: what each says and holds. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import templates
from codemods.engine.finding import Applicability
from codemods.engine.page import Page, page_of
from codemods.engine.run.diff import unified

if TYPE_CHECKING:
    from codemods.engine.run.report import Combined, Reported
    from codemods.engine.settings.config import Config

LONGEST_BODY = 65_536
"""What GitHub takes as the body of a pull request, in characters."""
DEFAULT_CONFIG = ".github/patchwright.yml"
_LONGEST_TITLE = 200
_LONGEST_EXAMPLE = 60
_ROWS = (10_000, 300, 100, 30, 10, 3)
_CUT = "\n\n[shortened: the rest is in the diff]\n\n"
_CLOSE_FENCE = re.compile(r"^(`{3,})", re.MULTILINE)
_REFERENCE = re.compile(r"<(https?://[^>\s]+)>|\((https?://[^)\s]+)\)|(https?://[^\s)>]+)")


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One pull request as it would be opened; ``waits`` where others have to be settled first."""

    rule: str
    branch: str
    title: str
    body: str
    commit_message: str
    diff: str
    waits: bool


def plan(fixes: Mapping[str, Combined], config: Config) -> list[PullRequest]:
    """One pull request for every rule that has something to change, in the order of their names.

    ``fixes`` holds, by rule, all of its allowed patches as one.
    """
    requests: list[PullRequest] = []
    for rule in sorted(fixes):
        if fixes[rule].changed:
            waits = len(requests) >= config.max_open_pull_requests
            requests.append(_request(rule, fixes[rule], config, waits=waits))
    return requests


def _request(rule: str, fix: Combined, config: Config, *, waits: bool) -> PullRequest:
    page = page_of(rule)
    subject = headline(rule, page)
    if config.commit_style == "conventional":
        subject = f"fix: {subject.removeprefix('Fix ')}"
    values = {
        "rule": rule,
        "subject": subject,
        "config": config.path or DEFAULT_CONFIG,
        "summary": _sentence(page.summary) or f"{headline(rule, page)}.",
        "sites": fix.applied,
        "files": len(fix.changed),
        "why": _paragraph(page.section("Why is this bad")),
        "source": _source(page),
        "example": _example(fix.applied),
        "notes": _notes(fix.applied),
        "left": [(each, _why_left(each)) for each in fix.left],
        "unsafe": any(each.applicability is Applicability.UNSAFE for each in fix.applied),
    }
    return PullRequest(
        rule=rule,
        branch=f"patchwright/{rule}",
        title=_title(subject, len(fix.applied)),
        body=_body(values),
        commit_message=templates.render("commit_message.txt.j2", **values),
        diff=unified(fix.changed),
        waits=waits,
    )


def headline(rule: str, page: Page) -> str:
    """What is put right: the page's title says what is wrong."""
    wrong = page.title.removeprefix(rule).lstrip(": ").strip().rstrip(".")
    return f"Fix {wrong or rule}"


def _title(words: str, places: int) -> str:
    text = f"{words} ({places} place{'s' if places != 1 else ''})"
    return text if len(text) <= _LONGEST_TITLE else f"{text[: _LONGEST_TITLE - 1]}…"


def _body(values: Mapping[str, object]) -> str:
    """The body; where it is too long, tables end earlier, and at the very last the middle is cut out."""
    body = ""
    for rows in _ROWS:
        body = templates.render("pull_request.md.j2", rows=rows, **values)
        if len(body) <= LONGEST_BODY:
            return body
    return shortened(body, LONGEST_BODY)


def shortened(text: str, longest: int) -> str:
    """``text`` with its middle left out where it is longer; a fence that the cut opens is closed."""
    if len(text) <= longest:
        return text
    half = (longest - len(_CUT) - 200) // 2
    head, tail = text[:half].rpartition("\n")[0], text[-half:].partition("\n")[2]
    fences = _CLOSE_FENCE.findall(head)
    closing = f"\n{fences[-1]}" if len(fences) % 2 else ""
    if len(_CLOSE_FENCE.findall(tail)) % 2:
        tail = tail[tail.index(_CLOSE_FENCE.findall(tail)[0]) :].partition("\n")[2]
    return f"{head}{closing}{_CUT}{tail}"


def _sentence(text: str) -> str:
    """The first sentence of a page's summary."""
    return re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]


def _paragraph(text: str) -> str:
    return text.strip().split("\n\n", maxsplit=1)[0]


def _source(page: Page) -> str:
    found = _REFERENCE.search(page.section("References"))
    return next((group for group in found.groups() if group), "") if found else ""


def _example(applied: Sequence[Reported]) -> tuple[Reported, str] | None:
    """The site with the shortest patch, and that patch; none where even that one is long."""
    patched = [(each, each.patch) for each in applied if each.patch]
    shortest = min(patched, key=lambda pair: (pair[1].count("\n"), pair[0].path, pair[0].line), default=None)
    if shortest is None or shortest[1].count("\n") <= _LONGEST_EXAMPLE:
        return shortest
    each, patch = shortest
    return each, "".join(patch.splitlines(keepends=True)[:_LONGEST_EXAMPLE]) + "...\n"


def _notes(applied: Sequence[Reported]) -> list[tuple[str, list[Reported]]]:
    """What may behave differently: every note once, with the sites that it is about."""
    notes: dict[str, list[Reported]] = {}
    for each in applied:
        for note in each.notes:
            notes.setdefault(note, []).append(each)
    return list(notes.items())


def _why_left(each: Reported) -> str:
    if each.applicability is Applicability.UNSAFE and each.patch:
        return f"A patch exists, but it is unsafe. {each.reason}"
    if each.applicability is Applicability.SAFE:
        return "It meets another change in the same lines; it follows when this one is merged."
    return each.reason
