"""A mock that patches nothing, or the wrong thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.mock_target.detect import RULE_NAME, findings
from codemods.mock_target.rewrite import change
from codemods.mock_target.screen import may_hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Change, Finding
    from codemods.engine.project import Module, Project


class MockTarget:
    """The rule, as the engine asks for it."""

    name = RULE_NAME
    version = 2

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that patch something whose existence, or effect, can't be seen at a glance."""
        named = {*project.containing(b"patch"), *project.containing(b".setattr")}
        return sorted(path for path in named if project.kept(may_hold, path))

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """Targets that don't exist, and targets patched where the code under test doesn't look."""
        return findings(module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The literal with the target that is meant."""
        return change(finding, project)


RULE = MockTarget()
