"""A connection of an object: a property of the same name gives each thread its own, and no use changes."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.edits.statements import insert_after, replace_statements
from codemods.engine.finding import Change, ImportNeed, Refused
from codemods.engine.inference.definitions import default_of, self_stores
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.sqlite_thread.opening import check_database, meanings, opening
from codemods.sqlite_thread.shared import check_uses, settings_after

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.sqlite_thread.shared import Shared


def attribute_change(found: Shared, owner: ast.ClassDef, module: Module, project: Project) -> Change:
    """The whole change. Raises Refused with what stands in its way."""
    source = module.source
    init = module.parents.get(found.statement)
    if not isinstance(init, ast.FunctionDef) or init.name != "__init__" or module.parents[init] is not owner:
        raise Refused(f"No patch: `{found.called}` is not bound by `__init__` on every way.")
    if isinstance(found.statement, ast.Assign) and len(found.statement.targets) != 1:
        raise Refused(f"No patch: the connection has a second name beside `{found.called}`.")
    _check_class(found, owner, module, project)
    names, kept, texts = _arguments(found, init, owner, module)
    check_database(texts)
    if init.args.args[1:] and project.containing(b":memory:", owner.name.encode()):
        raise Refused(
            "No patch: somewhere a database in memory is opened, and each thread would have an empty one."
        )
    settings = settings_after(found, init.body)
    check_uses(found, settings, module)
    if "_local" in source.segment(owner):
        raise Refused("No patch: the name that it needs, `_local`, is taken.")
    lines = [opening(found.call, names, module)]
    for statement in settings:
        text = source.segment(statement)
        if "\n" in text:
            raise Refused("No patch: what sets the connection up takes several lines.")
        lines.append(re.sub(rf"^{re.escape(found.called)}\b", "connection", text))
    func = found.call.func
    returns = f" -> {source.segment(func.value)}.Connection" if isinstance(func, ast.Attribute) else ""
    text = "\n".join(
        [
            "",
            "@property",
            f"def {found.name}(self){returns}:",
            '    """The connection of this thread, opened on first use."""',
            '    connection = getattr(self._local, "connection", None)',
            "    if connection is None:",
            f"        connection = self._local.connection = {lines[0]}",
            *(f"        {line}" for line in lines[1:]),
            "    return connection",
        ]
    )
    last = settings[-1] if settings else found.statement
    edits = (
        replace_statements(
            source, found.statement, last, "\n".join([*kept, "self._local = threading.local()"])
        ),
        insert_after(source, init, f"{text}\n"),
    )
    return Change(edits, (ImportNeed(module.path, "threading"),))


def _arguments(
    found: Shared, init: ast.FunctionDef, owner: ast.ClassDef, module: Module
) -> tuple[dict[ast.AST, str], list[str], list[str]]:
    """How the call's names are written outside of ``__init__``, what keeps them, and all that they may stand for.

    Raises Refused.
    """
    stores = self_stores(owner)
    kept = {
        value.id: f"self.{target.attr}"
        for statement in init.body
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and (value := statement.value) is not None
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        if isinstance(value, ast.Name)
        and isinstance(target, ast.Attribute)
        and dotted(target.value) == "self"
        and len(stores.get(target.attr, ())) == 1
    }
    own = module.scopes.own[init]
    names: dict[ast.AST, str] = {}
    keeping: list[str] = []
    texts: list[str] = []
    for given in [*found.call.args, *(each.value for each in found.call.keywords)]:
        texts += meanings(given, module)
        for part in walk(given):
            if isinstance(part, ast.Attribute) and dotted(part.value) == "self":
                if len(stores.get(part.attr, ())) != 1:
                    raise Refused(
                        f"No patch: `self.{part.attr}` may be another one when a thread opens its own."
                    )
                texts += _bound_to(stores[part.attr][0], module)
            if not isinstance(part, ast.Name) or part.id == "self" or part not in module.scopes.scope_of:
                continue
            if module.scopes.binder(part) is own:
                if part.id not in kept:
                    attribute = f"_{part.id.lstrip('_')}"
                    is_parameter = [each.kind for each in own.bindings[part.id]] == ["parameter"]
                    if not is_parameter or attribute in module.source.segment(owner):
                        raise Refused(f"No patch: only `__init__` knows `{part.id}`.")
                    kept[part.id] = f"self.{attribute}"
                    keeping.append(f"self.{attribute} = {part.id}")
                names[part] = kept[part.id]
                texts += _defaults(part.id, init, module)
    return names, keeping, texts


def _bound_to(store: ast.Attribute, module: Module) -> list[str]:
    statement = module.statement(store)
    value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
    if value is None:
        return []
    init = module.function(store)
    found = meanings(value, module)
    if isinstance(init, ast.FunctionDef):
        for name in walk(value):
            if isinstance(name, ast.Name):
                found += _defaults(name.id, init, module)
    return found


def _defaults(name: str, init: ast.FunctionDef, module: Module) -> list[str]:
    every = [*init.args.posonlyargs, *init.args.args, *init.args.kwonlyargs]
    default = next((default_of(init, each) for each in every if each.arg == name), None)
    return meanings(default, module) if default is not None else []


def _check_class(found: Shared, owner: ast.ClassDef, module: Module, project: Project) -> None:
    """Raises Refused where a property could not take the attribute's place."""
    if owner.bases or owner.keywords or owner.decorator_list or b"__slots__" in module.source.data:
        raise Refused(f"No patch: `{owner.name}` has bases, decorators or slots that may have a say.")
    for node in module.nodes(ast.Attribute):
        if node.attr == found.name and dotted(node.value) != "self":
            raise Refused(f"No patch: it is used from outside of `{owner.name}` (line {node.lineno}).")
    own_stores = [
        node
        for node in module.nodes(ast.Attribute)
        if node.attr == found.name and not isinstance(node.ctx, ast.Load)
    ]
    if len(own_stores) != 1:
        raise Refused(f"No patch: `{found.called}` is bound in other places, too.")
    others = [
        path
        for path in project.matching(_uses_attribute, found.name)
        if path != module.path and owner.name.encode() in project.read(path)
    ]
    if others:
        raise Refused(
            f"No patch: other files use `{found.name}` of `{owner.name}` ({', '.join(others[:3])})."
        )


def _uses_attribute(data: bytes, name: str) -> bool:
    return re.search(rb"[.\"']" + re.escape(name.encode()) + rb"\b", data) is not None
