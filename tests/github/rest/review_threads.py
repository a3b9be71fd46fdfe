"""GraphQL of pull requests: threads, comments, and what resolves or hides them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError

from tests.github.people import node_id
from tests.github.records import Comment, Pull
from tests.github.review_records import ReviewComment, ReviewThread

if TYPE_CHECKING:
    from tests.github.people import Account
    from tests.github.repositories import Repo
    from tests.github.rest.calls import Call

Json = dict[str, Any]
MOST = 100
_SETTLES = "pull_requests=write, contents=write"
"""Contents are asked for, too. [github.com/github/gh-aw/issues/35726]"""


def failed(message: str, kind: str = "UNPROCESSABLE") -> GraphQLError:
    """An error with GitHub's ``type``."""
    return GraphQLError(message, extensions={"type": kind})


def no_such_node(given: str) -> GraphQLError:
    """There is nothing by that id, or it may not be seen."""
    return failed(f"Could not resolve to a node with the global id of '{given}'", "NOT_FOUND")


def connection(items: Sequence[Any], shape: Callable[[Any], Json]) -> Callable[..., Json]:
    """A resolver of a list in pages; cursors count from the start. Without ``first`` or ``last`` GitHub refuses."""

    def resolve(
        _info: Any,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        **_more: Any,
    ) -> Json:
        if first is None and last is None:
            raise failed(
                "You must provide a `first` or `last` value to properly paginate.",
                "MISSING_PAGINATION_BOUNDARIES",
            )
        if max(first or 0, last or 0) > MOST:
            raise failed(
                f"Requesting {first or last} records exceeds the `first` limit of 100 records.",
                "EXCESSIVE_PAGINATION",
            )
        start = int(after) if after else 0
        end = int(before) - 1 if before else len(items)
        if first is not None:
            end = min(end, start + first)
        elif last is not None:
            start = max(start, end - last)
        shown = [shape(each) for each in items[start:end]]
        page = {
            "hasNextPage": end < len(items),
            "hasPreviousPage": start > 0,
            "startCursor": str(start + 1) if shown else None,
            "endCursor": str(end) if shown else None,
        }
        edges = [{"cursor": str(start + number), "node": each} for number, each in enumerate(shown, 1)]
        return {"nodes": shown, "edges": edges, "pageInfo": page, "totalCount": len(items)}

    return resolve  # fmt: skip


