"""``hmac.compare_digest`` in place of ``==`` and ``!=``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.edits.arguments import add_argument
from codemods.engine.finding import Change, Edit, Refused
from codemods.libraries.standard_library import standard
from codemods.timing_compare.detect import Evidence

if TYPE_CHECKING:
    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

_DIRECT = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.JoinedStr)


def rewrite(finding: Finding, project: Project) -> Change:
    """The patch for one finding. Raises Refused where the comparison is written in a way that can't be taken apart."""
    evidence = finding.evidence
    assert isinstance(evidence, Evidence)
    module = project.module(finding.path)
    if module is None:
        raise Refused("No patch: the file is gone.")
    node = next(
        each
        for each in module.nodes(ast.Compare)
        if module.source.span(each) == (evidence.start, evidence.end)
    )
    source, sides = module.source, (node.left, node.comparators[0])
    spans = [source.span(side) for side in sides]
    between = source.text[spans[0][1] : spans[1][0]]
    if spans[0][0] != evidence.start or spans[1][1] != evidence.end or between.strip() not in {"==", "!="}:
        raise Refused("No patch: the comparison has parentheses or comments of its own.")
    spelling = standard(node, module, project, "hmac", "compare_digest")
    differs = isinstance(node.ops[0], ast.NotEq)
    if differs and isinstance(module.parents[node], ast.UnaryOp):
        raise Refused("No patch: the comparison is negated twice.")
    before, after = ("not " if differs else "") + f"{spelling.text}(", ")"
    if evidence.guarded >= 0 and not evidence.filled:
        absent = source.segment(sides[evidence.guarded])
        absent = f"({evidence.named} := {absent})" if evidence.named else absent
        before = (f"{absent} is None or " if differs else f"{absent} is not None and ") + before
        if _binds_tighter(node, module, differs=differs):
            before, after = f"({before}", f"{after})"
    edits = [Edit(module.path, evidence.start, evidence.start, before + _opening(sides[0], evidence))]
    edits.append(
        Edit(
            module.path,
            spans[0][1],
            spans[1][0],
            f"{_closing(sides[0], evidence)}, {_opening(sides[1], evidence)}",
        )
    )
    edits.append(Edit(module.path, evidence.end, evidence.end, _closing(sides[1], evidence) + after))
    if evidence.named:
        edits = _by_name(edits, spans, evidence, module.path)
    if evidence.guarded >= 0 and evidence.filled:
        call = sides[evidence.guarded]
        assert isinstance(call, ast.Call)
        quote = source.segment(call.args[0])[-1]
        edits.append(add_argument(source, call, quote * 2 if quote in "'\"" else '""'))
    return Change(tuple(edits), (spelling.need,) if spelling.need else ())


def _by_name(edits: list[Edit], spans: list[tuple[int, int]], evidence: Evidence, path: str) -> list[Edit]:
    """The edits with the guarded side's new name in its place: the side itself stands in the guard."""
    first, between, last = edits
    if evidence.guarded == 0:
        whole = f"{first.text}{evidence.named}{between.text}"
        return [Edit(path, first.start, between.end, whole), last]
    return [first, Edit(path, between.start, last.end, f"{between.text}{evidence.named}{last.text}")]


def _opening(side: ast.expr, evidence: Evidence) -> str:
    return "" if isinstance(side, _DIRECT) or not evidence.encode else "("


def _closing(side: ast.expr, evidence: Evidence) -> str:
    if not evidence.encode:
        return ""
    return ".encode()" if isinstance(side, _DIRECT) else ").encode()"


def _binds_tighter(node: ast.Compare, module: Module, *, differs: bool) -> bool:
    """Whether the place of the comparison would take the guard apart."""
    around = module.parents[node]
    if isinstance(around, ast.BoolOp):
        return isinstance(around.op, ast.Or) is not differs
    return not isinstance(around, (ast.If, ast.While, ast.Return, ast.Assign, ast.AnnAssign, ast.keyword))
