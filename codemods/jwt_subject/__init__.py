"""jwt-subject: a JWT whose subject is a number; the page beside this folder explains the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.engine.finding import Change
from codemods.jwt_subject.detect import RULE_NAME, candidates, detect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project


class JwtSubject:
    """See ``jwt_subject.md``."""

    name = RULE_NAME
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that write a subject, in repositories that encode JWTs."""
        return candidates(project)

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each subject that is proven to be a number."""
        return detect(module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """``str()`` around the subject, and ``int()`` where it is read as a number."""
        assert isinstance(finding.evidence, Change)
        return finding.evidence


RULE = JwtSubject()
