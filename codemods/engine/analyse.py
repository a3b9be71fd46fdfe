"""From a snapshot and some rules to a report. Pure: nothing is written but the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.engine.detection import Analysis, detect
from codemods.engine.generated import generated_by_content, generated_by_name, not_text
from codemods.engine.project import Project
from codemods.engine.report import Options, Report, Reported, Skipped, ordered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codemods.engine.rule import Rule
    from codemods.engine.snapshot import Snapshot

__all__ = ["Options", "Report", "Reported", "Skipped", "analyse"]

_DEFAULT = Options()


def analyse(snapshot: Snapshot, rules: Sequence[Rule], options: Options = _DEFAULT) -> Report:
    """Every finding of ``rules`` in the selected files, each with its verified patch where there is one."""
    analysis = Analysis(
        Project(snapshot, {name: dict(own) for name, own in options.rules.items()}), rules, options
    )
    selected, left_out = _selected(snapshot, options)
    detected = detect(analysis, selected)
    findings = [Reported(finding) for found in detected.findings.values() for finding in found]
    skipped = {(path, reason) for path, reason in snapshot.skipped.items()}
    skipped |= {(each.path, each.reason) for each in (*left_out, *detected.skipped)}
    return Report(
        findings=ordered(findings),
        skipped=tuple(Skipped(path, reason) for path, reason in sorted(skipped)),
        files=len(selected),
    )


def _selected(snapshot: Snapshot, options: Options) -> tuple[frozenset[str], list[Skipped]]:
    """The files to report on: what the caller or the snapshot says, otherwise all that are not generated."""
    if options.selected is not None:
        return options.selected & frozenset(snapshot.python), []
    known: frozenset[str] | None = getattr(snapshot, "selected", None)
    if known is not None:
        return known, []
    selected, skipped = [], []
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
            selected.append(path)
        else:
            skipped.append(Skipped(path, reason))
    return frozenset(selected), skipped
