"""Writes the patch for one finding: the place is found again, and its shape's edits are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.atomic_redis.detect import sites
from codemods.engine.finding import Change, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.finding import Edit, Finding
    from codemods.engine.project import Project


def _whole(edits: list[Edit]) -> Iterator[Edit]:
    """The edits without indentation of lines that another edit takes away."""
    taken = [(edit.start, edit.end) for edit in edits if edit.start < edit.end]
    for edit in edits:
        indents = edit.start == edit.end and not edit.text.strip(" \t")
        if not (indents and any(start < edit.start <= end for start, end in taken)):
            yield edit


def rewrite(finding: Finding, project: Project) -> Change:
    """The edits for one finding. Raises Refused where its place is written in a way that can't be edited."""
    module = project.module(finding.path)
    if module is None:
        raise Refused("the file is gone")
    for site in sites(module, project):
        line, column = module.source.position(module.source.span(site.first)[0])
        if (site.kind, line, column) == finding.evidence:
            if site.blocked:
                raise Refused(site.blocked)
            return Change(tuple(_whole(list(site.write()))))
    raise Refused("the place is gone")
