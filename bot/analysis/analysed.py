"""The engine, run over the files of one commit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.files.listed import Blobs, ListedFile
    from codemods.engine.files.snapshot import Snapshot
    from codemods.engine.run.report import Report
    from codemods.engine.settings.config import Config


@dataclass(frozen=True, slots=True)
class Files:
    """One commit's files; ``skipped`` pairs the paths that the snapshot left out with the reasons."""

    listed: tuple[ListedFile, ...]
    skipped: tuple[tuple[str, str], ...] = ()


def analysed(
    files: Files, blobs: Blobs, place: str, cache: Path | None, config: Config
) -> tuple[Snapshot, Report]:
    """The files as the engine sees them, and what it says of them. Raises MissingBlob, BrokenRule.

    ``place`` tells repositories apart in the cache at ``cache``.
    """
    from codemods.engine import registry
    from codemods.engine.files.listed import listed
    from codemods.engine.run.analyse import analyse
    from codemods.engine.run.cache import Cache
    from codemods.engine.run.report import Options

    kept = Cache(cache) if cache is not None else None
    snapshot = listed(files.listed, blobs, place, kept)
    snapshot.skipped.update({**dict(files.skipped), **config.notes})
    every = registry.select(None)
    config = config.with_defaults(every)
    options = Options(
        rules=config.options(),
        exclude=config.exclude,
        applies=config.applies,
        cache=kept,
        workers=1,
    )
    rules = [rule for rule in every if config.enabled(rule.name)]
    return snapshot, analyse(snapshot, rules, options)
