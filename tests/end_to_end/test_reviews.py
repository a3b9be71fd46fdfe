"""From a person's pull request to what its author sees, with the real service and real git repositories."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.end_to_end.world import NOTHING, RACE, World

BOT = "patchwright[bot]"


BETWEEN = b"".join(b"\n\ndef number_%d() -> int:\n    return %d\n" % (each, each) for each in range(8))
FAR_APART = (
    b"import boto3\n" + BETWEEN + b"\n\ndef names() -> list[str]:\n    return []\n",
    b'import boto3\n\ns3 = boto3.client("s3")\n'
    + BETWEEN
    + b"\n\ndef names() -> list[str]:\n    return [each for each in s3.list_buckets()]\n",
)
"""A file before and after a pull request that brings a finding whose patch touches both of its ends."""


@pytest.fixture(scope="module")
def fixed(tmp_path_factory):
    """What ``patchwright fix`` makes of a file's bytes."""

    def fix(data: bytes) -> bytes:
        folder = tmp_path_factory.mktemp("checkout")
        (folder / "race.py").write_bytes(data)
        command = [sys.executable, "-m", "bot.cli", "fix", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
        return (folder / "race.py").read_bytes()

    return fix


def opened(repo, branch="topic", by="person", *, draft=False, **files):
    repo.push(branch, {f"shop/{name}.py": data for name, data in files.items()}, by=by)
    return repo.open_pull(branch, by=by, draft=draft)


def check(pull):
    (run,) = pull.repo.check_runs(pull.head_sha, "Patchwright")
    return run


def comments(pull):
    return [each for each in pull.review_comments() if each.user.login == BOT]


def said(pull):
    """Everything that the App wrote for people there."""
    return [each.body for each in (*pull.comments, *comments(pull)) if each.user.login == BOT]


def test_a_finding_gets_one_check_run_and_a_suggestion_that_makes_what_fix_makes(world: World, fixed):
    repo = world.repository(plain=NOTHING)
    pull = opened(repo, race=RACE)
    world.settle()
    run = check(pull)
    assert (run.status, run.conclusion) == ("completed", "neutral")
    assert {each["identifier"] for each in run.actions} == {"apply", "open"}
    assert [each.user.login for each in pull.reviews] == [BOT]
    (comment,) = comments(pull)
    assert comment.thread.path == "shop/race.py"
    assert "```suggestion" in comment.body
    assert pull.comments == []

    pull.apply_suggestion(comment)
    world.settle()
    assert repo.file("shop/race.py", pull.branch) == fixed(RACE)
    assert check(pull).conclusion == "success"
    assert len(said(pull)) == 1


def test_nothing_is_said_twice_and_a_finding_that_is_gone_ends_its_thread(world: World):
    repo = world.repository(plain=NOTHING)
    pull = opened(repo, race=RACE)
    world.settle()
    pull.push({"shop/other.py": b"x = 1\n"})
    world.settle()
    pull.push({"shop/race.py": b'"""Counts."""\n\n' + RACE})
    world.settle()
    assert check(pull).conclusion == "neutral"
    (comment,) = comments(pull)
    assert not comment.thread.resolved
    assert len(pull.reviews) == 1

    pull.push({"shop/race.py": NOTHING})
    world.settle()
    assert comment.thread.resolved
    assert comment.thread.resolved_by.login == BOT
    assert check(pull).conclusion == "success"
    assert len(said(pull)) == 1


def test_what_a_person_resolved_stays_quiet(world: World):
    repo = world.repository(plain=NOTHING)
    pull = opened(repo, race=RACE)
    world.settle()
    (comment,) = comments(pull)
    comment.thread.resolve()
    pull.push({"shop/race.py": b'"""Counts."""\n\n' + RACE})
    world.settle()
    assert comments(pull) == [comment]
    assert comment.thread.resolved_by.login == "person"


def test_nothing_found_is_a_success_without_a_word(world: World):
    repo = world.repository(race=RACE)
    (own,) = repo.pulls
    pull = opened(repo, other=NOTHING)
    world.settle()
    assert check(pull).conclusion == "success"
    assert said(pull) == []
    assert repo.check_runs(own.head_sha) == [], "the App's own pull request"


def test_a_draft_is_left_in_peace_until_it_is_ready(world: World):
    repo = world.repository(plain=NOTHING)
    pull = opened(repo, race=RACE, draft=True)
    world.settle()
    assert said(pull) == []
    assert check(pull).conclusion == "neutral"
    pull.ready()
    world.settle()
    assert len(comments(pull)) == 1
    assert len(pull.reviews) == 1


def test_a_pull_request_from_a_fork_gets_comments_and_check_but_no_buttons_that_push(world: World):
    repo = world.repository(plain=NOTHING)
    fork = repo.forked(f"stranger{repo.id}")
    fork.push("topic", {"shop/race.py": RACE}, by=fork.owner.login)
    pull = repo.open_pull("topic", by=fork.owner.login, fork=fork)
    world.settle()
    run = check(pull)
    assert run.conclusion == "neutral"
    assert run.actions == []
    (comment,) = comments(pull)
    repo.rerequest(run)
    world.settle()
    assert comments(pull) == [comment]
    assert len(repo.check_runs(pull.head_sha, "Patchwright")) == 1


def test_a_bots_pull_request_gets_the_check_alone(world: World):
    repo = world.repository(plain=NOTHING)
    pull = opened(repo, by="renovate[bot]", race=RACE)
    world.settle()
    assert check(pull).conclusion == "neutral"
    assert said(pull) == []


def test_what_spans_places_is_described_and_the_button_puts_it_right(world: World):
    before, after = FAR_APART
    repo = world.repository(plain=NOTHING, client=before)
    repo.collaborator("maintainer", "write")
    pull = opened(repo, race=RACE, client=after)
    world.settle()
    before = pull.head_sha
    (described,) = [each.body for each in comments(pull) if each.thread.path == "shop/client.py"]
    assert "```diff" in described
    assert "```suggestion" not in described
    repo.press(check(pull), "apply", by="maintainer")
    world.settle()
    assert pull.head_sha != before
    assert repo.git.text("rev-list", "--count", f"{before}..{pull.head_sha}") == "1"
    assert repo.git.text("log", "-1", "--format=%an", pull.head_sha) == BOT
    (answer,) = pull.comments
    assert pull.head_sha in answer.body
    run = check(pull)
    assert run.status == "completed", "the new head has its check, which may be required"
    assert run.conclusion == "success"
    assert all(each.thread.resolved for each in comments(pull))


def test_who_may_not_write_is_refused_politely(world: World):
    repo = world.repository(plain=NOTHING)
    repo.collaborator("visitor", "read")
    pull = opened(repo, race=RACE)
    world.settle()
    before = pull.head_sha
    repo.press(check(pull), "apply", by="visitor")
    world.settle()
    assert pull.head_sha == before
    (answer,) = pull.comments
    assert "visitor" in answer.body


def test_the_other_button_opens_a_pull_request_into_the_head(world: World):
    repo = world.repository(plain=NOTHING)
    repo.collaborator("maintainer", "write")
    pull = opened(repo, race=RACE)
    world.settle()
    before = pull.head_sha
    repo.press(check(pull), "open", by="maintainer")
    world.settle()
    (made,) = [each for each in repo.pulls if each is not pull]
    assert (made.base, made.user.login, pull.head_sha) == (pull.branch, BOT, before)
    (answer,) = pull.comments
    assert f"#{made.number}" in answer.body

    made.merge(by="maintainer")
    world.settle()
    assert check(pull).conclusion == "success"
    assert all(each.thread.resolved for each in comments(pull))


def test_asked_again_and_in_the_merge_queue(world: World):
    repo = world.repository(plain=NOTHING)
    pull = opened(repo, race=RACE)
    world.settle()
    before = said(pull)
    repo.rerequest(check(pull))
    repo.rerequest_suite(pull.head_sha)
    group = repo.merge_group(pull)
    world.settle()
    assert said(pull) == before
    (run,) = repo.check_runs(group.head_sha)
    assert (run.name, run.conclusion) == ("Patchwright", "success")
    assert check(pull).conclusion == "neutral"


def test_many_pushes_in_a_row_are_looked_at_as_the_last_left_it(world: World):
    repo = world.repository(plain=NOTHING)
    pull = opened(repo, race=RACE)
    for number in range(4):
        pull.push({"shop/race.py": RACE + b"\n\nx = %d\n" % number})
    world.settle()
    assert check(pull).conclusion == "neutral"
    assert len(pull.reviews) == 1


def test_redelivered_webhooks_change_nothing(world: World):
    repo = world.repository(plain=NOTHING)
    pull = opened(repo, race=RACE)
    world.settle()
    before = (said(pull), len(repo.checks), len(pull.reviews))
    for delivery in [each for each in world.github.deliveries if each.repository_id == repo.id]:
        world.github.redeliver(delivery)
    world.settle()
    assert (said(pull), len(repo.checks), len(pull.reviews)) == before
