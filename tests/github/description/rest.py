"""One exchange with GitHub's REST API, held against the slice of its description."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tests.github.description import operations
from tests.github.description.deviation import compiled, deviations
from tests.github.description.exchange import Exchange, Verdict, header

if TYPE_CHECKING:
    from tests.github.description.operations import Match, Operation, Parameter

#: GitHub answers these to any request, though many operations do not document them.
_ALWAYS_POSSIBLE = frozenset({301, 304, 307, 401, 403, 404, 422, 429})
_LINK = re.compile(r'<([^<>]+)>; rel="([a-z]+)"')
_RELATIONS = frozenset({"first", "prev", "next", "last"})
_PER_PAGE = 30
_MOST_PER_PAGE = 100


def examine(exchange: Exchange) -> Verdict:
    """What is wrong with a REST exchange. Of a faulty answer (`fault`) nothing is expected."""
    match = operations.find(exchange.method, exchange.path)
    if isinstance(match, str):
        return Verdict(None, (match,))
    errors = [*_path(match), *_query(match.operation, exchange), *_request_body(match.operation, exchange)]
    notes: list[str] = []
    if not exchange.fault:
        for excused, problem in _answer(match.operation, exchange):
            (notes if excused else errors).append(problem)
    return Verdict(match.operation.id, tuple(errors), tuple(notes))


def _path(match: Match) -> Iterator[str]:
    by_id = match.values.get("owner") == "by" and match.values.get("repo") == "id"
    for parameter in match.operation.parameters:
        if parameter.place == "path" and not (by_id and parameter.name in {"owner", "repo"}):
            yield from _parameter(match.operation, parameter, match.values[parameter.name])


def _query(operation: Operation, exchange: Exchange) -> Iterator[str]:
    described = {each.name: each for each in operation.parameters if each.place == "query"}
    given: set[str] = set()
    for name, value in parse_qsl(urlsplit(exchange.path).query, keep_blank_values=True):
        if name not in described:
            yield f"query: unknown parameter {name!r}"
        elif name in given and not _takes(described[name].schema, "array"):
            yield f"query: parameter {name!r} is given twice"
        else:
            yield from _parameter(operation, described[name], value)
        given.add(name)
    for name, parameter in described.items():
        if parameter.required and name not in given:
            yield f"query: parameter {name!r} is missing"


def _takes(schema: Any, kind: str) -> bool:
    types = schema.get("type", ())
    return kind in ([types] if isinstance(types, str) else types) or any(
        _takes(branch, kind) for branch in schema.get("anyOf", ())
    )


def _parameter(operation: Operation, parameter: Parameter, text: str) -> Iterator[str]:
    value: Any = text
    schema = parameter.schema
    if _takes(schema, "array"):
        value = [text]
    elif _takes(schema, "integer") and re.fullmatch(r"-?\d+", text):
        value = int(text)
    elif _takes(schema, "boolean") and text in {"true", "false"}:
        value = text == "true"
    for deviation in deviations(validator(operation.id, parameter.place, parameter.name), value):
        reason = deviation.message.removeprefix("the whole: ")
        yield f"{parameter.place}: parameter {parameter.name!r}: {reason}, given {text!r}"


def _request_body(operation: Operation, exchange: Exchange) -> Iterator[str]:
    body = exchange.request_body
    if not operation.request:
        if body:
            yield f"request body: none is described for {operation.id}, given {_start(body)}"
        return
    if not body:
        if operation.request_required:
            yield "request body: missing"
        return
    media = _media(header(exchange.request_headers, "content-type") or "application/json")
    if media not in operation.request:
        yield f"request body: content type {media}, described: {', '.join(operation.request)}"
        return
    if media != "application/json":
        return
    try:
        value = json.loads(body)
    except ValueError as error:
        yield f"request body: no JSON ({error}): {_start(body)}"
        return
    for deviation in deviations(validator(operation.id, "request", media), value):
        yield f"request body: {deviation.message}"


def _answer(operation: Operation, exchange: Exchange) -> Iterator[tuple[bool, str]]:
    """Problems of the answer, each with whether it is excused."""
    status = str(exchange.status)
    documented = status in operation.responses
    if not documented:
        possible = exchange.status in _ALWAYS_POSSIBLE or exchange.status >= 500
        described = ", ".join(operation.responses)
        yield possible, f"answer: status {status} is not documented for {operation.id} ({described})"
        if not possible or exchange.status >= 500:
            return
    for problem in [*_link(operation, exchange), *_location(exchange)]:
        yield False, problem
    yield from _answer_body(operation, exchange, documented)


def _answer_body(operation: Operation, exchange: Exchange, documented: bool) -> Iterator[tuple[bool, str]]:
    body, status = exchange.response_body, str(exchange.status)
    content = operation.responses[status] if documented else {}
    media = _media(header(exchange.response_headers, "content-type") or "")
    if not body or exchange.status in {204, 304}:
        if body:
            yield False, f"answer: a body in a {status}: {_start(body)}"
        elif content:
            yield False, f"answer: no body where {' or '.join(content)} is described"
        return
    chosen = _described_media(content, media)
    schema = content.get(chosen or "")
    if not _is_json(media) and (not schema or schema.get("type") == "string"):
        if exchange.status == 200 and not (
            chosen == media == next(iter(content)) or _asked_for(exchange, media)
        ):
            yield False, f"answer: content type {media or 'missing'}, which the request did not ask for"
        elif exchange.status >= 400:
            yield False, f"answer: an error's content type is {media or 'missing'}, not application/json"
        return
    try:
        value = json.loads(body)
    except ValueError as error:
        yield False, f"answer: no JSON ({error}): {_start(body)}"
        return
    if exchange.status >= 400 and not (isinstance(value, dict) and isinstance(value.get("message"), str)):
        yield False, "answer: an error without a message"
    if not content:
        if exchange.status < 300:
            yield False, f"answer: {operation.id} is described without a body for {status}: {_start(body)}"
        return
    chosen = chosen or ("application/json" if "application/json" in content else next(iter(content)))
    known = operation.deviations.get(status, frozenset())
    for deviation in deviations(validator(operation.id, status, chosen), value):
        yield deviation.signature in known, f"answer: {deviation.message}"
    yield from ((False, problem) for problem in _page_size(operation, exchange, value))


def _media(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _is_json(media: str) -> bool:
    return media == "application/json" or media.endswith("+json")


def _described_media(content: Mapping[str, Any], media: str) -> str | None:
    """`application/vnd.github.v3.object+json` is what is described as `application/vnd.github.object`."""
    plain = media.replace(".v3", "").removesuffix("+json")
    return next((each for each in content if each.replace(".v3", "").removesuffix("+json") == plain), None)


def _asked_for(exchange: Exchange, media: str) -> bool:
    """Whether the request asked for another form than JSON: raw, diff, patch, sha, html."""
    accepted = header(exchange.request_headers, "accept") or ""
    asked = re.search(r"application/vnd\.github(\.[\w-]+)*\.(raw|diff|patch|sha|html)\b", accepted.lower())
    return asked is not None and asked[2] in {*re.split(r"[./+-]", media), "raw"}


def _location(exchange: Exchange) -> Iterator[str]:
    if exchange.status in {301, 302, 307} and not header(exchange.response_headers, "location"):
        yield f"answer: a {exchange.status} without a Location header"


def _link(operation: Operation, exchange: Exchange) -> Iterator[str]:
    """`<URL>; rel="next", <URL>; rel="last"`, every URL a page of the same list."""
    value = header(exchange.response_headers, "link")
    if value is None or exchange.status >= 300:
        return
    relations = set()
    for part in value.split(", "):
        found = _LINK.fullmatch(part)
        if found is None or found[2] not in _RELATIONS or found[2] in relations:
            yield f"answer: Link header is not as GitHub writes it: {part}"
            continue
        relations.add(found[2])
        url = urlsplit(found[1])
        target = operations.find("GET", url.path)
        if not url.scheme or isinstance(target, str) or target.operation.id != operation.id:
            yield f"answer: Link header's {found[2]} leads elsewhere: {found[1]}"
        elif not {name for name, _ in parse_qsl(url.query)} & {"page", "cursor", "after", "before", "since"}:
            yield f"answer: Link header's {found[2]} names no page: {found[1]}"


def _page_size(operation: Operation, exchange: Exchange, value: Any) -> Iterator[str]:
    """A list answers at most `per_page` items, 30 unless asked for more, never more than 100."""
    if not any(each.name == "per_page" for each in operation.parameters):
        return
    asked = dict(parse_qsl(urlsplit(exchange.path).query)).get("per_page", "")
    most = min(int(asked), _MOST_PER_PAGE) if asked.isdecimal() else _PER_PAGE
    if isinstance(value, dict) and "total_count" in value:
        lists = [each for each in value.values() if isinstance(each, list)]
        value = lists[0] if len(lists) == 1 else []
    if isinstance(value, list) and len(value) > most:
        yield f"answer: {len(value)} items on a page of {most}"


def _start(body: bytes) -> str:
    return repr(body[:80])


@cache
def validator(operation: str, part: str, name: str) -> Any:
    """The compiled schema of a parameter, the request's body, or an answer's body."""
    described = operations.operations()[operation]
    schema: Any
    if part in {"path", "query"}:
        schema = next(e.schema for e in described.parameters if (e.place, e.name) == (part, name))
    elif part == "request":
        schema = described.request[name]
    else:
        schema = described.responses[part][name]
    return compiled(schema, operations.registry())
