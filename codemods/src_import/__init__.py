"""src-import: one package under two names, ``src.pkg`` and ``pkg``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.finding import Applicability, Change, Edit
from codemods.src_import.folders import files_of_interest
from codemods.src_import.plan import Plan, plans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project


class SrcImport:
    """See ``src_import.md``."""

    name = "src-import"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """The file of each finding: what is found is worked out of all files at once, where both names are written."""
        if not files_of_interest(project):
            return []
        return sorted({plan.path for plan in project.kept(plans)})

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each ``src`` folder, at the first import that is to change."""
        for plan in project.kept(plans):
            if plan.path == module.path:
                yield _finding(self.name, plan, module)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """All imports, uses and names in texts, in all files."""
        assert isinstance(finding.evidence, Plan)
        return Change(
            tuple(Edit(each.path, each.start, each.end, each.text) for each in finding.evidence.edits)
        )


def _finding(rule: str, plan: Plan, module: Module) -> Finding:
    node = next(
        node
        for kind in (ast.ImportFrom, ast.Import)
        for node in module.nodes(kind)
        if module.source.span(node)[0] == plan.start
    )
    return module.finding(
        rule,
        node,
        f"`{plan.folder}/{plan.top}` is loaded twice, as `src.{plan.top}` and as `{plan.top}`: {plan.proof}.",
        Applicability.DISPLAY_ONLY if plan.doubt else Applicability.UNSAFE,
        plan.doubt or plan.reason,
        notes=() if plan.doubt else plan.notes,
        evidence=None if plan.doubt else plan,
    )


RULE = SrcImport()
