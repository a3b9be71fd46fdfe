"""What comments in the code silence, and which of them silence nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.engine import registry
from codemods.engine.checks.suppress import UNUSED, Suppressions
from codemods.engine.files.source import Source, Unreadable
from codemods.engine.finding import Applicability, Finding
from codemods.engine.rule import traits
from codemods.engine.run.fingerprint import fingerprints
from codemods.engine.run.report import Reported

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from codemods.engine.run.detection import Analysis

_WHY = "every rule that the comment speaks of has looked at this file"
_WHY_UNKNOWN = "no rule has this name; `patchwright rules` lists them"


def silenced(
    analysis: Analysis,
    reported: Iterable[Reported],
    paths: Sequence[str],
    failed: Collection[tuple[str | None, str]],
) -> tuple[list[Reported], list[Reported], list[Reported]]:
    """The findings that are left, those that comments in ``paths`` silence, and the comments that silence nothing.

    ``failed`` are the rules that could not look at a file, by name and path: nothing is said of their comments.
    """
    comments: dict[str, Suppressions] = {}
    for path in paths:
        try:
            comments[path] = Suppressions.of(Source(path, analysis.project.read(path)))
        except Unreadable:
            continue
    left: list[Reported] = []
    quiet: list[Reported] = []
    for each in reported:
        covering = comments.get(each.path)
        if covering is not None and covering.covers(each.finding):
            quiet.append(each.silenced())
        else:
            left.append(each)
    return left, quiet, _unused(analysis, comments, failed)


def _lacks_rules(names: Collection[str]) -> bool:
    """Whether a rule that is on unless it is switched off has not been run; one that can't be loaded may be such."""
    try:
        missing = [registry.load(name) for name in sorted(registry.known().keys() - set(names))]
    except registry.BrokenRule:
        return True
    return any(traits(rule).default for rule in missing)


def _unused(
    analysis: Analysis, comments: dict[str, Suppressions], failed: Collection[tuple[str | None, str]]
) -> list[Reported]:
    names = {rule.name for rule in analysis.rules}
    known = {*registry.known(), *names, UNUSED}
    off = set() if _lacks_rules(names) else known - names - {UNUSED}
    found = []
    for path, suppressions in comments.items():
        run = {name for name in names if (name, path) not in failed and analysis.options.applies(name, path)}
        if (None, path) in failed:
            continue
        for line, said in suppressions.unused(run, known, off):
            column = suppressions.source.lines[line - 1].index("#") + 1
            reason = _WHY_UNKNOWN if "unknown rule" in said else _WHY
            found.append(Finding(UNUSED, path, line, column, line, said, Applicability.DISPLAY_ONLY, reason))
    marks = fingerprints(found, analysis.project.read)
    return [Reported(finding, marks[finding]) for finding in found]
