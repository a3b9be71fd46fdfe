"""Runs the rules' detectors over the files that may hold something, and keeps what they found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemods.engine.files.listing import MissingBlob
from codemods.engine.files.source import Source, Unreadable
from codemods.engine.run.answers import Answers
from codemods.engine.run.cache import key, packed, unpacked
from codemods.engine.run.code import code_of
from codemods.engine.run.report import Options, Skipped
from codemods.engine.run.workers import Crashed, TooSlow, Workers, at_most, cores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codemods.engine.finding import Finding
    from codemods.engine.project import Project
    from codemods.engine.rule import Rule
    from codemods.engine.run.answers import Trace

_PARALLEL_BYTES = 600_000
_SMALL_PROJECT = 400_000
_TASKS_PER_PROCESS = 8


@dataclass
class Analysis:
    """What one run works with."""

    project: Project
    rules: Sequence[Rule]
    options: Options

    def __getstate__(self) -> tuple[object, ...]:
        """What a spawned process needs: it reads and parses for itself."""
        given = self.options
        options = Options(rules=given.rules, exclude=given.exclude, seconds_per_file=given.seconds_per_file)
        return self.project.snapshot, self.project.options, tuple(self.rules), options

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        snapshot, own, self.rules, self.options = state
        from codemods.engine.project import Project

        self.project = Project(snapshot, own)


@dataclass(frozen=True, slots=True)
class Task:
    """One file and the rules (by position) to run on it."""

    path: str
    rules: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule said about one file: packed findings and trace, or why there is nothing."""

    path: str
    rule: int | None
    blob: bytes = b""
    failure: str = ""


@dataclass
class Detected:
    """``findings`` by rule position and path; ``failed`` are rules (None for all) that could not look at a file."""

    findings: dict[tuple[int, str], tuple[Finding, ...]]
    skipped: list[Skipped]
    failed: set[tuple[str | None, str]]


def detect(analysis: Analysis, selected: frozenset[str]) -> Detected:
    """All findings in the selected files, from the cache where the answers that they rest on still hold."""
    found = Detected({}, [], set())
    wanted: dict[str, list[int]] = {}
    for number, rule in enumerate(analysis.rules):
        for path in _candidates(analysis, rule, found):
            if path in selected and analysis.options.applies(rule.name, path):
                wanted.setdefault(path, []).append(number)
    keys = _keys(analysis, wanted)
    kept = _kept(analysis, keys, found)
    tasks = [
        Task(path, tuple(left))
        for path, numbers in sorted(wanted.items())
        if (left := [number for number in numbers if (number, path) not in kept])
    ]
    tasks += [Task(path, ()) for path in _look_whole(analysis, selected, wanted)]
    fresh: dict[bytes, bytes] = {}
    packages = packages_of(analysis.rules)
    for outcome in _run(analysis, tasks):
        if outcome.rule is None:
            found.skipped.append(Skipped(outcome.path, outcome.failure))
            found.failed.add((None, outcome.path))
        elif outcome.failure:
            name = analysis.rules[outcome.rule].name
            found.skipped.append(Skipped(outcome.path, f"{name}: {outcome.failure}"))
            found.failed.add((name, outcome.path))
        else:
            findings, _ = _opened(outcome.blob, packages) or ((), ())
            found.findings[outcome.rule, outcome.path] = findings
            fresh[keys[outcome.rule, outcome.path]] = outcome.blob
    if analysis.options.cache is not None:
        analysis.options.cache.store(fresh)
    return found


def _candidates(analysis: Analysis, rule: Rule, found: Detected) -> list[str]:
    try:
        return list(rule.candidates(analysis.project))
    except MissingBlob:
        raise
    except Exception as error:  # noqa: BLE001 - a rule's fault must not end the run
        found.skipped.append(Skipped(".", f"{rule.name}: looking for candidates failed: {named(error)}"))
        return []


def _look_whole(analysis: Analysis, selected: frozenset[str], wanted: dict[str, list[int]]) -> list[str]:
    """A small project is parsed whole, so that files that don't parse are named though no rule would look there."""
    left = sorted(selected - wanted.keys())
    if len(left) > 500 or sum(len(analysis.project.read(path)) for path in left) > _SMALL_PROJECT:
        return []
    return left


def _keys(analysis: Analysis, wanted: dict[str, list[int]]) -> dict[tuple[int, str], bytes]:
    starts = [rule_key(analysis, rule) for rule in analysis.rules]
    digest = analysis.project.snapshot.digest
    return {
        (number, path): key("detect", starts[number], path, digest(path))
        for path, numbers in wanted.items()
        for number in numbers
    }


