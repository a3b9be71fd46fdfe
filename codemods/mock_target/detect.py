"""Which sites of a test file patch nothing, or the wrong thing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.finding import Applicability, Finding
from codemods.engine.index import Found, Missing
from codemods.mock_target.existence import Gone, doubt, judge
from codemods.mock_target.sites import Site, is_exempt, sites

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project

RULE_NAME = "mock-target"


def findings(module: Module, project: Project) -> Iterator[Finding]:
    """The findings of one file."""
    for site in sites(module):
        gone = missing(site, module, project)
        if gone is not None and not is_exempt(site, module):
            yield report(site, gone, module)


def missing(site: Site, module: Module, project: Project) -> Gone | None:
    if site.target:
        answer = judge(site.target, site.way, module, project)
        return answer if isinstance(answer, Gone) else None
    assert site.base is not None
    return _member(site, module, project)


def _member(site: Site, module: Module, project: Project) -> Gone | None:
    base = site.base
    assert base is not None
    owner = project.types.of(base, module)
    if owner is None:
        return None
    name = site.name
    written = tuple(ast.unparse(base).split("."))
    if owner.kind == "module" and owner.path:
        answer = project.index.attribute(owner.path, [name], owner.name)
        if not isinstance(answer, Missing) or answer.part != name:
            return None
        gone = Gone("name", owner.name, name, owner.path, written, (), "", answer.typing_only)
    elif owner.kind in {"class", "instance"} and owner.path:
        if owner.kind == "instance" and not owner.proof.startswith(("built", "assigned")):
            return None
        own = _qualified(owner.path, owner.name, project)
        known = project.index.class_of(owner.path, own)
        if known is None:
            return None
        found = project.index.member(known[0], known[1], known[2], [name])
        if isinstance(found, Found) and found.instance_only and owner.kind == "class":
            gone = Gone("instance", own, name, owner.path, written, (), own)
        elif isinstance(found, Missing):
            what = "member" if owner.kind == "class" else "attribute"
            gone = Gone(what, own, name, owner.path, written, (), own)
        else:
            return None
    else:
        return None
    return gone if doubt(gone, (), module, project) is None else None


def _qualified(path: str, name: str, project: Project) -> str:
    for prefix in (*project.layout.names(path), project.layout.name(path)):
        if name.startswith(f"{prefix}."):
            return name[len(prefix) + 1 :]
    return name


def report(site: Site, gone: Gone, module: Module) -> Finding:
    node = site.node
    line = node.lineno
    return Finding(
        RULE_NAME,
        module.path,
        line,
        node.col_offset + 1,
        node.end_lineno or line,
        f"{gone.what}: {gone.inside} has no {gone.part}" + (" (typing only)" if gone.typing_only else ""),
        Applicability.DISPLAY_ONLY,
        "",
    )
