"""Opening pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Passing, Refused
from bot.github.model import Listing
from bot.plan.actions import Commit, ReportCheck
from bot.plan.marker import read_marker
from bot.publish.publish import PAUSES, publish
from tests.bot.publish.situation import BRANCH, NEW, NEWER, OLD, body, commit, opening
from tests.github.bare import Executable, Submodule, Symlink

if TYPE_CHECKING:
    from tests.bot.publish.situation import Situation

LATIN = "name = 'é'  # -*- coding: latin-1 -*-\n".encode("latin-1")


def test_a_pull_request_is_opened_from_a_branch_with_one_commit(situation: Situation) -> None:
    base = situation.repo.tip
    (line,) = situation.publish([opening(base)])
    pull = situation.pull
    assert (pull.title, pull.head, pull.base, pull.open) == ("Raise the limit", BRANCH, "main", True)
    assert pull.body == body(base)
    assert line.startswith(f"opened #{pull.number} Raise the limit (http")
    assert situation.repo.file("app.py", BRANCH) == NEW
    assert situation.repo.file("app.py") == OLD
    assert situation.repo.git.text("log", "--format=%P", "-1", BRANCH) == base
    assert situation.repo.log(BRANCH)[0] == commit(base).message.strip()


def test_it_takes_eleven_requests_at_most(situation: Situation) -> None:
    situation.publish([opening(situation.repo.tip)])
    assert len(situation.requests()) <= 11


def test_no_tree_is_read_where_a_snapshot_knows_the_modes(situation: Situation) -> None:
    base = situation.repo.tip
    situation.publish([opening(base)], modes={base: {"app.py": "100644"}})
    assert not [each for each in situation.requests() if each.method == "GET" and "/git/trees/" in each.path]
    assert situation.repo.file("app.py", BRANCH) == NEW


def test_the_commit_is_verified_and_the_apps(situation: Situation) -> None:
    situation.publish([opening(situation.repo.tip)])
    (sent,) = situation.github.exchanges.to("POST", "/git/commits")
    assert set(sent.request_json) == {"message", "tree", "parents"}
    with situation.client() as client:
        made = client.commit(situation.repo.branches()[BRANCH])
    assert made.verified
    assert made.author_name == "patchwright[bot]"


@pytest.mark.parametrize(
    ("data", "by_blob"),
    [
        (LATIN, True),
        (b"\xef\xbb\xbfx = 1\n", True),
        (b"\x00\x01", True),
        (b"# " + b"x" * 300_000 + b"\n", True),
        ("näme = '日本'\r\n".encode(), False),
        (b"", False),
    ],
    ids=["latin-1", "byte order mark", "zero bytes", "large", "utf-8 with crlf", "empty"],
)
def test_bytes_arrive_as_they_are(situation: Situation, data: bytes, by_blob: bool) -> None:
    base = situation.repo.tip
    situation.publish([opening(base, commit=commit(base, data))])
    assert situation.repo.file("app.py", BRANCH) == data
    assert bool(situation.github.exchanges.to("POST", "/git/blobs")) == by_blob


def test_modes_are_kept_and_new_files_are_ordinary(situation: Situation) -> None:
    situation.push({"run.py": Executable(OLD), "gone.py": OLD, "deep/er/tool.py": Executable(OLD)}, "main")
    base = situation.repo.tip
    files = {"run.py": NEW, "gone.py": None, "never.py": None, "new/file.py": NEW, "deep/er/tool.py": NEW}
    change = Commit(base, commit(base).message, files, "aaaa")
    situation.publish([opening(base, commit=change)])
    listed = situation.repo.git.list_tree(BRANCH, recursive=True)
    assert {each.path: each.mode for each in listed if each.type == "blob"} == {
        "app.py": "100644",
        "run.py": "100755",
        "new/file.py": "100644",
        "deep/er/tool.py": "100755",
    }


def test_modes_are_found_in_a_tree_that_is_too_large_for_one_answer(situation: Situation) -> None:
    situation.push({"deep/er/run.py": Executable(OLD), "deep/link": Symlink("er")}, "main")
    base = situation.repo.tip
    files = {"deep/er/run.py": NEW, "deep/er/new.py": NEW, "app.py": NEW, "a/b.py": NEW, "deep/no.py": None}
    change = Commit(base, commit(base).message, files, "aaaa")
    with situation.client() as client:
        client.tree = lambda _sha: Listing((), truncated=True)  # type: ignore[method-assign]
        publish(client, [opening(base, commit=change)])
        through = commit(base, path="deep/link/run.py", patch="bbbb")
        with pytest.raises(Refused, match="deep/link is no folder"):
            publish(client, [opening(base, commit=through)])
        onto = commit(base, path="deep/er", patch="cccc")
        with pytest.raises(Refused, match="it is a folder"):
            publish(client, [opening(base, commit=onto)])
    listed = situation.repo.git.list_tree(BRANCH, recursive=True)
    assert {each.path: each.mode for each in listed if each.type == "blob"} == {
        "app.py": "100644",
        "a/b.py": "100644",
        "deep/er/new.py": "100644",
        "deep/er/run.py": "100755",
        "deep/link": "120000",
    }
    walked = [each for each in situation.requests() if each.method == "GET" and "/git/trees/" in each.path]
    assert len(walked) <= 3 * 3


@pytest.mark.parametrize(
    "path", ["link.py", "folder/app.py", "module/app.py", "pack", "../up.py", ".git/config"]
)
@pytest.mark.parametrize("known", [True, False], ids=["modes known", "tree read"])
def test_nothing_is_written_through_links(situation: Situation, path: str, known: bool) -> None:
    special = {"link.py": Symlink("app.py"), "folder": Symlink("pack"), "pack/a.py": OLD}
    situation.push({**special, "module": Submodule("1" * 40)}, "main")
    base = situation.repo.tip
    listed = situation.repo.git.list_tree(base, recursive=True)
    modes = {base: {each.path: each.mode for each in listed if each.type != "tree"}} if known else None
    with pytest.raises(Refused, match="opening a pull request from patchwright/some-rule: "):
        situation.publish([opening(base, commit=commit(base, path=path))], modes=modes)
    assert BRANCH not in situation.repo.branches()
    assert situation.repo.pulls == []


def test_a_change_that_is_there_already_makes_no_commit(situation: Situation) -> None:
    base = situation.repo.tip
    (line,) = situation.publish([opening(base, commit=commit(base, OLD))])
    assert "has this change already" in line
    assert situation.repo.pulls == []
    assert BRANCH not in situation.repo.branches()


def test_the_same_commit_on_the_branch_is_used_as_it_is(situation: Situation) -> None:
    base = situation.repo.tip
    situation.publish([opening(base)])
    tip = situation.repo.branches()[BRANCH]
    situation.pull.close()
    situation.publish([opening(base)])
    assert situation.repo.branches()[BRANCH] == tip
    assert len(situation.repo.pulls) == 2


def test_another_commit_of_the_apps_is_replaced(situation: Situation) -> None:
    base = situation.repo.tip
    situation.publish([opening(base)])
    situation.repo.issues.clear()
    situation.publish([opening(base, commit=commit(base, NEWER, "bbbb"))])
    assert situation.repo.file("app.py", BRANCH) == NEWER
    assert len(situation.repo.git.text("log", "--format=%H", f"{base}..{BRANCH}").split()) == 1


def test_a_persons_branch_of_that_name_is_left_alone(situation: Situation) -> None:
    tip = situation.push({"mine.py": b"x = 1\n"})
    (line,) = situation.publish([opening(situation.repo.branches()["main"])])
    assert line.startswith(f"left branch {BRANCH} alone: a person's commit {tip[:10]}")
    assert situation.repo.branches()[BRANCH] == tip
    assert situation.repo.pulls == []


def test_a_person_who_makes_the_branch_meanwhile_keeps_it(situation: Situation) -> None:
    base = situation.repo.tip
    situation.github.faults.meanwhile(
        "POST", "/repos/*/git/refs", lambda: situation.push({"mine.py": b"x = 1\n"})
    )
    (line,) = situation.publish([opening(base)])
    assert "a person's commit" in line
    assert situation.repo.file("mine.py", BRANCH) == b"x = 1\n"
    assert situation.repo.pulls == []


def test_a_person_who_moves_the_branch_meanwhile_keeps_it(situation: Situation) -> None:
    base = situation.repo.tip
    situation.publish([opening(base)])
    situation.repo.issues.clear()
    pushed: list[str] = []
    situation.github.faults.meanwhile(
        "POST", "/graphql", lambda: pushed.append(situation.push({"mine.py": b"x = 1\n"}))
    )
    (line,) = situation.publish([opening(base, commit=commit(base, NEWER, "bbbb"))])
    assert "a person's commit" in line
    assert [situation.repo.branches()[BRANCH]] == pushed


def test_an_open_pull_request_from_the_branch_is_brought_up_to_date(situation: Situation) -> None:
    base = situation.repo.tip
    situation.publish([opening(base)])
    text = body(base, "bbbb", text="Now with more.")
    change = commit(base, NEWER, "bbbb")
    situation.publish([opening(base, commit=change, title="Raise it more", body=text)])
    assert (situation.pull.title, situation.pull.body) == ("Raise it more", text)
    assert situation.repo.file("app.py", BRANCH) == NEWER


def test_a_persons_pull_request_from_the_branch_is_left_alone(situation: Situation) -> None:
    base = situation.repo.tip
    situation.publish([opening(base)])
    situation.repo.issues.clear()
    situation.repo.open_pull(BRANCH, "main", "Mine", "My words", by="person")
    (line,) = situation.publish([opening(base, labels=("fix",))])
    assert "person opened it" in line
    assert (situation.pull.title, situation.pull.body, situation.pull.labels) == ("Mine", "My words", [])


def test_labels_and_reviewers_are_added(situation: Situation) -> None:
    base = situation.repo.tip
    situation.publish([opening(base, labels=("fix", "bot"), reviewers=("reviewer",))])
    assert sorted(situation.pull.labels) == ["bot", "fix"]
    assert [each.login for each in situation.pull.reviewers] == ["reviewer"]
    assert situation.pull.body == body(base)


def test_reviewers_that_cannot_be_asked_are_left_out(situation: Situation) -> None:
    base = situation.repo.tip
    names = ("stranger", "reviewer", "patchwright[bot]")
    (line,) = situation.publish([opening(base, reviewers=names)])
    assert line.startswith("opened")
    assert [each.login for each in situation.pull.reviewers] == ["reviewer"]
    assert situation.pull.body == body(base)


def test_labels_that_were_to_come_are_added_even_if_the_new_plan_has_nothing_to_do(
    situation: Situation,
) -> None:
    base = situation.repo.tip
    situation.github.faults.status("POST", "/repos/*/labels", 500)
    action = opening(base, labels=("a --> b", "fix"), reviewers=("reviewer",))
    with pytest.raises(Passing):
        situation.publish([action], pauses=())
    assert situation.pull.labels == []
    state = situation.state()
    assert state.pulls[0].marker == read_marker(body(base))
    (line,) = situation.publish([], state=state)
    assert "labels and reviewers" in line
    assert sorted(situation.pull.labels) == ["a --> b", "fix"]
    assert situation.pull.body == body(base)


def test_a_label_that_a_person_took_away_does_not_come_back(situation: Situation) -> None:
    base = situation.repo.tip
    situation.publish([opening(base, labels=("fix",))])
    situation.pull.labels.clear()
    situation.publish([opening(base, labels=("fix",))], state=situation.state())
    assert situation.pull.labels == []


def test_githubs_races_are_waited_out(situation: Situation) -> None:
    situation.github.faults.tree_missing()
    situation.github.faults.empty_422()
    (line,) = situation.publish([opening(situation.repo.tip)])
    assert line.startswith("opened #1")
    assert situation.pauses == list(PAUSES)
    assert situation.repo.file("app.py", BRANCH) == NEW


def test_a_ref_that_cannot_be_made_for_the_moment_is_waited_out(situation: Situation) -> None:
    situation.github.faults.reference_update_failed(contains="refs/heads")
    (line,) = situation.publish([opening(situation.repo.tip)])
    assert line.startswith("opened #1")


def test_what_does_not_pass_is_raised_after_all_pauses(situation: Situation) -> None:
    situation.github.faults.tree_missing(times=None)
    with pytest.raises(Passing, match="Tree SHA does not exist"):
        situation.publish([opening(situation.repo.tip)])
    assert situation.pauses == list(PAUSES)
    assert BRANCH not in situation.repo.branches()


def test_lists_that_lag_behind_bring_no_second_pull_request(situation: Situation) -> None:
    base = situation.repo.tip
    situation.github.faults.lag(2)
    situation.github.faults.after_effect("POST", "/repos/*/pulls")
    situation.publish([opening(base)])
    situation.github.faults.lag(0)
    assert situation.pull.open
    situation.publish([opening(base)])
    assert situation.pull.body == body(base)


def test_a_missing_permission_is_named_and_the_other_actions_are_done(situation: Situation) -> None:
    base = situation.repo.tip
    situation.github.faults.missing_permission("POST", "/repos/*/git/trees", "contents=write", times=None)
    check = ReportCheck(base, "patchwright", "one", "neutral", "Title", "Summary")
    with pytest.raises(Refused, match="lacks the permission contents: write") as caught:
        situation.publish([opening(base), check])
    assert str(caught.value).startswith(f"opening a pull request from {BRANCH}: ")
    assert len(situation.repo.checks) == 1


def test_an_archived_repository_is_said_to_be_archived(situation: Situation) -> None:
    base = situation.repo.tip
    situation.repo.archive()
    with pytest.raises(Refused, match="archived"):
        situation.publish([opening(base)])
    assert situation.repo.pulls == []
