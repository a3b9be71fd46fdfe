"""What is read of a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Gone
from bot.plan.actions import Comment
from bot.plan.digest import path_mark
from bot.plan.state import BranchState, Owner
from bot.publish.state import read_state
from tests.bot.publish.situation import BRANCH, NEWER, body, opening
from tests.github.bare import Signature

if TYPE_CHECKING:
    from tests.bot.publish.situation import Situation


def test_a_repository_with_nothing_of_ours_takes_few_requests(situation: Situation) -> None:
    with situation.client() as client:
        info = client.repository()
        situation.forget()
        state = read_state(client, info, "main")
    assert (state.pulls, dict(state.branches)) == ((), {})
    assert (state.base, state.base_sha, state.default) == ("main", situation.repo.tip, "")
    assert state.repository == situation.repo.full_name
    assert state.url.endswith(situation.repo.full_name)
    assert len(situation.requests()) <= 6


def test_a_branch_that_does_not_exist_is_gone(situation: Situation) -> None:
    with situation.client() as client, pytest.raises(Gone, match="no branch release"):
        read_state(client, client.repository(), "release")


def test_another_base_knows_the_default_branch(situation: Situation) -> None:
    situation.push({"a.py": b"a = 1\n"}, "release")
    with situation.client() as client:
        state = read_state(client, client.repository(), "release")
    assert (state.base, state.default) == ("release", "main")
    assert state.base_sha == situation.repo.branches()["release"]


def test_our_branch_and_pull_request_are_known_again(situation: Situation) -> None:
    base = situation.repo.tip
    situation.publish([opening(base)])
    state = situation.state()
    tip = situation.repo.branches()[BRANCH]
    assert state.branches == {BRANCH: BranchState(BRANCH, tip, Owner.BOT, "aaaa", base)}
    (pull,) = state.pulls
    assert (pull.number, pull.branch, pull.base, pull.open, pull.merged) == (1, BRANCH, "main", True, False)
    assert pull.marker is not None
    assert pull.marker.patch == "aaaa"
    assert pull.body == body(base)


def test_a_commit_on_top_is_a_persons(situation: Situation) -> None:
    situation.publish([opening(situation.repo.tip)])
    mine = situation.push({"app.py": NEWER})
    assert situation.state().branches == {BRANCH: BranchState(BRANCH, mine, Owner.PERSON)}


def test_a_persons_commit_with_our_trailer_is_a_persons(situation: Situation) -> None:
    situation.publish([opening(situation.repo.tip)])
    situation.repo.push(BRANCH, {"app.py": NEWER}, "Mine\n\nPatchwright-Patch: aaaa")
    assert situation.state().branches[BRANCH].owner is Owner.PERSON


def test_an_amended_commit_is_a_persons(situation: Situation) -> None:
    situation.publish([opening(situation.repo.tip)])
    mine = situation.amend()
    assert situation.state().branches == {BRANCH: BranchState(BRANCH, mine, Owner.PERSON)}


def test_a_merge_of_the_base_is_a_persons(situation: Situation) -> None:
    base = situation.repo.tip
    situation.publish([opening(base)])
    git = situation.repo.git
    made = git.text("rev-parse", BRANCH)
    newer = situation.push({"other.py": b"x = 1\n"}, "main")
    bot = situation.github.account("patchwright[bot]")
    tree = git.text("merge-tree", "--write-tree", made, newer)
    merge = git.write_commit(
        tree,
        [made, newer],
        "Merge branch 'main'\n\nPatchwright-Patch: aaaa\n",
        Signature(bot.login, bot.email, 1_700_000_000),
        Signature("GitHub", "noreply@github.com", 1_700_000_000),
    )
    situation.repo.move_refs([(f"refs/heads/{BRANCH}", made, merge)], situation.github.account("person"))
    assert situation.state().branches[BRANCH].owner is Owner.PERSON


def test_a_branch_that_was_reset_to_the_base_is_a_persons(situation: Situation) -> None:
    base = situation.repo.tip
    situation.publish([opening(base)])
    tip = situation.repo.branches()[BRANCH]
    situation.repo.move_refs([(f"refs/heads/{BRANCH}", tip, base)], situation.github.account("person"))
    assert situation.state().branches[BRANCH].owner is Owner.PERSON


def test_a_branch_is_handed_over_when_it_was_said(situation: Situation) -> None:
    situation.publish([opening(situation.repo.tip)])
    assert not situation.state().pulls[0].handed_over
    situation.push({"app.py": NEWER})
    situation.pull.comment("<!-- patchwright:comment key=handed-over -->")
    assert not situation.state().pulls[0].handed_over
    situation.publish([Comment(1, "handed-over", "It is yours.")])
    (pull,) = situation.state().pulls
    assert (pull.handed_over, pull.told) == (True, {"handed-over"})


def test_what_people_closed_is_declined_and_other_peoples_markers_count_for_nothing(
    situation: Situation,
) -> None:
    base = situation.repo.tip
    situation.publish([opening(base)])
    situation.repo.push("theirs", {"a.py": b"a = 1\n"})
    situation.repo.open_pull("theirs", "main", "Mine", body(base).replace("some-rule", "forged"))
    situation.pull_number(1).close()
    state = situation.state()
    assert [each.number for each in state.pulls] == [1]
    assert (state.pulls[0].base, state.pulls[0].branch) == ("main", BRANCH)
    assert state.declined == {"0123456789abcdef"}


def test_a_merged_pull_request_declines_nothing(situation: Situation) -> None:
    situation.publish([opening(situation.repo.tip)])
    situation.pull.merge()
    state = situation.state()
    assert (state.pulls[0].open, state.pulls[0].merged) == (False, True)
    assert state.declined == frozenset()


def test_the_style_of_the_history_is_read(situation: Situation) -> None:
    for number in range(6):
        situation.repo.commit({"app.py": f"limit = {number}\n"}, f"feat: step {number}\n\nWhy.")
    assert situation.state().conventional


def test_a_base_that_was_pushed_back_by_force_leaves_the_branch_astray(situation: Situation) -> None:
    before = situation.repo.tip
    dropped = situation.push({"secret.txt": b"s3cret\n"}, "main")
    situation.publish([opening(dropped)])
    situation.push({"other.py": NEWER}, "main")
    assert not situation.state().branches[BRANCH].astray
    situation.repo.push("main", {"other.py": NEWER}, parent=before)
    assert situation.state().branches[BRANCH].astray


def test_a_commit_below_the_last_fifty_is_still_found_in_the_base(situation: Situation) -> None:
    situation.publish([opening(situation.repo.tip)])
    for number in range(51):
        situation.repo.commit({"other.py": f"x = {number}\n"})
    assert not situation.state().branches[BRANCH].astray


def test_a_closed_pull_request_without_its_marker_is_known_by_its_files(situation: Situation) -> None:
    situation.publish([opening(situation.repo.tip)])
    situation.pull.body = "What it was about is not said here any more."
    situation.pull.close()
    (pull,) = situation.state().pulls
    assert (pull.marker, pull.branch, pull.files) == (None, BRANCH, {path_mark("app.py")})
