"""Whole models dumped into a request: their secrets go out as masks, or the request can't be made."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.finding import Applicability, Finding
from codemods.secretstr.containers import container_sink
from codemods.secretstr.display import expected_to_fail
from codemods.secretstr.kinds import secret_type
from codemods.secretstr.trust import configurations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.inference.type_model import Type
    from codemods.engine.project import Module, Project

NEEDLES = (b".model_dump", b".dict(", b".json(")
_DUMPS = {"model_dump", "model_dump_json", "dict", "json"}
_CHOOSING = {"include", "exclude", "context", "by_alias", "serialize_as_any", "encoder", "fallback"}


def dumped(module: Module, project: Project, rule: str) -> Iterator[Finding]:
    """The dumps of models with secrets that are proven to reach the wire; reported, never rewritten."""
    if not any(needle in module.source.data for needle in NEEDLES):
        return
    for node in ast.walk(module.tree):
        if not (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _DUMPS
        ):
            continue
        owner = project.types.of(node.func.value, module)
        if owner is None or not owner.path or owner.kind != "instance":
            continue
        if any(keyword.arg in _CHOOSING - {"by_alias"} or keyword.arg is None for keyword in node.keywords):
            continue
        fields = _masked_fields(owner, project)
        sink = container_sink(node, module, project) if fields else None
        if sink is None or expected_to_fail(node, module):
            continue
        start, end = module.source.span(node)
        line, column = module.source.position(start)
        shown = " ".join(module.source.text[start:end].split())
        yield Finding(
            rule=rule,
            path=module.path,
            line=line,
            column=column,
            end_line=module.source.position(end)[0],
            message=f"{shown} does not unwrap {', '.join(fields)} of {owner.last}, but {sink.what}.",
            applicability=Applicability.DISPLAY_ONLY,
            reason=(
                f"What {owner.last} should send can't be told: unwrap the secret in the dictionary that is sent, "
                "or give the model a serializer for it."
            ),
        )


def _masked_fields(owner: Type, project: Project) -> list[str]:
    """The secret fields of a pydantic model that no serializer, encoder or exclusion of its own takes care of."""
    if not any(base.startswith(("pydantic", "sqlmodel")) for base in project.types.ancestry(owner)):
        return []
    if any("json_encoders" in text for text in configurations(owner, project)):
        return []
    found: list[str] = []
    handled = ""
    for module, node in project.types.classes.lineage(owner):
        for part in node.body:
            if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if part.name in _DUMPS or any(
                    "model_serializer" in ast.unparse(mark) for mark in part.decorator_list
                ):
                    return []
                handled += " ".join(
                    ast.unparse(mark) for mark in part.decorator_list if "serializer" in ast.unparse(mark)
                )
            elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                text = f"{ast.unparse(part.annotation)} {ast.unparse(part.value) if part.value else ''}"
                secret = secret_type(project.types.annotation(part.annotation, module), project)
                if secret is not None and "Serializer" not in text and "exclude=True" not in text:
                    found.append(part.target.id)
    return [name for name in dict.fromkeys(found) if f"'{name}'" not in handled and "'*'" not in handled]
