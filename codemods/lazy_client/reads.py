"""The places that read a client: whether they run after the import, and what is written there."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Refused
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.lazy_client.closing import closing
from codemods.lazy_client.reference import Holder, Key, Reference, References, Role
from codemods.lazy_client.spots import is_spelled_out, name_span
from codemods.lazy_client.timing import Reach, when

if TYPE_CHECKING:
    from codemods.engine.names.scopes import Scope
    from codemods.engine.project import Module


class Reader:
    """Notes reads in ``result``. ``ignored``: loads in the defining module that move with the definition."""

    def __init__(self, result: References, reach: Reach, ignored: set[ast.AST]) -> None:
        self.result = result
        self.reach = reach
        self.ignored = ignored
        self.dropped: set[tuple[str, int]] = set()

    def loads(self, scope: Scope, name: str, module: Module, holder: Holder) -> None:
        """Every read of ``name`` as ``scope`` binds it. Raises Refused."""
        for each in module.scopes.all:
            if name in each.global_names and scope is module.scopes.module:
                self._drop_global(each, name, module)
        for load in module.scopes.loads(scope, name):
            if load not in self.ignored:
                self.read(load, module, holder)
        self._annotations(name, module)

    def _drop_global(self, scope: Scope, name: str, module: Module) -> None:
        """A ``global`` statement that only announces reads: the name goes away, so must its mention."""
        for node in walk(scope.node):
            if (
                not isinstance(node, ast.Global)
                or name not in node.names
                or (module.path, node.lineno) in self.dropped
            ):
                continue
            self.dropped.add((module.path, node.lineno))
            start, end = module.source.span(node)
            key = (module.path, name)
            if len(node.names) > 1:
                left = ", ".join(each for each in node.names if each != name)
                self.note(module, (start, end), "import", f"global {left}", key)
                continue
            first, last = module.source.line_start(node.lineno), module.source.line_start(node.lineno + 1)
            alone = not module.source.text[first:start].strip() and module.source.text[end:last].strip() == ""
            body = getattr(module.parents[node], "body", [])
            if not alone or body == [node]:
                self.note(module, (start, end), "import", "pass", key)
            else:
                self.note(module, (first, last), "import", "", key)

    def read(self, load: ast.Name | ast.Attribute, module: Module, holder: Holder) -> None:
        """One read, by name or as an attribute of a module. Raises Refused where it can't follow."""
        where = f"{module.path}:{load.lineno}"
        test = is_test(module.path)
        if not test:
            self._check_time(load, module, where)
        if any(isinstance(parent, ast.pattern) for parent in module.ancestors(load)):
            raise Refused(f"{where} uses it in a pattern")
        if is_spelled_out(load, module):
            raise Refused(f"{where} prints its own source in an f-string")
        start, end = name_span(load, module)
        kind, statement = ("no", None) if test else closing(load, module)
        if kind == "odd":
            raise Refused(f"{where} closes it inside an expression, which would build it first")
        if kind == "no" or statement is None:
            self.note(module, (start, end), "read", "<getter>()", holder.key)
            self.result.tested = self.result.tested or (not test and _is_tested(load, module))
            self._note_handlers(load, module)
            return
        if (isinstance(load, ast.Name) and holder.source is not None) or (
            module.path != holder.path and holder.source is not None
        ):
            raise Refused(f"{where} closes it through an imported name, which would build it first")
        self.note(module, (start, end), "close", "<private>", holder.key)
        if kind == "statement":
            self._guard(load, statement, module, holder)

    def _guard(
        self, load: ast.Name | ast.Attribute, statement: ast.stmt, module: Module, holder: Holder
    ) -> None:
        """Put ``if client is not None:`` around the statement that closes it."""
        source = module.source
        start, _end = source.span(statement)
        if (
            statement.lineno != statement.end_lineno
            or source.text[source.line_start(statement.lineno) : start].strip()
        ):
            raise Refused(f"{module.path}:{statement.lineno} closes it in a way that can't be guarded")
        prefix = "" if isinstance(load, ast.Name) else source.segment(load.value) + "."
        indent = source.indent(statement.lineno)
        unit = indentation(module)
        self.note(module, (start, start), "close", f"if {prefix}<private> is not None:\n{indent}{unit}", holder.key)  # fmt: skip

    def _check_time(self, load: ast.expr, module: Module, where: str) -> None:
        moment = when(load, module)
        if moment.time == "typing":
            raise Refused(f"{where} uses it for type checking")
        if moment.how == "in an annotation":
            raise Refused(f"{where} uses it in an annotation")
        if moment.time == "import":
            raise Refused(f"{where} uses it {moment.how}, while the module is imported")
        if moment.time == "later" and moment.function is not None:
            caller = self.reach.caller(moment.function, module)
            if caller:
                raise Refused(
                    f"{where} uses it in `{moment.function.name}`, which {caller} runs while modules are imported"
                )

    def _note_handlers(self, load: ast.expr, module: Module) -> None:
        """Remember handlers that would catch what the getter raises."""
        child: ast.AST = load
        for parent in module.ancestors(load):
            if isinstance(parent, ast.Try) and child in parent.body:
                for handler in parent.handlers:
                    name = (dotted(handler.type) or "").rpartition(".")[2] if handler.type is not None else ""
                    if name == "HTTPException":
                        return
                    if handler.type is None or name in {"Exception", "BaseException"}:
                        if not _reraises(handler):
                            function = module.function(load)
                            label = f"`{function.name}` " if function is not None else ""
                            self.result.swallowed.append(f"{label}({module.path}:{handler.lineno})")
                        return
            if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
                return
            child = parent

    def _annotations(self, name: str, module: Module) -> None:
        """Annotations in quotes are evaluated by some frameworks; the name may not stand in one."""
        word = re.compile(rf"(?<![\w.\"']){re.escape(name)}\b")
        for node in walk(module.tree):
            for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
                if annotation is None or not isinstance(annotation, ast.expr):
                    continue
                for part in walk(annotation):
                    if (
                        isinstance(part, ast.Constant)
                        and isinstance(part.value, str)
                        and word.search(part.value)
                    ):
                        raise Refused(f"{module.path}:{part.lineno} names it inside an annotation")

    def note(
        self,
        module: Module,
        span: tuple[int, int],
        role: Role,
        template: str,
        key: Key,
        *,
        source: Key | None = None,
    ) -> None:
        """Note what is to be written; ``source`` is where the file imports ``key`` from, if it differs."""
        line = module.source.position(span[0])[0]
        reference = Reference(
            module.path, *span, line, role, template, key, source or key, is_test(module.path)
        )
        if reference not in self.result.found:
            self.result.found.append(reference)


def indentation(module: Module) -> str:
    """The unit by which the file indents."""
    for node in module.tree.body:
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt) and body[0].lineno > node.lineno:
            return module.source.indent(body[0].lineno) or "    "
    return "    "


def _is_tested(load: ast.expr, module: Module) -> bool:
    """Whether a read asks if there is a client at all."""
    match module.parents.get(load):
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) | ast.Assert(test=test):
            return test is load
        case ast.UnaryOp(op=ast.Not()) | ast.BoolOp():
            return True
        case ast.Compare() as compare:
            return any(
                isinstance(part, ast.Constant) and part.value is None
                for part in (compare.left, *compare.comparators)
            )
        case ast.Call(func=ast.Name(id="bool")):
            return True
    return False


def _reraises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) and node.exc is None for node in walk(handler))
