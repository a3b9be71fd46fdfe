"""Every operation that the client can call is seen on the stand-in, and held against GitHub's description."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from bot.github.app_api import app_info, hook_deliveries, installation_repositories, installations, redeliver
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
    called = {seen(each) for each in github.exchanges}
    assert all_operations() - called == set()
    assert called - all_operations() - {None} == set(), "each method says what it calls"


def test_every_method_that_sends_says_so():
    assert len(OPERATIONS) > 25
    assert all(operations for operations in OPERATIONS.values())
