"""A few files, analysed by the tests' own rules, and what the report says of them in short."""

from __future__ import annotations

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse
from codemods.engine.run.report import Options
from tests.engine.fake_rules import OldCall


def snapshot(files: dict[str, str | bytes]) -> MemorySnapshot:
    return MemorySnapshot(
        {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
    )


def report(files: dict[str, str | bytes], *rules, **options):
    return analyse(snapshot(files), rules or (OldCall(),), Options(**{"workers": 1, **options}))


def places(found) -> list[str]:
    return [f"{each.path}:{each.line}:{each.column} {each.applicability}" for each in found.findings]


def reasons(found) -> dict[str, str]:
    return {each.path: each.reason for each in found.skipped}
