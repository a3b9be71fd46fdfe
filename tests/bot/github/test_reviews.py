"""Reviews, their threads, reactions and single comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Gone, Refused
from bot.github.model import NewReviewComment
from bot.github.reviews import review_marker

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from tests.github.records import Pull
    from tests.github.repositories import Repo
    from tests.github.server import StandIn

LINES = "".join(f"line {number}\n" for number in range(1, 31))


@pytest.fixture
def pull(repo: Repo) -> Pull:
    """A pull request that adds ``new.py`` with 30 lines."""
    repo.push("topic", {"new.py": LINES})
    return repo.open_pull("topic")


def places(*lines: int) -> list[NewReviewComment]:
    return [NewReviewComment("new.py", line, f"About line {line}") for line in lines]


def test_a_review_with_all_its_comments_at_once(client: RepositoryClient, pull: Pull, github: StandIn):
    comments = [*places(3), NewReviewComment("new.py", 9, "Three lines", start_line=7)]
    made = client.create_review(pull.number, pull.head_sha, "", comments)
    (review,) = pull.reviews
    assert (review.state, review.body, review.commit_id) == (
        "COMMENTED",
        review_marker(pull.head_sha),
        pull.head_sha,
    )
    assert client.review_of(pull.number, pull.head_sha) == made
    assert client.review_of(pull.number, pull.base_sha) is None
    assert [(each.line, each.comments[0].body) for each in pull.threads] == [
        (3, "About line 3"),
        (9, "Three lines"),
    ]
    assert pull.threads[1].original.start_line == 7
    assert len(github.exchanges.to("POST", "/reviews")) == 1


def test_one_comment_outside_of_the_diff_loses_them_all(client: RepositoryClient, pull: Pull):
    with pytest.raises(Refused, match="Line could not be resolved"):
        client.create_review(pull.number, pull.head_sha, "", places(3, 99))
    assert pull.reviews == []


def test_comments_are_tried_without_anybody_seeing_it(client: RepositoryClient, pull: Pull, github: StandIn):
    assert client.takes(pull.number, pull.head_sha, places(3, 4))
    assert not client.takes(pull.number, pull.head_sha, places(3, 99))
    assert (pull.reviews, pull.threads) == ([], [])
    assert not [each for each in github.deliveries if each.event.startswith("pull_request_review")]


@pytest.mark.parametrize("how", ["after_effect", "timeout"])
def test_an_answer_that_was_lost_makes_no_second_review(
    client: RepositoryClient, hasty: RepositoryClient, pull: Pull, github: StandIn, how: str
):
    writer = hasty if how == "timeout" else client
    more = {} if how == "after_effect" else {"effect": True}
    getattr(github.faults, how)("POST", "/repos/*/reviews", **more)
    writer.create_review(pull.number, pull.head_sha, "", places(3))
    assert len(pull.reviews) == 1


def test_replies_are_said_once(client: RepositoryClient, pull: Pull, github: StandIn):
    client.create_review(pull.number, pull.head_sha, "", places(3))
    first = pull.threads[0].comments[0].id
    github.faults.after_effect("POST", "/repos/*/replies")
    said = client.reply_to_review_comment(pull.number, first, "Done.")
    assert [each.body for each in pull.threads[0].comments] == ["About line 3", "Done."]
    assert said == client.replies(pull.number, first)[0]
    assert (said.author, said.reply_to, said.path, said.line) == ("patchwright[bot]", first, "new.py", 3)


def test_the_apps_own_threads_and_who_resolved_them(client: RepositoryClient, pull: Pull, repo: Repo):
    client.create_review(pull.number, pull.head_sha, "", places(3, 5, 7))
    somebody = {"path": "new.py", "line": 9, "body": "By hand"}
    repo.create_review(pull, repo.github.account("ann"), "COMMENT", "", [somebody])
    one, two, three, _ = pull.threads
    two.resolve("ann")
    client.resolve_thread(three.node_id)
    pull.push({"new.py": LINES.replace("line 3\n", "other\n")})
    found = client.review_threads(pull.number)
    assert [each.comment_id for each in found] == [
        one.comments[0].id,
        two.comments[0].id,
        three.comments[0].id,
    ]
    assert [(each.line, each.outdated) for each in found] == [(None, True), (5, False), (7, False)]
    assert [each.resolved_by for each in found] == ["", "ann", "patchwright"]
    assert [client.is_own_login(each.resolved_by) for each in found] == [False, False, True]
    assert (found[0].path, found[0].body) == ("new.py", "About line 3")


def test_more_threads_than_one_page(client: RepositoryClient, repo: Repo):
    repo.push("long", {"long.py": "".join(f"{number}\n" for number in range(120))})
    pull = repo.open_pull("long")
    comments = [NewReviewComment("long.py", line, "x") for line in range(1, 106)]
    client.create_review(pull.number, pull.head_sha, "", comments)
    assert [each.line for each in client.review_threads(pull.number)] == list(range(1, 106))


def test_a_review_that_is_not_submitted_is_no_thread(client: RepositoryClient, pull: Pull, repo: Repo):
    bot = repo.github.account("patchwright[bot]")
    given = {"path": "new.py", "line": 3, "body": "Not yet"}
    made = repo.create_review(pull, bot, "", "", [given])
    assert client.review_threads(pull.number) == []
    assert [each.state for each in client.own_reviews(pull.number)] == ["PENDING"]
    client.delete_pending_review(pull.number, made.id)
    client.delete_pending_review(pull.number, made.id)
    assert pull.reviews == []


def test_a_hidden_comment_says_why(client: RepositoryClient, pull: Pull):
    client.create_review(pull.number, pull.head_sha, "", places(3))
    (thread,) = client.review_threads(pull.number)
    assert thread.minimized == ""
    client.minimize_comment(thread.comment_node_id)
    (thread,) = client.review_threads(pull.number)
    assert (thread.minimized, thread.resolved) == ("outdated", False)


def test_a_query_is_asked_again(client: RepositoryClient, pull: Pull, github: StandIn):
    client.repository()
    github.faults.status("POST", "*graphql*", 502, times=2)
    assert client.review_threads(pull.number) == []


def test_reactions_and_single_comments(client: RepositoryClient, pull: Pull):
    client.create_review(pull.number, pull.head_sha, "", places(3))
    in_thread = pull.threads[0].comments[0]
    below = pull.comment("/patchwright status")
    for _ in range(2):
        client.add_reaction(below.id, "eyes")
        client.add_reaction(in_thread.id, "rocket", review=True)
    assert [each.content for each in below.reactions] == ["eyes"]
    assert [each.content for each in in_thread.reactions] == ["rocket"]
    found = client.comment_by_id(below.id)
    assert (found.author, found.body, found.path) == ("person", "/patchwright status", "")
    found = client.comment_by_id(in_thread.id, review=True)
    assert (found.author, found.path, found.line, found.reply_to) == ("patchwright[bot]", "new.py", 3, None)
    in_thread.delete()
    with pytest.raises(Gone):
        client.comment_by_id(in_thread.id, review=True)
