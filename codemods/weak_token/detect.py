"""Which draws from ``random`` become secrets, and which tokens of ``secrets`` are short."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability
from codemods.libraries.secret_names import kind_of, words
from codemods.libraries.silenced import is_silenced
from codemods.weak_token.use import is_pretence, secret_made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

RULE_NAME = "weak-token"
ENOUGH = 16
"""Bytes: 128 bits cannot be guessed; fewer are reported."""
MANY = 32
"""Bytes: what ``secrets`` takes by default today, and what a patch writes."""
_DRAWS = {
    "choice", "choices", "sample", "randint", "randrange", "getrandbits", "randbytes", "shuffle", "random", "uniform",
}  # fmt: skip
_TOKENS = {"secrets.token_urlsafe", "secrets.token_hex", "secrets.token_bytes"}
_ELEMENTS = {"choice", "choices", "sample"}
_SILENCED = frozenset({"S311", "B311"})
_MAY_BE_SHORT = {"code", "password", None}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the call is, which function of ``random`` it calls; empty for a token that is too short."""

    start: int
    end: int
    draws: str


def candidates(project: Project) -> list[str]:
    """Files that draw at random, and speak of secrets."""
    return sorted(path for path in project.matching(_holds) if not is_test(path))


def _holds(data: bytes) -> bool:
    if b"secrets.token_" in data or b"import token_" in data:
        return True
    if b"import random" not in data and b"from random import" not in data:
        return False
    low = data.lower()
    return any(
        word in low
        for word in (
            b"token",
            b"secret",
            b"passw",
            b"key",
            b"otp",
            b"code",
            b"session",
            b"pin",
            b"csrf",
            b"pwd",
        )
    )


def detect(module: Module, project: Project) -> Iterator[Finding]:
    """One finding for each draw that becomes part of a secret, and for each token that is too short."""
    seeded = b".seed(" in module.source.data
    for node in module.nodes(ast.Call):
        name = _called(node, module, project)
        if name and is_silenced(range(node.lineno, (node.end_lineno or node.lineno) + 1), module, _SILENCED):
            continue
        if name in _TOKENS:
            yield from _short(node, module)
        elif (
            name.startswith("random.")
            and name[7:] in _DRAWS
            and not seeded
            and _draws_characters(node, name[7:], module)
        ):
            yield from _weak(node, name[7:], module, project)


def _called(node: ast.Call, module: Module, project: Project) -> str:
    last = (
        node.func.attr
        if isinstance(node.func, ast.Attribute)
        else node.func.id
        if isinstance(node.func, ast.Name)
        else ""
    )
    known = last in _DRAWS or last.startswith("token_")
    if not known and (
        not isinstance(node.func, ast.Name) or b" as " + last.encode() not in module.source.data
    ):
        return ""
    return project.types.qualified(node.func, module) or ""


def _draws_characters(node: ast.expr, draws: str, module: Module) -> bool:
    """Whether the draw makes something new: one element of a list that is there already is no new secret."""
    place = node if draws in _ELEMENTS else _element(node, module)
    if place is None:
        return True
    draws = draws if place is node else "choice"
    parents = list(module.ancestors(place))
    if any(isinstance(around, (ast.ListComp, ast.GeneratorExp)) for around in parents[:3]):
        return True
    if draws == "choice":
        around = parents[0]
        return (
            isinstance(around, (ast.BinOp, ast.AugAssign))
            or (isinstance(around, ast.List) and len(around.elts) > 1)
            or (
                isinstance(around, ast.Lambda)
                and isinstance(parents[1], ast.Call)
                and len(parents[1].args) > 1
            )
            or (
                isinstance(around, ast.Call)
                and isinstance(around.func, ast.Attribute)
                and around.func.attr == "append"
            )
        )
    return any(
        isinstance(around, ast.Call)
        and isinstance(around.func, ast.Attribute)
        and around.func.attr in {"join", "extend"}
        for around in parents[:3]
    ) or isinstance(parents[0], ast.BinOp)


def _element(node: ast.expr, module: Module) -> ast.expr | None:
    """The ``items[...]`` whose index is drawn; None where the draw is no index."""
    inner: ast.AST = node
    for around in module.ancestors(node):
        if isinstance(around, ast.Subscript) and around.slice is inner:
            return around
        if not isinstance(around, (ast.BinOp, ast.Call)):
            return None
        inner = around
    return None


def _weak(node: ast.Call, draws: str, module: Module, project: Project) -> Iterator[Finding]:
    subject: ast.expr = node
    if draws == "shuffle":
        if (
            not node.args
            or not isinstance(node.args[0], ast.Name)
            or not isinstance(module.parents[node], ast.Expr)
        ):
            return
        made = _shuffled(node.args[0], node, module)
    else:
        made = secret_made(subject, module)
    if made is None or is_pretence(module.path, module, node):
        return
    tests = _patching(module, project)
    yield module.finding(
        RULE_NAME,
        node,
        f"`random.{draws}` makes a part of `{made}` here: whoever sees some of its results can work out all others.",
        Applicability.UNSAFE if tests else Applicability.SAFE,
        f"A person must look: a test replaces `random` here ({', '.join(tests)})."
        if tests
        else f"By its name `{made}` is a secret, and nothing seeds the generator in this file.",
        evidence=Evidence(*module.source.span(node), draws),
    )


def _patching(module: Module, project: Project) -> list[str]:
    """Tests that put something of their own in the place of this module's ``random``, or of a function of it."""
    name = project.layout.name(module.path)
    found = {
        path for draw in ("random", *sorted(_DRAWS)) for path in project.containing(f"{name}.{draw}".encode())
    }
    return sorted(path for path in found if is_test(path))[:3] if name else []


def _shuffled(name: ast.Name, node: ast.Call, module: Module) -> str | None:
    """The secret that a shuffled list becomes: by the list's own name, or where it is joined."""
    for binding in module.scopes.bindings(name):
        if binding.value is not None and (made := secret_made(binding.value, module)) is not None:
            return made
    scope = module.scopes.binder(name)
    for load in module.scopes.loads(scope, name.id) if scope is not None else ():
        call = module.parents.get(load)
        if isinstance(call, ast.Subscript) and isinstance(call.slice, ast.Slice):
            call = module.parents.get(call)
        if isinstance(call, ast.Call) and call is not node and load.lineno > node.lineno:
            made = secret_made(call, module)
            if made is not None and isinstance(call.func, ast.Attribute) and call.func.attr == "join":
                return made
    return None


def _short(node: ast.Call, module: Module) -> Iterator[Finding]:
    given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "nbytes")]
    size = given[0] if len(given) == 1 == len(node.args) + len(node.keywords) else None
    if not isinstance(size, ast.Constant) or not isinstance(size.value, int) or not 0 < size.value < ENOUGH:
        return
    made = secret_made(node, module)
    if made is None or kind_of(made) in _MAY_BE_SHORT or is_pretence(module.path, module, node):
        return
    if isinstance(module.parents[node], ast.Subscript) or words(made)[-1] == "id":
        return
    bits = size.value * 8
    yield module.finding(
        RULE_NAME,
        node,
        f"`{made}` has {bits} bits only: 128 are needed for a secret that nobody can guess.",
        Applicability.UNSAFE,
        f"By its name `{made}` is a secret. A person must look: it gets longer, and whatever keeps it must have room.",
        notes=(
            f"The secret is made of {MANY} bytes instead of {size.value}: columns, URLs and messages get longer.",
        ),
        evidence=Evidence(*module.source.span(size), ""),
    )
