"""The rule itself: models that name some of their indexes, and leave the names of others to SQLAlchemy."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Edit, Refused
from codemods.named_index.layout import added, without
from codemods.named_index.naming import index_name
from codemods.named_index.tables import tables_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project
    from codemods.named_index.tables import Named, Table, Unnamed


@dataclass(frozen=True, slots=True)
class _Evidence:
    edits: tuple[Edit, ...]
    refused: str = ""


class NamedIndex:
    """See ``named_index.md``."""

    name = "named-index"
    version = 1
    default = False

    def candidates(self, project: Project) -> Iterable[str]:
        """Files of models with indexes of both kinds, apart from tests."""
        found = project.containing(b"index=True", b"__table_args__", b"Index(")
        return [path for path in found if not is_test(path)]

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each model that leaves names to SQLAlchemy, and one for each column that is indexed twice."""
        for table in tables_of(module, project):
            moved: list[tuple[Unnamed, str]] = []
            for column in table.unnamed:
                name = index_name(table.name, table.schema, column.name, project)
                if name is None:
                    continue
                twin = _twin(column, table)
                same = next((each for each in table.named if each.name == name), None)
                if twin is not None and twin is same:
                    yield _made_twice(self.name, table, column, name, module)
                elif twin is not None:
                    yield _indexed_twice(self.name, column, twin, name, module)
                elif same is None:
                    moved.append((column, name))
            if moved:
                yield _unnamed(self.name, table, moved, module)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The index by its name in ``__table_args__``, and no ``index=True``."""
        if not isinstance(finding.evidence, _Evidence):
            raise Refused(finding.reason)
        if finding.evidence.refused:
            raise Refused(finding.evidence.refused)
        return Change(finding.evidence.edits)


def _twin(column: Unnamed, table: Table) -> Named | None:
    """The named index over this very column alone."""
    known = {column.name, column.column.attribute}
    alone = [each for each in table.named if each.columns is not None and len(each.columns) == 1]
    return next((each for each in alone if each.columns is not None and each.columns[0] in known), None)


def _made_twice(rule: str, table: Table, column: Unnamed, name: str, module: Module) -> Finding:
    return module.finding(
        rule,
        column.keywords[0],
        f'`index=True` and `Index("{name}", ...)` make the same index twice: `create_all` fails, the name is taken.',
        Applicability.UNSAFE,
        f"`{name}` is what SQLAlchemy calls the index of this column by itself.",
        evidence=_evidence(module, [column], None, ()),
    )


def _indexed_twice(rule: str, column: Unnamed, twin: Named, name: str, module: Module) -> Finding:
    return module.finding(
        rule,
        column.keywords[0],
        f"This column has two indexes: `{twin.name}` in `__table_args__`, and `{name}` by `index=True`.",
        Applicability.DISPLAY_ONLY,
        "Which of the two goes, and the migration that drops it, is for a person to say.",
    )


def _unnamed(rule: str, table: Table, moved: list[tuple[Unnamed, str]], module: Module) -> Finding:
    func = module.source.segment(table.named[-1].call.func)
    quote = module.source.segment(table.named[-1].call.args[0])[-1]
    texts = [
        f"{func}({quote}{name}{quote}, {quote}{column.name}{quote}{', unique=True' if column.unique else ''})"
        for column, name in moved
    ]
    *before, last = (f"`{column.name}`" for column, _ in moved)
    columns = f"{', '.join(before)} and {last} have theirs" if before else f"{last} has its own"
    them = "them" if before else "it"
    return module.finding(
        rule,
        moved[0][0].keywords[0],
        f"`{table.node.name}` names its indexes in `__table_args__`, and {columns} without a name, by `index=True`.",
        Applicability.UNSAFE,
        f"SQLAlchemy calls {them} {', '.join(f'`{name}`' for _, name in moved)}, and so does the patch: the tables that "
        "`create_all` makes stay as they are. A database whose index was made by hand may have another name for it.",
        evidence=_evidence(module, [column for column, _ in moved], table.named[-1], tuple(texts)),
    )


def _evidence(
    module: Module, columns: list[Unnamed], behind: Named | None, texts: tuple[str, ...]
) -> _Evidence:
    try:
        edits = [
            edit for column in columns for edit in without(module.source, column.column.call, column.keywords)
        ]
        if behind is not None:
            listed = module.parents[behind.call]
            assert isinstance(listed, ast.Tuple)
            edits.append(added(module.source, behind.call, texts, _end(listed, module)))
    except Refused as refused:
        return _Evidence((), str(refused))
    return _Evidence(tuple(sorted(edits, key=lambda each: each.start)))


def _end(listed: ast.Tuple, module: Module) -> int:
    return module.source.span(listed)[1]


RULE = NamedIndex()
