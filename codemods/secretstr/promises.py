"""Functions and classes of the repository whose parameter is annotated as text: a secret handed there is a mistake."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.secretstr import display
from codemods.secretstr.annotated import promises_text
from codemods.secretstr.flow import Goes, ending, worst

if TYPE_CHECKING:
    from codemods.engine.inference.definitions import Function
    from codemods.engine.project import Module, Project

_COPES = (b"SecretStr", b"get_secret_value", b"SecretBytes")


@dataclass(frozen=True)
class Promise:
    """``what`` says which parameter promises text; ``certain``: it is seen to be needed as text there."""

    what: str
    certain: bool
    note: str = ""
    shown: bool = False


def promised(
    call: ast.Call, place: str | int | None, module: Module, project: Project, depth: int = 0
) -> Promise | None:
    """Whether the parameter at ``place`` of the repository's own function or class is annotated as text."""
    if place is None:
        return None
    known = project.types.of(call.func, module)
    if known is None or not known.path:
        return None
    if known.kind == "function":
        definition = project.types.function_def(known)
        if definition is None:
            return None
        return _of_function(definition, place, project, depth, bound=isinstance(call.func, ast.Attribute))
    if known.kind == "class":
        method = project.types.classes.method(known, "__init__")
        if method is not None:
            return _of_function(method, place, project, depth, bound=True)
        return _of_field(known.name.rpartition(".")[2], call, place, module, project)
    return None


def _of_function(
    definition: tuple[Module, Function], place: str | int, project: Project, depth: int, *, bound: bool
) -> Promise | None:
    module, function = definition
    if any(needle in module.source.segment(function).encode() for needle in _COPES):
        return None
    positional = [*function.args.posonlyargs, *function.args.args]
    inside_class = isinstance(module.parents.get(function), ast.ClassDef)
    marks = {ast.unparse(mark) for mark in function.decorator_list}
    if inside_class and bound and "staticmethod" not in marks:
        positional = positional[1:]
    if marks - {"staticmethod", "classmethod", "abstractmethod", "abc.abstractmethod"}:
        return None
    if isinstance(place, int):
        parameter = positional[place] if place < len(positional) else None
    else:
        parameter = next(
            (each for each in (*positional, *function.args.kwonlyargs) if each.arg == place), None
        )
    if parameter is None or not promises_text(parameter.annotation):
        return None
    scope = module.scopes.own[function]
    ends = [ending(read, module, project, depth + 1) for read in module.scopes.loads(scope, parameter.arg)]
    what = f"{function.name}() takes `{parameter.arg}` as text"
    shown = display.shows_its_name(function) or any(end.goes is Goes.SHOWN for end in ends)
    if worst(ends).goes is Goes.TEXT:
        return Promise(what, certain=True)
    if shown:
        return Promise(what, certain=False, shown=True)
    return Promise(what, certain=True)


def _of_field(
    name: str, call: ast.Call, place: str | int, module: Module, project: Project
) -> Promise | None:
    """A model's or dataclass's field that is annotated as text."""
    known = project.types.of(call.func, module)
    if known is None or not isinstance(place, str):
        return None
    bases = set(project.types.ancestry(known))
    for home, node in project.types.classes.lineage(known):
        is_data = any("dataclass" in ast.unparse(mark) for mark in node.decorator_list)
        if not is_data and not any(base.startswith(("pydantic", "sqlmodel")) for base in bases):
            return None
        for part in node.body:
            if (
                isinstance(part, ast.AnnAssign)
                and isinstance(part.target, ast.Name)
                and part.target.id == place
            ):
                if not promises_text(part.annotation) or _validated(home, place):
                    return None
                return Promise(
                    f"{name} takes `{place}` as text",
                    certain=False,
                    note=f"{name} then holds the secret as plain text, and shows it in its repr.",
                )
    return None


def _validated(home: Module, place: str) -> bool:
    """Whether a validator of the class may take the secret itself."""
    text = home.source.data
    return b"validator(" in text and place.encode() in text and any(needle in text for needle in _COPES)
