"""The REST and GraphQL endpoints, by topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.github.urls import API_PREFIX, GRAPHQL_PATH

if TYPE_CHECKING:
    from fastapi import FastAPI


def add_endpoints(app: FastAPI) -> None:
    """Add them all to the application; those with more fixed parts in their path come first."""
    from tests.github.rest import (  # noqa: F401
        apps,
        check_suites,
        checks,
        git_data,
        graphql,
        history,
        issues,
        manifests,
        pulls,
        reactions,
        repositories,
        review_comments,
        reviews,
        users,
    )
    from tests.github.rest.calls import ENDPOINTS

    def order(path: str) -> tuple[int, int]:
        return (":path" in path and not path.endswith(":path}"), -path.count(":path"))

    for each in sorted(ENDPOINTS, key=lambda one: order(one.path), reverse=True):
        prefix = "" if each.path == GRAPHQL_PATH else API_PREFIX
        app.add_route(prefix + each.path, each.__call__, methods=[each.method])
