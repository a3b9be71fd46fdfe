"""One webhook delivery to the App, held against the slice of GitHub's description."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

import jsonschema_rs

from tests.github.description.deviation import compiled, deviations
from tests.github.description.exchange import Verdict
from tests.github.description.operations import HERE

WEBHOOKS = HERE / "webhooks.json.gz"
DOCUMENT = "urn:github:webhooks"
#: Deliveries to an App that belong to no installation.
_WITHOUT_INSTALLATION = frozenset({"ping", "github_app_authorization"})


def examine(event: str, payload: Any, recorded: bool = False) -> Verdict:
    """What is wrong with a delivery. `recorded`: not one to an App, so that `installation` may be missing."""
    described = _document()["events"].get(event)
    if described is None:
        return Verdict(
            None, (f"no such event in the slice: {event} (GitHub may have it: see cut_webhooks.py)",)
        )
    action = payload.get("action", "") if isinstance(payload, dict) else ""
    # `ping` and `installation_target` are described without the values of their action.
    names = described.get(action) or described.get("")
    if names is None:
        return Verdict(
            None, (f"{event}: no such action: {action!r}, described: {', '.join(sorted(described))}",)
        )
    errors: list[str] = []
    notes: list[str] = []
    if not recorded and event not in _WITHOUT_INSTALLATION and not _installation(payload):
        errors.append("a delivery to an App has installation.id")
    # Where several schemas are described for an action, one of them has to fit.
    of_names = [list(deviations(_validator(name), payload)) for name in names]
    name, found = min(zip(names, of_names, strict=True), key=lambda pair: len(pair[1]))
    known = _document()["deviations"].get(name, ())
    for deviation in found:
        (notes if deviation.signature in known else errors).append(deviation.message)
    return Verdict(f"{event}.{action}" if action else event, tuple(errors), tuple(notes))


def events() -> frozenset[str]:
    """The events in the slice."""
    return frozenset(_document()["events"])


def _installation(payload: Any) -> bool:
    return isinstance(payload, dict) and isinstance(payload.get("installation", {}).get("id"), int)


@cache
def _document() -> Any:
    return json.loads(gzip.decompress(WEBHOOKS.read_bytes()))


@cache
def _registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([(DOCUMENT, {"$defs": _document()["$defs"]})])


@cache
def _validator(name: str) -> Any:
    return compiled({"$ref": f"{DOCUMENT}#/$defs/{name}"}, _registry())
