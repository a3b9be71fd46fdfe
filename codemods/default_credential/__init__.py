"""default-credential: a secret that everyone can read in the source; the page beside this folder explains the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.default_credential.detect import RULE_NAME, candidates, detect
from codemods.engine.finding import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project


class DefaultCredential:
    """See ``default_credential.md``."""

    name = RULE_NAME
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that read settings or write secrets down."""
        return candidates(project)

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each default, and for each secret that is written down."""
        return detect(module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The setting without its default."""
        assert isinstance(finding.evidence, Change)
        return finding.evidence


RULE = DefaultCredential()
