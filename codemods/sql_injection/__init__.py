"""A query whose text is put together from values: whoever gives one can write SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Change, Refused
from codemods.sql_injection.detect import RULE_NAME, Evidence, findings, may_hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project


class SqlInjection:
    """See ``sql_injection.md``."""

    name = RULE_NAME
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files with a query that is put together, by their bytes alone."""
        return [path for path in project.matching(may_hold) if not is_test(path)]

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each query."""
        return findings(module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The values as bind parameters."""
        if not isinstance(finding.evidence, Evidence):
            raise Refused(finding.reason)
        return Change(finding.evidence.edits)


RULE = SqlInjection()
