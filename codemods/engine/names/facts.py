"""What one module defines, so that other modules can be judged without holding its tree."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.files.source import Source

_DYNAMIC = re.compile(r"\b(?:globals|exec|setattr|vars)\s*\(|sys\.modules")

NameKind = Literal["function", "class", "import", "value", "declared"]


@dataclass(slots=True)
class Name:
    """A name that the module binds at its top level (inside ``if``, ``try``, ``for`` and ``with`` too).

    For imports ``module`` is the name as written after ``level`` dots, and ``attribute`` what is taken from it.
    ``typing_only``: bound only under ``if TYPE_CHECKING``, so absent at run time. ``declared``: annotated, no value.
    """

    kind: NameKind
    line: int
    module: str | None = None
    level: int = 0
    attribute: str | None = None
    typing_only: bool = False
    conditional: bool = False


@dataclass(slots=True)
class Class:
    """A class: bases as dotted text (None for anything computed), and its attributes with the line of each.

    ``open``: its attributes can't be known (``__getattr__``, a computed base, a decorator or metaclass that may
    add some). ``instance``: attributes that methods set on ``self`` and bare annotations, absent on the class itself.
    """

    line: int
    bases: tuple[str | None, ...] = ()
    methods: dict[str, int] = field(default_factory=dict)
    fields: dict[str, int] = field(default_factory=dict)
    instance: dict[str, int] = field(default_factory=dict)
    decorators: tuple[str, ...] = ()
    metaclass: str | None = None
    open: bool = False
    classes: dict[str, Class] = field(default_factory=dict)


@dataclass(slots=True)
class Facts:
    """Everything that ``index`` answers from. ``open``: top-level names can't be known; the reason says why."""

    names: dict[str, Name] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    stars: list[tuple[str | None, int]] = field(default_factory=list)
    submodules: list[str] = field(default_factory=list)
    exported: tuple[str, ...] | None = None
    open: str | None = None


def facts_of(source: Source) -> Facts:
    """The facts of one module. Raises Unreadable where it can't be parsed."""
    facts = Facts()
    _Reader(facts, has_global="global " in source.text).block(
        source.tree.body, typing_only=False, conditional=False
    )
    if "__getattr__" in facts.names:
        facts.open = "defines a module-level __getattr__"
    elif _DYNAMIC.search(source.text):
        _find_dynamic(source.tree, facts)
    return facts


