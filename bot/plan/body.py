"""The text of a rule's pull request."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import templates
from bot.markdown import code, prose
from bot.plan.marker import pull_marker
from bot.plan.parts import in_words
from bot.plan.place import commit_link, place
from bot.version import own_version
from codemods.engine.finding import Applicability

if TYPE_CHECKING:
    from bot.plan.state import Marker, State
    from codemods.engine.page import Page
    from codemods.engine.run.report import Reported

LONGEST_BODY = 65_536
"""What GitHub takes as the body of a pull request or comment, in characters."""
_SPARE = 1_000  # for what publishing notes there, and for the reason when it is closed
_LONGEST_EXAMPLE = 60
_LONGEST_ADDED = 20_000
_ROWS = (10_000, 300, 100, 30, 10, 3)
_CUT = "\n\n[shortened: the rest is in the diff]\n\n"
_FENCE = re.compile(r"^(`{3,})", re.MULTILINE)
_FENCE_LINE = re.compile(r"\s*(`{3,}|~{3,})")
_BLOCK = re.compile(r"\s*(?:[-*+] |\d+[.)] |[|>#])")
_FOLDED = re.compile(r"^<details>.*?^</details>\n", re.MULTILINE | re.DOTALL)
_REFERENCE = re.compile(r"<(https?://[^>\s]+)>|\((https?://[^)\s]+)\)|(https?://[^\s)>]+)")
Left = tuple["Reported", str]


@dataclass(frozen=True, slots=True)
class Text:
    """What a body is made of: the rule's page, the findings it settles, those it leaves and why, and where it lies.

    ``config`` is the path of the repository's configuration.
    """

    rule: str
    part: str
    page: Page
    applied: Sequence[Reported]
    left: Sequence[Left]
    files: int
    config: str
    state: State

    def body(self, marker: Marker, added: str = "") -> str:
        """At most LONGEST_BODY characters: where it is too long, tables end earlier, and at last the middle is cut.

        How to say no, the commands and the marker are always whole. ``added`` is what others wrote below the
        marker; it stays there unless it is very long.
        """
        added = f"\n{added}\n" if added and len(added) <= _LONGEST_ADDED else ""
        values = self._values()
        end = templates.render("pull_request_end.md.j2", **values) + pull_marker(marker) + "\n" + added
        room = LONGEST_BODY - _SPARE - len(end)
        head = ""
        for rows in _ROWS:
            head = templates.render("pull_request.md.j2", rows=rows, **values)
            if len(head) <= room:
                return head + end
        return shortened(_FOLDED.sub("", head), room) + end

    def _values(self) -> dict[str, object]:
        where = in_words(self.part, {each.path for each in self.applied}).strip()
        return {
            "rule": self.rule,
            "where": f" {prose(where)}" if where else "",
            "config": self.config,
            "summary": summary(self.rule, self.page),
            "sites": self.applied,
            "files": self.files,
            "why": flowing(_paragraph(self.page.section("Why is this bad"))),
            "source": _source(self.page),
            "safety": flowing(self.page.section("Fix safety")),
            "example": _example(self.applied),
            "notes": _notes(self.applied),
            "left": self.left,
            "unsafe": any(each.applicability is Applicability.UNSAFE for each in self.applied),
            "made": made(self.state),
            "place": lambda site: place(site, self.state),
        }


def summary(rule: str, page: Page) -> str:
    """The first sentence of a rule's page."""
    first = re.split(r"(?<=[.!?])\s", page.summary.strip(), maxsplit=1)[0]
    return first or f"Finds what {rule} is about."


def made(state: State) -> str:
    """Which version of Patchwright made a text, and from what."""
    link = commit_link(state)
    base = f" from {code(state.base)}" if state.base else ""
    return f"Made by Patchwright {own_version()}{base}{f' at {link}' if link else ''}."


def shortened(text: str, longest: int) -> str:
    """``text`` with its middle left out where it is longer; a fence that the cut opens is closed."""
    if len(text) <= longest:
        return text
    half = (longest - len(_CUT) - 200) // 2
    head, tail = text[:half].rpartition("\n")[0], text[-half:].partition("\n")[2]
    fences = _FENCE.findall(head)
    closing = f"\n{fences[-1]}" if len(fences) % 2 else ""
    if len(_FENCE.findall(tail)) % 2:
        tail = tail[tail.index(_FENCE.findall(tail)[0]) :].partition("\n")[2]
    return f"{head}{closing}{_CUT}{tail}"


def flowing(text: str) -> str:
    """Markdown with every paragraph and list item on one line: GitHub breaks the lines of a body where they end."""
    lines: list[str] = []
    fence = ""
    joins = False
    for line in text.splitlines():
        mark = _FENCE_LINE.match(line)
        if mark:
            fence = "" if fence and line.strip().startswith(fence) else fence or mark[1]
        if joins and not fence and not mark and line.strip() and not _BLOCK.match(line):
            lines[-1] = f"{lines[-1]} {line.strip()}"
        else:
            lines.append(line.rstrip())
        joins = not fence and not mark and bool(line.strip()) and not line.lstrip().startswith(("|", "#"))
    return "\n".join(lines)


def why_left(each: Reported) -> str:
    """Why a finding is not part of the change."""
    if each.applicability is Applicability.UNSAFE and each.patch:
        return f"A patch exists, but it is unsafe. {each.reason}"
    if each.applicability is Applicability.SAFE:
        return "It meets another change in the same lines; it follows when this one is merged."
    return each.reason


def _paragraph(text: str) -> str:
    return text.strip().split("\n\n", maxsplit=1)[0]


def _source(page: Page) -> str:
    found = _REFERENCE.search(page.section("References"))
    return next((group for group in found.groups() if group), "") if found else ""


def _example(applied: Collection[Reported]) -> tuple[Reported, str] | None:
    """The site with the shortest patch, and that patch without the lines that only git needs."""
    patched = [(each, each.patch) for each in applied if each.patch]
    shortest = min(patched, key=lambda pair: (pair[1].count("\n"), pair[0].path, pair[0].line), default=None)
    if shortest is None:
        return None
    each, patch = shortest
    lines = [line for line in patch.rstrip("\n").split("\n") if not line.startswith("diff --git ")]
    if sum(line.startswith("+++ ") for line in lines) == 1 and lines[0].startswith("--- "):
        lines = lines[2:]
    if len(lines) > _LONGEST_EXAMPLE:
        lines = [*lines[:_LONGEST_EXAMPLE], "..."]
    return each, "\n".join(lines)


def _notes(applied: Collection[Reported]) -> list[tuple[str, list[Reported]]]:
    """What may behave differently: every note once, with the sites that it is about."""
    notes: dict[str, list[Reported]] = {}
    for each in applied:
        for note in each.notes:
            notes.setdefault(note, []).append(each)
    return list(notes.items())
