"""Where GitHub is known to answer other than it describes: made good in the description before it is cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = Any


def correct_rest(source: Json) -> None:
    """Labels in lists of pull requests: a description may be null, as it is described for a single pull request.

    github/rest-api-description issue 1812.

    Review comments on lines that have changed since: their line and position are null, as the description of the
    same comments in webhooks has it.
    """
    schemas = source["components"]["schemas"]
    labels = schemas["pull-request-simple"]["properties"]["labels"]
    labels["items"]["properties"]["description"]["nullable"] = True
    _deleted_forks(schemas)
    for name in ("pull-request-review-comment", "review-comment"):
        for field in ("line", "position"):
            schemas[name]["properties"][field]["nullable"] = True


def correct_webhooks(source: Json) -> None:
    """The events an App may listen to: each copy of the list lacks others of them, most lack `merge_group`.

    All copies get what any has. (octokit/webhooks.net pull request 76 shows a delivery.)
    """
    _deleted_forks(source["components"]["schemas"])
    copies = list(_event_lists(source["components"]["schemas"]))
    if not copies:
        raise SystemExit("no lists of an App's events in this description: take correct_webhooks() away")
    every = sorted(set().union(*copies))
    for copy in copies:
        copy[:] = every


def _deleted_forks(schemas: Json) -> None:
    """A pull request's head has no repository if the fork was deleted: github/rest-api-description issue 1811."""
    for name in {"pull-request", "pull-request-simple"} & schemas.keys():
        head = schemas[name]["properties"]["head"]["properties"]
        head["repo"] = {"oneOf": [head["repo"]], "nullable": True}


def _event_lists(value: Json) -> Iterator[list[str]]:
    if isinstance(value, dict):
        if isinstance(names := value.get("enum"), list) and {"check_run", "pull_request"} <= set(
            map(str, names)
        ):
            yield names
        for each in value.values():
            yield from _event_lists(each)
    elif isinstance(value, list):
        for each in value:
            yield from _event_lists(each)
