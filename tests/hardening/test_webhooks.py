"""Deliveries that are forged, repeated or malformed: none is a 5xx, and none asks for what GitHub did not say."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest

from bot.events.work import Ignored, UpdateBranch
from bot.receive.signature import sign
from bot.store.tables import deliveries, jobs
from tests.bot.receive.conftest import SECRET, Web

PUSH: dict[str, Any] = {
    "ref": "refs/heads/main",
    "after": "a" * 40,
    "installation": {"id": 7},
    "repository": {"id": 9, "full_name": "acme/shop", "default_branch": "main"},
    "sender": {"login": "ada", "type": "User"},
}
BODY = json.dumps(PUSH).encode()
EVENTS = ("push", "pull_request", "issue_comment", "installation", "check_run", "repository", "delete")


def with_more(more: bytes) -> bytes:
    return BODY[:-1] + b", " + more + b"}"


def named(full_name: str) -> bytes:
    return json.dumps({**PUSH, "repository": {**PUSH["repository"], "full_name": full_name}}).encode()


def asked(web: Web, guid: str) -> list[object]:
    """What a delivery that was kept asks to be done."""
    with web.database.write() as connection:
        return list(web.receiver.understanding(connection, guid))


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Hub-Signature-256": sign(BODY + b" ", SECRET)},
        {"X-Hub-Signature-256": sign(BODY, b"")},
        {"X-Hub-Signature-256": sign(BODY, SECRET).upper()},
        {"X-Hub-Signature-256": sign(BODY, SECRET)[:-1]},
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature-256": "sha1=" + "0" * 40, "X-Hub-Signature": "sha1=" + "0" * 40},
        {"X-Hub-Signature-256": None, "X-Hub-Signature": sign(BODY, SECRET)},
        {"X-Hub-Signature-256": sign(BODY, SECRET) + "\xff"},
        {"X-Hub-Signature-256": f"{sign(BODY, SECRET)}, {sign(BODY, SECRET)}"},
    ],
)
def test_what_is_forged_is_not_kept(web: Web, headers: dict[str, str | None]) -> None:
    sent = {name: value.encode("latin-1") if value else value for name, value in headers.items()}
    answer = web.deliver(BODY, **sent)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert web.rows(deliveries) == web.rows(jobs) == []


def test_a_delivery_that_is_repeated_is_worked_on_once(web: Web) -> None:
    answers = [web.deliver(BODY, guid="d-1").status_code for _ in range(20)]
    assert set(answers) <= {200, 202}
    assert len(web.rows(jobs)) == 1


def test_another_body_under_a_known_name_changes_nothing(web: Web) -> None:
    web.deliver(BODY, guid="d-1")
    web.deliver(named("acme/other"), guid="d-1")
    (kept,) = web.rows(deliveries)
    assert kept["payload"] == BODY
    (work,) = asked(web, "d-1")
    assert isinstance(work, UpdateBranch)
    assert work.repository.name == "shop"


MALFORMED = [
    pytest.param(with_more(b'"x": ' + b"[" * 100_000 + b"]" * 100_000), id="deep arrays"),
    pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="deep objects"),
    pytest.param(with_more(b'"x": ' + b"9" * 100_000), id="a huge number"),
    pytest.param(with_more(b'"x": "\\ud800"'), id="half a surrogate pair"),
    pytest.param(with_more(b'"x": "\xff"'), id="no UTF-8"),
    pytest.param(with_more(b'"x": "\0"'), id="a null byte in text"),
    pytest.param(BODY + b"\0", id="a null byte behind"),
    pytest.param(BODY + BODY, id="twice"),
    pytest.param(BODY[:-1], id="cut"),
    pytest.param(b"\xef\xbb\xbf" + BODY, id="a byte order mark"),
    pytest.param(BODY.decode().encode("utf-16"), id="UTF-16"),
    pytest.param(gzip.compress(BODY), id="gzip"),
    pytest.param(zlib.compress(b" " * 10_000_000), id="a bomb"),
    pytest.param(b"", id="nothing"),
    pytest.param(b"[]", id="an array"),
    pytest.param(b'{"installation": {"id": NaN}}', id="an id that is no number"),
    pytest.param(b'{"repository": {"id": -1}}', id="an id below one"),
    pytest.param(b'{"repository": {"id": 9223372036854775808}}', id="an id too large"),
    pytest.param(b'{"repository": {"id": "9"}}', id="an id that is text"),
    pytest.param(b'{"repository": {"id": true}}', id="an id that is true"),
    pytest.param(b'{"action": {"$ne": ""}}', id="an action that is none"),
]


@pytest.mark.parametrize("body", MALFORMED)
@pytest.mark.parametrize("event", ["push", "installation"])
def test_what_is_malformed_is_refused(web: Web, body: bytes, event: str) -> None:
    answer = web.deliver(body, event)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}
    assert len(answer.text) < 300
    assert web.rows(deliveries) == []


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_compressed_body_is_not_unpacked(web: Web, encoding: str) -> None:
    """GitHub sends none; a megabyte could become a terabyte."""
    body = gzip.compress(b'{"x": "' + b"0" * 30_000_000 + b'"}')
    assert web.deliver(body, Content_Encoding=encoding).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(with_more(b'"x": NaN, "y": -Infinity, "z": 1e999999'), id="no numbers"),
        pytest.param(with_more(b'"x": ' + b"[" * 150 + b"]" * 150), id="deep"),
        pytest.param(with_more(b", ".join(b'"k%d": 1' % n for n in range(100_000))), id="many keys"),
        pytest.param(with_more(b'"__proto__": {"x": 1}, "__class__": {}'), id="names that mean something elsewhere"),
        pytest.param(BODY.replace(b"refs/heads/main", b"refs/heads/" + b"x" * 100_000), id="a long branch"),
        pytest.param(BODY.replace(b"refs/heads/main", b"refs/heads/\\u0000"), id="a null in a branch"),
        pytest.param(BODY.replace(b'"main"', b'"\\u0000"'), id="a null in the default branch"),
        pytest.param(named("../.."), id="a name that leads elsewhere"),
        pytest.param(named("acme/.."), id="a name that leads upwards"),
        pytest.param(named("acme/shop?x=1#"), id="a name with a query"),
        pytest.param(named("acme/shop/../../other/one"), id="a name with slashes"),
        pytest.param(named("acme/sh\u043ep"), id="a name with a letter that only looks alike"),
        *[pytest.param(json.dumps(dict.fromkeys(PUSH, wrong) | {"repository": None, "installation": None}).encode(), id=f"{wrong!r} everywhere") for wrong in (1, True, None, [], {}, "x", 1.5)],
        pytest.param(b"{}", id="nothing in it"),
    ],
)  # fmt: skip
def test_what_is_odd_is_answered_and_understood_or_ignored(web: Web, body: bytes) -> None:
    for event in EVENTS:
        answer = web.deliver(body, event, guid=f"odd-{event.replace('_', '-')}")
        assert answer.status_code in {200, 202, 400}
        if answer.status_code == 202:
            works = asked(web, f"odd-{event.replace('_', '-')}")
            assert works
            told = [each.repository for each in works if not isinstance(each, Ignored)]  # type: ignore[attr-defined]
            assert all((each.owner, each.name) == ("acme", "shop") for each in told)


def test_a_key_twice_means_the_same_to_everyone_who_reads_it(web: Web) -> None:
    """Otherwise a delivery could be kept for one repository and acted on in another."""
    other = b'"repository": {"id": 10, "full_name": "acme/other", "default_branch": "main"}'
    for guid, body in (("behind", with_more(other)), ("before", b"{" + other + b", " + BODY[1:])):
        assert web.deliver(body, guid=guid).status_code == 202
        kept = {row["guid"]: row["repository_id"] for row in web.rows(deliveries)}
        (work,) = asked(web, guid)
        assert isinstance(work, UpdateBranch)
        assert work.repository.id == kept[guid]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-GitHub-Event": "../push"},
        {"X-GitHub-Event": "push\tx"},
        {"X-GitHub-Event": "x" * 5_000},
        {"X-GitHub-Delivery": "../../etc/passwd"},
        {"X-GitHub-Delivery": "<script>alert(1)</script>"},
        {"X-GitHub-Delivery": "'; DROP TABLE deliveries; --"},
        {"X-GitHub-Delivery": "{{ 7 * 7 }}"},
        {"X-GitHub-Delivery": "d" * 5_000},
    ],
)
def test_headers_that_would_be_something_elsewhere(web: Web, headers: dict[str, str | None]) -> None:
    answer = web.deliver(BODY, **headers)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"
    assert not any(value[:8] in answer.text for value in headers.values() if value)
