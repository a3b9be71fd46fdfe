"""The names under which secrets travel through a repository, learnt from the files that mention the types.

Names only choose which expressions are worth asking about; what they are, type inference proves.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from codemods.engine.facts import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module, Project

NEEDLES = (b"SecretStr", b"SecretBytes")
_MENTIONED = re.compile(r"\bSecret(?:Str|Bytes)\b")
_MOST_NAMES = 300
_ROUNDS = 3


@dataclass
class Names:
    """The names known so far.

    ``attributes``: fields, properties, attributes of objects and modules; ``globals``: module-level names;
    ``functions``: what is called to get a secret; ``types``: other names of the secret types themselves.
    """

    attributes: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=lambda: {"SecretStr", "SecretBytes"})
    files: list[str] = field(default_factory=list)

    def size(self) -> int:
        """How many names are known."""
        return len(self.attributes) + len(self.globals) + len(self.functions) + len(self.types)


_KNOWN: WeakKeyDictionary[Project, tuple[Names, dict[tuple[str, str], str]]] = WeakKeyDictionary()


def learn(project: Project) -> Names:
    """The names for a repository; the questions that they rest on are noted for every asker."""
    known = _KNOWN.get(project)
    if known is None:
        with project.tracing() as questions:
            names = _learnt(project)
        known = _KNOWN[project] = names, dict(questions)
    for (kind, key), answer in known[1].items():
        project.note(kind, key, answer)
    return known[0]


def _learnt(project: Project) -> Names:
    names = Names()
    todo = sorted({path for needle in NEEDLES for path in project.containing(needle)})
    files = set(todo)
    if not files:
        return names
    searched: set[bytes] = set()
    for _ in range(_ROUNDS):
        before = names.size()
        for path in todo:
            module = project.module(path)
            if module is not None:
                _read(module, names)
        if names.size() == before:
            break
        fresh = sorted(_needles(names) - searched)[: _MOST_NAMES - len(searched)]
        searched.update(fresh)
        todo = sorted(files | {path for needle in fresh for path in project.containing(needle)})
        files.update(todo)
    names.files = sorted(files)
    return names


def _needles(names: Names) -> set[bytes]:
    found = {f".{name}".encode() for name in names.attributes}
    found |= {name.encode() for name in names.globals}
    found |= {f"{name}(".encode() for name in names.functions}
    return found | {name.encode() for name in names.types}


def is_secret_annotation(annotation: ast.expr | None, names: Names) -> bool:
    """Whether an annotation mentions a secret type, in quotes too."""
    if annotation is None:
        return False
    for part in ast.walk(annotation):
        name = (
            part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else None
        )
        if name in names.types:
            return True
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and _MENTIONED.search(part.value):
            return True
    return False


def leads_to_secret(value: ast.expr | None, names: Names, local: set[str]) -> bool:
    """Whether an expression may give a secret, by the names in it; one that is unwrapped there doesn't."""
    if value is None:
        return False
    todo: list[ast.AST] = [value]
    while todo:
        part = todo.pop()
        match part:
            case ast.Attribute(attr="get_secret_value"):
                continue
            case ast.Attribute(attr=attr) if attr in names.attributes:
                return True
            case ast.Name(id=name) if name in local:
                return True
            case ast.Call(func=func) if (dotted(func) or "").rpartition(".")[2] in (
                names.functions | names.types
            ):
                return True
            case ast.JoinedStr() | ast.Compare() | ast.Lambda():
                continue
        todo.extend(ast.iter_child_nodes(part))
    return False


def local_names(module: Module, names: Names) -> set[str]:
    """The plain names in one file that may hold a secret: parameters, imports, and what is assigned from one."""
    found: set[str] = set()
    assigned: list[tuple[str, ast.expr]] = []
    for scope in module.scopes.all:
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                if is_secret_annotation(binding.annotation, names):
                    found.add(name)
                elif isinstance(binding.node, ast.alias):
                    if binding.node.name in names.globals:
                        found.add(name)
                elif binding.value is not None:
                    assigned.append((name, binding.value))
                elif isinstance(binding.node, (ast.For, ast.AsyncFor)):
                    assigned.append((name, binding.node.iter))
                elif isinstance(binding.node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
                    assigned += [(name, part.iter) for part in binding.node.generators]
    grown = True
    while grown:
        grown = False
        for name, value in assigned:
            if name not in found and leads_to_secret(value, names, found):
                found.add(name)
                grown = True
    return found


def _read(module: Module, names: Names) -> None:
    """Add what one file tells."""
    for node in _statements(module.tree):
        match node:
            case ast.ClassDef():
                for child in node.body:
                    if (
                        isinstance(child, ast.AnnAssign)
                        and isinstance(child.target, ast.Name)
                        and is_secret_annotation(child.annotation, names)
                    ):
                        names.attributes.add(child.target.id)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if is_secret_annotation(node.returns, names):
                    names.functions.add(node.name)
                    if node.decorator_list:
                        names.attributes.add(node.name)
    local = local_names(module, names)
    for name, bindings in module.scopes.module.bindings.items():
        for binding in bindings:
            value = binding.value
            if is_secret_annotation(binding.annotation, names):
                names.globals.add(name)
                names.attributes.add(name)
            elif value is None:
                continue
            elif (
                isinstance(value, (ast.Subscript, ast.BinOp, ast.Name, ast.Attribute))
                and is_secret_annotation(value, names)
            ) or (
                isinstance(value, ast.Call)
                and (dotted(value.func) or "").endswith("NewType")
                and is_secret_annotation(value, names)
            ):
                names.types.add(name)
            elif leads_to_secret(value, names, local) and _may_be_secret(value):
                names.globals.add(name)
                names.attributes.add(name)
    for part in ast.walk(module.tree):
        if (
            isinstance(part, ast.Return)
            and leads_to_secret(part.value, names, local)
            and _may_be_secret(part.value)
        ):
            function = module.function(part)
            if function is not None and function.returns is None:
                names.functions.add(function.name)
                if function.decorator_list:
                    names.attributes.add(function.name)
        elif (
            isinstance(part, ast.AnnAssign)
            and isinstance(part.target, ast.Attribute)
            and is_secret_annotation(part.annotation, names)
        ):
            names.attributes.add(part.target.attr)
        elif (
            isinstance(part, ast.Assign)
            and leads_to_secret(part.value, names, local)
            and _may_be_secret(part.value)
        ):
            for target in part.targets:
                for each in target.elts if isinstance(target, (ast.Tuple, ast.List)) else (target,):
                    if isinstance(each, ast.Attribute):
                        names.attributes.add(each.attr)


def _may_be_secret(value: ast.expr | None) -> bool:
    """Whether the expression itself, not something built of it, may be the secret."""
    match value:
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return True
        case ast.Call(func=func):
            return (isinstance(func, (ast.Name, ast.Attribute)) and not value.args) or (
                (dotted(value.func) or "").rpartition(".")[2] in {"SecretStr", "SecretBytes"}
            )
        case ast.BoolOp(values=values):
            return any(_may_be_secret(each) for each in values)
        case ast.IfExp(body=body, orelse=orelse):
            return _may_be_secret(body) or _may_be_secret(orelse)
        case ast.Tuple(elts=elts):
            return any(_may_be_secret(each) for each in elts)
        case ast.Await(value=inner):
            return _may_be_secret(inner)
    return False


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                yield child
                todo.append(child)
            elif isinstance(child, (ast.ExceptHandler, ast.match_case)):
                todo.append(child)
