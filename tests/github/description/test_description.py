"""Exchanges that keep to GitHub's description pass; every kind of deviation is caught."""

from __future__ import annotations

import dataclasses
import json
import types

import pytest

from tests.github.description import Exchange, check, check_webhook, examine, operations, rest, seen, webhooks
from tests.payloads import examples, examples_of

SHA = "5ba4d9a1c2f4d9f0a7b1f3c6f0e8a9d7c6b5a4f3"
JSON = {"Content-Type": "application/json; charset=utf-8"}
REF = {
    "ref": "refs/heads/patchwright/a",
    "node_id": "REF_1",
    "url": "https://api.github.com/repos/o/r/git/refs/heads/patchwright/a",
    "object": {"type": "commit", "sha": SHA, "url": f"https://api.github.com/repos/o/r/git/commits/{SHA}"},
}


def exchange(method, path, request=None, status=200, answer=None, **headers):
    return Exchange(
        method,
        path,
        {"Accept": "application/vnd.github+json", **JSON},
        b"" if request is None else json.dumps(request).encode(),
        status,
        {**JSON, **headers},
        b"" if answer is None else json.dumps(answer).encode(),
    )


GET_REF = exchange("GET", "/repos/o/r/git/ref/heads/patchwright/a", answer=REF)
CREATE_REF = exchange("POST", "/repos/o/r/git/refs", {"ref": REF["ref"], "sha": SHA}, 201, REF)


@pytest.mark.parametrize("good", [GET_REF, CREATE_REF], ids=str)
@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_what_is_as_described_passes(good, prefix):
    assert check(dataclasses.replace(good, path=prefix + good.path)) == []


def test_a_schema_is_compiled_once():
    check(GET_REF)
    before = rest.validator.cache_info().misses
    check(GET_REF)
    assert rest.validator.cache_info().misses == before


