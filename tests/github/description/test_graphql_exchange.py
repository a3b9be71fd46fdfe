"""GraphQL exchanges: the query, its variables and the answer, against GitHub's schema."""

from __future__ import annotations

import json

import pytest

from tests.github.description import Exchange, check, seen

UPDATE = "mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"
MOVE = {"name": "refs/heads/a", "beforeOid": "a" * 40, "afterOid": "b" * 40, "force": True}
INPUT = {"repositoryId": "R_1", "refUpdates": [MOVE]}
DONE = {"data": {"updateRefs": {"clientMutationId": None}}}
REFUSED = {"type": "UNPROCESSABLE", "path": ["updateRefs"], "message": "Reference cannot be updated"}
THREADS = """
    query($owner: String!, $name: String!) {
      repository(owner: $owner, name: $name) {
        pullRequest(number: 1) {
          text: body
          reviewThreads(first: 10) {
            nodes { id isResolved comments(first: 1) { nodes { author { login } } } }
            pageInfo { hasNextPage endCursor }
          }
        }
      }
    }"""
THREAD = {"id": "T_1", "isResolved": False, "comments": {"nodes": [{"author": {"login": "octocat"}}]}}


def exchange(query, variables, answer, status=200, path="/api/graphql", **request):
    body = json.dumps({"query": query, "variables": variables, **request}).encode()
    headers = {"content-type": "application/json; charset=utf-8"}
    return Exchange("POST", path, {}, body, status, headers, json.dumps(answer).encode())


def threads(**page):
    found = {"nodes": [THREAD], "pageInfo": {"hasNextPage": False, "endCursor": None}, **page}
    return {"data": {"repository": {"pullRequest": {"text": "x", "reviewThreads": found}}}}


@pytest.mark.parametrize(
    "good",
    [
        exchange(UPDATE, {"input": INPUT}, DONE),
        exchange(UPDATE, {"input": INPUT}, DONE, path="/graphql"),
        exchange(UPDATE, {"input": INPUT}, {"data": {"updateRefs": None}, "errors": [REFUSED]}),
        exchange(UPDATE, {"input": INPUT}, {"message": "Bad credentials"}, status=401),
        exchange(THREADS, {"owner": "o", "name": "r"}, threads()),
        exchange(
            'query { node(id: "PR_1") { __typename ... on PullRequest { state } } }',
            None,
            {"data": {"node": {"__typename": "PullRequest", "state": "OPEN"}}},
        ),
    ],
)
def test_what_fits_the_schema_passes(good):
    assert check(good) == []


def test_the_operation_is_the_field_asked_for():
    assert seen(exchange(UPDATE, {"input": INPUT}, DONE)) == "graphql/updateRefs"
    assert seen(exchange(THREADS, {}, {})) == "graphql/repository"


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (exchange("mutation {", {}, DONE), "no JSON with a query"),
        (
            exchange(UPDATE.replace("clientMutationId", "ref"), {"input": INPUT}, DONE),
            "Cannot query field 'ref'",
        ),
        (exchange(UPDATE, {}, DONE), "type 'UpdateRefsInput!' to be provided"),
        (exchange(UPDATE, {"input": INPUT | {"force": True}}, DONE), "unknown field 'force'"),
        (
            exchange(UPDATE, {"input": INPUT | {"refUpdates": [MOVE | {"name": "heads/a"}]}}, DONE),
            "GitRefname",
        ),
        (
            exchange(UPDATE, {"input": INPUT | {"refUpdates": [MOVE | {"afterOid": "b"}]}}, DONE),
            "GitObjectID",
        ),
        (exchange(UPDATE, {"input": INPUT, "more": 1}, DONE), "'more' is not declared"),
        (exchange(UPDATE, {"input": INPUT}, DONE, operation="a"), "unknown key 'operation'"),
        (exchange(UPDATE, {"input": INPUT}, DONE, status=422), "status 422"),
        (exchange(UPDATE, {"input": INPUT}, {}), "neither data nor errors"),
        (exchange(UPDATE, {"input": INPUT}, {"data": {"updateRefs": {}}}), "clientMutationId: missing"),
        (
            exchange(UPDATE, {"input": INPUT}, {"data": {"updateRefs": None}, "errors": [{}]}),
            "without a message",
        ),
        (
            exchange(UPDATE, {"input": INPUT}, {"data": {"updateRefs": None}, "errors": [{"message": "x"}]}),
            "without type and path",
        ),
        (exchange(THREADS, {"owner": "o", "name": 3}, threads()), "String cannot represent"),
        (
            exchange(THREADS, {"owner": "o", "name": "r"}, threads(totalCount=1)),
            "totalCount was not asked for",
        ),
        (exchange(THREADS, {"owner": "o", "name": "r"}, threads(nodes=THREAD)), "nodes"),
        (
            exchange(THREADS, {"owner": "o", "name": "r"}, threads(pageInfo={"hasNextPage": None})),
            "hasNextPage",
        ),
    ],
)
def test_each_kind_of_deviation_is_caught(broken, reason):
    assert any(reason in problem for problem in check(broken)), check(broken)
