"""Reactions to issues, their comments and review comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.github.people import node_id, simple_user
from tests.github.records import Reaction
from tests.github.rest.calls import Answer, Call, Problem, endpoint, not_found
from tests.github.rest.issues import READ, WRITE, comment_in, issue_in
from tests.github.rest.review_comments import review_comment_in
from tests.github.shapes.issues import REACTIONS

if TYPE_CHECKING:
    from tests.github.urls import Urls

_Find = Callable[[Call], list[Reaction]]


def shape(each: Reaction, urls: Urls) -> dict[str, Any]:
    """GitHub's ``reaction``."""
    return {
        "id": each.id,
        "node_id": node_id("REA", each.id),
        "user": simple_user(each.user, urls),
        "content": each.content,
        "created_at": each.created_at,
    }


def react(reactions: list[Reaction], content: str, call: Call) -> tuple[Reaction, bool]:
    """The bot's reaction, and whether it is new: nobody reacts twice in the same way."""
    for each in reactions:
        if (each.user, each.content) == (call.actor, content):
            return each, False
    made = Reaction(call.github.next_id(), call.actor, content, call.github.clock.iso())
    reactions.append(made)
    return made, True


def _declare(path: str, find: _Find, read: str, write: str) -> None:
    """The three endpoints of one kind of thing."""

    @endpoint("GET", path, read)
    def list_reactions(call: Call) -> Answer:
        wanted = call.query.get("content")
        found = [each for each in find(call) if wanted in {None, each.content}]
        return call.page(found, lambda each: shape(each, call.urls))

    @endpoint("POST", path, write)
    def create_reaction(call: Call) -> Answer:
        reactions, content = find(call), call.need("content")
        if content not in REACTIONS:
            raise Problem(422, f"Invalid request.\n\n{content} is not a member of {list(REACTIONS)}.")
        made, new = react(reactions, content, call)
        return Answer(shape(made, call.urls), 201 if new else 200)

    @endpoint("DELETE", path + "/{reaction_id}", write)
    def delete_reaction(call: Call) -> Answer:
        reactions, number = find(call), call.number("reaction_id")
        for each in reactions:
            if each.id == number:
                if each.user != call.actor:
                    raise Problem(403, "Resource not accessible by integration")
                reactions.remove(each)
                return Answer(status=204)
        raise not_found()


_REPO = "/repos/{owner}/{repo}"
_declare(f"{_REPO}/issues/{{issue_number}}/reactions", lambda call: issue_in(call).reactions, READ, WRITE)
_declare(
    f"{_REPO}/issues/comments/{{comment_id}}/reactions",
    lambda call: comment_in(call)[1].reactions,
    READ,
    WRITE,
)
_declare(
    f"{_REPO}/pulls/comments/{{comment_id}}/reactions",
    lambda call: review_comment_in(call).reactions,
    "pull_requests=read",
    "pull_requests=write",
)
