"""What every rule offers to the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from codemods.engine.finding import Change, Finding
    from codemods.engine.project import Module, Project


@dataclass(frozen=True, slots=True)
class Traits:
    """What a rule may set beside what it must have: see `Rule`."""

    weight: int = 1
    default: bool = True
    scope: Literal["place", "repository"] = "place"


def traits(rule: Rule) -> Traits:
    """What the rule says of itself, with what holds for those that say nothing."""
    none = Traits()
    return Traits(
        getattr(rule, "weight", none.weight),
        getattr(rule, "default", none.default),
        getattr(rule, "scope", none.scope),
    )


class Rule(Protocol):
    """A rule: cheap candidates first, then detection on ``ast``, then a rewrite that is asked for per finding.

    ``candidates``: the files worth parsing, from raw bytes only (``project.containing``).
    ``detect``: the findings in one file. What it learns of other files it asks of ``project``, which notes
    every question, so that results can be kept until an answer changes. Pure.
    ``rewrite``: the patch for one finding. Raises Refused with the reason where none can be written.
    ``name`` is the rule's public name (``atomic-redis``); ``version`` is raised when its results change.

    A rule may set more: ``weight`` (1) puts its pull requests before those of others; ``default = False`` leaves it off
    where nobody names it; ``scope = "repository"`` says that what it reports is true of the repository and not of a
    line: of its findings the first one stands for all (see `Traits`).
    """

    name: str
    version: int

    def candidates(self, project: Project) -> Iterable[str]: ...  # noqa: D102
    def detect(self, module: Module, project: Project) -> Iterator[Finding]: ...  # noqa: D102
    def rewrite(self, finding: Finding, project: Project) -> Change: ...  # noqa: D102
