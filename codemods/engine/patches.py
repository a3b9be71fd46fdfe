"""The patches of many findings: kept ones first, the rest written on several processes, all verified at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.engine.cache import key, packed, unpacked
from codemods.engine.detection import Answers, packages_of, rule_key
from codemods.engine.patching import DROPPED, Attempt, PatchTask, Written, write_patches
from codemods.engine.source import Source
from codemods.engine.verdicts import verify_all
from codemods.engine.workers import Crashed, Workers, cores

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codemods.engine.detection import Analysis
    from codemods.engine.finding import Finding

_PARALLEL_FINDINGS = 4


def patches_for(
    analysis: Analysis, wanted: Iterable[Finding], found: Iterable[Finding]
) -> dict[Finding, Attempt]:
    """What came of each wanted finding; ``found`` are all findings of the run, suppressed ones too."""
    tasks = _tasks(analysis, wanted, found)
    keys = [_key(analysis, task) for task in tasks]
    kept = _kept(analysis, keys)
    fresh = [task for task, its_key in zip(tasks, keys, strict=True) if its_key not in kept]
    written = _verified(analysis, _write(analysis, fresh))
    if analysis.options.cache is not None:
        entries = {
            _key(analysis, task): packed(each)
            for task, each in zip(fresh, written, strict=True)
            if each.trace
        }
        analysis.options.cache.store(entries)
    return {attempt.finding: attempt for each in (*kept.values(), *written) for attempt in each.attempts}


def _tasks(analysis: Analysis, wanted: Iterable[Finding], found: Iterable[Finding]) -> list[PatchTask]:
    numbers = {rule.name: number for number, rule in enumerate(analysis.rules)}
    counts: dict[str, Counter[str]] = {}
    for finding in found:
        counts.setdefault(finding.rule, Counter())[finding.path] += 1
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in wanted:
        if finding.rule in numbers:
            groups.setdefault((finding.path, finding.rule), []).append(finding)
    return [
        PatchTask(numbers[rule], tuple(groups[path, rule]), counts[rule]) for path, rule in sorted(groups)
    ]


def _key(analysis: Analysis, task: PatchTask) -> bytes:
    path = task.findings[0].path
    rule = rule_key(analysis, analysis.rules[task.rule])
    return key("patch", rule, path, analysis.project.snapshot.digest(path), *map(repr, task.findings))


def _kept(analysis: Analysis, keys: Sequence[bytes]) -> dict[bytes, Written]:
    if analysis.options.cache is None:
        return {}
    answers = Answers(analysis.project)
    packages = packages_of(analysis.rules)
    opened = {
        its_key: unpacked(blob, packages) for its_key, blob in analysis.options.cache.load(keys).items()
    }
    return {
        its_key: written
        for its_key, written in opened.items()
        if isinstance(written, Written) and answers.hold(written.trace)
    }


def _write(analysis: Analysis, tasks: Sequence[PatchTask]) -> list[Written]:
    processes = min(analysis.options.workers or cores(), 32)
    if sum(len(task.findings) for task in tasks) < _PARALLEL_FINDINGS:
        processes = 1
    written: list[Written] = []
    for task, result in zip(tasks, Workers(analysis, processes).run(write_patches, tasks), strict=True):
        if isinstance(result, Crashed):
            failure = f"{DROPPED}the process that wrote it died"
            result = Written(tuple(Attempt(finding, failure=failure) for finding in task.findings), ())  # noqa: PLW2901
        written.append(result)
        if analysis.options.progress is not None:
            analysis.options.progress("patching", len(written), len(tasks))
    return written


def _verified(analysis: Analysis, written: Sequence[Written]) -> list[Written]:
    """The same with attempts dropped that do not stand up to verification; one look at all of them."""
    attempts = [attempt for each in written for attempt in each.attempts if not attempt.failure]
    if not attempts:
        return list(written)
    read = analysis.project.read
    verdicts = verify_all(
        [
            (
                {path: Source(path, read(path)) for path in attempt.after},
                {path: Source(path, data) for path, data in attempt.after.items()},
            )
            for attempt in attempts
        ]
    )
    wrong = {attempt.finding: verdict for attempt, verdict in zip(attempts, verdicts, strict=True) if verdict}
    return [
        replace(
            each,
            attempts=tuple(
                Attempt(attempt.finding, failure=f"{DROPPED}{wrong[attempt.finding]}")
                if attempt.finding in wrong
                else attempt
                for attempt in each.attempts
            ),
        )
        for each in written
    ]
