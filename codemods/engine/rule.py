"""What every rule offers to the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from codemods.engine.finding import Change, Finding
    from codemods.engine.project import Module, Project


class Rule(Protocol):
    """A rule: cheap candidates first, then detection on ``ast``, then a rewrite that is asked for per finding.

    ``candidates``: the files worth parsing, from raw bytes only (``project.containing``).
    ``detect``: the findings in one file. What it learns of other files it asks of ``project``, which notes
    every question, so that results can be kept until an answer changes. Pure.
    ``rewrite``: the patch for one finding. Raises Refused with the reason where none can be written.
    ``name`` is the rule's public name (``atomic-redis``); ``version`` is raised when its results change.
    """

    name: str
    version: int

    def candidates(self, project: Project) -> Iterable[str]: ...  # noqa: D102
    def detect(self, module: Module, project: Project) -> Iterator[Finding]: ...  # noqa: D102
    def rewrite(self, finding: Finding, project: Project) -> Change: ...  # noqa: D102