class PullRequests:
    """The part of ``Query`` and ``Mutation`` that is about pull requests: a mixin of the root."""

    _call: Call

    def actor(self, who: Account) -> Json:
        """An ``Actor``; a bot's login has no ``[bot]`` here. [github.com/typeclaw/typeclaw/pull/637]"""
        urls, login = self._call.urls, who.login.removesuffix("[bot]")
        path = f"/apps/{login}" if who.is_bot else f"/{login}"
        return {
            "__typename": who.type,
            "login": login,
            "url": urls.html(path),
            "resourcePath": path,
            "avatarUrl": urls.html(f"/avatars/u/{who.id}?v=4"),
            "databaseId": who.id,
            "id": node_id({"User": "U", "Organization": "O", "Bot": "BOT"}[who.type], who.id),
            "name": None,
            "email": "",
        }

    def pull_request(self, pull: Pull) -> Json:
        """A ``PullRequest``."""
        state = "MERGED" if pull.merged else pull.state.upper()
        return {
            "__typename": "PullRequest",
            "id": node_id("PR", pull.id),
            "databaseId": pull.id,
            "fullDatabaseId": str(pull.id),
            "number": pull.number,
            "title": pull.title,
            "url": self._call.urls.html(f"/{pull.repo.full_name}/pull/{pull.number}"),
            "state": state,
            "closed": not pull.open,
            "merged": pull.merged,
            "isDraft": pull.draft,
            "isCrossRepository": pull.fork is not None,
            "headRefName": pull.head,
            "headRefOid": pull.head_sha,
            "baseRefName": pull.base,
            "baseRefOid": pull.base_sha,
            "author": self.actor(pull.user),
            "reviewThreads": connection(
                [each for each in pull.threads if self._shown(each.comments[0])], self.review_thread
            ),
            "comments": connection(pull.comments, lambda each: self.issue_comment(pull, each)),
        }

    def _shown(self, comment: ReviewComment) -> bool:
        return comment.review.state != "PENDING" or comment.user == self._call.actor

    def review_thread(self, thread: ReviewThread) -> Json:
        """A ``PullRequestReviewThread``."""
        was, now, by = thread.original, thread.place, thread.resolved_by
        writes = self._call.token is not None and self._call.token.allows(_SETTLES)
        return {
            "__typename": "PullRequestReviewThread",
            "id": thread.node_id,
            "isResolved": thread.resolved,
            "isOutdated": thread.outdated,
            "isCollapsed": thread.resolved or thread.outdated,
            "resolvedBy": None if by is None else {**self.actor(by), "__typename": "User"},
            "path": thread.path,
            "line": None if now is None else now.line,
            "startLine": None if now is None else now.start_line,
            "originalLine": was.line,
            "originalStartLine": was.start_line,
            "diffSide": was.side,
            "startDiffSide": was.start_side,
            "subjectType": "FILE" if was.line is None else "LINE",
            "pullRequest": lambda _info: self.pull_request(thread.pull),
            "viewerCanReply": True,
            "viewerCanResolve": writes and not thread.resolved,
            "viewerCanUnresolve": writes and thread.resolved,
            "comments": connection(list(thread.comments), self.review_comment),
        }

    def _comment(self, each: Comment) -> Json:
        return {
            "databaseId": each.id,
            "author": self.actor(each.user),
            "body": each.body,
            "bodyText": each.body,
            "createdAt": each.created_at,
            "updatedAt": each.updated_at,
            "isMinimized": each.minimized is not None,
            "minimizedReason": each.minimized,
            "viewerCanMinimize": True,
            "viewerDidAuthor": each.user == self._call.actor,
        }

    def review_comment(self, each: ReviewComment) -> Json:
        """A ``PullRequestReviewComment``."""
        thread, urls = each.thread, self._call.urls
        was, now, pull = thread.original, thread.place, thread.pull
        return {
            **self._comment(each),
            "__typename": "PullRequestReviewComment",
            "id": each.node_id,
            "fullDatabaseId": str(each.id),
            "path": thread.path,
            "diffHunk": thread.diff_hunk,
            "line": None if now is None else now.line,
            "startLine": None if now is None else now.start_line,
            "originalLine": was.line,
            "originalStartLine": was.start_line,
            "outdated": thread.outdated,
            "state": "PENDING" if each.review.state == "PENDING" else "SUBMITTED",
            "subjectType": "FILE" if was.line is None else "LINE",
            "pullRequest": lambda _info: self.pull_request(pull),
            "replyTo": lambda _info: None if each is thread.comments[0] else self.review_comment(thread.comments[0]),
            "url": urls.html(f"/{pull.repo.full_name}/pull/{pull.number}#discussion_r{each.id}"),
        }  # fmt: skip

    def issue_comment(self, pull: Any, each: Comment) -> Json:
        """An ``IssueComment``."""
        page = "pull" if isinstance(pull, Pull) else "issues"
        path = f"/{pull.repo.full_name}/{page}/{pull.number}#issuecomment-{each.id}"
        return {
            **self._comment(each),
            "__typename": "IssueComment",
            "id": node_id("IC", each.id),
            "url": self._call.urls.html(path),
        }

    # Nodes and mutations

    def node(self, _info: Any, id: str) -> Json:  # noqa: A002 - GitHub's name
        """The thread, comment or pull request by its global id."""
        for repo in self._visible():
            for issue in repo.issues.values():
                if isinstance(issue, Pull):
                    if node_id("PR", issue.id) == id:
                        return self.pull_request(issue)
                    for thread in issue.threads:
                        if thread.node_id == id:
                            return self.review_thread(thread)
                        for each in thread.comments:
                            if each.node_id == id:
                                return self.review_comment(each)
                for comment in issue.comments:
                    if node_id("IC", comment.id) == id:
                        return self.issue_comment(issue, comment)
        raise no_such_node(id)

    def _visible(self) -> list[Repo]:
        token = self._call.token
        found = list(self._call.github.repositories.values())
        return [each for each in found if token is not None and token.sees(each)]

    def _thread(self, given: str) -> ReviewThread:
        for repo in self._visible():
            for pull in repo.pulls:
                for thread in pull.threads:
                    if thread.node_id == given:
                        return thread
        raise no_such_node(given)

    def _may(self, repo: Repo, needs: str) -> None:
        if self._call.token is None or not self._call.token.allows(needs):
            raise failed("Resource not accessible by integration", "FORBIDDEN")
        if repo.archived:
            raise failed("Repository was archived so is read-only.", "FORBIDDEN")

    def resolveReviewThread(self, _info: Any, **arguments: Any) -> Json:
        given = arguments["input"]
        thread = self._thread(given["threadId"])
        self._may(thread.pull.repo, _SETTLES)
        thread.pull.repo.resolve_thread(thread, self._call.actor)
        return {"clientMutationId": given.get("clientMutationId"), "thread": self.review_thread(thread)}

    def unresolveReviewThread(self, _info: Any, **arguments: Any) -> Json:
        given = arguments["input"]
        thread = self._thread(given["threadId"])
        self._may(thread.pull.repo, _SETTLES)
        thread.pull.repo.unresolve_thread(thread, self._call.actor)
        return {"clientMutationId": given.get("clientMutationId"), "thread": self.review_thread(thread)}

    def minimizeComment(self, _info: Any, **arguments: Any) -> Json:
        given = arguments["input"]
        return self._minimize(given, given["classifier"].lower().replace("_", "-"), "minimizedComment")

    def unminimizeComment(self, _info: Any, **arguments: Any) -> Json:
        return self._minimize(arguments["input"], None, "unminimizedComment")

    def _minimize(self, given: Json, reason: str | None, name: str) -> Json:
        wanted = given["subjectId"]
        for repo in self._visible():
            for issue in repo.issues.values():
                threads = issue.threads if isinstance(issue, Pull) else []
                of_reviews = [each for thread in threads for each in thread.comments]
                for each in (*issue.comments, *of_reviews):
                    own = isinstance(each, ReviewComment)
                    if wanted == (each.node_id if own else node_id("IC", each.id)):
                        self._may(repo, "pull_requests=write" if own else "issues=write; pull_requests=write")
                        each.minimized = reason
                        shape = self.review_comment(each) if own else self.issue_comment(issue, each)
                        return {"clientMutationId": given.get("clientMutationId"), name: shape}
        raise no_such_node(wanted)