def dotted(node: ast.AST | None) -> str | None:
    """``a.b.c`` for names and attributes of names; None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))


def is_type_checking(test: ast.expr) -> bool:
    """Whether a condition is ``TYPE_CHECKING``, false at run time."""
    return dotted(test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING"}


class _Reader:
    def __init__(self, facts: Facts, *, has_global: bool) -> None:
        self.facts = facts
        self.has_global = has_global

    def bind(self, name: str, kind: NameKind, line: int, *, typing_only: bool, conditional: bool) -> Name:
        new = Name(kind, line, typing_only=typing_only, conditional=conditional)
        known = self.facts.names.get(name)
        if known is not None:
            if typing_only and not known.typing_only:
                return new
            if kind == "declared" and known.kind != "declared":
                return new
            if not conditional or known.typing_only or known.kind == "declared":
                self.facts.names[name] = new
            return new
        self.facts.names[name] = new
        return new

    def block(self, statements: list[ast.stmt], *, typing_only: bool, conditional: bool) -> None:
        for statement in statements:
            self.statement(statement, typing_only=typing_only, conditional=conditional)

    def statement(self, node: ast.stmt, *, typing_only: bool, conditional: bool) -> None:
        how = {"typing_only": typing_only, "conditional": conditional}
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.bind(node.name, "function", node.lineno, **how)
                self.globals_of(node)
            case ast.ClassDef():
                self.bind(node.name, "class", node.lineno, **how)
                if not typing_only and (node.name not in self.facts.classes or not conditional):
                    self.facts.classes[node.name] = class_of(node)
                for child in walk(node) if self.has_global else ():
                    if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        self.globals_of(child)
            case ast.Import():
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    bound = self.bind(name, "import", node.lineno, **how)
                    bound.module = alias.name if alias.asname else name
                    if not alias.asname and "." in alias.name:
                        self.facts.submodules.append(alias.name)
            case ast.ImportFrom():
                for alias in node.names:
                    if alias.name == "*":
                        if not typing_only:
                            self.facts.stars.append((node.module, node.level))
                        continue
                    bound = self.bind(alias.asname or alias.name, "import", node.lineno, **how)
                    bound.module, bound.level, bound.attribute = node.module, node.level, alias.name
            case ast.Assign():
                for target in node.targets:
                    self.targets(target, **how)
                    if isinstance(target, ast.Name) and target.id == "__all__":
                        self.exported(node.value)
                self.walruses(node.value, **how)
            case ast.AnnAssign():
                if isinstance(node.target, ast.Name):
                    self.bind(
                        node.target.id, "value" if node.value is not None else "declared", node.lineno, **how
                    )
            case ast.AugAssign():
                if isinstance(node.target, ast.Name) and node.target.id == "__all__":
                    self.facts.exported = None
            case ast.If():
                checking = is_type_checking(node.test)
                self.walruses(node.test, **how)
                self.block(node.body, typing_only=typing_only or checking, conditional=True)
                self.block(node.orelse, typing_only=typing_only, conditional=True)
            case ast.Try() | ast.TryStar():
                self.block(node.body, typing_only=typing_only, conditional=True)
                for handler in node.handlers:
                    self.block(handler.body, typing_only=typing_only, conditional=True)
                self.block(node.orelse, typing_only=typing_only, conditional=True)
                self.block(node.finalbody, **how)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        self.targets(item.optional_vars, **how)
                self.block(node.body, **how)
            case ast.For() | ast.AsyncFor():
                self.targets(node.target, **how)
                self.block([*node.body, *node.orelse], typing_only=typing_only, conditional=True)
            case ast.While():
                self.block([*node.body, *node.orelse], typing_only=typing_only, conditional=True)
            case ast.Match():
                for case in node.cases:
                    for part in walk(case.pattern):
                        captured = getattr(part, "name", None) or getattr(part, "rest", None)
                        if isinstance(captured, str):
                            self.bind(
                                captured, "value", node.lineno, typing_only=typing_only, conditional=True
                            )
                    self.block(case.body, typing_only=typing_only, conditional=True)
            case ast.Expr():
                self.walruses(node.value, **how)
            case _:
                if type(node).__name__ == "TypeAlias":
                    alias_name = getattr(getattr(node, "name", None), "id", None)
                    if isinstance(alias_name, str):
                        self.bind(alias_name, "value", node.lineno, **how)

    def targets(self, target: ast.expr, *, typing_only: bool, conditional: bool) -> None:
        for part in walk(target):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                self.bind(part.id, "value", part.lineno, typing_only=typing_only, conditional=conditional)

    def walruses(self, value: ast.expr, *, typing_only: bool, conditional: bool) -> None:
        for part in walk(value):
            if isinstance(part, ast.NamedExpr):
                self.bind(
                    part.target.id, "value", part.lineno, typing_only=typing_only, conditional=conditional
                )

    def globals_of(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Names that a function declares ``global`` may be bound by it."""
        if not self.has_global:
            return
        for part in walk(function):
            if isinstance(part, ast.Global):
                for name in part.names:
                    if name not in self.facts.names:
                        self.bind(name, "value", part.lineno, typing_only=False, conditional=True)

    def exported(self, value: ast.expr) -> None:
        if isinstance(value, (ast.List, ast.Tuple)):
            names = [
                item.value
                for item in value.elts
                if isinstance(item, ast.Constant) and isinstance(item.value, str)
            ]
            self.facts.exported = tuple(names) if len(names) == len(value.elts) else None


