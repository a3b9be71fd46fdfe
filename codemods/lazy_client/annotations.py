"""How the type of a client is written in the file that defines it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.lazy_client.sites import Site, is_none

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.lazy_client.sites import Finder

_OPTIONAL = frozenset({"Optional", "typing.Optional", "t.Optional"})
_FINAL = frozenset({"Final", "typing.Final", "t.Final", "ClassVar", "typing.ClassVar"})


@dataclass(frozen=True, slots=True)
class Style:
    """How "or None" is written: ``name`` of ``Optional``, empty for ``| None``; ``needed``: it has to be imported."""

    name: str = ""
    needed: bool = False


def type_text(site: Site, module: Module, project: Project, finder: Finder) -> str:
    """The type of what the getter gives, without its None; empty where nothing names it."""
    if site.annotation is not None:
        written = _declared(site.annotation, module)
        if written is not None:
            return written
    found: list[str] = []
    for value in site.values:
        for part in _parts(value):
            text = _of_value(part, site, module, project, finder)
            if not text:
                return ""
            if text not in found:
                found.append(text)
    return " | ".join(found)


def _parts(value: ast.expr) -> list[ast.expr]:
    if is_none(value):
        return []
    if isinstance(value, ast.IfExp):
        return [*_parts(value.body), *_parts(value.orelse)]
    return [value]


def _declared(node: ast.expr, module: Module) -> str | None:
    """An annotation without its ``Final`` and ``Optional``; None if nothing is left of it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            inner = ast.parse(node.value.strip(), mode="eval").body
        except SyntaxError:
            return None
        text = _plain(inner, ast.unparse)
        return f'"{text}"' if text else None
    return _plain(node, module.source.segment)


def _plain(node: ast.expr, written: object) -> str | None:
    assert callable(written)
    if dotted(node) in _FINAL:
        return None
    if isinstance(node, ast.Subscript) and dotted(node.value) in _OPTIONAL | _FINAL:
        return _plain(node.slice, written)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        if is_none(node.right):
            return _plain(node.left, written)
        if is_none(node.left):
            return _plain(node.right, written)
    text = written(node)
    return text if isinstance(text, str) and "\n" not in text else None


def _of_value(value: ast.expr, site: Site, module: Module, project: Project, finder: Finder) -> str:
    if not isinstance(value, ast.Call):
        return ""
    matched = finder.match(value)
    if matched is None:
        known = project.types.of(value.func, module)
        is_class = (
            known is not None
            and known.kind in {"class", "external"}
            and known.name.rpartition(".")[2][:1].isupper()
        )
        text = module.source.segment(value.func)
        usable = is_class and dotted(value.func) is not None and _is_global(value.func, site, module)
        return text if usable and "\n" not in text else ""
    if not matched.type:
        return ""
    text = re.sub(r"\s+", "", module.source.segment(value.func))
    if matched.client.type:
        return _spelled(matched.type, module)
    if matched.name != matched.type:
        text = text.rpartition(".")[0]
    return text if _is_global(value.func, site, module) else ""


def _is_global(func: ast.expr, site: Site, module: Module) -> bool:
    """Whether the class's name exists at the top level, and not only inside the statement that moves."""
    while isinstance(func, (ast.Attribute, ast.Subscript)):
        func = func.value
    if not isinstance(func, ast.Name):
        return False
    inside = set(walk(site.statement))
    return any(binding.node not in inside for binding in module.scopes.module.bindings.get(func.id, ()))


def _spelled(qualified: str, module: Module) -> str:
    """A library's class as the file can write it; empty if its imports give no way to."""
    home, _, last = qualified.rpartition(".")
    for name, bindings in module.scopes.module.bindings.items():
        if len(bindings) != 1 or not isinstance(bindings[0].node, ast.alias):
            continue
        alias = bindings[0].node
        statement = module.parents[alias]
        if isinstance(statement, ast.ImportFrom) and not statement.level:
            if alias.name == last and statement.module == home:
                return name
            full = f"{statement.module}.{alias.name}"
        else:
            full = (
                alias.name
                if alias.asname or not isinstance(statement, ast.Import)
                else alias.name.partition(".")[0]
            )
        if qualified.startswith(f"{full}."):
            return f"{name}{qualified[len(full) :]}"
    return ""


def style_of(site: Site, module: Module, project: Project) -> Style:
    """``Optional`` where the project still runs on Python before 3.10, or where the file writes it throughout."""
    text = module.source.text
    known = next(
        (
            name
            for name in ("Optional", "typing.Optional", "t.Optional")
            if name in text and _is_bound_before(name, site, module)
        ),
        "",
    )
    lowest = project.pins.python
    if lowest is not None and lowest < (3, 10):
        return Style(known or "Optional", not known)
    if known and "| None" not in text and (lowest is None):
        return Style(known)
    return Style()


def _is_bound_before(name: str, site: Site, module: Module) -> bool:
    """Whether the top level has bound a name (or the module it is an attribute of) when the site is reached."""
    bindings = module.scopes.module.bindings.get(name.partition(".")[0], [])
    return bool(bindings) and all(_line(binding.node, module) < site.statement.lineno for binding in bindings)


def _line(node: ast.AST, module: Module) -> int:
    return getattr(module.parents.get(node) if isinstance(node, ast.alias) else node, "lineno", 0)


def must_quote(text: str, site: Site, module: Module, *, stubbed: bool, needed: bool) -> bool:
    """Whether evaluating ``X | None`` at the top level could fail, so that it is written as a string."""
    if any(isinstance(node, ast.ImportFrom) and node.module == "__future__" and any(alias.name == "annotations" for alias in node.names) for node in module.tree.body):  # fmt: skip
        return False
    if stubbed:
        return True
    if needed and any(isinstance(node, (ast.Import, ast.ImportFrom)) and node.lineno > site.statement.lineno for node in module.tree.body):  # fmt: skip
        return True  # the import that the annotation needs may be put below it
    for name in re.findall(r"(?<![\w.])[A-Za-z_]\w*", text):
        bindings = module.scopes.module.bindings.get(name, [])
        if len(bindings) > 1 or (bindings and not _is_bound_before(name, site, module)):
            return True
        for binding in bindings:
            if any(isinstance(parent, ast.If) for parent in module.ancestors(binding.node)):
                return True
    return False
