"""What has to be known of a delivery before it is kept: its headers, and the few fields that say where it belongs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qs

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.receive.rejection import Rejected

Id = Annotated[int, Field(strict=True, gt=0, lt=2**63)]
_EVENT = re.compile(r"[a-z][a-z0-9_]{0,63}")
_GUID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_ACTION = re.compile(r"[a-z][a-z0-9_]{0,63}")


class _Numbered(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: Id


class Fields(BaseModel):
    """The fields that every App's delivery has in common, where it has them."""

    model_config = ConfigDict(extra="ignore")

    action: str | None = None
    installation: _Numbered | None = None
    repository: _Numbered | None = None


class Headers(BaseModel):
    """``X-GitHub-Event``, ``X-GitHub-Delivery`` and the App that the webhook belongs to, if it says so."""

    model_config = ConfigDict(frozen=True)

    event: str
    guid: str
    app: int | None


class Envelope(BaseModel):
    """A delivery that can be kept. ``payload`` is its JSON as it was sent."""

    model_config = ConfigDict(frozen=True)

    event: str
    guid: str
    action: str | None
    installation: int | None
    repository: int | None
    payload: bytes


def read_headers(headers: Mapping[str, str]) -> Headers:
    """The headers, by case-insensitive names. Raises Rejected (400) that names what is missing or malformed."""
    event, guid = headers.get("x-github-event", ""), headers.get("x-github-delivery", "")
    for name, value, form in (("X-GitHub-Event", event, _EVENT), ("X-GitHub-Delivery", guid, _GUID)):
        if not value:
            raise Rejected(400, f"{name} is missing: this address takes webhooks from GitHub only")
        if not form.fullmatch(value):
            raise Rejected(400, f"{name} is not of the form that GitHub sends")
    target = headers.get("x-github-hook-installation-target-id", "")
    of_app = headers.get("x-github-hook-installation-target-type", "") == "integration"
    return Headers(
        event=event,
        guid=guid,
        app=int(target) if of_app and target.isascii() and target.isdecimal() else None,
    )


def read_envelope(headers: Headers, content_type: str, body: bytes) -> Envelope:
    """What to keep of a body whose signature fits.

    Both content types that GitHub offers are read. Raises Rejected: 415 for others, 400 for what is no JSON
    object or has an id that is none.
    """
    payload = _json_of(content_type, body)
    try:
        fields = Fields.model_validate_json(payload)
    except ValidationError as error:
        mistake = error.errors(include_input=False)[0]
        where = ".".join(str(each) for each in mistake["loc"])
        if mistake["type"] == "json_invalid":
            raise Rejected(400, "the body is not JSON") from None
        if not where:
            raise Rejected(400, "the body is JSON, but no object") from None
        raise Rejected(400, f"{where} in the body is not what GitHub sends there") from None
    action = fields.action if fields.action and _ACTION.fullmatch(fields.action) else None
    return Envelope(
        event=headers.event,
        guid=headers.guid,
        action=action,
        installation=fields.installation.id if fields.installation else None,
        repository=fields.repository.id if fields.repository else None,
        payload=payload,
    )


def _json_of(content_type: str, body: bytes) -> bytes:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return body
    if kind != "application/x-www-form-urlencoded":
        raise Rejected(
            415, "set the webhook's content type to application/json in the App's settings on GitHub"
        )
    try:
        form = parse_qs(body.decode("ascii"), strict_parsing=True, errors="strict", max_num_fields=1)
        return form["payload"][0].encode()
    except (ValueError, KeyError):
        raise Rejected(
            400,
            "the form has no field called payload; set the webhook's content type to application/json "
            "in the App's settings on GitHub",
        ) from None
