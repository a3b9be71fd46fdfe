"""From a snapshot and some rules to a report. Pure: nothing is written but the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.engine.files.generated import generated_by_content, generated_by_name, not_text
from codemods.engine.files.ignored import Patterns
from codemods.engine.files.source import Source
from codemods.engine.finding import Applicability, Finding
from codemods.engine.project import Project
from codemods.engine.rule import traits
from codemods.engine.run.detection import Analysis, detect
from codemods.engine.run.diff import unified
from codemods.engine.run.fingerprint import fingerprints
from codemods.engine.run.report import SAFE, Combined, Options, Report, Reported, Skipped, ordered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codemods.engine.files.snapshot import Snapshot
    from codemods.engine.rule import Rule
    from codemods.engine.run.detection import Detected
    from codemods.engine.run.patching import Attempt

__all__ = ["Combined", "Options", "Report", "Reported", "Skipped", "analyse", "combined", "fixed"]

_DEFAULT = Options()
_MARK = b"patchwright:"


def analyse(snapshot: Snapshot, rules: Sequence[Rule], options: Options = _DEFAULT) -> Report:
    """Every finding of ``rules`` in the selected files, each with its verified patch where there is one."""
    own = {name: dict(given) for name, given in options.rules.items()}
    place: str | None = getattr(snapshot, "place", None)
    if options.cache is None or place is None:
        return analysed(Analysis(Project(snapshot, own), rules, options))
    from codemods.engine.run.remembering import RememberingProject

    project = RememberingProject(snapshot, own, options.cache, place)
    report = analysed(Analysis(project, rules, options))
    project.remember()
    return report


def analysed(analysis: Analysis) -> Report:
    """The report of one analysis."""
    snapshot, options = analysis.project.snapshot, analysis.options
    selected, left_out = _selected(snapshot, options)
    detected = detect(analysis, selected)
    found = [
        finding
        for findings in _once(analysis.rules, detected).values()
        for finding in dict.fromkeys(findings)
    ]
    known = fingerprints(found, analysis.project.read)
    scopes = {rule.name: traits(rule).scope for rule in analysis.rules}
    reported = [Reported(each, known[each], scope=scopes.get(each.rule, "place")) for each in found]
    reported, suppressed, unused = _without_suppressed(analysis, reported, selected, detected)
    if options.patches and any(each.applicability is not Applicability.DISPLAY_ONLY for each in reported):
        reported = _with_patches(analysis, reported, found)
    skipped = {
        *snapshot.skipped.items(),
        *((each.path, each.reason) for each in (*left_out, *detected.skipped)),
    }
    return Report(
        findings=ordered([*reported, *unused]),
        skipped=tuple(Skipped(path, reason) for path, reason in sorted(skipped)),
        files=len(selected),
        suppressed=ordered(suppressed),
        rules=tuple(analysis.rules),
        options=options,
    )


def _once(rules: Sequence[Rule], detected: Detected) -> dict[tuple[int, str], tuple[Finding, ...]]:
    """The findings by rule and file; of a rule that speaks of the whole repository only the first one."""
    kept = dict(detected.findings)
    for number, rule in enumerate(rules):
        if traits(rule).scope == "repository":
            paths = sorted(path for at, path in kept if at == number and kept[at, path])
            for path in paths:
                kept[number, path] = kept[number, path][:1] if path == paths[0] else ()
    return kept


def combined(
    snapshot: Snapshot,
    report: Report,
    allowed: frozenset[Applicability] = SAFE,
    without: frozenset[str] = frozenset(),
) -> Combined:
    """All allowed patches of the report together, as far as they go together; verified as one.

    ``without``: fingerprints of findings that are left as they are.
    """
    if not any(
        each.patch and each.applicability in allowed and each.fingerprint not in without
        for each in report.findings
    ):
        return Combined({}, (), report.findings)
    from codemods.engine.run.combine import together

    return together(snapshot, report, allowed, without)


def fixed(snapshot: Snapshot, report: Report, allowed: frozenset[Applicability] = SAFE) -> dict[str, bytes]:
    """The files that all allowed patches together change, as they are afterwards."""
    return {path: after for path, (_, after) in combined(snapshot, report, allowed).changed.items()}


def _selected(snapshot: Snapshot, options: Options) -> tuple[frozenset[str], list[Skipped]]:
    """The files to report on: what the caller or the snapshot says, otherwise all that are not generated."""
    skipped: list[Skipped] = []
    chosen = options.selected if options.selected is not None else selected_in(snapshot, skipped)
    chosen &= frozenset(snapshot.python)
    if options.exclude:
        patterns = Patterns(options.exclude)
        culprits = {path: culprit for path in chosen if (culprit := patterns.culprit(path)) is not None}
        chosen -= culprits.keys()
        skipped += [Skipped(path, "excluded by the configuration") for path in sorted(set(culprits.values()))]
    return chosen, skipped


def selected_in(snapshot: Snapshot, skipped: list[Skipped] | None = None) -> frozenset[str]:
    """What the snapshot itself selects, otherwise the files that people wrote; the others go to ``skipped``."""
    known: frozenset[str] | None = getattr(snapshot, "selected", None)
    if known is not None:
        return known
    found = []
    for path in snapshot.python:
        reason = generated_by_name(path)
        if reason is None:
            try:
                data = snapshot.read(path)
            except OSError as error:
                reason = f"cannot be read: {error.strerror or error}"
            else:
                reason = generated_by_content(data) or not_text(path, data)
        if reason is None:
            found.append(path)
        elif skipped is not None:
            skipped.append(Skipped(path, reason))
    return frozenset(found)


def _without_suppressed(
    analysis: Analysis, reported: list[Reported], selected: frozenset[str], detected: Detected
) -> tuple[list[Reported], list[Reported], list[Reported]]:
    """What is left, what comments silence, and the comments that silence nothing."""
    paths = [path for path in analysis.project.containing(_MARK) if path in selected]
    if not paths:
        return reported, [], []
    from codemods.engine.checks.silence import silenced

    return silenced(analysis, reported, paths, detected.failed)


def _with_patches(analysis: Analysis, reported: list[Reported], found: Sequence[Finding]) -> list[Reported]:
    from codemods.engine.run.patches import patches_for

    wanted = [each.finding for each in reported if each.applicability is not Applicability.DISPLAY_ONLY]
    attempts = patches_for(analysis, wanted, found)
    return [_patched(analysis.project, each, attempts.get(each.finding)) for each in reported]


def _patched(project: Project, reported: Reported, attempt: Attempt | None) -> Reported:
    if attempt is None:
        return reported
    if attempt.failure:
        return reported.without_patch(attempt.failure)
    return reported.with_patch(
        unified(before_and_after(project, attempt.after)),
        {path: Source(path, after) for path, after in attempt.after.items()},
    )


def before_and_after(project: Project, after: Mapping[str, bytes]) -> dict[str, tuple[bytes, bytes]]:
    """What ``unified`` takes."""
    return {path: (project.read(path), data) for path, data in after.items()}
