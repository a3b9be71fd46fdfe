"""From a signed push to what a maintainer sees, with the real service and real git repositories."""

from __future__ import annotations

import subprocess

from tests.end_to_end.world import CLIENT, DUMP, NOTHING, RACE, World, open_pulls

ATOMIC = "patchwright/atomic-redis"
SECRET = "patchwright/secretstr"
LAZY = "patchwright/lazy-client"


def test_the_first_run_after_installing_opens_one_pull_request_for_each_rule(world: World):
    repo = world.repository(race=RACE, dump=DUMP, client=CLIENT)
    assert set(open_pulls(repo)) == {ATOMIC, SECRET, LAZY}
    pull = open_pulls(repo)[ATOMIC]
    assert repo.file("shop/race.py", pull.branch) != RACE
    assert repo.file("shop/dump.py", pull.branch) == DUMP
    assert repo.git.text("rev-list", "--count", f"main..{pull.branch}") == "1"
    assert f"/blob/{repo.tip}/shop/race.py#L7" in pull.body
    assert "[skip ci]" not in repo.log(pull.branch)[0]


def test_a_real_git_push_that_brings_a_finding_opens_its_pull_request(world: World, tmp_path):
    repo = world.repository(plain=NOTHING)
    assert repo.pulls == []
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", repo.git_url, clone], check=True)
    (clone / "shop" / "race.py").write_bytes(RACE)
    who = ["-c", "user.name=Person", "-c", "user.email=person@example.com"]
    subprocess.run(["git", "-C", clone, "add", "."], check=True)
    subprocess.run(["git", "-C", clone, *who, "commit", "--quiet", "-m", "Count"], check=True)
    subprocess.run(["git", "-C", clone, "push", "--quiet"], check=True)
    world.settle()
    assert set(open_pulls(repo)) == {ATOMIC}


def test_what_a_person_closed_never_comes_back_even_when_lines_move(world: World):
    repo = world.repository(race=RACE)
    open_pulls(repo)[ATOMIC].close()
    world.settle()
    repo.push("main", {"shop/race.py": b'"""Counts."""\n\n' + RACE})
    world.settle()
    assert open_pulls(repo) == {}
    assert ATOMIC not in repo.branches()


def test_reopening_takes_the_no_back(world: World):
    repo = world.repository(race=RACE)
    pull = open_pulls(repo)[ATOMIC]
    head = pull.head_sha
    pull.close()
    world.settle()
    if ATOMIC not in repo.branches():  # a person restores the branch first, as GitHub asks for
        repo.move_refs([(f"refs/heads/{ATOMIC}", "0" * 40, head)], world.github.account("person"))
    pull.reopen()
    world.settle()
    repo.push("main", {"shop/race.py": b'"""Counts."""\n\n' + RACE})
    world.settle()
    assert set(open_pulls(repo)) == {ATOMIC}


def test_at_most_three_are_open_and_the_rest_follow(world: World):
    test = b"from unittest import mock\n\nfrom shop.client import names\n\n\ndef test_names():\n    pass\n"
    config = b"max-open-pull-requests: 1\n"
    repo = world.quietly(race=RACE, dump=DUMP, client=CLIENT, test=test)
    repo.commit({".github/patchwright.yml": config})
    world.github.install(repo.owner.login, [repo])
    world.settle()
    seen = set()
    for _ in range(3):
        (pull,) = open_pulls(repo).values()
        seen.add(pull.branch)
        pull.merge()
        world.settle()
    assert seen == {ATOMIC, SECRET, LAZY}
    assert open_pulls(repo) == {}
    assert {name for name in repo.branches() if name.startswith("patchwright/")} == set()


def test_an_identical_patch_is_not_pushed_again_when_the_base_moves(world: World):
    repo = world.repository(race=RACE)
    pull = open_pulls(repo)[ATOMIC]
    head = pull.head_sha
    repo.push("main", {"shop/other.py": NOTHING})
    world.settle()
    repo.push("main", {"shop/race.py": b'"""Counts."""\n\n' + RACE})
    world.settle()
    assert open_pulls(repo)[ATOMIC].head_sha == head


def test_a_changed_patch_moves_the_branch(world: World):
    repo = world.repository(race=RACE)
    pull = open_pulls(repo)[ATOMIC]
    head = pull.head_sha
    repo.push("main", {"shop/race2.py": RACE})
    world.settle()
    (now,) = open_pulls(repo).values()
    assert now.number == pull.number
    assert now.head_sha != head
    assert repo.git.text("rev-parse", f"{now.head_sha}^") == repo.tip
    assert repo.file("shop/race2.py", now.branch) != RACE
    assert "shop/race2.py" in now.body


