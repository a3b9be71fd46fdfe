"""The report as plain lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.report import Report


def render(report: Report, seconds: float) -> str:
    """One block a finding, then a summary."""
    lines = []
    for each in report.findings:
        lines.append(
            f"{each.path}:{each.line}:{each.column}: {each.rule} [{each.applicability}] {each.message}"
        )
        lines.append(f"    {each.reason}")
        if each.patch:
            lines.append(each.patch)
    lines += [f"skipped {each.path}: {each.reason}" for each in report.skipped]
    lines.append(f"{len(report.findings)} findings in {report.files} files, {seconds:.2f} s")
    return "\n".join(lines)
