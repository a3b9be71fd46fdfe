"""From a definition to a finding: what is proven about it, and all that has to follow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Finding, Refused
from codemods.lazy_client.branches import merge
from codemods.lazy_client.chain import chain_of
from codemods.lazy_client.places import (
    is_cloud_function,
    is_command,
    is_imported,
    is_migration_environment,
    is_of_cloud_function,
    runs_as_program,
    works_with_client,
)
from codemods.lazy_client.plan import Planned, Planner
from codemods.lazy_client.sites import Finder, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project

RULE_NAME = "lazy-client"
_SHOWN = 3
_THREADS = (
    "Two threads may each build one on first use; the later one is kept, which is harmless for this client."
)


def own_clients(project: Project) -> frozenset[str]:
    """The constructors that the repository's configuration adds to the table."""
    listed = project.options.get(RULE_NAME, {}).get("clients", ())
    return (
        frozenset(str(name) for name in listed)
        if isinstance(listed, (list, tuple, set, frozenset))
        else frozenset()
    )


def find(module: Module, project: Project) -> Iterator[Finding]:
    """The findings in one module."""
    if is_test(module.path) or module.path.endswith(".pyi"):
        return
    finder = Finder(module, project, own_clients(project))
    sites = merge(finder.find(), module)
    if not sites or is_cloud_function(module) or is_of_cloud_function(module.path, project):
        return
    program = _is_program(sites, module, project)
    planner = Planner(module, project, finder, sites)
    for site in sites:
        if program and module.scopes.loads(module.scopes.module, site.name):
            continue
        finding = _finding(site, planner, module)
        if finding is not None:
            yield finding


def _is_program(sites: list[Site], module: Module, project: Project) -> bool:
    """A script does its work when it is run; nobody imports it, so nothing is built too early."""
    if is_migration_environment(module):
        return True
    if is_imported(module.path, project):
        return False
    names = {site.name for site in sites}
    if runs_as_program(module, names) or is_command(module, names):
        return True
    for site in sites:
        try:
            chain_of(site, sites, module, project)
        except Refused:
            return works_with_client(module, names)
    return False


def _finding(site: Site, planner: Planner, module: Module) -> Finding | None:
    assert site.match is not None
    try:
        planned = planner.plan(site)
    except Refused as refusal:
        if site.shape == "wrapped":
            return None
        return _say(site, module, Applicability.DISPLAY_ONLY, f"Left alone: {refusal}.", ())
    sure = Applicability.UNSAFE if planned.doubts else Applicability.SAFE
    found = _say(site, module, sure, _proof(site, planned), (*planned.notes, _THREADS))
    return replace(found, evidence=planned.evidence)


def _proof(site: Site, planned: Planned) -> str:
    assert site.match is not None
    files = "" if planned.files == 1 else f" in {planned.files} files"
    uses = "its one use runs" if planned.uses == 1 else f"its {planned.uses} uses{files} run"
    text = f"`{site.match.name}` {site.match.client.why}; {uses} after the import and can ask a getter."
    if planned.doubts:
        more = [f"and {len(planned.doubts) - _SHOWN} more"] if len(planned.doubts) > _SHOWN else []
        text += " A person must look: " + "; ".join([*planned.doubts[:_SHOWN], *more]) + "."
    return text


def _say(
    site: Site, module: Module, applicability: Applicability, reason: str, notes: tuple[str, ...]
) -> Finding:
    assert site.match is not None
    client = site.match.client
    column = module.source.position(module.source.span(site.binding)[0])[1]
    message = f"`{site.name}`, {_article(client.vendor)} {client.vendor} {client.noun}, is built while the module is imported."
    end = site.binding.end_lineno or site.binding.lineno
    return Finding(
        RULE_NAME, module.path, site.binding.lineno, column, end, message, applicability, reason, notes
    )


def _article(word: str) -> str:
    return "an" if word[:1].upper() in "AEIOU" or word.startswith("S3") else "a"
