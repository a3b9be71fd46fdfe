"""Which JWTs get a subject that is a number."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Edit
from codemods.jwt_subject.decoded import reads_of
from codemods.jwt_subject.encoded import JOSE, encoder_of, encoder_of_name
from codemods.jwt_subject.numbers import is_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

RULE_NAME = "jwt-subject"
_STRICT = (2, 10)
"""The PyJWT that began to look at the subject."""


def candidates(project: Project) -> list[str]:
    """Files that write a subject, in repositories that encode JWTs."""
    if not any(not is_test(path) for path in project.containing(b"jwt", b"encode")):
        return []
    if project.containing(b"verify_sub"):
        return []
    return sorted(path for path in project.matching(_writes_subject) if not is_test(path))


def _writes_subject(data: bytes) -> bool:
    return b'"sub"' in data or b"'sub'" in data or b"sub=" in data


def detect(module: Module, project: Project) -> Iterator[Finding]:
    """One finding for each subject that is proven to be a number."""
    for value, encoder in _subjects(module, project):
        if encoder not in JOSE and not _is_strict(project):
            continue
        if is_number(value, module, project):
            yield _finding(value, encoder, module, project)


def _is_strict(project: Project) -> bool:
    highest = project.pins.highest("pyjwt")
    return (
        highest is None
        or highest > _STRICT
        or (highest == _STRICT and project.pins.lowest("pyjwt") == highest)
    )


def _subjects(module: Module, project: Project) -> Iterator[tuple[ast.expr, str]]:
    """Every expression that becomes the subject of a JWT, and which encoder takes it."""
    for node in module.nodes(ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "sub":
                encoder = encoder_of(node, module, project) or _updated(node, module, project)
                if encoder is not None:
                    yield value, encoder
    for call in module.nodes(ast.Call):
        if isinstance(call.func, ast.Name) and call.func.id == "dict":
            for keyword in call.keywords:
                if keyword.arg == "sub" and (encoder := encoder_of(call, module, project)) is not None:
                    yield keyword.value, encoder
    for statement in module.nodes(ast.Assign):
        target = statement.targets[0]
        if (
            isinstance(target, ast.Subscript)
            and isinstance(target.slice, ast.Constant)
            and target.slice.value == "sub"
            and isinstance(target.value, ast.Name)
            and (encoder := encoder_of_name(target.value, module, project)) is not None
        ):
            yield statement.value, encoder


def _updated(node: ast.Dict, module: Module, project: Project) -> str | None:
    """``claims.update({"sub": ...})``."""
    call = module.parents.get(node)
    if (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "update"
        and isinstance(call.func.value, ast.Name)
    ):
        return encoder_of_name(call.func.value, module, project)
    return None


def _finding(value: ast.expr, encoder: str, module: Module, project: Project) -> Finding:
    start, end = module.source.span(value)
    edits = [Edit(module.path, start, start, "str("), Edit(module.path, end, end, ")")]
    reads = project.remembered((RULE_NAME, "reads"), lambda: reads_of(project))
    numbers = [read for read in reads if read.number]
    stuck = next((read for read in numbers if read.edit is None), None)
    refused = (
        f"No patch: `{stuck.path}:{stuck.line}` reads it as a number in a way that is not rewritten."
        if stuck
        else ""
    )
    if (
        numbers
        and not refused
        and not project.remembered((RULE_NAME, "numbers"), lambda: _all_numbers(project))
    ):
        refused = f"No patch: other subjects of this repository are no numbers, and `{numbers[0].path}:{numbers[0].line}` takes all for one."
    edits += [read.edit for read in numbers if read.edit is not None]
    unclear = [f"`{read.path}:{read.line}`" for read in reads if not read.number][:3]
    library = "python-jose" if encoder in JOSE else f"PyJWT {'.'.join(map(str, _STRICT))} and later"
    notes: tuple[str, ...] = (
        "Tokens that carry the number are refused already; those from now on carry text.",
    )
    if unclear:
        notes += (f"The subject is text where it is read: {', '.join(unclear)}.",)
    return module.finding(
        RULE_NAME,
        value,
        f"The subject of this JWT is a number, and {library} refuses such a token when it is decoded.",
        Applicability.DISPLAY_ONLY if refused else Applicability.UNSAFE,
        refused
        or f"`{module.source.segment(value)}` is proven to be an `int`. A person must look at what reads the token.",
        notes=() if refused else notes,
        evidence=None if refused else Change(tuple(edits)),
    )


def _all_numbers(project: Project) -> bool:
    return all(_is_ours(path, project) for path in candidates(project))


def _is_ours(path: str, project: Project) -> bool:
    """Whether all subjects that a file writes are numbers, or are made text of with ``str()``."""
    module = project.module(path)
    if module is None:
        return False
    return all(
        is_number(value, module, project)
        or (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Name)
            and value.func.id == "str"
            and len(value.args) == 1
            and is_number(value.args[0], module, project)
        )
        for value, _ in _subjects(module, project)
    )
