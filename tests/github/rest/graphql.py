"""GraphQL: the moves that REST has no compare-and-swap for."""

from __future__ import annotations

import gzip
from functools import cache
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

from tests.github.bare import ZERO, GitError
from tests.github.description.graphql_exchange import SCHEMA
from tests.github.forks import branches_open_to, readable
from tests.github.records import Pull
from tests.github.rest.calls import Answer, Call, Problem, endpoint
from tests.github.rest.git_data import changeable
from tests.github.rest.review_threads import PullRequests
from tests.github.rest.review_threads import failed as _failed
from tests.github.urls import GRAPHQL_PATH

if TYPE_CHECKING:
    from tests.github.repositories import Repo


@cache
def schema() -> GraphQLSchema:
    """What requests are parsed, validated and executed against."""
    return build_schema(gzip.decompress(SCHEMA.read_bytes()).decode(), assume_valid=True)


@endpoint("POST", GRAPHQL_PATH)
def execute(call: Call) -> Answer:
    """Run a query or mutation; errors come with status 200, as at GitHub."""
    query = call.need("query")
    result = graphql_sync(
        schema(), query, _Root(call), variable_values=call.json.get("variables"),
        operation_name=call.json.get("operationName"),
    )  # fmt: skip
    body: dict[str, Any] = {}
    if result.data is not None or not result.errors:
        body["data"] = result.data
    if result.errors:
        body["errors"] = [_error(each) for each in result.errors]
    return Answer(body)


def _error(error: GraphQLError) -> dict[str, Any]:
    given = dict(error.formatted)
    kind = (error.extensions or {}).get("type")
    given.pop("extensions", None)
    return {**({"type": kind} if kind else {}), **given}


class _Root(PullRequests):
    """The resolvers of ``Query`` and ``Mutation``."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def repository(self, _info: Any, owner: str, name: str, **_options: Any) -> dict[str, Any]:
        repo = self._call.github.find(f"{owner}/{name}")
        if repo is None or not (self._sees(repo) or readable(repo)):
            raise _failed(f"Could not resolve to a Repository with the name '{owner}/{name}'.", "NOT_FOUND")
        return {
            "id": repo.node_id,
            "databaseId": repo.id,
            "nameWithOwner": repo.full_name,
            "isArchived": repo.archived,
            "pullRequest": lambda _info, number: self._pull(repo, number),
        }

    def _pull(self, repo: Repo, number: int) -> dict[str, Any]:
        if self._call.token is None or not self._call.token.allows("pull_requests=read"):
            raise _failed("Resource not accessible by integration", "FORBIDDEN")
        found = repo.issues.get(number)
        if not isinstance(found, Pull):
            raise _failed(f"Could not resolve to a PullRequest with the number of {number}.", "NOT_FOUND")
        return self.pull_request(found)

    def _sees(self, repo: Repo) -> bool:
        return self._call.token is not None and self._call.token.sees(repo)

    def updateRefs(self, _info: Any, **arguments: Any) -> dict[str, Any]:
        call, given = self._call, arguments["input"]
        repo = next(
            (
                each
                for each in list(call.github.repositories.values())
                if each.node_id == given["repositoryId"]
            ),
            None,
        )
        if repo is None or not (self._sees(repo) or readable(repo)):
            raise _failed(
                f"Could not resolve to a node with the global id of '{given['repositoryId']}'", "NOT_FOUND"
            )
        moved = {each["name"].removeprefix("refs/heads/") for each in given["refUpdates"]}
        if call.token is None or not (
            call.token.allows("contents=write")
            and (self._sees(repo) or moved <= branches_open_to(call.token, repo))
        ):
            raise _failed("Resource not accessible by integration", "FORBIDDEN")
        if repo.archived:
            raise _failed("Repository was archived so is read-only.", "FORBIDDEN")
        with repo.lock:
            changes = [change for each in given["refUpdates"] if (change := _change(repo, each)) is not None]
            try:
                repo.move_refs(changes, call.actor)
            except GitError:
                raise _failed("Reference update failed") from None
        return {"clientMutationId": given.get("clientMutationId")}


def _change(repo: Repo, update: dict[str, Any]) -> tuple[str, str, str] | None:
    """``(ref, old, new)``; None where nothing changes. Raises GraphQLError on a mismatch."""
    try:
        ref = changeable(update["name"])
    except Problem as problem:
        raise _failed(problem.message) from None
    found = repo.git.info(ref)
    now, after, before = found[0] if found else ZERO, update["afterOid"], update.get("beforeOid")
    if before is not None and before != now:
        raise _failed(f"{ref} expected {before} but was {now}")
    if after == ZERO:
        if ref == f"refs/heads/{repo.default_branch}":
            raise _failed("Cannot delete the default branch")
        return None if now == ZERO else (ref, now, ZERO)
    if repo.git.info(after) is None:
        raise _failed(f"The object {after} does not exist")
    if now not in {ZERO, after} and not update.get("force") and not repo.git.is_ancestor(now, after):
        raise _failed(f"Updating {ref} is not a fast-forward")
    return None if now == after else (ref, now, after)
