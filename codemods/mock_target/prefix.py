"""Targets with ``src.`` too much: they name no module, or a second copy of one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.engine.names.index import Found
from codemods.mock_target.existence import judge

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.mock_target.sites import Site


def second_copy(site: Site, module: Module, project: Project) -> tuple[str, ...] | None:
    """What a target with ``src.`` too much means: the test file imports the package itself, and nobody ``src``."""
    if len(site.target) < 3 or site.target[0] != "src" or ("src",) not in project.layout.roots:
        return None
    if project.has("src/__init__.py") or any(
        _FROM_SRC.search(project.read(path)) for path in project.containing(b"import", b"src")
    ):
        return None
    parts = site.target[1:]
    facts = project.facts(module.path)
    own = {(name.module or "").partition(".")[0] for name in facts.names.values()} if facts else set()
    if parts[0] not in own or not isinstance(judge(parts, site.way, module, project), Found):
        return None
    return parts


_FROM_SRC = re.compile(rb"^[ \t]*(?:from|import)[ \t]+src\b", re.MULTILINE)
