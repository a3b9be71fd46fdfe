"""The slice of GitHub's REST description: its operations, and which one a request belongs to."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

HERE = Path(__file__).parent
REST = HERE / "rest.json.gz"
DOCUMENT = "urn:github:rest"
#: Parameters whose value may hold slashes, by what follows them: GitHub marks only some of them.
_WITH_SLASHES = frozenset({"ref", "path", "basehead", "branch"})
_BY_ID = re.compile(r"/repositories/\d+(?=/|$)")
_PREFIX = re.compile(r"^/api/v3(?=/|$)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in a path or a query."""

    name: str
    place: str
    required: bool
    schema: Any


@dataclass(frozen=True)
class Operation:
    """One operation, for example `issues/create-comment`."""

    id: str
    method: str
    template: str
    parameters: tuple[Parameter, ...]
    #: Schema of the request body by media type; empty: no body is described.
    request: Mapping[str, Any]
    request_required: bool
    #: By status, then by media type; no media type: an answer without a body.
    responses: Mapping[str, Mapping[str, Any]]
    #: Signatures of the deviations in GitHub's own examples, by status.
    deviations: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Match:
    """The operation of a request, with its path parameters decoded."""

    operation: Operation
    values: Mapping[str, str]


@cache
def document() -> Any:
    """The stored slice: converted components under `$defs`, and operations."""
    return json.loads(gzip.decompress(REST.read_bytes()))


@cache
def registry() -> jsonschema_rs.Registry:
    """Where schemas find the components that they refer to."""
    return jsonschema_rs.Registry([(DOCUMENT, {"$defs": document()["$defs"]})])


@cache
def operations() -> Mapping[str, Operation]:
    """All operations of the slice by their id."""
    return {each["id"]: _operation(each) for each in document()["operations"]}


def _operation(stored: Any) -> Operation:
    return Operation(
        id=stored["id"],
        method=stored["method"],
        template=stored["template"],
        parameters=tuple(Parameter(**each) for each in stored["parameters"]),
        request=stored["request"],
        request_required=stored["request_required"],
        responses=stored["responses"],
        deviations={status: frozenset(found) for status, found in stored["deviations"].items()},
    )


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str, Mapping[str, Operation]], ...]:
    """Compiled templates with their operations by method, the most literal first."""
    by_template: dict[str, dict[str, Operation]] = {}
    for operation in operations().values():
        by_template.setdefault(operation.template, {})[operation.method] = operation
    order = sorted(by_template, key=lambda template: -len(re.sub(r"\{\w+\}", "", template)))
    return tuple((pattern(template), template, by_template[template]) for template in order)


def pattern(template: str) -> re.Pattern[str]:
    """What a still percent-encoded path must look like to fit a template."""
    parts = re.split(r"\{(\w+)\}", template)
    made = "".join(
        re.escape(part) if index % 2 == 0 else f"(?P<{part}>{'.*' if part in _WITH_SLASHES else '[^/]+'})"
        for index, part in enumerate(parts)
    )
    return re.compile(made)


def plain_path(path: str) -> str:
    """A request's path without its query, Enterprise Server's prefix, and with a repository's id as owner/name.

    GitHub answers under `/repositories/<id>/...` all that it answers under `/repos/<owner>/<name>/...`, and its
    links point there, but the description does not say so.
    """
    path = _PREFIX.sub("", path.partition("?")[0])
    return _BY_ID.sub("/repos/by/id", path, count=1) if path.startswith("/repositories/") else path


def find(method: str, path: str) -> Match | str:
    """The operation of a request, or why there is none. Of several fitting templates the most literal wins."""
    path = plain_path(path)
    other_methods: set[str] = set()
    for compiled, _template, by_method in _patterns():
        if found := compiled.fullmatch(path):
            if method in by_method:
                values = {name: unquote(value) for name, value in found.groupdict().items()}
                return Match(by_method[method], values)
            other_methods |= by_method.keys()
    if other_methods:
        return f"no such operation: {path} is described for {', '.join(sorted(other_methods))} only"
    return f"no such operation: {path} is not in the slice (GitHub may have it: see cut_rest.py)"
