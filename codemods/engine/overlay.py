"""A project with some files changed that keeps what was learned of all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.engine.project import Project
from codemods.engine.snapshot import OverlaySnapshot

if TYPE_CHECKING:
    from collections.abc import Mapping


def overlaid(project: Project, changed: Mapping[str, bytes]) -> Project:
    """``project`` as it is after ``changed`` (new contents by path); ``project`` itself stays as it is."""
    after = Project(OverlaySnapshot(project.snapshot, changed), project.options)
    after._bytes = {path: data for path, data in project._bytes.items() if path not in changed}
    after._facts = {path: facts for path, facts in project._facts.items() if path not in changed}
    for path, module in project._modules.items():
        if path not in changed:
            after._modules[path] = module
    if after.python == project.python:
        after.__dict__["layout"] = project.layout
    return after
