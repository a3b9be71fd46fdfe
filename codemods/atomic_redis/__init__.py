"""Two Redis commands where one atomic step is meant; the page beside this folder explains the rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from codemods.atomic_redis.detect import NAME, candidates, detect

if TYPE_CHECKING:
    from codemods.engine.finding import Change, Finding
    from codemods.engine.project import Module, Project


class AtomicRedis:
    """The rule, as the engine asks it."""

    name = NAME
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """The files that may hold a shape."""
        return candidates(project)

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """The findings in one file."""
        return detect(module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The patch for one finding. Raises Refused."""
        from codemods.atomic_redis.rewrite import rewrite

        return rewrite(finding, project)


RULE = AtomicRedis()