def rule_key(analysis: Analysis, rule: Rule) -> str:
    """What every result of a rule depends on: its code and version, the engine's, Python's, and the options."""
    options = json.dumps(analysis.options.rules.get(rule.name, {}), sort_keys=True, default=repr)
    return "\n".join([rule.name, str(rule.version), code_of(type(rule).__module__), options])


def packages_of(rules: Sequence[Rule]) -> frozenset[str]:
    """The packages whose dataclasses results may hold, as evidence."""
    return frozenset(type(rule).__module__.partition(".")[0] for rule in rules) - {"builtins", "__main__"}


def _opened(blob: bytes, packages: frozenset[str]) -> tuple[tuple[Finding, ...], Trace] | None:
    value = unpacked(blob, packages)
    if not isinstance(value, tuple) or len(value) != 2:
        return None
    return value


def _kept(analysis: Analysis, keys: dict[tuple[int, str], bytes], found: Detected) -> set[tuple[int, str]]:
    """Takes over the stored results that still hold."""
    if analysis.options.cache is None:
        return set()
    stored = analysis.options.cache.load(keys.values())
    answers = Answers(analysis.project)
    packages = packages_of(analysis.rules)
    kept = set()
    for place, its_key in keys.items():
        blob = stored.get(its_key)
        opened = None if blob is None else _opened(blob, packages)
        if opened is not None and answers.hold(opened[1]):
            found.findings[place] = opened[0]
            kept.add(place)
    return kept


def _run(analysis: Analysis, tasks: list[Task]) -> list[Outcome]:
    options, project = analysis.options, analysis.project
    size = sum(len(project.read(task.path)) for task in tasks)
    processes = min(options.workers or cores(), 32) if size > _PARALLEL_BYTES else 1
    chunks = _chunks(project, tasks, size // (processes * _TASKS_PER_PROCESS) if processes > 1 else 0)
    outcomes: list[Outcome] = []
    done = 0
    for chunk, result in zip(chunks, Workers(analysis, processes).run(_detect_in_files, chunks), strict=True):
        if isinstance(result, Crashed):
            outcomes += _after_crash(analysis, chunk)
        else:
            outcomes += result
        done += len(chunk)
        if options.progress is not None:
            options.progress("looking", done, len(tasks))
    return outcomes


def _chunks(project: Project, tasks: list[Task], size: int) -> list[list[Task]]:
    chunks: list[list[Task]] = []
    room = 0
    for task in tasks:
        if room <= 0:
            chunks.append([])
            room = size
        chunks[-1].append(task)
        room -= len(project.read(task.path)) + 500
    return chunks


def _after_crash(analysis: Analysis, chunk: list[Task]) -> list[Outcome]:
    if len(chunk) == 1:
        return [Outcome(chunk[0].path, None, failure="the process that analysed it died")]
    outcomes: list[Outcome] = []
    for task in chunk:
        (result,) = Workers(analysis, 2).run(_detect_in_files, [[task]])
        outcomes += _after_crash(analysis, [task]) if isinstance(result, Crashed) else result
    return outcomes


def _detect_in_files(analysis: Analysis, tasks: list[Task]) -> list[Outcome]:
    return [outcome for task in tasks for outcome in _detect_in_file(analysis, task)]


def _detect_in_file(analysis: Analysis, task: Task) -> list[Outcome]:
    project, options = analysis.project, analysis.options
    outcomes = []
    try:
        with at_most(options.seconds_per_file), project.tracing() as opening:
            module = project.module(task.path)
        if module is None:
            return [Outcome(task.path, None, failure=_why(project, task.path))]
    except TooSlow:
        return [Outcome(task.path, None, failure=f"parsing took longer than {options.seconds_per_file:g} s")]
    for number in task.rules:
        rule = analysis.rules[number]
        try:
            with at_most(options.seconds_per_file), project.tracing() as trace:
                findings = tuple(rule.detect(module, project))
            trace.update(opening)
            outcomes.append(Outcome(task.path, number, packed((findings, tuple(trace.items())))))
        except TooSlow:
            outcomes.append(
                Outcome(task.path, number, failure=f"took longer than {options.seconds_per_file:g} s")
            )
        except MissingBlob:
            raise
        except Exception as error:  # noqa: BLE001 - a rule's fault must not end the run
            outcomes.append(Outcome(task.path, number, failure=named(error)))
    return outcomes


def _why(project: Project, path: str) -> str:
    try:
        _ = Source(path, project.read(path)).tree
    except Unreadable as reason:
        return str(reason)
    return "can't be read"


def named(error: Exception) -> str:
    """The exception's type, and where it came from, without its text: that may hold the user's code."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    where = f" in {Path(last.tb_frame.f_code.co_filename).name}:{last.tb_lineno}" if last is not None else ""
    return f"unexpected {type(error).__name__}{where}"
