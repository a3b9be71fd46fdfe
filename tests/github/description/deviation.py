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
    """All of a value's deviations. Nothing is built for a value without any."""
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
        case "oneOf" | "anyOf" as name:
            reasons = _nearest(kind)
            yield Deviation(f"{place} {name}", f"{at}: fits none of the described forms{reasons}")
        case name:
            yield Deviation(f"{place} {name}", f"{at}: {_short(error.message)}")


def _nearest(kind: Any) -> str:
    """Why the form that came nearest (the fewest errors, the deepest first) does not fit."""
    branches = [branch for branch in getattr(kind, "context", ()) if branch]
    if not branches:
        return ""
    nearest = min(branches, key=lambda branch: (-max(len(e.instance_path) for e in branch), len(branch)))
    found = [deviation.message for error in nearest[:3] for deviation in _deviations(error)]
    return f"; nearest: {', '.join(found)}"


def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:120]} ... {message[-70:]}"
