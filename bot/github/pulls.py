"""Pull requests: finding the App's own, opening, editing, commenting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.github.answers import moment_or_none, number, text, text_or_empty, within
from bot.github.errors import Passing, Refused
from bot.github.model import CommentInfo, PullInfo
from bot.github.operations import calls
from bot.github.refs import Refs
from bot.github.repository import by_sha

_FEW = 10
_SURELY = 1_000
"""So many pull requests are looked through whatever their dates say."""


class Pulls(Refs):
    """The repository's pull requests."""

    def pulls_by_app(self) -> list[PullInfo]:
        """Every pull request that the App opened, newest first.

        Those that are not open may come without ``branch``, ``base`` and ``head_sha`` ("" each).
        """
        try:
            found = self._by_creator()
        except Refused:  # issues are switched off, or not the App's to read
            return self._by_list(0)
        if found:
            self.app.creator_filter_works = True
        elif not self.app.creator_filter_works:
            # GitHub was seen to find nothing by an App's login (Enterprise Cloud); taken at its word, closed pull
            # requests would be opened again.
            known = self.app.no_pulls_up_to.get(self.id, 0)
            return self._by_list(known)
        return self._with_branches(found)

    @calls("issues/list-for-repo")
    def _by_creator(self) -> list[PullInfo]:
        found = self._requests.pages(
            self._at("/issues"), creator=self.bot_login, state="all", sort="created", direction="desc"
        )
        return [
            PullInfo(
                number=number(each, "number"),
                url=text(each, "html_url"),
                branch="",
                base="",
                title=text_or_empty(each, "title"),
                body=text_or_empty(each, "body"),
                open=text(each, "state") == "open",
                merged=within(each, "pull_request", "merged_at") is not None,
                author=self.bot_login,
                draft=within(each, "draft") is True,
                opened_at=moment_or_none(each, "created_at"),
                closed_at=moment_or_none(each, "closed_at"),
            )
            for each in found
            if within(each, "pull_request") is not None and text(each, "user", "login") == self.bot_login
        ]

    @calls("pulls/list")
    def _by_list(self, known: int) -> list[PullInfo]:
        """The App's pull requests with a number above ``known``, picked out of all that are not older than the App."""
        newest, own = known, []
        app_made = self.app.created_at
        pages = self._requests.pages(self._at("/pulls"), state="all", sort="created", direction="desc")
        for count, each in enumerate(pages):
            if number(each, "number") <= known:
                break
            if count >= _SURELY and text_or_empty(each, "created_at") < app_made:
                break
            newest = max(newest, number(each, "number"))
            if text_or_empty(each, "user", "login") == self.bot_login:
                own.append(read_pull(each))
        if not own:
            self.app.no_pulls_up_to[self.id] = newest
        return own

    @calls("pulls/list")
    def _with_branches(self, found: list[PullInfo]) -> list[PullInfo]:
        """The list of issues names no branches: those of open pull requests are asked for."""
        missing = [each.number for each in found if each.open]
        if len(missing) <= _FEW:
            with by_sha():
                whole = {each: self.pull(each) for each in missing}
        else:
            pages = self._requests.pages(self._at("/pulls"), state="open")
            whole = {number(each, "number"): read_pull(each) for each in pages}
        return [whole.get(each.number, each) for each in found]

    @calls("pulls/get")
    def pull(self, number: int) -> PullInfo:
        """One pull request."""
        return read_pull(self._requests.get(self._at(f"/pulls/{number}")))

    @calls("pulls/list")
    def pulls_from(self, branch: str, state: str = "all") -> list[PullInfo]:
        """The pull requests from a branch of this repository, newest first. ``state``: open, closed or all."""
        head = f"{self.owner}:{branch}"
        pages = self._requests.pages(
            self._at("/pulls"), head=head, state=state, sort="created", direction="desc"
        )
        return [read for each in pages if (read := read_pull(each)).branch == branch]

    @calls("pulls/create")
    def create_pull(self, branch: str, base: str, title: str, body: str) -> PullInfo:
        """Opens a pull request; the open one from ``branch`` into ``base`` if there is one already."""
        content = {"head": branch, "base": base, "title": title, "body": body}
        try:
            made = read_pull(self._requests.write("POST", self._at("/pulls"), content))
        except (Passing, Refused) as error:
            there = "already exists" in str(error)
            if isinstance(error, Passing) or there:
                for each in self.pulls_from(branch, "open"):
                    if each.base == base:
                        return each
            late = "head invalid" in str(error) and self.branch_tip(branch) is not None
            if there or late:
                raise Passing(f"{error}: GitHub's lists are late") from None
            raise
        if self.app.no_pulls_up_to.get(self.id, 0) >= made.number:
            self.app.no_pulls_up_to[self.id] = made.number - 1
        return made

    @calls("pulls/update")
    def edit_pull(
        self, number: int, *, title: str | None = None, body: str | None = None, state: str | None = None
    ) -> None:
        """Changes what is given. ``state``: open or closed."""
        given = {"title": title, "body": body, "state": state}
        changed = {key: value for key, value in given.items() if value is not None}
        if changed:
            self._requests.write("PATCH", self._at(f"/pulls/{number}"), changed)

    @calls("issues/list-comments")
    def comments(self, number: int) -> list[CommentInfo]:
        """The comments of a pull request's conversation, oldest first."""
        return [read_comment(each) for each in self._requests.pages(self._at(f"/issues/{number}/comments"))]

    @calls("issues/create-comment")
    def create_comment(self, number: int, body: str) -> CommentInfo:
        """Says ``body``; where the answer got lost, the App's same words as the last comment count as said."""
        try:
            return read_comment(
                self._requests.write("POST", self._at(f"/issues/{number}/comments"), {"body": body})
            )
        except Passing:
            ours = [each for each in self.comments(number) if each.author == self.bot_login]
            if ours and words(ours[-1].body) == words(body):
                return ours[-1]
            raise

    @calls("issues/add-labels")
    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Adds labels to those that are there; GitHub makes those that the repository does not know."""
        if labels:
            self._requests.write("POST", self._at(f"/issues/{number}/labels"), {"labels": list(labels)})

    @calls("pulls/request-reviewers")
    def request_reviewers(self, number: int, names: Sequence[str]) -> None:
        """Asks people (``login``) and teams (``organisation/team``) for a review. Refused if one may not review."""
        people = [name.removeprefix("@") for name in names]
        content = {
            "reviewers": [name for name in people if "/" not in name],
            "team_reviewers": [name.rpartition("/")[2] for name in people if "/" in name],
        }
        if people:
            self._requests.write("POST", self._at(f"/pulls/{number}/requested_reviewers"), content)


def read_pull(data: Any) -> PullInfo:
    """One pull request, from a list or by itself."""
    files = within(data, "changed_files")
    return PullInfo(
        number=number(data, "number"),
        url=text(data, "html_url"),
        branch=text(data, "head", "ref"),
        base=text(data, "base", "ref"),
        title=text_or_empty(data, "title"),
        body=text_or_empty(data, "body"),
        open=text(data, "state") == "open",
        merged=within(data, "merged_at") is not None,
        author=text_or_empty(data, "user", "login"),
        head_sha=text_or_empty(data, "head", "sha"),
        draft=within(data, "draft") is True,
        author_type=text_or_empty(data, "user", "type"),
        head_repository=text_or_empty(data, "head", "repo", "full_name"),
        base_sha=text_or_empty(data, "base", "sha"),
        maintainer_can_modify=within(data, "maintainer_can_modify") is True,
        changed_files=files if isinstance(files, int) else None,
        opened_at=moment_or_none(data, "created_at"),
        closed_at=moment_or_none(data, "closed_at"),
    )


def read_comment(data: Any) -> CommentInfo:
    """One comment of either kind."""
    line, reply_to = within(data, "line"), within(data, "in_reply_to_id")
    return CommentInfo(
        id=number(data, "id"),
        author=text_or_empty(data, "user", "login"),
        body=text_or_empty(data, "body"),
        url=text_or_empty(data, "html_url"),
        path=text_or_empty(data, "path"),
        line=line if isinstance(line, int) else None,
        reply_to=reply_to if isinstance(reply_to, int) else None,
        side=text_or_empty(data, "side"),
    )


def words(body: str) -> str:
    """A text without what GitHub may change in it."""
    return body.replace("\r\n", "\n").strip()
