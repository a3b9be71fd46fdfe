"""What the check run says: title, table, annotations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import templates
from bot.markdown import code, plain
from bot.plan.actions import Annotation
from bot.plan.body import why_left
from bot.plan.place import place_at
from bot.publish.lengths import LONGEST_SUMMARY, shortened_bytes
from bot.version import own_version
from codemods.engine.settings.config import YAML_FILES

if TYPE_CHECKING:
    from bot.review.model import Button, PullView
    from bot.review.remarks import Remark
    from codemods.engine.run.report import Reported, Skipped
    from codemods.engine.settings.config import Config

_ROWS = (10_000, 300, 100, 30, 10, 3)
_LEVELS = {"failure": "failure", "action_required": "failure", "neutral": "warning", "success": "notice"}


@dataclass(frozen=True, slots=True)
class Summary:
    """What the text is made of.

    ``commented`` are the marks of the findings with a comment, made now or before. ``quiet`` says why there are no
    comments at all, empty where there may be. ``skipped`` are the changed files that could not be looked at.
    """

    view: PullView
    config: Config
    remarks: Sequence[Remark]
    commented: Collection[str]
    buttons: Sequence[Button]
    skipped: Sequence[Skipped]
    quiet: str = ""
    incomplete: bool = False

    def title(self) -> str:
        """One short line."""
        count = len(self.remarks)
        if not count:
            return "Nothing new was found"
        patches = sum(each.offered for each in self.remarks)
        found = f"{count} new finding{'s' if count != 1 else ''}"
        return f"{found}, {patches} with a patch" if patches else found

    def text(self) -> str:
        """At most 65,535 bytes: where it is too long, the tables end earlier, and at last the middle is cut."""
        text = ""
        for rows in _ROWS:
            text = templates.render("review/summary.md.j2", rows=rows, **self._values())
            if len(text.encode("utf-8", "replace")) <= LONGEST_SUMMARY:
                return text
        return shortened_bytes(text, LONGEST_SUMMARY)

    def _values(self) -> dict[str, object]:
        touched = [each for each in self.remarks if each.new.touched]
        return {
            "touched": touched,
            "elsewhere": [each for each in self.remarks if not each.new.touched],
            "left": self._left(),
            "total": len(self.remarks),
            "patches": sum(each.offered for each in self.remarks),
            "outcome": self._outcome,
            "place": self._place,
            "base": self.view.base_ref,
            "at": self._commit(self.view.merge_base),
            "head": self._commit(self.view.head_sha),
            "buttons": [button.label for button in self.buttons],
            "rules": sorted({each.finding.rule for each in self.remarks if each.offered}),
            "config": self.config.path or YAML_FILES[0],
            "quiet": self.quiet,
            "skipped": self.skipped,
            "incomplete": self.incomplete,
            "version": own_version(),
        }

    def _outcome(self, remark: Remark) -> str:
        """What comes of a finding, in a few words."""
        if remark.declined:
            return "Declined in its conversation"
        if remark.new.mark in self.commented:
            return "Suggested in a comment" if remark.suggestion else "Described in a comment"
        if not remark.offered:
            return "Not changed, see below"
        if remark.lines is not None and not self.quiet:
            return f"Patch; no comment, as there are {self.config.max_comments} already"
        return "Patch"

    def _left(self) -> list[tuple[str, list[Reported]]]:
        """Why findings are not changed, every reason once, with its places."""
        reasons: defaultdict[str, list[Reported]] = defaultdict(list)
        for each in self.remarks:
            if not each.offered:
                reasons[why_left(each.finding)].append(each.finding)
        return list(reasons.items())

    def _place(self, site: Reported) -> str:
        return place_at(site, self.view.repository_url, self.view.head_sha)

    def _commit(self, sha: str) -> str:
        short, url = code(sha[:12]), self.view.repository_url
        if not sha:
            return ""
        return f"[{short}]({url}/commit/{sha})" if url else short


def annotated(remarks: Sequence[Remark], config: Config) -> tuple[Annotation, ...]:
    """One for every new finding at a place; how loud it is follows from how the check run ends for its rule.

    What is true of the repository, and not of a line, is only in the summary.
    """
    return tuple(
        Annotation(
            each.finding.path,
            each.new.first,
            plain(f"{each.finding.message} {each.finding.reason} [{each.finding.rule}]"),
            _LEVELS[config.conclusion(each.finding.rule)],
        )
        for each in remarks
        if each.finding.scope == "place"
    )
