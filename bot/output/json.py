"""The report as JSON, in the form that the design fixes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.run.report import Report


def render(report: Report, seconds: float) -> str:
    """``{"findings": [...], "skipped": [...], "files": N, "seconds": S}``; lines and columns count from 1."""
    findings = [
        {
            "rule": each.rule,
            "path": each.path,
            "line": each.line,
            "column": each.column,
            "end_line": each.end_line,
            "message": each.message,
            "applicability": str(each.applicability),
            "reason": each.reason,
            "patch": each.patch,
        }
        for each in report.findings
    ]
    skipped = [{"path": each.path, "reason": each.reason} for each in report.skipped]
    shown = {"findings": findings, "skipped": skipped, "files": report.files, "seconds": round(seconds, 3)}
    return json.dumps(shown, indent=2) + "\n"
