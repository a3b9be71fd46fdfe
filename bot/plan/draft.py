"""One rule's pull request, worked out: its change, its commit, its title and its text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.plan.actions import Commit
from bot.plan.body import Left, Text, summary, why_left
from bot.plan.digest import digest, patch_digest, path_mark
from bot.plan.marker import VERSION
from bot.plan.state import Marker
from bot.plan.wording import WIDTH, commit_message, headline, subject, title
from codemods.engine.page import page_of
from codemods.engine.run.diff import unified

if TYPE_CHECKING:
    from bot.plan.situation import Situation
    from codemods.engine.run.report import Reported

DEFAULT_CONFIG = ".github/patchwright.yml"
MOST_FINDINGS = 2_000
"""How many findings one pull request settles at most: their fingerprints must fit into its body."""
_MOVES = re.compile(r"(?<=:)\d+|(?<=line )\d+|(?<=lines )\d+(?:(?:, | and |-)\d+)*")


@dataclass(frozen=True, slots=True)
class Draft:
    """A pull request as it should be now. ``changed`` has each file before and after."""

    title: str
    marker: Marker
    text: Text
    changed: Mapping[str, tuple[bytes, bytes]]
    message: str

    @property
    def diff(self) -> str:
        """The change, as ``git apply`` takes it."""
        return unified(self.changed)

    @property
    def commit(self) -> Commit:
        """The commit that makes the change on the base."""
        files = {path: after for path, (_, after) in self.changed.items()}
        return Commit(self.marker.base_sha, self.message, files, self.marker.patch)

    def body(self, added: str = "") -> str:
        """The text, with what others ``added`` below it."""
        return self.text.body(self.marker, added)


def draft(
    at: Situation, rule: str, part: str, findings: Sequence[Reported], others: Sequence[Left]
) -> Draft | None:
    """The pull request for these findings of a rule; None where not one of them can be put right.

    ``others`` are findings that it leaves, each with the reason.
    """
    state, config = at.state, at.config
    fix = at.found.combined(findings[:MOST_FINDINGS])
    if not fix.changed:
        return None
    page = page_of(rule)
    left = [*others, *((each, why_left(each)) for each in fix.left)]
    left += [(each, "It follows when this one is merged.") for each in findings[MOST_FINDINGS:]]
    left.sort(key=lambda pair: (pair[0].path, pair[0].line, pair[0].column))
    applied = sorted(fix.applied, key=lambda each: (each.path, each.line, each.column))
    what, paths = headline(rule, page), {each.path for each in applied}
    words = subject(what, part, paths, style=at.conventional)
    short = words if len(words) <= WIDTH else subject(what, "", paths, style=at.conventional)
    heading = title(words, len(applied))
    settings = config.path or DEFAULT_CONFIG
    patch = patch_digest(fix.changed)
    marker = Marker(
        version=VERSION,
        rule=rule,
        part=part,
        base=state.base,
        base_sha=state.base_sha,
        patch=patch,
        findings=tuple(sorted({each.fingerprint for each in applied})),
        files=tuple(sorted({path_mark(each.path) for each in applied})),
        said=_said([heading, settings, str(len(fix.changed))], applied, left),
        title=title_mark(heading),
    )
    return Draft(
        title=heading,
        marker=marker,
        text=Text(rule, part, page, applied, left, len(fix.changed), settings, state),
        changed=dict(fix.changed),
        message=commit_message(rule, short, summary(rule, page), sites=applied, patch=patch),
    )


def title_mark(text: str) -> str:
    """The digest by which a title is known as the App's own."""
    return digest([text.strip()], 4)


def _said(words: Sequence[str], applied: Collection[Reported], left: Collection[Left]) -> str:
    """A digest of what a body says, apart from where lines stand: a push that only moves them changes no text."""
    said = [*words]
    said += sorted(
        "\0".join(
            [each.fingerprint, each.applicability, *map(_steady, (each.message, each.reason, *each.notes))]
        )
        for each in applied
    )
    said.append("left")
    said += sorted("\0".join([each.fingerprint, *map(_steady, (each.message, why))]) for each, why in left)
    return digest(said, 8)


def _steady(text: str) -> str:
    return _MOVES.sub("", text)
