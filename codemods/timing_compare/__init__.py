"""timing-compare: a secret compared with ``==``; the page beside this folder explains the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.timing_compare.detect import RULE_NAME, candidates, detect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Change, Finding
    from codemods.engine.project import Module, Project


class TimingCompare:
    """See ``timing_compare.md``."""

    name = RULE_NAME
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that compare something whose name may be a secret's."""
        return candidates(project)

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each comparison of a secret with what was given."""
        return detect(module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """``hmac.compare_digest``. Raises Refused."""
        from codemods.timing_compare.rewrite import rewrite

        return rewrite(finding, project)


RULE = TimingCompare()
