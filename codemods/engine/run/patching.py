"""From findings to patches: each written alone, put into effect, and looked at again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.engine.checks.lint import LintFailed
from codemods.engine.edits.apply import apply
from codemods.engine.edits.splice import BadEdit
from codemods.engine.files.generated import left_alone
from codemods.engine.files.ignored import Patterns
from codemods.engine.files.listing import MissingBlob
from codemods.engine.files.overlay import overlaid
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.files.source import Source
from codemods.engine.finding import Change, Finding, Refused
from codemods.engine.names.importers import imported_elsewhere
from codemods.engine.project import Project
from codemods.engine.run.detection import named
from codemods.engine.run.workers import TooSlow, at_most

if TYPE_CHECKING:
    from codemods.engine.rule import Rule
    from codemods.engine.run.answers import Trace
    from codemods.engine.run.detection import Analysis

DROPPED = "patch dropped: "


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one finding: the files after its patch alone, or why there is none."""

    finding: Finding
    after: Mapping[str, bytes] = field(default_factory=dict)
    failure: str = ""


@dataclass(frozen=True, slots=True)
class PatchTask:
    """Findings of one rule (by position) in one file; ``counts`` says how many the rule has in each file."""

    rule: int
    findings: tuple[Finding, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Written:
    """A task's attempts in order, and the questions and answers that they rest on; none if they can't be kept."""

    attempts: tuple[Attempt, ...]
    trace: Trace


@dataclass(frozen=True, slots=True)
class _Draft:
    """A patch that is not verified yet."""

    change: Change
    after: Mapping[str, Source]


def write_patches(analysis: Analysis, tasks: Sequence[PatchTask]) -> list[Written]:
    """The patch of each finding alone, verified. A worker's function."""
    drafts: list[_Draft | str] = []
    traces: list[Trace] = []
    for task in tasks:
        with analysis.project.tracing() as trace:
            drafts += [_draft(analysis, task, finding) for finding in task.findings]
        traces.append(tuple(trace.items()))
    try:
        verdicts = iter(
            verdicts_on([draft for draft in drafts if isinstance(draft, _Draft)], analysis.project)
        )
    except (LintFailed, OSError) as error:
        verdicts = itertools.repeat(f"it can't be verified: {' '.join(str(error).split())}")
        traces = [() for _ in tasks]
    left = iter(drafts)
    return [
        Written(tuple(_attempt(finding, next(left), verdicts) for finding in task.findings), trace)
        for task, trace in zip(tasks, traces, strict=True)
    ]


def _attempt(finding: Finding, draft: _Draft | str, verdicts: Iterator[str | None]) -> Attempt:
    if isinstance(draft, str):
        return Attempt(finding, failure=draft)
    if verdict := next(verdicts):
        return Attempt(finding, failure=DROPPED + verdict)
    return Attempt(finding, {path: source.data for path, source in draft.after.items()})


def _draft(analysis: Analysis, task: PatchTask, finding: Finding) -> _Draft | str:
    """The patch, or why there is none."""
    rule, project = analysis.rules[task.rule], analysis.project
    try:
        with at_most(analysis.options.seconds_per_file * 2):
            change = rule.rewrite(finding, project)
            after = put_into_effect([change], project)
            exclude = Patterns(analysis.options.exclude)
            for path in after:
                if (why := left_alone(project.snapshot, path, exclude)) is not None:
                    return f"{path} would have to change too: {why}"
            failure = _second_look(rule, project, after, task.counts)
    except Refused as reason:
        return str(reason)
    except TooSlow:
        return f"{DROPPED}writing it took too long"
    except MissingBlob:
        raise
    except Exception as error:  # noqa: BLE001 - a rule's fault must not end the run
        return DROPPED + named(error)
    return DROPPED + failure if failure else _Draft(change, after)


def verdicts_on(drafts: Sequence[_Draft], project: Project) -> list[str | None]:
    """Why each draft fails, or None. Raises what ``verify_many`` raises."""
    if not drafts:
        return []
    from codemods.engine.checks.verify import Patch, verify_many

    patches = [
        Patch({path: source_of(path, project) for path in draft.after}, draft.after, [draft.change])
        for draft in drafts
    ]
    return verify_many(patches, imported_elsewhere(project))


def put_into_effect(changes: Sequence[Change], project: Project) -> dict[str, Source]:
    """The files that ``changes`` alter. Raises Refused and its kin, as ``apply`` does."""
    try:
        return apply(changes, sources_of(changes, project), imported_elsewhere(project))
    except BadEdit as error:
        raise Refused(f"{DROPPED}{error}") from error


def sources_of(changes: Sequence[Change], project: Project) -> dict[str, Source]:
    """The files that ``changes`` touch, as they are now."""
    paths = {edit.path for change in changes for edit in change.edits}
    paths |= {need.path for change in changes for need in change.imports}
    paths = {path for path in paths if project.has(path)}
    for path in paths:
        project.note("file", path, project.snapshot.digest(path))
    return {path: source_of(path, project) for path in sorted(paths)}


def source_of(path: str, project: Project) -> Source:
    """The file as it is; parsed once for all patches, where it can be parsed."""
    with project.tracing(apart=True):
        module = project.module(path)
    return module.source if module is not None else Source(path, project.read(path))


def _second_look(rule: Rule, project: Project, after: Mapping[str, Source], counts: Mapping[str, int]) -> str:
    """What is wrong with a patch: it changes nothing, or the same rule still finds as much in the files."""
    if not after:
        return "it changes nothing"
    second = overlaid(project, {path: source.data for path, source in after.items()})
    with second.tracing() as trace:
        left = len(found_again(rule, second, after))
    for question in trace:  # the changed files follow from the files as they are, so the answers now decide
        project.note(*question, project.answer(*question))
    return "a second run still finds it" if left >= sum(counts.get(path, 0) for path in after) else ""


def found_again(rule: Rule, project: Project, after: Mapping[str, Source]) -> list[Finding]:
    """What ``rule`` finds in changed files of ``project``. Raises Refused where one no longer parses."""
    alone = Project(MemorySnapshot({path: source.data for path, source in after.items()}), project.options)
    candidates = set(rule.candidates(alone))
    found: list[Finding] = []
    for path in sorted(after):
        module = project.module(path)
        if module is None:
            raise Refused(f"{DROPPED}{path} would no longer parse")
        if path in candidates:
            found += rule.detect(module, project)
    return found