def test_what_the_stand_in_recorded_is_checked_as_it_was_sent():
    sent = {each.name: getattr(GET_REF, each.name) for each in dataclasses.fields(GET_REF)}
    record = types.SimpleNamespace(**sent | {"path": "/decoded", "target": f"{GET_REF.path}?a=%2F"})
    assert check(record) == [f"GET {GET_REF.path}?a=%2F -> 200: query: unknown parameter 'a'"]


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/repos/o/r/git/ref/heads/a/b", "git/get-ref"),
        ("PATCH", "/repos/o/r/git/refs/heads/a/b", "git/update-ref"),
        ("GET", "/repos/o/r/git/matching-refs/heads/patchwright/", "git/list-matching-refs"),
        ("GET", "/repos/o/r/contents/src/a%20b/check-runs", "repos/get-content"),
        ("GET", "/repos/o/r/contents/", "repos/get-content"),
        ("GET", "/repos/o/r/commits/a/b", "repos/get-commit"),
        ("GET", "/repos/o/r/commits/a/b/check-runs", "checks/list-for-ref"),
        ("GET", "/repos/o/r/compare/a/b...c/d", "repos/compare-commits-with-basehead"),
        ("GET", "/repos/o/r/tarball/a/b", "repos/download-tarball-archive"),
        ("DELETE", "/repos/o/r/issues/1/labels/a%2Fb", "issues/remove-label"),
        ("GET", "/repos/o/r/pulls/comments/1", "pulls/get-review-comment"),
        ("GET", "/api/v3/repositories/1296269/issues?page=2", "issues/list-for-repo"),
    ],
)
def test_paths_with_slashes_find_their_operation(method, path, operation):
    assert seen(exchange(method, path)) == operation


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (exchange("GET", "/repos/o/r/gitt"), "no such operation"),
        (exchange("PATCH", "/repos/o/r/git/ref/heads/a", {"sha": SHA}, 200, REF), "described for GET only"),
        (exchange("GET", "/repos/o/r/pulls?stat=open", answer=[]), "unknown parameter 'stat'"),
        (exchange("GET", "/repos/o/r/pulls?state=opened", answer=[]), "parameter 'state'"),
        (exchange("GET", "/repos/o/r/pulls?page=one", answer=[]), "string where integer is described"),
        (exchange("GET", "/repos/o/r/pulls?page=1&page=2", answer=[]), "'page' is given twice"),
        (exchange("GET", "/repos/o/r/pulls/one", answer={}), "path: parameter 'pull_number'"),
        (
            exchange("GET", "/app/installations/1", {"a": 1}, 404, {"message": "Not Found"}),
            "none is described",
        ),
        (dataclasses.replace(CREATE_REF, request_body=b'{"ref": "refs/heads/a"}'), "'sha' is missing"),
        (dataclasses.replace(CREATE_REF, request_body=b""), "request body: missing"),
        (dataclasses.replace(CREATE_REF, request_body=b"{"), "request body: no JSON"),
        (dataclasses.replace(CREATE_REF, request_headers={"content-type": "text/plain"}), "type text/plain"),
        (dataclasses.replace(GET_REF, status=202), "status 202 is not documented"),
        (dataclasses.replace(GET_REF, status=400), "status 400 is not documented"),
        (dataclasses.replace(GET_REF, response_body=b""), "no body where application/json"),
        (dataclasses.replace(GET_REF, response_body=b"{}"), "'ref' is missing"),
        (dataclasses.replace(GET_REF, response_body=b"<html>"), "answer: no JSON"),
        (dataclasses.replace(GET_REF, response_headers={"content-type": "text/html"}), "did not ask for"),
        (
            exchange("GET", GET_REF.path, answer={**REF, "node_id": 1}),
            "node_id: integer where string is described",
        ),
        (exchange("GET", GET_REF.path, answer={**REF, "url": "git/refs"}), "is no uri"),
        (exchange("GET", GET_REF.path, status=404, answer={"error": "gone"}), "an error without a message"),
        (exchange("DELETE", "/repos/o/r/git/refs/heads/a", status=204, answer={}), "a body in a 204"),
        (exchange("GET", "/repos/o/r/tarball/main", status=302), "without a Location"),
        (exchange("GET", "/repos/o/r/issues/1/labels", answer=[{}] * 31), "31 items on a page of 30"),
    ],
)
def test_each_kind_of_deviation_is_caught(broken, reason):
    assert any(reason in problem for problem in check(broken)), check(broken)


@pytest.mark.parametrize(
    ("method", "path", "body", "key"),
    [
        (
            "POST",
            "/repos/o/r/pulls",
            {"title": "a", "head": "b", "base": "main", "labels": ["x"]},
            "'labels'",
        ),
        ("POST", "/repos/o/r/check-runs", {"name": "a", "head_sha": SHA, "sate": "x"}, "'sate'"),
        (
            "POST",
            "/repos/o/r/check-runs",
            {"name": "a", "head_sha": SHA, "output": {"title": "a", "summary": "b", "body": "c"}},
            "'body'",
        ),
        ("POST", "/repos/o/r/issues/1/labels", {"labels": ["a"], "label": "b"}, "'label'"),
        ("POST", "/repos/o/r/git/trees", {"tree": [{"path": "a", "mode": "100644", "data": "x"}]}, "'data'"),
    ],
)
def test_unknown_keys_of_a_request_are_errors_where_github_would_ignore_them(method, path, body, key):
    (problem,) = [each for each in check(exchange(method, path, body, 503)) if "request" in each]
    assert f"unknown key {key}" in problem


@pytest.mark.parametrize("status", [301, 304, 401, 403, 404, 422, 429, 500, 502])
def test_what_github_may_always_answer_is_at_most_a_note(status):
    answer = None if status == 304 else {"message": "x", "documentation_url": "https://docs.github.com/rest"}
    given = exchange(
        "GET", "/repos/o/r/git/blobs/" + SHA, status=status, answer=answer, Location="https://a.b/c"
    )
    assert check(given) == []
    documented = str(status) in operations.operations()["git/get-blob"].responses
    assert bool(examine(given).notes) != documented


