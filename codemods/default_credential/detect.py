"""Defaults of secrets in settings, and secrets that are written down."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.default_credential.credentials import is_default, is_development, is_meant, is_written
from codemods.default_credential.required import Required, of_call, of_field, of_or
from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Refused
from codemods.libraries.secret_names import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

RULE_NAME = "default-credential"
_WORDS = (b"passw", b"secret", b"token", b"api_key", b"apikey", b"_key", b"pwd", b"passphrase")
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
    if not is_default(found.name, found.default) or is_development(module.path, node, module):
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
    assigned = module.parents.get(node)
    names = {found.name, *(t.id for t in getattr(assigned, "targets", []) if isinstance(t, ast.Name))}
    names |= (
        {assigned.target.id}
        if isinstance(assigned, ast.AnnAssign) and isinstance(assigned.target, ast.Name)
        else set()
    )
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
        ):
            yield module.finding(
                RULE_NAME,
                node,
                f"`{name}` is written down here: everybody who can read the source or its history knows it.",
                Applicability.DISPLAY_ONLY,
                "No patch: where the secret is to come from is yours to say; this one should be replaced by another.",
            )
