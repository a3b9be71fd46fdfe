"""weak-token: secrets drawn from a generator that can be foretold; the page beside this folder explains the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.weak_token.detect import RULE_NAME, candidates, detect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Change, Finding
    from codemods.engine.project import Module, Project


class WeakToken:
    """See ``weak_token.md``."""

    name = RULE_NAME
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that draw at random, and speak of secrets."""
        return candidates(project)

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each draw that becomes part of a secret."""
        return detect(module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The same draw from ``secrets``. Raises Refused."""
        from codemods.weak_token.rewrite import rewrite

        return rewrite(finding, project)


RULE = WeakToken()
