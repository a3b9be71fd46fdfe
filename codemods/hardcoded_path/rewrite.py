"""Writes a file of the repository as seen from the module that names it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.finding import Change, Edit, ImportNeed, Refused
from codemods.hardcoded_path.detect import Evidence
from codemods.hardcoded_path.uses import Form
from codemods.libraries.spelling import spelled

if TYPE_CHECKING:
    from codemods.engine.finding import Finding
    from codemods.engine.module import Module
    from codemods.engine.project import Project


def rewrite(finding: Finding, project: Project) -> Change:
    """``Path(__file__).resolve().parents[n] / "..."``, with ``str()`` where text is needed. Raises Refused."""
    evidence = finding.evidence
    assert isinstance(evidence, Evidence)
    module = project.module(finding.path)
    if module is None:
        raise Refused("No patch: the file can no longer be read.")
    node = _node(evidence, module)
    imports: tuple[ImportNeed, ...] = ()
    if evidence.form is Form.CALL:
        assert isinstance(node, ast.Call)
        name = module.source.segment(node.func)
    else:
        spelling = spelled(
            node, module, project, package="pathlib", attribute="Path", otherwise=("FilePath",)
        )
        name, imports = spelling.text, () if spelling.need is None else (spelling.need,)
    text = _from_here(name, evidence, module.path)
    if evidence.form is Form.TEXT:
        text = f"str({text})"
        if any("str" in scope.bindings for scope in module.scopes.all):
            raise Refused("No patch: in this file `str` may be something else.")
    elif _binds_tighter(node, module):
        text = f"({text})"
    return Change((Edit(module.path, evidence.start, evidence.end, text),), tuple(imports))


def _node(evidence: Evidence, module: Module) -> ast.expr:
    for kind in (ast.Constant, ast.Call):
        for node in module.nodes(kind):
            if module.source.span(node) == (evidence.start, evidence.end):
                return node
    raise Refused("No patch: the file has changed.")


def _from_here(name: str, evidence: Evidence, path: str) -> str:
    folders = path.split("/")[:-1]
    own, quote = evidence.own, evidence.quote
    if not {"\\", "'", '"'}.isdisjoint("".join(own)):
        raise Refused("No patch: the path has quotes in it.")
    common = 0
    while common < min(len(folders), len(own)) and folders[common] == own[common]:
        common += 1
    up = len(folders) - common
    above = ".parent" if up == 0 else f".parents[{up}]"
    tail = "/".join(own[common:])
    return f"{name}(__file__).resolve(){above}" + (f" / {quote}{tail}{quote}" if tail else "")


def _binds_tighter(node: ast.expr, module: Module) -> bool:
    """Whether what stands around the expression would take only a part of it."""
    parent = module.parents[node]
    if isinstance(parent, ast.BinOp):
        return parent.right is node or not isinstance(parent.op, (ast.Div, ast.Mult, ast.FloorDiv, ast.Mod))
    return isinstance(parent, (ast.Attribute, ast.Subscript, ast.Await, ast.UnaryOp))
