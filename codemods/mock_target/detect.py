"""Which sites of a test file patch nothing, or the wrong thing."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.finding import Applicability, Finding
from codemods.engine.names.index import Found, Missing
from codemods.mock_target import messages
from codemods.mock_target.candidates import Meant, meant
from codemods.mock_target.copies import copied, dotted_names
from codemods.mock_target.doubts import doubt
from codemods.mock_target.effect import fails_today, result_unused
from codemods.mock_target.exercised import is_in_unused_fixture
from codemods.mock_target.existence import Gone, judge, may_be_library, may_be_other, patch_makes
from codemods.mock_target.prefix import second_copy
from codemods.mock_target.rewrite import retarget
from codemods.mock_target.sites import Site, is_exempt, sites

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project
    from codemods.mock_target.copies import Copied
    from codemods.mock_target.rewrite import Retarget

RULE_NAME = "mock-target"


def findings(module: Module, project: Project) -> Iterator[Finding]:
    """The findings of one file."""
    every = sites(module)
    for site in every:
        if is_exempt(site, module):
            continue
        twice = second_copy(site, module, project)
        if twice is not None:
            yield _finding(site, _prefixed(site, twice, module), module)
            continue
        gone = missing(site, module, project)
        if gone is not None and is_in_unused_fixture(site, module, project):
            continue
        if gone is not None:
            yield _finding(site, _gone(site, gone, every, module, project), module)
            continue
        copy = copied(site, module, project, every)
        if copy is not None:
            yield _finding(site, _copied(site, copy, module, project), module)


def missing(site: Site, module: Module, project: Project) -> Gone | None:
    """What of a site's target is proven not to exist; None where it exists, or that can't be told."""
    if site.target:
        answer = judge(site.target, site.way, module, project)
        return answer if isinstance(answer, Gone) else None
    assert site.base is not None
    return _member(site, site.base, module, project)


def _member(site: Site, base: ast.expr, module: Module, project: Project) -> Gone | None:
    owner = project.types.of(base, module)
    if owner is None or not owner.path:
        return None
    name = site.name
    written = tuple(ast.unparse(base).split("."))
    if owner.kind == "module":
        answer = project.index.attribute(owner.path, [name], owner.name)
        if not isinstance(answer, Missing) or answer.part != name or patch_makes(name, site.way):
            return None
        if may_be_library(owner.path, written[0], module, project) or may_be_other(
            owner.path, module, project
        ):
            return None
        prefix = tuple(project.layout.name(owner.path).split("."))
        gone = Gone("name", owner.name, name, owner.path, prefix, (), "", answer.typing_only)
    elif owner.kind in {"class", "instance"}:
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
    return gone if doubt(gone, module, project) is None else None


def _qualified(path: str, name: str, project: Project) -> str:
    for prefix in (*project.layout.names(path), project.layout.name(path)):
        if name.startswith(f"{prefix}."):
            return name[len(prefix) + 1 :]
    return name


@dataclass(frozen=True, slots=True)
class _Said:
    message: str
    reason: str
    edits: tuple[Retarget, ...] | None
    sure: bool = True


def _copied(site: Site, copy: Copied, module: Module, project: Project) -> _Said:
    home = site.target[:-1] or tuple(project.layout.name(copy.patched.path).split("."))
    old = (*home, site.name)
    names = [name for place in copy.meant if (name := dotted_names(place, site, module, project)) is not None]
    edits = None
    if len(names) == len(copy.meant) == 1:
        edits = retarget(site, old, tuple(names[0].split(".")), module)
    sure = fails_today(site, copy, module, project) or result_unused(copy, project)
    reason = messages.about_copy(copy, names, patched=edits is not None)
    if edits is not None and not sure:
        reason += " The test may pass today because of what the real code gives: see whether it holds with the mock."
    return _Said(messages.of_copy(old), reason, edits, sure=sure)


def _prefixed(site: Site, meant: tuple[str, ...], module: Module) -> _Said:
    text, why = messages.of_prefix(site.target, meant)
    return _Said(text, why, retarget(site, site.target, meant, module))


def _gone(site: Site, gone: Gone, every: list[Site], module: Module, project: Project) -> _Said:
    old = site.target or (*gone.prefix, site.name)
    told = meant(site, gone, _taken(site, every, module), module, project)
    edits = retarget(site, old, told.parts, module) if told.parts else None
    if told.parts and edits is None:
        told = Meant(others=(".".join(told.parts),))
    return _Said(messages.message(site, gone), messages.reason(gone, told), edits, told.sure)


def _finding(site: Site, said: _Said, module: Module) -> Finding:
    node = site.node
    applicability = Applicability.SAFE if said.sure else Applicability.UNSAFE
    return Finding(
        RULE_NAME,
        module.path,
        node.lineno,
        module.source.position(module.source.span(node)[0])[1],
        node.end_lineno or node.lineno,
        said.message,
        applicability if said.edits else Applicability.DISPLAY_ONLY,
        said.reason,
        evidence=said.edits or (),
    )


def _taken(site: Site, every: list[Site], module: Module) -> frozenset[str]:
    """The names that other sites of the same function replace: they are not what this one means."""
    function = module.function(site.call)
    return frozenset(
        other.name for other in every if other.name != site.name and module.function(other.call) is function
    )
