"""A number of a row that is read, changed and written back: of two requests at once, one is lost."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Edit, Refused
from codemods.engine.inference.definitions import own_nodes
from codemods.engine.names.traverse import walk
from codemods.lost_update import locks
from codemods.lost_update.reads import Read, locking, read_of
from codemods.lost_update.writes import writes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.inference.definitions import Function
    from codemods.engine.project import Module, Project

_NOTES = (
    "Until this transaction ends, others that want the row wait for it.",
    "Where several rows are locked, take them in the same order everywhere, or two transactions wait for each other.",
)

_ASKS = {"get", "get_one", "query", "select"}
_NO_ROWS = {"count", "exists", "update", "delete"}


@dataclass(frozen=True, slots=True)
class _Evidence:
    edit: Edit


class LostUpdate:
    """See ``lost_update.md``."""

    name = "lost-update"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that send what they changed."""
        found = {
            *project.containing(b".commit("),
            *project.containing(b".flush("),
            *project.containing(b".begin("),
        }
        reading = {
            path for needle in (b".get(", b".query", b"select(") for path in project.containing(needle)
        }
        return sorted(path for path in found & reading if not is_test(path) and not locks.is_migration(path))

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each read whose row is changed by what was read."""
        for function, names in _changed_names(module).items():
            yield from self._in_function(function, names, module, project)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The same read with a lock."""
        if not isinstance(finding.evidence, _Evidence):
            raise Refused(finding.reason)
        return Change((finding.evidence.edit,))

    def _in_function(
        self, function: Function, changed: set[str], module: Module, project: Project
    ) -> Iterator[Finding]:
        if locks.is_guarded(function, module):
            return
        scope = module.scopes.own[function]
        for name in sorted(changed):
            bindings = scope.bindings.get(name, [])
            reads = [
                each
                for binding in bindings
                if (each := read_of(binding, function, module, project)) is not None
            ]
            if len(reads) != 1 or not all(
                binding.node is reads[0].statement or _is_new(binding.value, reads[0], module, project)
                for binding in bindings
            ):
                continue
            found = self._judged(reads[0], function, module, project)
            if found is not None:
                yield found

    def _judged(self, read: Read, function: Function, module: Module, project: Project) -> Finding | None:
        writes = [
            write
            for write in writes_of(read.name, read.model, function, module, project)
            if write.statement.lineno > read.statement.lineno
            and locks.is_committed(read, write, function, module)
        ]
        if not writes or locks.has_version(read.model, project) or locks.keeps_apart(project):
            return None
        write = writes[0]
        model = _written(read, module)
        message = (
            f"`{read.name}.{write.attribute}` is read here and written back changed in line {write.statement.lineno}:"
            " of two requests at once, one is lost."
        )
        if locks.is_sqlite_only(project):
            reason = (
                "No patch: SQLite locks no rows. An update that counts in the database keeps both:"
                f" `{read.name}.{write.attribute} = {model}.{write.attribute} + ...`."
            )
            return module.finding(self.name, read.node, message, Applicability.DISPLAY_ONLY, reason)
        slow = locks.waits_for(read, write, function, module, project)
        if slow:
            reason = (
                f"No patch: `{slow}` is waited for in between, and the row would be locked all that time. Read it anew behind"
                f" that, with a lock, or count in the database: `{read.name}.{write.attribute} ="
                f" {model}.{write.attribute} + ...`."
            )
            return module.finding(self.name, read.node, message, Applicability.DISPLAY_ONLY, reason)
        if locks.reads_others_too(read.model, project) and not read.joins:
            read = Read(
                read.name, read.statement, read.node, read.session, read.model, read.call, is_get=read.is_get, joins=True
            )  # fmt: skip
        try:
            edit = locking(read, model, module, fresh=_may_be_there(read, function, module, project))
        except Refused as reason:
            return module.finding(self.name, read.node, message, Applicability.DISPLAY_ONLY, str(reason))
        return module.finding(
            self.name,
            read.node,
            message,
            Applicability.UNSAFE,
            f"It is a row of the SQLAlchemy model `{read.model.last}`, no lock and no version is in sight, and the change rests on"
            " what was read.",
            notes=_NOTES,
            evidence=_Evidence(edit),
        )


