"""Finds the places of every shape in one module, and judges how far a patch may be trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from codemods.atomic_redis import by_hand, guards, locks, owners, reads, release, runs, windows
from codemods.atomic_redis.calls import blocks
from codemods.atomic_redis.clients import Client, client
from codemods.atomic_redis.commands import EXPIRES, RAISING
from codemods.atomic_redis.holding import holders
from codemods.atomic_redis.mocks import mocking_tests
from codemods.atomic_redis.sites import Context, Site
from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Finding

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

NAME = "atomic-redis"
_EXPIRY = re.compile(rb"\.(p?expire(at)?|setnx)\s*\(")
_TWO_STEPS = re.compile(
    rb"\.(get|exists|hgetall|lrange|smembers|zrange)\s*\([^\n]*(\n[^\n]*){0,12}?\.(set|setex|delete|unlink)\s*\("
    rb"|\.set\s*\([^\n]*(\n[^\n]*){0,4}?\.get\s*\("
)
_SECOND = (b".delete(", b".set(", b".setex(", b".unlink(")
_NEEDLES = (b".expire(", b".pexpire(", b".expireat(", b".pexpireat(", b".setnx(")
_FINDERS = (
    windows.find,
    locks.find,
    release.find,
    guards.find,
    reads.find,
    by_hand.find,
    runs.find,
    runs.branched,
    owners.find,
)


def _in_two_steps(data: bytes) -> bool:
    """Whether something is read and then written or removed, a few lines on."""
    return any(second in data for second in _SECOND) and _TWO_STEPS.search(data) is not None


def candidates(project: Project) -> Iterable[str]:
    """Files whose bytes hold one of the shapes, in a repository that speaks of Redis or Valkey at all."""
    if not project.containing(b"edis") and not project.containing(b"alkey"):
        return []
    found = {path for needle in _NEEDLES for path in project.containing(needle)}
    found.update(project.matching(_in_two_steps))
    found.update(project.containing(b"nx=True", b".delete("))
    return sorted(path for path in found if path.endswith(".py") and not is_test(path))


def sites(module: Module, project: Project) -> Iterator[Site]:
    """The places of one module, each once: a statement that one shape has claimed is no other's."""
    context = Context(module, project)
    claimed: list[tuple[int, int]] = []
    every = list(blocks(module.tree))
    for find in _FINDERS:
        for block in every:
            for site in find(block, context):
                first, last = site.first.lineno, site.last.end_lineno or site.last.lineno
                if any(first <= end and start <= last for start, end in claimed):
                    continue
                claimed.append((first, last))
                yield site


def detect(module: Module, project: Project) -> Iterator[Finding]:
    """The findings in one module, in the order of their lines."""
    if is_test(module.path):
        return
    found = [
        finding for site in sites(module, project) if (finding := judged(site, module, project)) is not None
    ]
    yield from sorted(found, key=lambda finding: finding.line)


def judged(site: Site, module: Module, project: Project) -> Finding | None:
    """The finding for a place; None where its client is none, or only looks like one and nothing can be done."""
    known = client(site.receiver, module, project, site.awaited, site.commands)
    if known.standing == "foreign":
        return None
    if known.standing == "refused":
        site.block(known.reason)
    elif site.decides is not None:
        site.decides(known)
    if known.standing == "evidence" and site.blocked and not _is_strong(site):
        return None
    notes = list(site.notes) if not site.blocked else []
    applicability, reason = _applicability(site, known, module, project)
    line, column = module.source.position(module.source.span(site.first)[0])
    return Finding(
        rule=NAME,
        path=module.path,
        line=line,
        column=column,
        end_line=site.last.end_lineno or site.last.lineno,
        message=" ".join(site.message.split()),
        applicability=applicability,
        reason=reason,
        notes=tuple(notes),
        evidence=(site.kind, line, column),
    )


def _is_strong(site: Site) -> bool:
    """Whether the names alone leave little doubt that this is Redis."""
    words = set(site.commands)
    return "redis" in _shown(site).lower() or bool(words & RAISING and words & EXPIRES)


def _shown(site: Site) -> str:
    import ast

    return ast.unparse(site.receiver)


def _applicability(site: Site, known: Client, module: Module, project: Project) -> tuple[Applicability, str]:
    if site.blocked:
        return Applicability.DISPLAY_ONLY, f"No patch: {site.blocked}."
    doubts = list(site.doubts)
    if known.standing == "evidence":
        doubts.insert(0, known.reason)
    tests = mocking_tests(site.gone, site.changed, holders(site.receiver, module), module.path, project)
    if tests:
        doubts.append(f"tests stand in for the client or its commands: {', '.join(tests)}")
    if doubts:
        return Applicability.UNSAFE, f"A person must look: {'; '.join(doubts)}."
    return Applicability.SAFE, f"`{_shown(site)}` is a Redis client: {known.reason}."
