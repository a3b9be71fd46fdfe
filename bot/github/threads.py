"""Threads of reviews: REST does not say which are resolved, GraphQL does."""

from __future__ import annotations

from typing import Any

from bot.github.answers import items, number, text, text_or_empty, within
from bot.github.model import ThreadInfo
from bot.github.operations import calls
from bot.github.pulls import Pulls

_MOST_PAGES = 100
_THREADS = """
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id
          path
          line
          isResolved
          isOutdated
          resolvedBy { login }
          comments(first: 1) {
            nodes { id databaseId state body isMinimized minimizedReason author { __typename login } }
          }
        }
      }
    }
  }
}
"""
_RESOLVE = (
    "mutation($input: ResolveReviewThreadInput!) {"
    " resolveReviewThread(input: $input) { thread { id isResolved } } }"
)
_MINIMIZE = (
    "mutation($input: MinimizeCommentInput!) {"
    " minimizeComment(input: $input) { minimizedComment { isMinimized } } }"
)


class Threads(Pulls):
    """The App's own threads in pull requests."""

    @calls("graphql/repository")
    def review_threads(self, number: int) -> list[ThreadInfo]:
        """The threads that the App began in a pull request, in GitHub's order."""
        found: list[ThreadInfo] = []
        owner, _, name = self.full_name.partition("/")
        variables: dict[str, Any] = {"owner": owner, "name": name, "number": number, "after": None}
        for _ in range(_MOST_PAGES):
            data = self._requests.query(_THREADS, variables)
            threads = within(data, "repository", "pullRequest", "reviewThreads")
            for each in items(threads, "nodes"):
                first = next(iter(items(each, "comments", "nodes")), None)
                if self._is_ours(first):
                    found.append(_read(each, first))
            if within(threads, "pageInfo", "hasNextPage") is not True:
                return found
            variables["after"] = text(threads, "pageInfo", "endCursor")
        return found

    def is_own_login(self, login: str) -> bool:
        """Whether a login that GraphQL gives is the App's: it leaves out the ``[bot]`` that REST adds."""
        return login in (self.app_slug, self.bot_login)

    def _is_ours(self, first: object) -> bool:
        """Whether the App said it, for all to see: a review that is not submitted is seen by its author alone."""
        kind, login = text_or_empty(first, "author", "__typename"), text_or_empty(first, "author", "login")
        return kind == "Bot" and self.is_own_login(login) and text_or_empty(first, "state") != "PENDING"

    @calls("graphql/resolveReviewThread")
    def resolve_thread(self, thread: str) -> None:
        """Resolves a thread; nothing if it is resolved. Raises Refused where the App may not."""
        self._requests.mutate(_RESOLVE, {"input": {"threadId": thread}})

    @calls("graphql/minimizeComment")
    def minimize_comment(self, node_id: str, reason: str = "OUTDATED") -> None:
        """Hides a comment behind its reason: OUTDATED, RESOLVED, DUPLICATE or OFF_TOPIC."""
        self._requests.mutate(_MINIMIZE, {"input": {"subjectId": node_id, "classifier": reason}})


def _read(data: Any, first: Any) -> ThreadInfo:
    line = within(data, "line")
    hidden = within(first, "isMinimized") is True
    return ThreadInfo(
        id=text(data, "id"),
        path=text(data, "path"),
        line=line if isinstance(line, int) else None,
        resolved=within(data, "isResolved") is True,
        resolved_by=text_or_empty(data, "resolvedBy", "login"),
        outdated=within(data, "isOutdated") is True,
        comment_id=number(first, "databaseId"),
        comment_node_id=text(first, "id"),
        body=text_or_empty(first, "body"),
        minimized=(text_or_empty(first, "minimizedReason").lower() or "hidden") if hidden else "",
    )
