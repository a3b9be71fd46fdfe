"""The names under which secrets travel through a repository, learnt from the files that mention the types.

Names only choose which expressions are worth asking about; what they are, type inference proves.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codemods.engine.inference.definitions import fixture_name
from codemods.engine.names.facts import dotted
from codemods.secretstr.kinds import secret_type

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project

NEEDLES = (b"SecretStr", b"SecretBytes")
_WORD = re.compile(r"\w+")
_MOST_NAMES = 200
_MOST_READ_AGAIN = 60
_ROUNDS = 2


@dataclass
class Names:
    """The names known so far.

    ``attributes``: fields, properties, attributes of objects and modules; ``globals``: module-level names;
    ``functions``: what is called to get a secret; ``fixtures``: those that pytest injects; ``types``: other names
    of the secret types themselves; ``models``: classes with such fields; ``files``: where any of them stands.
    """

    attributes: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    fixtures: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=lambda: {"SecretStr", "SecretBytes"})
    models: set[str] = field(default_factory=set)
    files: list[str] = field(default_factory=list)

    def size(self) -> int:
        """How many names are known."""
        return len(self.attributes) + len(self.globals) + len(self.functions) + len(self.types)


def learn(project: Project) -> Names:
    """The names for a repository; the questions that they rest on are noted for every asker."""
    return project.kept(_learnt)


def _learnt(project: Project) -> Names:
    names = Names()
    own = sorted({path for needle in NEEDLES for path in project.containing(needle)})
    if not own:
        return names
    grown = True
    while grown:
        before = names.size()
        for path in own:
            module = project.module(path)
            if module is not None:
                _read(module, names, project)
        grown = names.size() > before and len(own) <= _MOST_READ_AGAIN
    known = set(own)
    for _ in range(_ROUNDS):
        fresh = [path for path in _naming(project, names) if path not in known]
        known.update(fresh)
        before = names.size()
        if names.attributes:
            handing_on = _handing_on(names)
            for path in fresh:
                module = project.module(path) if handing_on.search(project.read(path)) else None
                if module is not None:
                    _read(module, names, project)
        if names.size() == before:
            break
    for needle in (b".model_dump", b".dict(", b".json("):
        dumping = project.containing(needle) if names.models else []
        known.update(
            path for path in dumping if any(name.encode() in project.read(path) for name in names.models)
        )
    names.files = sorted(known)
    return names


def names_in(module: Module, project: Project) -> Names:
    """The names for one file: the repository's, and those that only this file gives to secrets."""
    names = learn(project)
    if module.path not in names.files or not _concerned(module, names, project):
        return Names()
    own = replace(
        names,
        attributes=set(names.attributes),
        globals=set(names.globals),
        functions=set(names.functions),
        fixtures=set(names.fixtures),
        types=set(names.types),
    )
    _read(module, own, project)
    return own


def _concerned(module: Module, names: Names, project: Project) -> bool:
    """Whether the file holds any secret at all: it declares one, imports one, or reads one that is proven."""
    data = module.source.data
    if any(needle in data for needle in NEEDLES):
        return True
    if any(
        re.search(rb"\b%s\b" % name.encode(), data) for name in names.globals | names.fixtures | names.types
    ):
        return True
    none: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, (ast.Attribute, ast.Call)) and may_be_secret(node, names, none):
            found = project.types.of(node, module)
            if found is not None and (found.args or secret_type(found, project) is not None):
                return True
    return False


def _handing_on(names: Names) -> re.Pattern[bytes]:
    """Text of a file that gives a field another name for other files: a module-level name, a function's result."""
    fields = b"|".join(re.escape(name.encode()) for name in sorted(names.attributes)[:_MOST_NAMES])
    return re.compile(
        rb"^(?:\w+\s*(?::[^=\n]+)?=\s*|[ \t]+return\s+)[\w.()\[\]\"' ]*\.(?:%s)[ \t]*$" % fields, re.MULTILINE
    )


def _naming(project: Project, names: Names) -> list[str]:
    """The files that read one of the names in a way that may need text."""
    found: set[str] = set()
    for kind, pattern in (
        (names.attributes, rb"\.(?:%s)\b(?!\s*(?:\.get_secret_value|\(|=[^=]))"),
        (names.globals | names.types, rb"\b(?:%s)\b"),
        (names.functions, rb"\b(?:%s)\s*\("),
        (names.fixtures, rb"\b(?:%s)\b"),
    ):
        wanted = sorted(kind)[:_MOST_NAMES]
        if not wanted:
            continue
        paths = {path for name in wanted for path in project.containing(name.encode())} - found
        expression = re.compile(pattern % b"|".join(re.escape(name.encode()) for name in wanted))
        found |= {path for path in paths if expression.search(project.read(path))}
    return sorted(found)


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
        quoted = part.value if isinstance(part, ast.Constant) else None
        if isinstance(quoted, str) and not names.types.isdisjoint(_WORD.findall(quoted)):
            return True
    return False


