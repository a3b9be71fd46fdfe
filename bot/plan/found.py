"""What an analysis found, as the plan asks for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from codemods.engine.files.listing import MissingBlob
from codemods.engine.run.analyse import combined
from codemods.engine.run.report import ALL, SAFE, Combined

if TYPE_CHECKING:
    from codemods.engine.files.snapshot import Snapshot
    from codemods.engine.finding import Applicability
    from codemods.engine.run.report import Report, Reported
    from codemods.engine.settings.config import Config

OWNERS_FILES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for code owners; the first one that exists counts.
[About code owners, docs.github.com/repositories]"""
_EXCLUDED = "excluded by the configuration"


@dataclass(frozen=True)
class Found:
    """A report, with the files that it speaks of. It lives in the process that made it.

    ``allowed``: which patches may be offered. ``codeowners`` is the text of the repository's file of code owners,
    empty where it has none.
    """

    snapshot: Snapshot
    report: Report
    allowed: frozenset[Applicability] = SAFE
    codeowners: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules that were run."""
        return tuple(rule.name for rule in self.report.rules)

    def of(self, rule: str) -> tuple[Reported, ...]:
        """One rule's findings, by path and line."""
        return self._by_rule.get(rule, ())

    def offered(self, finding: Reported) -> bool:
        """Whether it has a patch that may be offered."""
        return finding.patch is not None and finding.applicability in self.allowed

    def combined(self, findings: Collection[Reported]) -> Combined:
        """The patches of these findings of one rule as one change, verified as a whole; no other is touched."""
        chosen = frozenset(findings)
        if not chosen:
            return Combined({}, (), ())
        (rule,) = {each.rule for each in chosen}
        own = self.of(rule)
        report = replace(
            self.report, findings=own, rules=tuple(each for each in self.report.rules if each.name == rule)
        )
        without = frozenset(each.fingerprint for each in own if each not in chosen)
        done = combined(self.snapshot, report, self.allowed, without)
        return replace(done, left=tuple(each for each in done.left if each in chosen))

    def unseen(self, rule: str) -> frozenset[str] | None:
        """The files that the rule could not look at this time, so that nothing is known of them; None for all."""
        paths: set[str] = set()
        for each in self.report.skipped:
            other, colon, _ = each.reason.partition(": ")
            if each.reason == _EXCLUDED or (colon and other in self.rules and other != rule):
                continue
            if each.path == ".":
                return None
            paths.add(each.path)
        return frozenset(paths)

    @cached_property
    def _by_rule(self) -> dict[str, tuple[Reported, ...]]:
        found: defaultdict[str, list[Reported]] = defaultdict(list)
        for each in self.report.findings:
            found[each.rule].append(each)
        return {rule: tuple(each) for rule, each in found.items()}


def found_in(snapshot: Snapshot, report: Report, config: Config) -> Found:
    """What the plan needs of an analysis under this configuration."""
    return Found(snapshot, report, ALL if config.unsafe_fixes else SAFE, codeowners(snapshot.read))


def codeowners(read: Callable[[str], bytes]) -> str:
    """The repository's file of code owners; ``read`` raises OSError for files that don't exist."""
    for path in OWNERS_FILES:
        try:
            return read(path).decode("utf-8", "replace")
        except (OSError, MissingBlob):
            continue
    return ""
