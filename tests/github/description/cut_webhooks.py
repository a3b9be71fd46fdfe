"""Cuts the schemas of the webhooks that the App receives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs

from tests.github.description import convert
from tests.github.description.cut_rest import another_thing, closure
from tests.github.description.deviation import compiled, deviations
from tests.github.description.webhooks import DOCUMENT

if TYPE_CHECKING:
    from tests.payloads import Example

Json = Any

EVENTS = """
    check_run check_suite create delete github_app_authorization installation installation_repositories
    installation_target issue_comment issues merge_group ping pull_request pull_request_review
    pull_request_review_comment pull_request_review_thread push repository
"""


def cut(source: Json, examples: list[Example]) -> Json:
    """Converted components under `$defs`, schema names by event and action, and the examples' deviations."""
    schemas = source["components"]["schemas"]
    wanted = set(EVENTS.split())
    events: dict[str, dict[str, list[str]]] = {}
    for webhook in source["webhooks"].values():
        event = webhook["post"]["x-github"]["subcategory"]
        if event in wanted:
            body = webhook["post"]["requestBody"]["content"]["application/json"]["schema"]
            name = body["$ref"].removeprefix(convert.COMPONENTS)
            for form, part in _forms(name, schemas):
                schemas[form] = part
                for action in part.get("properties", {}).get("action", {}).get("enum", [""]):
                    events.setdefault(event, {}).setdefault(action, []).append(form)
    if missing := wanted - events.keys():
        raise SystemExit(f"not in this description: {', '.join(sorted(missing))}")
    start = [{"$ref": name} for of in events.values() for names in of.values() for name in names]
    defs = {each: convert.schema(schemas[each], DOCUMENT) for each in sorted(closure(source, start))}
    registry = jsonschema_rs.Registry([(DOCUMENT, {"$defs": defs})])
    found: dict[str, set[str]] = {}
    for example in examples:
        names = events.get(example.event, {}).get(example.action or "", [])
        for name in names:
            validator = compiled({"$ref": f"{DOCUMENT}#/$defs/{name}"}, registry)
            signatures = {each.signature for each in deviations(validator, example.payload)}
            if signatures and not another_thing(signatures):
                found.setdefault(name, set()).update(signatures)
    known = {name: sorted(signatures) for name, signatures in sorted(found.items())}
    return {"$defs": defs, "events": events, "deviations": known}


def _forms(name: str, schemas: Json) -> list[tuple[str, Json]]:
    """A payload's schema; where it is only a choice (a user or a team is asked for a review), each by itself."""
    branches = schemas[name].get("oneOf", [])
    return [(f"{name}-{number}", each) for number, each in enumerate(branches)] or [(name, schemas[name])]
