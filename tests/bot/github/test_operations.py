"""Every operation that the client can call is seen on the stand-in, and held against GitHub's description."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from bot.github.app_api import app_info, hook_deliveries, installation_repositories, installations, redeliver
from bot.github.model import NewReviewComment
from bot.github.operations import OPERATIONS, all_operations
from tests.github.description import seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.github.client import RepositoryClient
    from bot.github.signing_in import App
    from tests.github.repositories import Repo
    from tests.github.server import StandIn


def test_all_of_them(
    app: App,
    repo: Repo,
    github: StandIn,
    client: RepositoryClient,
    connected: Callable[..., RepositoryClient],
):
    repo.push("main", {"a.py": b"a = 1\n"})
    github.wait_until_delivered()
    app_info(app)
    installations(app)
    installation_repositories(app, client._requests._installation or 0)
    redeliver(app, next(iter(hook_deliveries(app))).id)
    tip = client.branch_tip("main")
    assert tip is not None
    client.branches_below("patchwright/")
    client.recent_subjects(tip)
    client.file("a.py", tip)
    client.tarball(tip, io.BytesIO())
    client.create_blob(b"x")
    assert client.tree(tip).entries
    tree = client.create_tree(client.commit(tip).tree, [("b.py", "100644", "b")])
    made = client.create_commit("own", tree, [tip])
    client.blob(client.create_blob(b"y"))
    assert client.made_by_app(client.commit(made))
    client.create_branch("patchwright/x", made)
    client.move_branch("patchwright/x", made, made)
    number = client.create_pull("patchwright/x", "main", "t", "b").number
    client.edit_pull(number, title="u")
    client.pulls_by_app()
    client.pull(number)
    client.pulls_from("patchwright/x")
    client.create_comment(number, "words")
    client.comments(number)
    client.add_labels(number, ["bug"])
    repo.collaborator("ann")
    client.request_reviewers(number, ["ann"])
    run = client.create_check(tip, "n", external_id="e", conclusion="neutral", title="t", summary="s")
    client.update_check(run.id, conclusion="success", title="t", summary="s")
    client.check_runs(tip, "n")
    client.annotations(run.id)
    ask_about_reviews(client, repo)
    called = {seen(each) for each in github.exchanges}
    assert all_operations() - called == set()
    assert called - all_operations() - {None} == set(), "each method says what it calls"


def ask_about_reviews(client: RepositoryClient, repo: Repo):
    repo.push("topic", {"new.py": b"one\ntwo\n"})
    pull = repo.open_pull("topic")
    client.compare(pull.base_sha, pull.head_sha)
    client.pull_files(pull.number)
    client.pulls_with_head("1" * 40)
    client.permission("ann")
    client.takes(pull.number, pull.head_sha, [NewReviewComment("new.py", 1, "words")])
    client.create_review(pull.number, pull.head_sha, "", [NewReviewComment("new.py", 1, "words")])
    client.own_reviews(pull.number)
    (thread,) = client.review_threads(pull.number)
    client.reply_to_review_comment(pull.number, thread.comment_id, "more words")
    client.review_comments(pull.number)
    client.comment_by_id(thread.comment_id, review=True)
    client.add_reaction(thread.comment_id, "eyes", review=True)
    comment = client.create_comment(pull.number, "words")
    client.comment_by_id(comment.id)
    client.add_reaction(comment.id, "eyes")
    client.resolve_thread(thread.id)
    client.minimize_comment(thread.comment_node_id)


def test_every_method_that_sends_says_so():
    assert len(OPERATIONS) > 25
    assert all(operations for operations in OPERATIONS.values())
