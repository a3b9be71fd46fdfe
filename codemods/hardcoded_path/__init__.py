"""hardcoded-path: a path that exists on one person's machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.hardcoded_path.detect import candidates, detect
from codemods.hardcoded_path.rewrite import rewrite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Change, Finding
    from codemods.engine.project import Module, Project


class HardcodedPath:
    """See ``hardcoded_path.md``."""

    name = "hardcoded-path"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files of the program, as against its tests, that may hold such a path."""
        return candidates(project)

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """A finding for each path that ends in a file of the repository; others once for each path."""
        return detect(self.name, module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The path as seen from the module's own file. Raises Refused."""
        return rewrite(finding, project)


RULE = HardcodedPath()
