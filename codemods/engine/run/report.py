"""What an analysis gives: findings with their verified patches, and what was left out, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol

from codemods.engine.finding import Applicability, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codemods.engine.files.source import Source
    from codemods.engine.rule import Rule
    from codemods.engine.run.cache import Cache

SAFE = frozenset({Applicability.SAFE})
ALL = frozenset({Applicability.SAFE, Applicability.UNSAFE})


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a whole folder, that was not analysed (or not by one rule), and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reported:
    """One finding as it is reported.

    ``patch`` is a unified diff over all files of the change that ``git apply`` takes, None where there is no
    verified patch; bytes that are not UTF-8 stand in it as surrogate escapes. ``changed`` holds the files after
    this patch alone. ``fingerprint`` stays the same when lines move. ``suppressed`` findings were silenced by a
    comment and have no patch. ``scope``: whether it is true of this place, or of the repository.
    """

    finding: Finding
    fingerprint: str = ""
    patch: str | None = None
    changed: Mapping[str, Source] = field(default_factory=dict, hash=False)
    suppressed: bool = False
    scope: Literal["place", "repository"] = "place"

    @property
    def rule(self) -> str:
        """The rule's name."""
        return self.finding.rule

    @property
    def path(self) -> str:
        """The file, relative to the project's root."""
        return self.finding.path

    @property
    def line(self) -> int:
        """The first line, from 1."""
        return self.finding.line

    @property
    def column(self) -> int:
        """The first column in characters, from 1."""
        return self.finding.column

    @property
    def end_line(self) -> int:
        """The last line, from 1."""
        return self.finding.end_line

    @property
    def message(self) -> str:
        """What is wrong there."""
        return self.finding.message

    @property
    def applicability(self) -> Applicability:
        """How far the patch may be trusted."""
        return self.finding.applicability

    @property
    def reason(self) -> str:
        """What was proven, or what could not be."""
        return self.finding.reason

    @property
    def notes(self) -> tuple[str, ...]:
        """What may behave differently after the patch."""
        return self.finding.notes

    def with_patch(self, patch: str, changed: Mapping[str, Source]) -> Reported:
        """The same finding with its patch."""
        return replace(self, patch=patch, changed=changed)

    def silenced(self) -> Reported:
        """The same finding, suppressed."""
        return replace(self, suppressed=True)

    def without_patch(self, reason: str) -> Reported:
        """The same place, reported for display only."""
        finding = replace(self.finding, applicability=Applicability.DISPLAY_ONLY, reason=reason)
        return replace(self, finding=finding, patch=None, changed={})


@dataclass(frozen=True, slots=True)
class Report:
    """``findings`` are in order of path and line; ``files`` is how many files were looked at.

    ``rules`` and ``options`` are what it was made with.
    """

    findings: tuple[Reported, ...]
    skipped: tuple[Skipped, ...]
    files: int
    suppressed: tuple[Reported, ...] = ()
    rules: tuple[Rule, ...] = field(default=(), compare=False, repr=False)
    options: Options | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Combined:
    """Several patches as one.

    ``changed`` has each file before and after. ``applied`` are the findings that it settles, ``left`` those that
    it does not: without a patch, not allowed, or in the way of one another.
    """

    changed: Mapping[str, tuple[bytes, bytes]]
    applied: tuple[Reported, ...]
    left: tuple[Reported, ...]


class Progress(Protocol):
    """Told how far a run is; ``done`` and ``total`` count files."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...  # noqa: D102


def _everywhere(rule: str, path: str) -> bool:
    return True


@dataclass(frozen=True)
class Options:
    """How to analyse.

    ``rules``: each rule's own options, by rule name. ``exclude``: gitignore-style globs of files that names are
    resolved in but that are not reported on. ``selected``: the files to report on (None: what the snapshot
    says, or all that are not generated). ``applies`` says whether a rule is on for a path. ``workers``: processes
    to use at most (None: as many as there are cores; 1: this process alone). ``seconds_per_file`` bounds one
    rule's detection in one file. ``verify`` False leaves out what needs a second look at each patch.
    """

    rules: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    selected: frozenset[str] | None = None
    applies: Callable[[str, str], bool] = _everywhere
    cache: Cache | None = None
    workers: int | None = None
    seconds_per_file: float = 20.0
    patches: bool = True
    progress: Progress | None = None


def ordered(findings: Iterable[Reported]) -> tuple[Reported, ...]:
    """Findings by path, line, column and rule."""
    return tuple(
        sorted(findings, key=lambda each: (each.path, each.line, each.column, each.rule, each.message))
    )