_CLOSED_DECORATORS = {
    "dataclass", "dataclasses.dataclass", "final", "typing.final", "total_ordering", "functools.total_ordering",
    "runtime_checkable", "typing.runtime_checkable", "pydantic.dataclasses.dataclass", "unique", "enum.unique",
    "attr.s", "attrs.define", "define", "attr.define", "frozen", "attrs.frozen",
}  # fmt: skip


def class_of(node: ast.ClassDef) -> Class:
    """The facts of one class."""
    found = Class(
        node.lineno,
        tuple(dotted(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases),
        decorators=tuple(
            dotted(item.func if isinstance(item, ast.Call) else item) or "?" for item in node.decorator_list
        ),
        metaclass=next(
            (dotted(item.value) or "?" for item in node.keywords if item.arg == "metaclass"), None
        ),
    )
    if any(name not in _CLOSED_DECORATORS for name in found.decorators):
        found.open = True
    if found.metaclass not in {None, "ABCMeta", "abc.ABCMeta"}:
        found.open = True
    _class_body(node.body, found)
    if "__getattr__" in found.methods or "__getattribute__" in found.methods:
        found.open = True
    return found


def _class_body(body: list[ast.stmt], found: Class) -> None:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                found.methods[node.name] = node.lineno
                _self_attributes(node, found)
            case ast.ClassDef():
                found.fields[node.name] = node.lineno
                found.classes[node.name] = class_of(node)
            case ast.Assign():
                for target in node.targets:
                    for part in walk(target):
                        if isinstance(part, ast.Name):
                            found.fields[part.id] = node.lineno
            case ast.AnnAssign() if isinstance(node.target, ast.Name):
                (found.fields if node.value is not None else found.instance)[node.target.id] = node.lineno
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    found.fields[alias.asname or alias.name.partition(".")[0]] = node.lineno
            case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While():
                for block in ("body", "orelse", "finalbody"):
                    _class_body(getattr(node, block, []), found)
                for handler in getattr(node, "handlers", []):
                    _class_body(handler.body, found)
                for part in walk(node):
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                        found.fields.setdefault(part.id, node.lineno)
            case ast.Expr() if isinstance(node.value, ast.Call):
                name = dotted(node.value.func)
                if name in {"exec", "vars", "locals", "setattr"} or (name or "").startswith("locals"):
                    found.open = True


def _self_attributes(function: ast.FunctionDef | ast.AsyncFunctionDef, found: Class) -> None:
    first = (function.args.posonlyargs + function.args.args)[:1]
    if not first:
        return
    own = first[0].arg
    for part in walk(function):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
            if isinstance(part.value, ast.Name) and part.value.id == own:
                store = found.fields if own == "cls" else found.instance
                store.setdefault(part.attr, part.lineno)
        elif isinstance(part, ast.Call):
            name = dotted(part.func)
            if name == f"{own}.__dict__.update" or (
                name in {"vars", "setattr"} and len(part.args) == 1 and dotted(part.args[0]) == own
            ):
                found.open = True
            elif name in {"setattr", "object.__setattr__"} and part.args:
                key = part.args[1] if len(part.args) > 1 else None
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    found.instance.setdefault(key.value, part.lineno)
                else:
                    found.open = True


def _find_dynamic(tree: ast.Module, facts: Facts) -> None:
    """Ways to bind top-level names that no reader can follow."""
    for node in walk(tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name in {"globals", "exec"}:
                facts.open = f"calls {name}()"
            elif name == "setattr" and node.args and "sys.modules" in ast.unparse(node.args[0]):
                facts.open = "sets attributes on a module"
            elif name in {"vars", "locals"} and not node.args and name == "vars":
                facts.open = "calls vars()"
        elif (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Store)
            and dotted(node.value) == "sys.modules"
        ):
            facts.open = "replaces itself in sys.modules"
        if facts.open:
            return