def test_a_person_s_commit_ends_the_writing_and_is_kept(world: World):
    repo = world.repository(race=RACE)
    pull = open_pulls(repo)[ATOMIC]
    theirs = repo.push(ATOMIC, {"shop/notes.py": NOTHING}, by="maintainer")
    repo.push("main", {"shop/race2.py": RACE})
    world.settle()
    repo.push("main", {"shop/race3.py": RACE})
    world.settle()
    assert repo.branches()[ATOMIC] == theirs
    assert len(pull.comments) == 1
    assert pull.comments[0].user.login == "patchwright[bot]"


def test_findings_that_are_gone_close_their_pull_request(world: World):
    repo = world.repository(race=RACE)
    pull = open_pulls(repo)[ATOMIC]
    repo.push("main", {"shop/race.py": NOTHING})
    world.settle()
    assert not pull.open
    assert len(pull.comments) == 1
    assert ATOMIC not in repo.branches()
    repo.push("main", {"shop/race.py": RACE})
    world.settle()
    assert set(open_pulls(repo)) == {ATOMIC}, "what was closed by the App itself was not declined"


def test_a_configuration_that_breaks_leaves_the_last_good_one_in_force_and_says_so(world: World):
    repo = world.quietly(race=RACE, dump=DUMP)
    repo.commit({".github/patchwright.yml": b"rules:\n  atomic-redis: off\n"})
    world.github.install(repo.owner.login, [repo])
    world.settle()
    assert set(open_pulls(repo)) == {SECRET}
    broken = repo.push("main", {".github/patchwright.yml": b"rules:\n  atomic-redis: off\nexclud: []\n"})
    world.settle()
    assert set(open_pulls(repo)) == {SECRET}
    (check,) = repo.check_runs(broken)
    assert check.conclusion == "failure"
    assert [(each["path"], each["start_line"]) for each in check.annotations] == [
        (".github/patchwright.yml", 3)
    ]


def test_a_pull_request_that_breaks_the_configuration_gets_the_check(world: World):
    repo = world.repository(plain=NOTHING)
    head = repo.push("config", {".github/patchwright.yml": b"exclud: []\n"})
    repo.open_pull("config")
    world.settle()
    (check,) = repo.check_runs(head, "Patchwright configuration")
    assert check.conclusion == "failure"
    (check,) = repo.check_runs(head, "Patchwright")
    assert check.conclusion == "success", "what the code brings is another question"


def test_redelivered_webhooks_change_nothing(world: World):
    repo = world.repository(race=RACE)
    before = [(pull.number, pull.head_sha, pull.body, len(pull.comments)) for pull in repo.pulls]
    for delivery in [each for each in world.github.deliveries if each.repository_id == repo.id]:
        world.github.redeliver(delivery)
    world.settle()
    assert [(pull.number, pull.head_sha, pull.body, len(pull.comments)) for pull in repo.pulls] == before


def test_a_renamed_repository_is_the_same_one(world: World):
    repo = world.repository(race=RACE)
    repo.rename("renamed")
    repo.push("main", {"shop/dump.py": DUMP})
    world.settle()
    assert set(open_pulls(repo)) == {ATOMIC, SECRET}


def test_tags_feature_branches_archived_and_forked_repositories_are_left_alone(world: World):
    repo = world.repository(plain=NOTHING)
    repo.push("feature", {"shop/race.py": RACE})
    repo.archive()
    world.settle()
    fork = world.quietly(race=RACE)
    fork.fork = True
    world.github.install(fork.owner.login, [fork])
    empty = world.github.create_repository("nobody/empty")
    world.github.install("nobody", [empty])
    world.settle()
    assert repo.pulls == fork.pulls == empty.pulls == []


def test_a_rate_limit_puts_the_job_back_and_the_work_is_done_in_the_end(world: World):
    repo = world.quietly(race=RACE)
    fault = world.github.faults.secondary_limit("POST", f"/repos/{repo.full_name}/pulls", retry_after=1)
    world.github.install(repo.owner.login, [repo])
    world.settle()
    assert fault.hits == 1
    assert set(open_pulls(repo)) == {ATOMIC}
    assert len(repo.pulls) == 1


def test_base_branches_take_the_default_branch_s_place_from_the_first_run_on(world: World):
    repo = world.quietly(race=RACE)
    repo.commit({}, branch="develop")
    repo.commit({".github/patchwright.yml": b"base-branches: [develop]\n"})
    world.github.install(repo.owner.login, [repo])
    world.settle()
    (pull,) = repo.pulls
    assert pull.base == "develop"
    repo.push("develop", {"shop/dump.py": DUMP})
    repo.push("main", {"shop/client.py": CLIENT})
    world.settle()
    assert {each.base for each in repo.pulls} == {"develop"}
    assert len(repo.pulls) == 2
