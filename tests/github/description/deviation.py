"""Where a JSON value breaks its schema, in a form that can be compared between two values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}


@dataclass(frozen=True, slots=True)
class Deviation:
    """One place where a value is not as described.

    `signature` names the place and the kind without the value, list positions as `*`: two answers that break the
    description in the same way have the same one. `message` is for people.
    """

    signature: str
    message: str


def compiled(schema: Any, registry: jsonschema_rs.Registry | None = None) -> Any:
    """A validator that also checks formats (`uri`, `date-time`, `email`, ...)."""
    return jsonschema_rs.Draft202012Validator(schema, registry=registry, validate_formats=True)


def deviations(validator: Any, value: Any) -> Iterator[Deviation]:
    """All of a value's deviations; of several described forms (`anyOf`) those from the one that fits best."""
    if validator.is_valid(value):
        return
    for error in validator.iter_errors(value):
        yield from _deviations(error)


def _deviations(error: Any) -> Iterator[Deviation]:
    place = "/".join("*" if isinstance(step, int) else step for step in error.instance_path)
    at = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
    at = at.lstrip(".") or "the whole"
    kind = error.kind
    match kind.name:
        case "required":
            yield Deviation(f"{place} required {kind.property}", f"{at}: {kind.property!r} is missing")
        case "type":
            actual = _TYPES.get(type(error.instance), "null")
            wanted = " or ".join(kind.types)
            yield Deviation(f"{place} type {actual}", f"{at}: {actual} where {wanted} is described")
        case "additionalProperties" | "unevaluatedProperties":
            for name in kind.unexpected:
                yield Deviation(f"{place} unknown {name}", f"{at}: unknown key {name!r}")
        case "format":
            yield Deviation(f"{place} format {kind.format}", f"{at}: {error.instance!r} is no {kind.format}")
        case "anyOf":
            branches = [each for each in kind.context if not _another_type(each, error.instance_path)]
            if not branches:
                yield Deviation(f"{place} anyOf", f"{at}: fits none of the described forms")
            for each in min(branches, key=len, default=()):
                yield from _deviations(each)
        case name:
            yield Deviation(f"{place} {name}", f"{at}: {_short(error.message)}")


def _another_type(branch: Any, place: Any) -> bool:
    """Whether one of several forms does not fit because it is for values of another type, null for example."""
    return any(error.kind.name == "type" and error.instance_path == place for error in branch)


def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:120]} ... {message[-70:]}"
