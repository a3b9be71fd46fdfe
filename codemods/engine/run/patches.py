"""The patches of many findings: kept ones first, the rest written on several processes, each verified."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from codemods.engine.run.answers import Answers
from codemods.engine.run.cache import key, packed, unpacked
from codemods.engine.run.detection import packages_of, rule_key
from codemods.engine.run.patching import DROPPED, Attempt, PatchTask, Written, write_patches
from codemods.engine.run.workers import Crashed, Workers, cores

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codemods.engine.finding import Finding
    from codemods.engine.run.detection import Analysis

_PARALLEL_FINDINGS = 4
_CHUNKS_PER_PROCESS = 3


def patches_for(
    analysis: Analysis, wanted: Iterable[Finding], found: Iterable[Finding]
) -> dict[Finding, Attempt]:
    """What came of each wanted finding; ``found`` are all findings of the run, suppressed ones too."""
    tasks = _tasks(analysis, wanted, found)
    keys = [_key(analysis, task) for task in tasks]
    kept = _kept(analysis, keys)
    fresh = [task for task, its_key in zip(tasks, keys, strict=True) if its_key not in kept]
    written = _write(analysis, fresh)
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
    count = min(len(tasks), processes * _CHUNKS_PER_PROCESS) if processes > 1 else 1
    chunks = [tasks[start::count] for start in range(count)] if tasks else []
    by_task: dict[int, Written] = {}
    for start, result in enumerate(Workers(analysis, processes).run(write_patches, chunks)):
        written = _one_by_one(analysis, chunks[start]) if isinstance(result, Crashed) else result
        by_task.update(zip(range(start, len(tasks), count), written, strict=True))
        if analysis.options.progress is not None:
            analysis.options.progress("patching", len(by_task), len(tasks))
    return [by_task[number] for number in range(len(tasks))]


def _one_by_one(analysis: Analysis, tasks: Sequence[PatchTask]) -> list[Written]:
    """After a process died: each task in one of its own, to know whose fault it is."""
    written: list[Written] = []
    for task in tasks:
        (result,) = Workers(analysis, 2).run(write_patches, [[task]])
        if isinstance(result, Crashed):
            failure = f"{DROPPED}the process that wrote it died"
            written.append(Written(tuple(Attempt(finding, failure=failure) for finding in task.findings), ()))
        else:
            written += result
    return written
