"""From a finding's evidence to edits: definitions become getters, and every reference follows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.engine.files.source import Source
from codemods.engine.finding import Change, Edit, Finding, ImportNeed, Refused
from codemods.lazy_client.evidence import Lazy, Part, Spot
from codemods.lazy_client.getter import definition

if TYPE_CHECKING:
    from codemods.engine.project import Project


def change_for(finding: Finding, project: Project) -> Change:
    """The patch for one finding. Raises Refused where it has none."""
    lazy = finding.evidence
    if not isinstance(lazy, Lazy):
        raise Refused(finding.reason)
    edits: list[Edit] = []
    taken: set[Spot] = set()
    for part in lazy.parts:
        source = Source(part.path, project.read(part.path))
        inner = [spot for spot in lazy.spots if _is_inside(spot, part)]
        taken.update(inner)
        edits += _definition_edits(part, source, inner)
    edits += [Edit(spot.path, spot.start, spot.end, spot.text) for spot in lazy.spots if spot not in taken]
    imports = tuple(
        ImportNeed(path, module, attribute, alias) for path, module, attribute, alias in lazy.imports
    )
    return Change(tuple(edits), imports)


def _is_inside(spot: Spot, part: Part) -> bool:
    spans = ((part.start, part.end), *part.setup)
    return spot.path == part.path and any(start <= spot.start and spot.end <= end for start, end in spans)


def _definition_edits(part: Part, source: Source, inner: list[Spot]) -> list[Edit]:
    text = source.text
    unit = _unit(source)
    new = definition(part, text, unit, inner)
    edits = []
    for start, end in part.setup:
        edits.append(Edit(part.path, *_whole_lines(text, start, end), ""))
    stop = _line_end(text, part.end)
    following = stop
    setup_starts = [_whole_lines(text, *span) for span in part.setup]
    while following < len(text):
        after = re.compile(r"(?:[ \t\f]*(?:\r\n|\r|\n))+").match(text, following)
        if after is None:
            break
        following = after.end()
        moved = next((span for span in setup_starts if span[0] == following), None)
        if moved is None:
            break
        edits.remove(Edit(part.path, *moved, ""))
        following = moved[1]
        if following < len(text) and text[following] not in "\r\n":
            break
    if following >= len(text) or not text[following:].strip():
        new += "\n" if text.endswith(("\n", "\r")) else ""
        following = len(text)
    else:
        new += "\n\n\n"
    return [Edit(part.path, part.start, following, new), *edits]


def _line_end(text: str, offset: int) -> int:
    while offset < len(text) and text[offset] not in "\r\n":
        offset += 1
    return offset


def _whole_lines(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of a statement with its line's comment and line end."""
    stop = _line_end(text, end)
    if text[stop : stop + 2] == "\r\n":
        stop += 2
    elif stop < len(text):
        stop += 1
    return start, stop


def _unit(source: Source) -> str:
    """The unit by which the file indents."""
    found = re.compile(r"^(?:def|class|if|try|for|with|async def)\b[^\n]*:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*\r?\n)*([ \t]+)\S", re.MULTILINE).search(source.text)  # fmt: skip
    return found.group(1) if found else "    "
