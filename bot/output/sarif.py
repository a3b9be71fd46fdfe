"""The report as SARIF 2.1.0, with fixes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bot.output.plain import plain
from codemods.engine.finding import Applicability
from codemods.engine.page import page_of
from codemods.engine.registry import UnknownRule
from codemods.engine.run.diff import line_changes

if TYPE_CHECKING:
    from codemods.engine.files.source import Source
    from codemods.engine.run.report import Report, Reported

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Applicability.SAFE: "warning", Applicability.UNSAFE: "warning", Applicability.DISPLAY_ONLY: "note"}


def render(report: Report, source: Callable[[str], Source | None], version: str) -> str:
    """The whole log; ``source`` gives a file as it is now. Columns count UTF-16 code units."""
    every = [*report.findings, *report.suppressed]
    names = sorted({each.rule for each in every})
    driver = {
        "name": "Patchwright",
        "version": version,
        "rules": [_rule(name) for name in names],
    }
    skipped = [
        {
            "level": "note",
            "message": {"text": plain(f"skipped {each.path}: {each.reason}")},
            "locations": [{"physicalLocation": {"artifactLocation": _artifact(each.path)}}],
        }
        for each in report.skipped
    ]
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": skipped}],
        "results": [_result(each, names.index(each.rule), source) for each in every],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"id": name, "name": "".join(part.title() for part in name.split("-"))}
    try:
        page = page_of(name)
    except UnknownRule:
        return found
    if page.summary:
        found["shortDescription"] = {"text": page.summary}
        found["fullDescription"] = {"text": page.section("What it does") or page.summary}
    if page.text:
        found["help"] = {"text": page.text, "markdown": page.text}
    return found


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path.encode("utf-8", "surrogateescape")), "uriBaseId": "SRCROOT"}


def _result(each: Reported, rule: int, source: Callable[[str], Source | None]) -> dict[str, Any]:
    before = source(each.path)
    line = before.lines[each.line - 1] if before is not None and each.line <= len(before.lines) else ""
    found: dict[str, Any] = {
        "ruleId": each.rule,
        "ruleIndex": rule,
        "level": _LEVELS[each.applicability],
        "message": {"text": plain("\n".join([each.message, each.reason, *each.notes]))},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(each.path),
                    "region": {
                        "startLine": each.line,
                        "startColumn": _units(line[: each.column - 1]) + 1,
                        "endLine": max(each.line, each.end_line),
                    },
                }
            }
        ],
        "partialFingerprints": {"patchwright/v1": each.fingerprint},
        "properties": {"applicability": str(each.applicability)},
    }
    if each.suppressed:
        found["suppressions"] = [{"kind": "inSource"}]
    if each.patch:
        changes = [
            {"artifactLocation": _artifact(path), "replacements": list(_replacements(old, after))}
            for path, after in sorted(each.changed.items())
            if (old := source(path)) is not None
        ]
        found["fixes"] = [{"description": {"text": plain(each.message)}, "artifactChanges": changes}]
    return found


def _replacements(before: Source, after: Source) -> list[dict[str, Any]]:
    """Whole lines, so that no column falls inside a character."""
    found = []
    old, new = _kept(before), _kept(after)
    for a1, a2, b1, b2 in line_changes(old, new):
        (start_line, start_column), (end_line, end_column) = _start(old, a1), _start(old, a2)
        region = {
            "startLine": start_line,
            "startColumn": start_column,
            "endLine": end_line,
            "endColumn": end_column,
        }
        found.append({"deletedRegion": region, "insertedContent": {"text": "".join(new[b1:b2])}})
    return found


def _kept(source: Source) -> list[str]:
    """The lines with their ends; the last one has none."""
    return [
        source.text[source.line_start(n) : source.line_start(n + 1)] for n in range(1, len(source.lines) + 1)
    ]


def _start(lines: list[str], index: int) -> tuple[int, int]:
    """Where line ``index`` (from 0) begins; beyond the last one, where that ends."""
    if index < len(lines):
        return index + 1, 1
    return len(lines), _units(lines[-1]) + 1


def _units(text: str) -> int:
    """How many UTF-16 code units ``text`` has."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
