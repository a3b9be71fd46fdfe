"""One run of the command over a project: what was asked for, found and left."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.engine import registry
from codemods.engine.files.discover import discover
from codemods.engine.files.source import Source, Unreadable
from codemods.engine.run.analyse import analyse
from codemods.engine.run.report import ALL, SAFE, Options, Report
from codemods.engine.settings.config import Config, read_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codemods.engine.files.disk import DiskSnapshot
    from codemods.engine.finding import Applicability
    from codemods.engine.run.cache import Cache


@dataclass(frozen=True)
class Session:
    """A project, its configuration and its report; ``seconds`` is what the analysis took."""

    snapshot: DiskSnapshot
    config: Config
    report: Report
    unsafe_fixes: bool
    seconds: float

    @property
    def allowed(self) -> frozenset[Applicability]:
        """Which patches may be applied."""
        return ALL if self.unsafe_fixes else SAFE

    def source(self, path: str) -> Source | None:
        """A file as it was analysed; None where it can't be read as text."""
        try:
            source = Source(path, self.snapshot.read(path))
            _ = source.text
        except (OSError, Unreadable):
            return None
        return source

    def where(self, path: str) -> str:
        """A report's path as seen from the current folder."""
        shown = os.path.relpath(self.snapshot.root / path)
        return path if shown.startswith(f"..{os.sep}..{os.sep}") else shown

    @property
    def shown(self) -> Report:
        """The report without patches that were not asked for."""
        findings = tuple(
            each if each.applicability in self.allowed else replace(each, patch=None, changed={})
            for each in self.report.findings
        )
        return replace(self.report, findings=findings)


def run(paths: Sequence[Path], select: Sequence[str] | None, *, unsafe_fixes: bool) -> Session:
    """Analyses what lies at ``paths``.

    Raises NotFound, UnknownRule, BrokenRule and ConfigError for what the user must put right.
    """
    started = time.perf_counter()
    chosen = _named(select)
    snapshot = discover(paths)
    config = read_config(snapshot.read)
    snapshot.skipped.update(config.notes)
    rules = registry.select(chosen)
    if chosen is None:
        config = config.with_defaults(rules)
        rules = [rule for rule in rules if config.enabled(rule.name)]
    from bot.progress import progress

    with progress() as told:
        options = Options(
            rules=config.options(),
            exclude=config.exclude,
            applies=config.applies,
            cache=_cache(),
            progress=told,
        )
        report = analyse(snapshot, rules, options)
    unsafe = unsafe_fixes or config.unsafe_fixes
    return Session(snapshot, config, report, unsafe, time.perf_counter() - started)


def _named(select: Sequence[str] | None) -> list[str] | None:
    """The rules named on the command line. Raises UnknownRule for the first that doesn't exist."""
    if not select:
        return None
    names = [name.strip() for given in select for name in given.split(",") if name.strip()]
    if not names:
        raise registry.UnknownRule("--select names no rule.")
    return list(dict.fromkeys(registry.find(name).name for name in names))


def _cache() -> Cache:
    """The cache in the user's cache folder, or where ``PATCHWRIGHT_CACHE_DIR`` says."""
    from codemods.engine.run.cache import Cache

    folder = os.environ.get("PATCHWRIGHT_CACHE_DIR")
    if not folder:
        from platformdirs import user_cache_dir

        folder = user_cache_dir("patchwright")
    return Cache(Path(folder))


def colours() -> bool:
    """Whether standard output shows colours: a terminal, and no ``NO_COLOR``."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