def test_of_a_faulty_answer_only_the_request_is_checked():
    faulty = dataclasses.replace(CREATE_REF, status=200, response_body=b"<html>", fault="odd answer")
    assert check(faulty) == []
    assert len(check(dataclasses.replace(faulty, request_body=b'{"reff": 1}'))) == 3


def test_links_lead_to_other_pages_of_the_same_list():
    def problems(link):
        return check(exchange("GET", "/repos/o/r/pulls", answer=[], Link=link))

    url = "https://api.github.com/repositories/1/pulls"
    assert problems(f'<{url}?page=2>; rel="next", <{url}?page=9>; rel="last"') == []
    assert "is not as GitHub writes it" in problems(f"<{url}?page=2>; rel=next")[0]
    assert (
        "leads elsewhere" in problems('<https://api.github.com/repositories/1/issues?page=2>; rel="next"')[0]
    )
    assert "names no page" in problems(f'<{url}>; rel="next"')[0]


def test_raw_contents_are_for_those_who_ask_for_them():
    path = "/repos/o/r/contents/a.py"
    raw = Exchange(
        "GET", path, {}, b"", 200, {"content-type": "application/vnd.github.raw; charset=utf-8"}, b"x = 1"
    )
    assert "did not ask for" in check(raw)[0]
    assert (
        check(dataclasses.replace(raw, request_headers={"accept": "application/vnd.github.raw+json"})) == []
    )


def test_githubs_own_examples_do_what_is_known_of_them():
    """Their deviations are counted when the slice is cut, and excuse the same ones in an answer."""
    known = [
        (operation.id, status, signature)
        for operation in operations.operations().values()
        for status, signatures in operation.deviations.items()
        for signature in signatures
    ]
    assert len(operations.operations()) == 125
    assert len(known) == 25
    assert ("repos/get-collaborator-permission-level", "200", "user required role_name") in known


def test_a_deviation_of_githubs_example_is_a_note():
    answer = {"permission": "admin", "role_name": "admin", "user": {}}
    verdict = examine(exchange("GET", "/repos/o/r/collaborators/u/permission", answer=answer))
    assert "answer: user: 'role_name' is missing" in verdict.notes
    assert "answer: user: 'login' is missing" in verdict.errors


def test_of_several_described_forms_the_one_that_fits_best_is_spoken_of():
    file = {
        "type": "file",
        "encoding": "base64",
        "size": 1,
        "name": "a",
        "path": "a",
        "content": "",
        "sha": SHA,
    }
    (problem, *more) = check(exchange("GET", "/repos/o/r/contents/a", answer=file | {"size": "1"}))
    assert "answer: size: string where integer is described" in "\n".join([problem, *more])
    assert not any("null" in each or "array" in each for each in [problem, *more])


def test_every_schema_of_the_slice_compiles():
    for operation in operations.operations().values():
        for media in operation.request:
            rest.validator(operation.id, "request", media)
        for status, content in operation.responses.items():
            for media in content:
                rest.validator(operation.id, status, media)
        for parameter in operation.parameters:
            rest.validator(operation.id, parameter.place, parameter.name)


def test_recorded_webhooks_pass():
    of_interest = [each for each in examples() if each.event in webhooks.events()]
    assert len(of_interest) == 144
    problems = {
        str(each): webhooks.examine(each.event, each.payload, recorded=True).errors for each in of_interest
    }
    assert {example: errors for example, errors in problems.items() if errors} == {}


@pytest.mark.parametrize(
    ("event", "change", "reason"),
    [
        ("push", {"ref": None}, "ref: null where string is described"),
        ("push", {"installation": {}}, "has installation.id"),
        ("push", {"commits": [{}]}, "commits[0]: 'id' is missing"),
        ("pull_request", {"action": "merged"}, "no such action: 'merged'"),
        ("pull_request", {"number": "1"}, "number: string where integer is described"),
        ("shove", {}, "no such event"),
    ],
)
def test_wrong_webhooks_are_caught(event, change, reason):
    recorded = next(each for each in examples_of(event) or examples() if "installation" in each.payload)
    assert change == {} or check_webhook(event, recorded.payload) == []
    assert any(reason in problem for problem in check_webhook(event, recorded.payload | change))
