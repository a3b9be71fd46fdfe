"""What goes wrong at GitHub, for reads and for each write: the right error, and never a write sent twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Passing, RateLimited, Refused
from bot.github.model import CheckAnnotation

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.github.client import RepositoryClient
    from tests.github.repositories import Repo
    from tests.github.server import StandIn


def write(client: RepositoryClient, repo: Repo, name: str) -> Callable[[], object]:
    """One write, by name, ready to be carried out."""
    tip = repo.tip
    tree = client.commit(tip).tree
    made = client.create_commit("own", client.create_tree(tree, [("n.py", "100644", "n = 1\n")]), [tip])
    repo.git.update([("refs/heads/patchwright/x", "0" * 40, made)])
    pull = 0
    if name in {"edit_pull", "create_comment", "add_labels", "request_reviewers"}:
        pull = client.create_pull("patchwright/x", "main", "t", "b").number
    repo.collaborator("ann")
    return {
        "create_blob": lambda: client.create_blob(b"z"),
        "create_tree": lambda: client.create_tree(tree, [("z.py", "100644", "z")]),
        "create_commit": lambda: client.create_commit("m", tree, [tip]),
        "create_branch": lambda: client.create_branch("patchwright/new", tip),
        "move_branch": lambda: client.move_branch("patchwright/x", made, tip),
        "delete_branch": lambda: client.delete_branch("patchwright/x", made),
        "create_pull": lambda: client.create_pull("patchwright/x", "main", "t", "b"),
        "edit_pull": lambda: client.edit_pull(pull, title="other"),
        "create_comment": lambda: client.create_comment(pull, "words"),
        "add_labels": lambda: client.add_labels(pull, ["bug"]),
        "request_reviewers": lambda: client.request_reviewers(pull, ["ann"]),
        "create_check": lambda: client.create_check(
            tip, "n", external_id="e", conclusion="neutral", title="t", summary="s",
            annotations=[CheckAnnotation("a.py", 1, 1, "notice", "m")],
        ),
    }[name]  # fmt: skip


WRITES = [
    "create_blob",
    "create_tree",
    "create_commit",
    "create_branch",
    "move_branch",
    "delete_branch",
    "create_pull",
    "edit_pull",
    "create_comment",
    "add_labels",
    "request_reviewers",
    "create_check",
]


def sent(github: StandIn, since: int) -> int:
    """How many writes went out, carried out or not."""
    return len([each for each in github.exchanges[since:] if each.method not in {"GET", "HEAD"}])


def strike(github: StandIn, method: str, path: str = "*", **more: object) -> None:
    """The fault, for whatever write comes next."""
    for verb in ("POST", "PATCH"):
        getattr(github.faults, method)(verb, path, **more)


@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_failed_goes_once_and_passes(
    client: RepositoryClient, repo: Repo, github: StandIn, name: str
):
    act = write(client, repo, name)
    since = len(github.exchanges)
    strike(github, "status", status=503, times=None)
    with pytest.raises(Passing):
        act()
    assert sent(github, since) == 1
    github.faults.clear()
    act()


@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_took_place_before_the_502_can_be_repeated(
    client: RepositoryClient, repo: Repo, github: StandIn, name: str
):
    act = write(client, repo, name)
    strike(github, "after_effect")
    pulls, comments = len(repo.pulls), sum(len(each.comments) for each in repo.pulls)
    try:
        act()
    except Passing:
        github.faults.clear()
        act()
    assert len(repo.pulls) - pulls == (name == "create_pull")
    assert sum(len(each.comments) for each in repo.pulls) - comments == (name == "create_comment")
    assert len(repo.check_runs()) == (name == "create_check")


@pytest.mark.parametrize("name", WRITES)
def test_a_missing_permission_is_named_for_each_write(
    client: RepositoryClient, repo: Repo, github: StandIn, name: str
):
    act = write(client, repo, name)
    strike(github, "missing_permission", accepted="administration=write", times=None)
    with pytest.raises(Refused, match="administration: write"):
        act()


@pytest.mark.parametrize(
    ("name", "status"), [(name, (403, 429)[each % 2]) for each, name in enumerate(WRITES)]
)
def test_a_limit_puts_each_write_off(
    client: RepositoryClient, repo: Repo, github: StandIn, name: str, status: int
):
    act = write(client, repo, name)
    since = len(github.exchanges)
    strike(github, "secondary_limit", status=status, retry_after=30)
    before = datetime.now(UTC)
    with pytest.raises(RateLimited) as caught:
        act()
    assert timedelta(seconds=29) < caught.value.until - before < timedelta(seconds=40)
    assert len(github.exchanges) - since == 1, "nothing more is asked after that"


def test_while_a_limit_lasts_no_client_of_the_installation_asks(
    repo: Repo, github: StandIn, connected: Callable[..., RepositoryClient]
):
    client = connected(repo)
    client.repository()
    github.faults.secondary_limit(retry_after=30)
    with pytest.raises(RateLimited):
        client.branch_tip("main")
    since = len(github.exchanges)
    with pytest.raises(RateLimited):
        connected(repo).branch_tip("main")
    assert len(github.exchanges) == since


def test_a_limit_that_does_not_say_how_long_grows(client: RepositoryClient, github: StandIn):
    client.repository()
    waits = []
    for _ in range(3):
        github.faults.secondary_limit()
        client._requests.pace._until = None  # as if the wait were over
        before = datetime.now(UTC)
        with pytest.raises(RateLimited) as caught:
            client.branch_tip("main")
        waits.append((caught.value.until - before).total_seconds())
    assert [60 * 2**each <= wait < 60 * 2**each + 50 for each, wait in enumerate(waits)] == [True] * 3


def test_a_spent_budget_waits_for_its_reset(client: RepositoryClient, github: StandIn):
    client.repository()
    github.faults.primary_limit(reset_in=600)
    with pytest.raises(RateLimited) as caught:
        client.branch_tip("main")
    assert 590 < (caught.value.until - datetime.now(UTC)).total_seconds() <= 601


@pytest.mark.parametrize("status", [502, 503, 504])
def test_reads_are_tried_three_times(client: RepositoryClient, repo: Repo, github: StandIn, status: int):
    client.repository()
    github.faults.status("GET", "/repos/*", status, times=2)
    assert client.branch_tip("main") == repo.tip
    fault = github.faults.status("GET", "/repos/*", status, times=None)
    with pytest.raises(Passing, match=str(status)):
        client.branch_tip("main")
    assert fault.hits == 3


def test_a_read_without_an_answer_passes(hasty: RepositoryClient, repo: Repo, github: StandIn):
    hasty.repository()
    fault = github.faults.timeout("GET", "/repos/*/git/ref/*", times=None)
    with pytest.raises(Passing):
        hasty.branch_tip("main")
    github.faults.clear()
    assert fault.hits == 3
    assert hasty.branch_tip("main") == repo.tip


@pytest.mark.parametrize(
    "body",
    [b"<html>maintenance</html>", b"", b"{", b"[1", b"null", b"7", b'{"unexpected": true}', b"\xff\xfe"],
)
def test_an_answer_that_makes_no_sense_passes(client: RepositoryClient, github: StandIn, body: bytes):
    from tests.github.faults import Fault

    client.repository()
    github.faults.add(Fault("nonsense", "GET", "/repos/*", status=200, body=body, times=None))
    calls = (
        lambda: client.branch_tip("main"),
        lambda: client.branches_below("x/"),
        lambda: client.commit("a" * 40),
        lambda: client.tree("a" * 40),
        lambda: client.blob("a" * 40),
        lambda: client.recent_subjects("a" * 40),
        lambda: client.pull(1),
        lambda: client.pulls_from("x"),
        lambda: client.comments(1),
        lambda: client.check_runs("a" * 40, "n"),
    )
    for call in calls:
        with pytest.raises(Passing):
            call()


def test_a_tree_that_is_not_known_yet_passes(client: RepositoryClient, repo: Repo, github: StandIn):
    tree = client.commit(repo.tip).tree
    github.faults.tree_missing()
    with pytest.raises(Passing, match="races"):
        client.create_commit("m", tree, [repo.tip])


def test_a_moved_repository_in_the_middle_of_a_job(client: RepositoryClient, repo: Repo):
    client.repository()
    repo.rename("service")
    for call in (
        lambda: client.pulls_from("patchwright/a"),
        lambda: client.branch_tip("main"),
        lambda: client.create_blob(b"x"),
    ):
        with pytest.raises(Passing):
            call()
