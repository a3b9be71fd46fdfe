"""Which comparisons leak a secret by the time that they take."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.libraries.secret_names import kind_of, words
from codemods.secretstr.guards import Said, known_at
from codemods.timing_compare.given import checks
from codemods.timing_compare.traced import Traced, trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

RULE_NAME = "timing-compare"
_OPERATOR = re.compile(rb"(?:==|!=) *(?![=\s\"'0-9\[{-]|None|True|False|len\()")
_SECRETS = (
    b"token", b"secret", b"signature", b"hmac", b"digest", b"_key", b"apikey", b"passw", b"csrf", b"sig", b"expected", b"credential",
    b"computed", b"calculated", b"jwt",
)  # fmt: skip
_NEAR = {
    "calculated", "computed", "credentials", "digest", "expected", "hexdigest", "hmac", "mac", "secret", "sig", "signature", "token",
}  # fmt: skip
"""Words of names that are worth a look at what they stand for."""
_TERMINAL = re.compile(r"(?:^|/)(?:cli|commands?|management|scripts?)(?:/|_?[^/]*\.py$)")
"""Where the caller is who runs the program: the secret is their own."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The comparison's place; ``encode``: both sides are text.

    ``guarded``: which side (0, 1) may be None, -1 for neither; ``filled``: that side is a ``.get(name)`` that takes a default;
    ``named``: the free name that the guarded side gets, where it is a call and so must not be written twice.
    """

    start: int
    end: int
    encode: bool
    guarded: int
    filled: bool = False
    named: str = ""


def candidates(project: Project) -> list[str]:
    """Files that compare something whose name may be a secret's."""
    return sorted(path for path in project.matching(_holds) if not is_test(path))


def _holds(data: bytes) -> bool:
    """Whether two things that are no literals are compared on a line that speaks of secrets."""
    for match in _OPERATOR.finditer(data):
        line = data[data.rfind(b"\n", 0, match.start()) + 1 : data.find(b"\n", match.end())].lower()
        if any(word in line for word in _SECRETS):
            return True
    return False


