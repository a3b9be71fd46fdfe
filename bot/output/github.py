"""The report as GitHub's workflow commands: annotations on the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.output.plain import plain

if TYPE_CHECKING:
    from codemods.engine.run.report import Report


def render(report: Report) -> str:
    """One ``::warning`` a finding."""
    lines = []
    for each in report.findings:
        place = {
            "file": each.path,
            "line": str(each.line),
            "endLine": str(each.end_line),
            "col": str(each.column),
            "title": f"patchwright: {each.rule} ({each.applicability})",
        }
        properties = ",".join(f"{name}={_property(value)}" for name, value in place.items())
        text = "\n".join([each.message, each.reason, *each.notes])
        lines.append(f"::warning {properties}::{_data(text)}\n")
    return "".join(lines)


def _data(text: str) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return plain(text)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
