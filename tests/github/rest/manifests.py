"""The end of the manifest flow: a code becomes an App with all its secrets."""

from __future__ import annotations

from tests.github.rest.calls import Answer, Call, endpoint, not_found
from tests.github.shapes.apps import integration


@endpoint("POST", "/app-manifests/{code}/conversions", auth="any")
def convert(call: Call) -> Answer:
    """Give the App that a person made from a manifest, once and within the hour."""
    with call.github.lock:
        made, until = call.github.manifests.pop(call.path["code"], (None, 0.0))
    if made is None or until <= call.github.clock.time():
        raise not_found()
    secrets = {
        "client_id": made.app.client_id,
        "client_secret": made.app.client_secret,
        "webhook_secret": made.app.webhook_secret,
        "pem": made.private_key,
    }
    return Answer({**integration(made.app, call.urls), **secrets}, 201)
