"""Which expressions allow every origin, and what takes the place of each."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.cors_wildcard.middleware import only_binding
from codemods.cors_wildcard.settings_fields import default_of
from codemods.engine.names.index import Found

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

_FROM_ENVIRONMENT = {"os.getenv", "os.environ.get"}
_EVERY = re.compile(r"\^?(?:\(?(?:https?|https\?|http\(s\)\?|\.\*|\.\+)(?:://)?)?\(?\.[*+]\)?\)?\$?$")


@dataclass(frozen=True, slots=True)
class Wildcard:
    """An expression that allows every origin.

    ``node``: the list, or the text ``"*"`` among others or as a default. ``how``: ``all`` is replaced as a whole, ``among``
    is taken out of its list, ``default`` becomes empty. ``doubt``: why it can't be changed there.
    """

    node: ast.expr
    how: str
    owner: ast.List | ast.Tuple | ast.Set | None = None
    doubt: str = ""


def is_every_origin(regex: ast.expr) -> bool:
    """Whether a regular expression in the place of the origins matches whatever is given: ``.*``, ``https?://.*``."""
    return (
        isinstance(regex, ast.Constant)
        and isinstance(regex.value, str)
        and _EVERY.match(regex.value) is not None
    )


def wildcard_of(origins: ast.expr, module: Module, project: Project) -> Wildcard | None:
    """The wildcard in the value of ``allow_origins``; None where none is proven."""
    if isinstance(origins, ast.Name):
        return _of_name(origins, module, project)
    if isinstance(origins, ast.Attribute):
        default = default_of(origins, module, project)
        if default is None or not _holds(default):
            return None
        text = f"No patch: `{module.source.segment(origins)}` allows every origin unless it is configured; its default has to change."
        return Wildcard(origins, "all", doubt=text)
    return _of_value(origins, module, project)


def _of_name(name: ast.Name, module: Module, project: Project) -> Wildcard | None:
    binding = only_binding(name, module)
    if binding is None or binding.value is None:
        return _imported(name, module, project)
    found = _of_value(binding.value, module, project)
    scope = module.scopes.binder(name)
    if found is None or scope is None:
        return None
    loads = module.scopes.loads(scope, name.id)
    if any(_changes(load, module) for load in loads):
        return None
    others = [load for load in loads if load is not name]
    if others or (scope is module.scopes.module and project.importers(name.id)):
        return Wildcard(found.node, found.how, found.owner, f"No patch: `{name.id}` is used elsewhere, too.")
    return found


def _imported(name: ast.Name, module: Module, project: Project) -> Wildcard | None:
    """The wildcard in a list that another file of the repository keeps; it is to be changed there."""
    bindings = module.scopes.bindings(name) if name in module.scopes.scope_of else []
    alias = bindings[0].node if len(bindings) == 1 else None
    statement = module.parents.get(alias) if isinstance(alias, ast.alias) else None
    if not isinstance(alias, ast.alias) or not isinstance(statement, ast.ImportFrom):
        return None
    origin = project.layout.absolute(module.path, statement.module, statement.level)
    answer = project.index.resolve(f"{origin}.{alias.name}", module.path)
    if not isinstance(answer, Found) or answer.kind != "value":
        return None
    home = project.module(answer.path)
    kept = home.scopes.module.bindings.get(answer.name, []) if home is not None else []
    if home is None or len(kept) != 1 or kept[0].kind != "assign" or kept[0].value is None:
        return None
    loads = home.scopes.loads(home.scopes.module, answer.name)
    if any(_changes(load, home) for load in loads) or _of_value(kept[0].value, home, project) is None:
        return None
    where = f"{answer.path}, line {kept[0].value.lineno}"
    return Wildcard(name, "all", doubt=f"No patch: `{answer.name}` is another file's ({where}).")


def _changes(load: ast.Name, module: Module) -> bool:
    """``origins.append(...)``, ``origins += ...`` and the like: more is known only when it runs."""
    parent = module.parents[load]
    return isinstance(parent, (ast.Attribute, ast.Subscript, ast.Starred, ast.BinOp, ast.BoolOp, ast.IfExp))


def _of_value(value: ast.expr, module: Module, project: Project) -> Wildcard | None:
    if _is_star(value):
        return Wildcard(value, "all")  # Starlette asks whether "*" is in it
    if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        for element in value.elts:
            if _is_star(element):
                return Wildcard(value, "all") if len(value.elts) == 1 else Wildcard(element, "among", value)
        only = value.elts[0] if len(value.elts) == 1 else None
        return _default(only, module, project) if only is not None else None
    inner = value
    if isinstance(value, ast.ListComp) and len(value.generators) == 1:
        inner = value.generators[0].iter
    if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "split":
        return _default(inner.func.value, module, project)
    return None


def _default(node: ast.expr, module: Module, project: Project) -> Wildcard | None:
    """``os.getenv("ORIGINS", "*")``."""
    if isinstance(node, ast.Call) and project.types.qualified(node.func, module) in _FROM_ENVIRONMENT:
        defaults = [*node.args[1:], *(each.value for each in node.keywords if each.arg == "default")]
        if len(defaults) == 1 and _is_star(defaults[0]):
            return Wildcard(defaults[0], "default")
    return None


def _holds(default: ast.expr) -> bool:
    if isinstance(default, (ast.List, ast.Tuple, ast.Set)):
        return any(_is_star(element) for element in default.elts)
    return False


def _is_star(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == "*"