def detect(module: Module, project: Project) -> Iterator[Finding]:
    """One finding for each comparison of a secret with what was given."""
    for node in module.nodes(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            continue
        sides = (node.left, node.comparators[0])
        if any(_never(side) for side in sides) or not any(_may_be_secret(side) for side in sides):
            continue
        if any(isinstance(around, (ast.Assert, ast.FormattedValue)) for around in module.ancestors(node)):
            continue
        if _is_condition(node, module):
            continue
        traced = (trace(sides[0], module, project), trace(sides[1], module, project))
        if any(
            one.own is None and _is_column(side, module, project)
            for side, one in zip(sides, traced, strict=True)
        ):
            continue
        secret = _secret_side(node, traced, module)
        if secret is not None:
            yield _finding(node, sides, traced, secret, module)


def _is_condition(node: ast.Compare, module: Module) -> bool:
    """Whether the comparison is handed to a query, which makes SQL of it: ``.where(...)``, also inside ``or_(...)``."""
    inner: ast.AST = node
    for around in module.ancestors(node):
        if isinstance(around, ast.Call) and inner is not around.func:
            func = around.func
            name = (
                func.attr
                if isinstance(func, ast.Attribute)
                else func.id
                if isinstance(func, ast.Name)
                else ""
            )
            if name in (_QUERIES if isinstance(func, ast.Attribute) else _OPERATORS):
                return True
        if isinstance(around, (ast.stmt, ast.Lambda)):
            return False
        inner = around
    return False


_OPERATORS = {"and_", "or_", "not_", "Q", "select", "exists"}
_QUERIES = {
    *_OPERATORS, "where", "filter", "having", "join", "outerjoin", "on", "exists", "any", "has", "find_one", "find", "select", "when",
    "delete_one", "get_or_none", "update", "delete",
}  # fmt: skip


def _is_column(side: ast.expr, module: Module, project: Project) -> bool:
    """Whether an operand is an attribute of a class or a column of a table: comparing it makes SQL."""
    if not isinstance(side, ast.Attribute):
        return False
    base = side.value
    if isinstance(base, ast.Attribute) and base.attr in {"c", "columns"}:
        return True
    found = project.types.of(base, module)
    if found is not None and found.kind in {"class", "instance"}:
        return found.kind == "class"
    return isinstance(base, ast.Name) and base.id[:1].isupper() and not base.id.isupper()


def _never(side: ast.expr) -> bool:
    """Constants, numbers, and what is no text."""
    return isinstance(
        side, (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Lambda, ast.Compare, ast.UnaryOp)
    ) or (
        isinstance(side, ast.Call)
        and dotted(side.func) in {"len", "int", "type", "id", "hash", "float", "bool", "set", "sorted"}
    )


def _may_be_secret(side: ast.expr) -> bool:
    """By its names, before anything is resolved."""
    for part in walk(side):
        name = (
            part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else None
        )
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            name = part.value if len(part.value) < 60 else None
        if name and (kind_of(name) or _NEAR.intersection(words(name))):
            return True
    return False


def _secret_side(node: ast.Compare, traced: tuple[Traced, Traced], module: Module) -> int | None:
    """Which side is the program's own secret, where the other one was given; None if there is no such pair."""
    for place in (0, 1):
        mine, other = traced[place], traced[1 - place]
        if mine.own == "hmac" and other.own is None:
            return place
        if other.own is not None or mine.given is not None:
            continue
        checked = other.given == "parameter" and not _TERMINAL.search(module.path) and checks(node, module)
        if mine.own in {"environment", "setting"} and (other.given == "request" or checked):
            return place
        if mine.own == "stored" and mine.text is not None and mine.text == other.text:
            if kind_of(mine.called) in {"password", "code"} or words(mine.called)[-1] == "id":
                continue
            if other.given == "request" or checked:
                return place
    return None


def _finding(
    node: ast.Compare,
    sides: tuple[ast.expr, ast.expr],
    traced: tuple[Traced, Traced],
    secret: int,
    module: Module,
) -> Finding:
    source = module.source
    applicability, reason, guarded = _judged(sides, traced, module)
    encode = traced[0].text == "str"
    named = ""
    if applicability is Applicability.UNSAFE and isinstance(sides[guarded], ast.Call):
        named = _free_name(
            ("given", "sent") if traced[guarded].own is None else ("expected", "wanted"), module
        )
    notes: tuple[str, ...] = ()
    if applicability is Applicability.UNSAFE:
        notes = ("None is never equal here any more; it was not before, either, unless both were None.",)
    operator = "==" if isinstance(node.ops[0], ast.Eq) else "!="
    return module.finding(
        RULE_NAME,
        node,
        f"A secret is compared with `{operator}`: how long that takes tells how much of a guess was right.",
        applicability,
        f"{_KINDS[traced[secret].own or 'hmac'].format(traced[secret].called)} {reason}",
        notes=notes,
        evidence=Evidence(*source.span(node), encode, guarded, applicability is Applicability.SAFE, named),
    )


_KINDS = {
    "hmac": "One side is an HMAC that the program has made.",
    "environment": "One side is the environment variable `{}`, the other is given by a caller.",
    "setting": "One side is the setting `{}`, the other is given by a caller.",
    "stored": "One side is the stored `{}`, the other is given by a caller.",
}


def _judged(
    sides: tuple[ast.expr, ast.expr], traced: tuple[Traced, Traced], module: Module
) -> tuple[Applicability, str, int]:
    one, other = traced
    if one.text is None or other.text is None:
        return (
            Applicability.DISPLAY_ONLY,
            "No patch: it is not proven that both are text (or both bytes), and `hmac.compare_digest` raises an error for anything else.",
            -1,
        )
    if one.text != other.text:
        return (
            Applicability.DISPLAY_ONLY,
            "No patch: one side is text and the other is bytes, which are never equal.",
            -1,
        )
    absent = [
        place
        for place in (0, 1)
        if traced[place].optional and known_at(sides[place], module) is not Said.PRESENT
    ]
    if not absent:
        return Applicability.SAFE, f"Both are proven to be {'text' if one.text == 'str' else 'bytes'}.", -1
    if len(absent) == 2:
        return (
            Applicability.DISPLAY_ONLY,
            "No patch: both may be None, and then they are equal; whoever gives nothing would get in where no secret is set.",
            -1,
        )
    side = sides[absent[0]]
    if (
        traced[1 - absent[0]].own == "hmac"
        and traced[absent[0]].given == "request"
        and isinstance(side, ast.Call)
        and isinstance(side.func, ast.Attribute)
        and side.func.attr == "get"
        and len(side.args) == 1
        and one.text == "str"
    ):
        return (
            Applicability.SAFE,
            "Both are text; what was not sent is no HMAC, as empty text is none.",
            absent[0],
        )
    if not isinstance(side, (ast.Name, ast.Attribute)) and not _can_be_named(side, module):
        return Applicability.DISPLAY_ONLY, "No patch: one side may be None, and it is no plain name.", -1
    return (
        Applicability.UNSAFE,
        f"`{module.source.segment(side)}` may be None, which `hmac.compare_digest` does not take: a person must look.",
        absent[0],
    )


def _can_be_named(side: ast.expr, module: Module) -> bool:
    """Whether ``(given := ...)`` can stand there: in a function, where the name is the function's own."""
    if not isinstance(side, ast.Call):
        return False
    for around in module.ancestors(side):
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inside = not any(part is side for each in _outside(around) for part in walk(each))
            return inside and bool(
                _free_name(("given", "sent"), module) and _free_name(("expected", "wanted"), module)
            )
        if isinstance(around, (*_OWN_SCOPES, ast.NamedExpr)):
            return False
    return False


_OWN_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.ClassDef)


def _outside(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    """What is written at a function and runs outside of it."""
    return [
        *function.decorator_list,
        *function.args.defaults,
        *(each for each in function.args.kw_defaults if each),
    ]


def _free_name(names: tuple[str, ...], module: Module) -> str:
    """The first of the names that nothing in the file has; empty if all are taken."""
    taken = {part.id for part in module.nodes(ast.Name)} | {part.arg for part in module.nodes(ast.arg)}
    taken |= {name for scope in module.scopes.all for name in scope.bindings}
    return next((name for name in names if name not in taken), "")
