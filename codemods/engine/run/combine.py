"""Many patches as one: what goes together now, the rest in further rounds, the whole verified again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.engine.checks.lint import LintFailed
from codemods.engine.checks.verify import verify
from codemods.engine.edits.apply import compatible
from codemods.engine.files.overlay import overlaid
from codemods.engine.files.source import Source
from codemods.engine.finding import Applicability, Change, Refused
from codemods.engine.names.importers import imported_elsewhere
from codemods.engine.project import Project
from codemods.engine.run.analyse import analysed, selected_in
from codemods.engine.run.detection import Analysis
from codemods.engine.run.patching import put_into_effect, sources_of
from codemods.engine.run.report import Combined, Options, Report, Reported

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codemods.engine.files.snapshot import Snapshot

_MOST_ROUNDS = 5


def together(
    snapshot: Snapshot,
    report: Report,
    allowed: frozenset[Applicability],
    without: frozenset[str] = frozenset(),
) -> Combined:
    """All allowed patches of ``report``, as far as they go together.

    In each round those are applied that do not meet; what is left is found again in the result and goes next.
    Findings whose fingerprint is in ``without`` stay as they are, in every round.
    """
    options = report.options or Options()
    first = Project(snapshot, {name: dict(own) for name, own in options.rules.items()})
    reached = options.selected if options.selected is not None else selected_in(snapshot)
    barred = frozenset(each for each in report.findings if each.fingerprint in without)
    places = frozenset((each.path, each.rule) for each in barred)
    known = {each: each for each in report.findings}
    project, current = first, report
    changed: dict[str, bytes] = {}
    applied: dict[Reported, None] = {}
    for _ in range(_MOST_ROUNDS):
        # Where a later round's finding can't be told from one that has to stay, it has to stay too.
        wanted = tuple(
            each
            for each in current.findings
            if (known[each] not in barred if each in known else (each.path, each.rule) not in places)
        )
        now, after = _one_round(project, replace(current, findings=wanted), allowed)
        if not now:
            break
        changed |= {path: source.data for path, source in after.items()}
        applied |= {known.get(each, each): None for each in now}
        project = overlaid(first, changed)
        concerned = frozenset(each.path for each in report.findings if each not in barred)
        where = (concerned | changed.keys()) & reached
        current = analysed(Analysis(project, report.rules, replace(options, selected=where, progress=None)))
        known = _same([each for each in report.findings if each not in applied], current.findings)
    files = {path: (first.read(path), data) for path, data in changed.items() if data != first.read(path)}
    return Combined(files, tuple(applied), tuple(each for each in report.findings if each not in applied))


def _same(before: Iterable[Reported], now: Iterable[Reported]) -> dict[Reported, Reported]:
    """For findings of a further round those of the report that they are: by order where none came or went in a file."""
    old: dict[tuple[str, str], list[Reported]] = {}
    new: dict[tuple[str, str], list[Reported]] = {}
    for groups, findings in ((old, before), (new, now)):
        for each in findings:
            groups.setdefault((each.path, each.rule), []).append(each)
    found: dict[Reported, Reported] = {}
    for place, here in new.items():
        were = old.get(place, [])
        if len(here) == len(were):
            found.update(zip(here, were, strict=True))
        else:
            marks = {each.fingerprint: each for each in were}
            found.update({each: marks[each.fingerprint] for each in here if each.fingerprint in marks})
    return found


def _one_round(
    project: Project, report: Report, allowed: frozenset[Applicability]
) -> tuple[list[Reported], dict[str, Source]]:
    """The findings whose patches go together now, and the files after them."""
    rules = {rule.name: rule for rule in report.rules}
    changes: list[tuple[Reported, Change]] = []
    for each in report.findings:
        if each.patch and each.applicability in allowed and each.rule in rules:
            try:
                changes.append((each, rules[each.rule].rewrite(each.finding, project)))
            except Refused:
                continue
    selection = compatible(
        [change for _, change in changes], sources_of([change for _, change in changes], project)
    )
    accepted = [
        (each, change) for each, change in changes if any(change is one for one in selection.accepted)
    ]
    return _largest_that_holds(project, accepted)


def _largest_that_holds(
    project: Project, accepted: list[tuple[Reported, Change]]
) -> tuple[list[Reported], dict[str, Source]]:
    """Applies all; where the whole does not stand up to verification, halves of it, one after the other."""
    if not accepted:
        return [], {}
    after = _verified(project, [change for _, change in accepted])
    if after is not None:
        return [each for each, _ in accepted], after
    if len(accepted) == 1:
        return [], {}
    middle = len(accepted) // 2
    found, after = _largest_that_holds(project, accepted[:middle])
    if found:
        return found, after  # the other half is found again in the next round
    return _largest_that_holds(project, accepted[middle:])


def _verified(project: Project, changes: Sequence[Change]) -> dict[str, Source] | None:
    try:
        after = put_into_effect(changes, project)
    except Refused:
        return None
    before = {path: Source(path, project.read(path)) for path in after}
    try:
        verdict = verify(before, after, changes, imported_elsewhere(project))
    except (LintFailed, OSError):
        return None
    return None if verdict else after
