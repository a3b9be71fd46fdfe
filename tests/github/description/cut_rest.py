"""Cuts the slice of GitHub's REST description that the App needs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from tests.github.description import convert
from tests.github.description.deviation import compiled, deviations
from tests.github.description.operations import DOCUMENT, HERE

Json = Any

#: Ids of the operations to keep, one a line: add one there and cut again.
OPERATIONS = (HERE / "operations.txt").read_text().split()

#: `issues/get` has an example of something else, which would excuse every key that is missing.
MOST_MISSING = 8
#: What every answer of a kind may be, documented for the operation or not.
_ERRORS = ("basic-error", "validation-error", "validation-error-simple")


def cut(source: Json) -> Json:
    """The slice: converted components under `$defs`, and the operations with the deviations of their examples."""
    found = {
        operation["operationId"]: (template, method, operation, item.get("parameters", []))
        for template, item in source["paths"].items()
        for method, operation in item.items()
        if method in {"get", "put", "post", "patch", "delete"}
    }
    if missing := [each for each in OPERATIONS if each not in found]:
        raise SystemExit(f"not in this description: {', '.join(missing)}")
    chosen = [_operation(source, *found[each]) for each in sorted(OPERATIONS)]
    needed = closure(source, [*map(_lax, chosen), [{"$ref": convert.COMPONENTS + each} for each in _ERRORS]])
    defs = {each: convert.schema(source["components"]["schemas"][each], DOCUMENT) for each in sorted(needed)}
    registry = jsonschema_rs.Registry([(DOCUMENT, {"$defs": defs})])
    for each in chosen:
        each["deviations"] = _example_deviations(each.pop("examples"), each["responses"], registry)
    return {"$defs": defs, "operations": chosen}


def _lax(operation: Json) -> Json:
    """What of an operation refers to components: request bodies are written out."""
    return [operation["responses"], [each["schema"] for each in operation["parameters"]]]


def closure(source: Json, start: Json) -> set[str]:
    """The names of all components that something refers to, directly or through others."""
    needed: set[str] = set()
    waiting = convert.references(start)
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting |= convert.references(source["components"]["schemas"][name]) - needed
    return needed


def _resolved(source: Json, part: Json) -> Json:
    """A parameter, response, header or example, where it is a reference to one under `components`."""
    while isinstance(part, dict) and "$ref" in part:
        _, _, kind, name = part["$ref"].split("/")
        part = source["components"][kind][name]
    return part


def _operation(source: Json, template: str, method: str, operation: Json, shared: Json) -> Json:
    components = source["components"]["schemas"]
    parameters = [_resolved(source, each) for each in [*shared, *operation.get("parameters", [])]]
    body = _resolved(source, operation.get("requestBody", {}))
    responses = {status: _resolved(source, each) for status, each in operation["responses"].items()}
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "template": template,
        "parameters": [
            {
                "name": each["name"],
                "place": each["in"],
                "required": each.get("required", False),
                "schema": convert.schema(each["schema"], DOCUMENT),
            }
            for each in parameters
            if each["in"] in {"path", "query"}
        ],
        "request": {
            media: convert.schema_of_request(content["schema"], components)
            for media, content in body.get("content", {}).items()
        },
        "request_required": body.get("required", False),
        "responses": {
            status: {
                media: convert.schema(content.get("schema", {}), DOCUMENT)
                for media, content in each.get("content", {}).items()
            }
            for status, each in responses.items()
        },
        "examples": list(_examples(source, responses)),
    }


def _examples(source: Json, responses: Json) -> Iterator[tuple[str, str, Json]]:
    for status, response in responses.items():
        for media, content in response.get("content", {}).items():
            if "example" in content:
                yield status, media, content["example"]
            for each in content.get("examples", {}).values():
                yield status, media, _resolved(source, each).get("value")


def example_count(source: Json) -> int:
    """How many of GitHub's own examples of answers the slice holds."""
    return sum(
        len(list(_examples(source, {s: _resolved(source, r) for s, r in operation["responses"].items()})))
        for item in source["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("operationId") in OPERATIONS
    )


def _example_deviations(examples: Json, responses: Json, registry: Any) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for status, media, value in examples:
        if "json" not in media and "object" not in media:
            continue
        answer = json.loads(value) if isinstance(value, str) else value
        validator = compiled(responses[status][media], registry)
        signatures = {deviation.signature for deviation in deviations(validator, answer)}
        if signatures and not another_thing(signatures):
            found.setdefault(status, set()).update(signatures)
    return {status: sorted(signatures) for status, signatures in found.items()}


def another_thing(signatures: set[str]) -> bool:
    """Whether an example is no example of its schema: so many keys missing in one place that it tells nothing."""
    places = Counter(each.partition(" required ")[0] for each in signatures if " required " in each)
    return bool(places) and max(places.values()) > MOST_MISSING
