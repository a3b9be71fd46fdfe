"""secretstr: a pydantic SecretStr used as if it were text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.secretstr.detect import RULE_NAME, candidates, detect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Change, Finding
    from codemods.engine.project import Module, Project


class SecretStrRule:
    """See ``secretstr.md``."""

    name = RULE_NAME
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """The files worth parsing."""
        return candidates(project)

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """The findings in one file."""
        return detect(module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The patch for one finding. Raises Refused."""
        from codemods.secretstr.rewrite import rewrite

        return rewrite(finding, project)


RULE = SecretStrRule()
