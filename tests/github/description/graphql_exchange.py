"""One exchange with GitHub's GraphQL API, held against the slice of its schema."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import graphql
from graphql.execution.values import get_variable_values

from tests.github.description.exchange import Exchange, Verdict, header
from tests.github.description.operations import HERE, plain_path

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = HERE / "schema.graphql.gz"
_PATHS = frozenset({"/graphql", "/api/graphql"})
_REQUEST_KEYS = frozenset({"query", "variables", "operationName"})
_STATUSES = frozenset({200, 401, 403, 429})
#: What GitHub's own scalars look like, in arguments and in answers.
_SCALARS = {
    "DateTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"),
    "GitObjectID": re.compile(r"[0-9a-f]{40}"),
    "GitRefname": re.compile(r"refs/.+"),
    "URI": re.compile(r"[a-z][a-z0-9+.-]*:\S+|/\S*"),
}


def is_graphql(exchange: Exchange) -> bool:
    """Whether the exchange is one with the GraphQL API, at GitHub's or at Enterprise Server's path."""
    return plain_path(exchange.path) in _PATHS


def examine(exchange: Exchange) -> Verdict:
    """What is wrong with a GraphQL exchange; its operation is `graphql/` with the fields asked for at the top."""
    if exchange.method != "POST":
        return Verdict(None, (f"GraphQL takes POST, not {exchange.method}",))
    try:
        request = json.loads(exchange.request_body)
        document = graphql.parse(request["query"])
    except (ValueError, KeyError, TypeError, graphql.GraphQLError) as error:
        return Verdict(None, (f"request body: no JSON with a query: {error}",))
    operation = graphql.get_operation_ast(document, request.get("operationName"))
    if operation is None:
        return Verdict(None, ("request body: operationName does not say which of the operations is meant",))
    variables = request.get("variables") or {}
    refused = [f"query: {error.message}" for error in graphql.validate(_schema(), document)]
    refused = refused or [f"variables: {message}" for message in _coercion_errors(operation, variables)]
    declared = {each.variable.name.value for each in operation.variable_definitions or ()}
    errors = [f"request body: unknown key {key!r}" for key in sorted(request.keys() - _REQUEST_KEYS)]
    errors += [f"variables: {name!r} is not declared" for name in sorted(variables.keys() - declared)]
    errors += refused
    if not exchange.fault:
        errors += _answer(exchange, request, None if refused else document)
    return Verdict(f"graphql/{_top_fields(operation)}", tuple(errors))


def _top_fields(operation: graphql.OperationDefinitionNode) -> str:
    names = {
        each.name.value for each in operation.selection_set.selections if isinstance(each, graphql.FieldNode)
    }
    return "+".join(sorted(names))


def _coercion_errors(operation: graphql.OperationDefinitionNode, variables: Mapping[str, Any]) -> list[str]:
    given = get_variable_values(_schema(), operation.variable_definitions or (), dict(variables))
    found = given if isinstance(given, list) else getattr(given, "errors", [])
    return [error.message for error in found or []]


def _answer(exchange: Exchange, request: Any, document: graphql.DocumentNode | None) -> Iterator[str]:
    """Problems of the answer. `document` is None for a query that GitHub would have refused: no data is expected."""
    if exchange.status not in _STATUSES:
        if exchange.status < 500:
            yield f"answer: status {exchange.status}; GraphQL answers 200 with errors"
        return
    media = (header(exchange.response_headers, "content-type") or "").partition(";")[0]
    if media != "application/json":
        yield f"answer: content type {media or 'missing'}, not application/json"
    try:
        answer = json.loads(exchange.response_body)
    except ValueError as error:
        yield f"answer: no JSON: {error}"
        return
    if exchange.status != 200:
        if not isinstance(answer, dict) or not isinstance(answer.get("message"), str):
            yield "answer: an error without a message"
        return
    if not isinstance(answer, dict) or not answer.keys() <= {"data", "errors", "extensions"}:
        yield "answer: not an object of data and errors"
        return
    problems = list(_errors(answer))
    yield from problems
    if not answer.get("data"):
        if not answer.get("errors"):
            yield "answer: neither data nor errors"
    elif document is None:
        yield "answer: data for a query that GitHub would refuse"
    elif not problems:
        yield from _data(answer, request, document)


def _errors(answer: Any) -> Iterator[str]:
    errors = answer.get("errors", [])
    if not isinstance(errors, list) or ("errors" in answer and not errors):
        yield "answer: errors is a list with at least one error, or not there"
        return
    for error in errors:
        if not isinstance(error, dict) or not isinstance(error.get("message"), str):
            yield f"answer: an error without a message: {error}"
        elif answer.get("data") is not None and not (
            isinstance(error.get("type"), str) and isinstance(error.get("path"), list)
        ):
            yield f"answer: an error beside data without type and path: {error['message']}"


def _data(answer: Any, request: Any, document: graphql.DocumentNode) -> Iterator[str]:
    """The data must be what an execution of the query over that same data gives: complete, typed, nothing more."""
    refused = {tuple(error["path"]) for error in answer.get("errors", [])}
    data = answer["data"]
    result = graphql.execute(
        _schema(),
        document,
        data,
        variable_values=request.get("variables") or {},
        operation_name=request.get("operationName"),
        field_resolver=_resolve,
        type_resolver=_resolve_type,
    )
    for error in result.errors or []:
        if tuple(error.path or ()) not in refused:
            yield f"answer: {'.'.join(map(str, error.path or ()))}: {error.message}"
    if not result.errors:
        yield from _unasked(data, result.data, "")


def _resolve(source: Any, info: graphql.GraphQLResolveInfo, **_arguments: Any) -> Any:
    if info.path.key not in source:
        raise graphql.GraphQLError("missing")
    value = source[info.path.key]
    named = graphql.get_named_type(info.return_type)
    for each in _flat(value):
        if each is not None and named.name in _SCALARS:
            _plausible(named.name)(each)
        if graphql.is_leaf_type(named) == isinstance(each, dict) and each is not None:
            raise graphql.GraphQLError(f"{type(each).__name__} where {info.return_type} is described")
    return value


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _flat(each)
    else:
        yield value


def _resolve_type(value: Any, info: graphql.GraphQLResolveInfo, abstract: Any) -> str:
    """`__typename`, where it was asked for; else the first possible type that has a fragment or the whole answer."""
    possible = [each.name for each in _schema().get_possible_types(abstract)]
    if (named := value.get("__typename")) is not None:
        return str(named)
    for node in info.field_nodes:
        for each in node.selection_set.selections if node.selection_set else ():
            condition = each.type_condition if isinstance(each, graphql.InlineFragmentNode) else None
            if condition is None or condition.name.value not in possible:
                continue
            keys = {(f.alias or f.name).value for f in each.selection_set.selections if hasattr(f, "alias")}
            if keys <= value.keys():
                return str(condition.name.value)
    return str(possible[0])


def _unasked(given: Any, selected: Any, place: str) -> Iterator[str]:
    if isinstance(given, dict) and isinstance(selected, dict):
        for key, value in given.items():
            if key not in selected:
                yield f"answer: {place}{key} was not asked for"
            else:
                yield from _unasked(value, selected[key], f"{place}{key}.")
    elif isinstance(given, list) and isinstance(selected, list):
        for one, other in zip(given, selected, strict=True):
            yield from _unasked(one, other, place)


@cache
def _schema() -> graphql.GraphQLSchema:
    schema = graphql.build_schema(gzip.decompress(SCHEMA.read_bytes()).decode(), assume_valid=True)
    for name in _SCALARS:
        scalar = schema.type_map[name]
        # 3.3 of graphql-core renamed the attribute and uses the new one only.
        scalar.parse_value = scalar.coerce_input_value = _plausible(name)
    return schema


def _plausible(name: str) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        if not isinstance(value, str) or not _SCALARS[name].fullmatch(value):
            raise graphql.GraphQLError(f"{name} cannot be {value!r}")
        return value

    return parse
