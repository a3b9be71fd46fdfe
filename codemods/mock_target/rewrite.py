"""The edit that makes a site name another target: the literal, the attribute's name, or a keyword."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.finding import Change, Edit, Refused

if TYPE_CHECKING:
    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project
    from codemods.mock_target.sites import Site


@dataclass(frozen=True, slots=True)
class Retarget:
    """Replace ``old`` at ``start`` of the test file's text by ``new``."""

    start: int
    old: str
    new: str


def retarget(
    site: Site, old: tuple[str, ...], new: tuple[str, ...], module: Module
) -> tuple[Retarget, ...] | None:
    """The edits that turn the target ``old`` into ``new`` at a site; None where they can't be made exactly.

    Both are whole dotted names, or just the attribute's name where an object is given beside it.
    """
    if site.keyword is not None:
        return _keyword(site, new, module) if old[:-1] == new[:-1] else None
    if site.base is not None:
        if old[:-1] == new[:-1]:
            return _inside(site.node, old[-1], new[-1], module)
        if old[-1] != new[-1]:
            return None
        base = _known_as(".".join(new[:-1]), module)
        if base is None:
            return None
        start, end = module.source.span(site.base)
        return (Retarget(start, module.source.text[start:end], base),)
    whole = _inside(site.node, ".".join(old), ".".join(new), module)
    if whole is not None:
        return whole
    head = 0
    while head < min(len(old), len(new)) - 1 and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head - 1 and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return _inside(
        site.node, ".".join(old[head : len(old) - tail]), ".".join(new[head : len(new) - tail]), module
    )


def _inside(node: ast.expr, old: str, new: str, module: Module) -> tuple[Retarget, ...] | None:
    """Where ``old`` stands exactly once, as whole dotted pieces, in the literal text of an expression."""
    start, end = module.source.span(node)
    text = module.source.text[start:end]
    found = [
        match.start()
        for match in re.finditer(rf"(?<!\w){re.escape(old)}(?!\w)", text)
        if not _in_code(text, match.start(), node)
    ]
    if len(found) != 1 or "\\" in text:
        return None
    return (Retarget(start + found[0], old, new),)


def _in_code(text: str, place: int, node: ast.expr) -> bool:
    """Whether a place of an expression's text is outside its literals: in a name, or between an f-string's braces."""
    before = text[:place]
    if isinstance(node, ast.JoinedStr) and before.count("{") > before.count("}"):
        return True
    quotes = before.count('"') % 2 + before.count("'") % 2
    return quotes == 0 and not before.endswith(('"""', "'''"))


def _keyword(site: Site, new: tuple[str, ...], module: Module) -> tuple[Retarget, ...] | None:
    for keyword in site.call.keywords:
        if keyword.arg == site.keyword and keyword.arg is not None:
            if any(other.arg == new[-1] for other in site.call.keywords):
                return None
            start = module.source.offset(keyword.lineno, keyword.col_offset)
            return (Retarget(start, keyword.arg, new[-1]),)
    return None


def _known_as(name: str, module: Module) -> str | None:
    """The expression by which the file's own imports reach a module."""
    package, _, last = name.rpartition(".")
    for node in module.tree.body:
        if isinstance(node, ast.ImportFrom) and not node.level and node.module == package:
            for alias in node.names:
                if alias.name == last:
                    return alias.asname or alias.name
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == name:
                    return alias.asname or alias.name
    return None


def change(finding: Finding, project: Project) -> Change:
    """The patch of one finding. Raises Refused for those that are only shown."""
    evidence = finding.evidence
    if not isinstance(evidence, tuple) or not evidence:
        raise Refused(finding.reason)
    module = project.module(finding.path)
    edits = []
    for edit in evidence:
        assert isinstance(edit, Retarget)
        end = edit.start + len(edit.old)
        if module is None or module.source.text[edit.start : end] != edit.old:
            raise Refused("the file has changed")
        edits.append(Edit(finding.path, edit.start, end, edit.new))
    return Change(tuple(edits))