def _changed_names(module: Module) -> dict[Function, set[str]]:
    """Variables of which an attribute is given a result of arithmetic, by the function around."""
    found: dict[Function, set[str]] = {}
    nodes: list[ast.AugAssign | ast.Assign] = [*module.nodes(ast.AugAssign), *module.nodes(ast.Assign)]
    for node in nodes:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if not isinstance(target, ast.Attribute) or not isinstance(target.value, ast.Name):
            continue
        if isinstance(node, ast.Assign) and not any(
            isinstance(part, (ast.BinOp, ast.Name)) for part in walk(node.value)
        ):
            continue
        function = module.function(node)
        if function is not None and target.value.id not in {"self", "cls"}:
            found.setdefault(function, set()).add(target.value.id)
    return dict(sorted(found.items(), key=lambda each: each[0].lineno))


def _is_new(value: ast.expr | None, read: Read, module: Module, project: Project) -> bool:
    """``Model(...)``: the row where there was none."""
    if not isinstance(value, ast.Call):
        return False
    made = project.types.of(value.func, module)
    return made is not None and made.kind == "class" and made.name == read.model.name


def _written(read: Read, module: Module) -> str:
    """The model as the read names it."""
    for node in ast.walk(read.node):
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
            last = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if (
                last in {"get", "get_one", "query", "select"}
                and node.args
                and not isinstance(node.args[0], ast.Constant)
            ):
                written = module.source.segment(node.args[0])
                if written.rpartition(".")[2] == read.model.last:
                    return written
    return read.model.last


def _may_be_there(read: Read, function: Function, module: Module, project: Project) -> bool:
    """Whether another row of the model is in sight, which may be the same: a parameter, or an earlier read."""
    scope = module.scopes.own[function]
    for name, bindings in scope.bindings.items():
        for binding in bindings:
            if name == read.name:
                continue
            if isinstance(binding.node, ast.arg):
                found = project.types.bound(name, scope, module)
                if found is not None and found.kind == "instance" and found.name == read.model.name:
                    return True
            else:
                other = read_of(binding, function, module, project)
                if (
                    other is not None
                    and other.model.name == read.model.name
                    and other.statement.lineno < read.statement.lineno
                ):
                    return True
    return _is_read_before(read, function, module, project)


def _is_read_before(read: Read, function: Function, module: Module, project: Project) -> bool:
    """Whether the function asks for rows of the model before, without a name for what it gets: ``if session.get(...)``."""
    own = set(walk(read.call))
    statement = read.call.id if isinstance(read.call, ast.Name) else None
    for node in own_nodes(function):
        line = getattr(node, "lineno", read.statement.lineno)
        if node in own or line >= read.statement.lineno:
            continue
        if (
            statement
            and isinstance(node, ast.Name)
            and node.id == statement
            and isinstance(node.ctx, ast.Load)
        ):
            around = module.parents[node]
            if isinstance(around, ast.Call) and node in around.args:
                return True
        if isinstance(node, ast.Call) and node.args and not _makes(node, statement, module):
            last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            asked = project.types.of(node.args[0], module) if last in _ASKS else None
            if (
                asked is not None
                and asked.kind == "class"
                and asked.name == read.model.name
                and _last_step(node, module) not in _NO_ROWS
            ):
                return True
    return False


def _makes(node: ast.Call, statement: str | None, module: Module) -> bool:
    """Whether the call is part of the statement that the read runs later."""
    around = module.statement(node)
    return isinstance(around, ast.Assign) and any(
        isinstance(each, ast.Name) and each.id == statement for each in around.targets
    )


def _last_step(node: ast.Call, module: Module) -> str:
    """The last method of the chain that begins with ``node``; empty where there is none."""
    last, at = "", module.parents[node]
    while isinstance(at, (ast.Attribute, ast.Call)):
        last = at.attr if isinstance(at, ast.Attribute) else last
        at = module.parents[at]
    return last


RULE = LostUpdate()
