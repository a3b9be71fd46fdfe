"""Defaults of secrets in settings, and secrets that are written down."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.default_credential.credentials import (
    is_default,
    is_development,
    is_meant,
    is_placeholder,
    is_signing,
    is_written,
)
from codemods.default_credential.required import Required, of_call, of_field, of_or
from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Refused
from codemods.libraries.secret_names import kind_of, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

RULE_NAME = "default-credential"
_WORDS = (b"passw", b"secret", b"token", b"api_key", b"apikey", b"_key", b"pwd", b"passphrase")
_SIGNS = re.compile(rb"jwt|hmac|jose|itsdangerous|fernet|signer|sessionmiddleware", re.IGNORECASE)
_CHECKS = {"Eq", "NotEq", "In", "NotIn", "Is", "IsNot"}


def candidates(project: Project) -> list[str]:
    """Files that read settings or write secrets down."""
    return sorted(path for path in project.matching(_holds) if not is_test(path))


def _holds(data: bytes) -> bool:
    low = data.lower()
    return any(word in low for word in _WORDS) and (
        b"environ" in low
        or b"getenv" in low
        or b"settings" in low
        or b"config" in low
        or b"env(" in low
        or _assigns(low)
    )


def _assigns(low: bytes) -> bool:
    return any(
        word + quote in low
        for word in (b"password = ", b"secret_key = ", b"api_key = ", b"token = ", b"secret = ")
        for quote in (b'"', b"'")
    )


def detect(module: Module, project: Project) -> Iterator[Finding]:
    """One finding for each default, and for each secret that is written down."""
    seen: set[ast.AST] = set()
    for node in module.nodes(ast.Call):
        found = of_call(node, module, project)
        if found is not None:
            seen |= set(ast.walk(node))
            yield from _finding(node, found, module, project)
    for whole in module.nodes(ast.BoolOp):
        either = of_or(whole, module, project)
        if either is not None:
            seen |= set(ast.walk(whole))
            yield from _finding(whole, either, module, project)
    for statement in module.nodes(ast.AnnAssign):
        field = of_field(statement, module, project)
        if field is not None:
            seen |= set(ast.walk(statement))
            yield from _finding(statement, field, module, project)
    yield from _written_down(module, project, seen)


def _finding(
    node: ast.expr | ast.stmt, found: Required, module: Module, project: Project
) -> Iterator[Finding]:
    names = {found.name, *_targets(node, module)}
    signing = {name for name in names if is_signing(name) and "key" in words(name)}
    if not any(is_default(name, found.default) for name in {found.name, *signing}):
        return
    if is_development(module.path, node, module) or _is_replaced(names, node, module, project):
        return
    if is_meant(node, module) or _is_checked(found, node, module, project):
        return
    evidence, reason = None, found.refused
    if not reason:
        try:
            evidence = found.change(module, project)
        except Refused as refused:
            reason = str(refused)
    yield module.finding(
        RULE_NAME,
        node,
        f"Where `{found.name}` is not set, the secret in use is the one that is written here.",
        Applicability.DISPLAY_ONLY if reason else Applicability.UNSAFE,
        reason
        or f"{found.proof} A person must look: what runs without the setting today will not start then.",
        notes=()
        if reason
        else (f"`{found.name}` must be set wherever this runs, in tests and builds, too.",),
        evidence=evidence,
    )


def _targets(node: ast.AST, module: Module) -> Iterator[str]:
    """The names that a value is given to: variables, attributes and keys."""
    statement = node if isinstance(node, ast.stmt) else module.parents.get(node)
    targets = (
        statement.targets
        if isinstance(statement, ast.Assign)
        else [statement.target]
        if isinstance(statement, ast.AnnAssign)
        else []
    )
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id
        elif isinstance(target, ast.Attribute):
            yield target.attr
        elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            yield str(target.slice.value)


def _is_replaced(names: set[str], node: ast.AST, module: Module, project: Project) -> bool:
    """Whether settings that take this file's with ``import *`` give the name another value, as production's do."""
    if module.function(node) is not None:
        return False
    for name in names & module.scopes.module.bindings.keys():
        for path in project.containing(b"import *", name.encode()):
            other = project.module(path) if path != module.path and not is_test(path) else None
            if other is None or name not in other.scopes.module.bindings:
                continue
            if is_development(path, other.tree, other):
                continue
            if any(
                project.index.imported_file(path, each.module, each.level) == module.path
                for each in other.nodes(ast.ImportFrom)
                if each.names[0].name == "*"
            ):
                return True
    return False


def _is_checked(found: Required, node: ast.AST, module: Module, project: Project) -> bool:
    """Whether somebody compares the setting with its default, or validates the field: a way out has been thought of."""
    default = str(found.default)
    for path in [module.path, *project.containing(default.encode())][:20]:
        other = module if path == module.path else project.module(path)
        if other is None or is_test(path):
            continue
        for compare in other.nodes(ast.Compare):
            if any(type(op).__name__ in _CHECKS for op in compare.ops) and any(
                isinstance(part, ast.Constant) and part.value == default for part in ast.walk(compare)
            ):
                return True
    names = {found.name, *_targets(node, module)}
    for call in module.nodes(ast.Call):
        last = (
            call.func.attr
            if isinstance(call.func, ast.Attribute)
            else call.func.id
            if isinstance(call.func, ast.Name)
            else ""
        )
        if last in {"validator", "field_validator"} and any(
            isinstance(each, ast.Constant) and each.value in {*names, "*"} for each in call.args
        ):
            return True
    return any(_guarded(names, compare, module) for compare in module.nodes(ast.Compare))


def _guarded(names: set[str], compare: ast.Compare, module: Module) -> bool:
    """Whether the setting is compared or measured in a condition that raises, warns or exits."""
    for part in ast.walk(compare):
        name = (
            part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else None
        )
        if name in names:
            return any(
                isinstance(around, (ast.If, ast.Assert)) for around in list(module.ancestors(compare))[:3]
            )
    return False


def _written_down(module: Module, project: Project, seen: set[ast.AST]) -> Iterator[Finding]:
    """Names, attributes and arguments that are given a credential as a literal."""
    found: list[tuple[str, ast.expr, ast.expr | ast.stmt]] = []
    for statement in module.nodes(ast.Assign):
        target = statement.targets[0]
        name = (
            target.id
            if isinstance(target, ast.Name)
            else target.attr
            if isinstance(target, ast.Attribute)
            else None
        )
        key = (
            target.slice.value
            if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant)
            else None
        )
        if name or isinstance(key, str):
            found.append((name or str(key), statement.value, statement))
    found += [
        (each.target.id, each.value, each)
        for each in module.nodes(ast.AnnAssign)
        if isinstance(each.target, ast.Name) and each.value is not None
    ]
    for call in module.nodes(ast.Call):
        found += [(keyword.arg, keyword.value, keyword.value) for keyword in call.keywords if keyword.arg]
    for name, value, node in found:
        if value in seen or not isinstance(value, ast.Constant) or kind_of(name) is None:
            continue
        if (
            is_written(name, value.value)
            and not is_development(module.path, node, module)
            and not is_meant(node, module)
            and not _is_asked_for(value.value, node, module)
            and not _is_replaced({name}, node, module, project)
        ):
            yield module.finding(
                RULE_NAME,
                node,
                f"`{name}` is written down here: everybody who can read the source or its history knows it.",
                Applicability.DISPLAY_ONLY,
                "No patch: where the secret is to come from is yours to say; this one should be replaced by another.",
            )


def _is_asked_for(value: object, node: ast.AST, module: Module) -> bool:
    """Whether a function's own ``YOUR_SECRET_KEY`` is for a vendor, who refuses it: nothing is signed in this file."""
    return (
        is_placeholder(value)
        and module.function(node) is not None
        and _SIGNS.search(module.source.data) is None
    )