def may_be_secret(value: ast.expr | None, names: Names, local: set[str]) -> bool:
    """Whether an expression may itself be a secret (or hold some), by its names; worth asking for its type."""
    match value:
        case ast.Attribute(attr=attr):
            return attr in names.attributes
        case ast.Name(id=name):
            return name in local
        case ast.Call(func=ast.Attribute(value=many, attr="get" | "items" | "values" | "pop")):
            return may_be_secret(many, names, local)
        case ast.Call(func=func):
            last = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
            return last in names.functions or last in names.types
        case ast.BoolOp(values=values) | ast.Tuple(elts=values) | ast.List(elts=values):
            return any(may_be_secret(each, names, local) for each in values)
        case ast.IfExp(body=body, orelse=orelse):
            return may_be_secret(body, names, local) or may_be_secret(orelse, names, local)
        case (
            ast.Await(value=inner)
            | ast.NamedExpr(value=inner)
            | ast.Subscript(value=inner)
            | ast.Starred(value=inner)
        ):
            return may_be_secret(inner, names, local)
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
                elif isinstance(binding.node, ast.arg) and binding.name in names.fixtures:
                    found.add(name)
    grown = True
    while grown:
        grown = False
        for name, value in assigned:
            if name not in found and may_be_secret(value, names, found):
                found.add(name)
                grown = True
    return found


def _read(module: Module, names: Names, project: Project) -> None:
    """Add what one file tells: declarations as they are written, everything else by proof of its type."""
    names.types |= _imported_as(module, names)
    local = local_names(module, names)

    def proven(value: ast.expr | None) -> bool:
        return (
            value is not None
            and may_be_secret(value, names, local)
            and secret_type(project.types.of(value, module), project) is not None
        )

    for name, bindings in module.scopes.module.bindings.items():
        for binding in bindings:
            if is_secret_annotation(binding.annotation, names) or proven(binding.value):
                names.globals.add(name)
                names.attributes.add(name)
            elif _is_alias(binding.value, names):
                names.types.add(name)
    for node in ast.walk(module.tree):
        match node:
            case ast.ClassDef():
                for part in node.body:
                    if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                        if is_secret_annotation(part.annotation, names):
                            names.attributes.add(part.target.id)
                            names.models.add(node.name)
                    elif isinstance(part, ast.Assign) and proven(part.value):
                        names.attributes |= {each.id for each in part.targets if isinstance(each, ast.Name)}
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if is_secret_annotation(node.returns, names):
                    _add_function(node, names)
            case ast.Return() | ast.Yield() if proven(node.value):
                function = module.function(node)
                if function is not None and function.returns is None:
                    _add_function(function, names)
            case ast.AnnAssign(target=ast.Attribute(attr=attr)) if is_secret_annotation(
                node.annotation, names
            ):
                names.attributes.add(attr)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    pairs = (
                        zip(target.elts, value.elts, strict=False)
                        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
                        else ((target, value),)
                    )
                    names.attributes |= {
                        one.attr
                        for one, other in pairs
                        if isinstance(one, ast.Attribute)
                        and dotted(one.value) in {"self", "cls"}
                        and proven(other)
                    }


def _imported_as(module: Module, names: Names) -> set[str]:
    """The other names that imports give to the types: ``from pydantic import SecretStr as Hidden``."""
    return {
        binding.name
        for scope in module.scopes.all
        for bindings in scope.bindings.values()
        for binding in bindings
        if isinstance(binding.node, ast.alias) and binding.node.asname and binding.node.name in names.types
    }


def _is_alias(value: ast.expr | None, names: Names) -> bool:
    """``Key = SecretStr``, ``Key = Annotated[SecretStr, ...]``, ``Key = NewType("Key", SecretStr)``."""
    if isinstance(value, ast.Call) and not (dotted(value.func) or "").endswith("NewType"):
        return False
    return isinstance(
        value, (ast.Subscript, ast.BinOp, ast.Name, ast.Attribute, ast.Call)
    ) and is_secret_annotation(value, names)


def _add_function(function: ast.FunctionDef | ast.AsyncFunctionDef, names: Names) -> None:
    names.functions.add(function.name)
    if any(
        "property" in ast.unparse(mark) or "computed" in ast.unparse(mark) for mark in function.decorator_list
    ):
        names.attributes.add(function.name)
    if fixture_name(function) is not None:
        names.fixtures.add(function.name)
