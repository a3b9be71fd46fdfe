"""From a person's comment to the answer, with the real service and real git repositories."""

from __future__ import annotations

from tests.end_to_end.test_reviews import BOT, check, comments, opened, said
from tests.end_to_end.world import NOTHING, RACE, World, open_pulls

ATOMIC = "patchwright/atomic-redis"
LATER = b'"""Counts."""\n\n' + RACE


def repository(world: World, **files):
    repo = world.repository(**files)
    repo.collaborator("maintainer", "write")
    return repo


def ask(world: World, where, body, by="maintainer"):
    """A person comments (in a thread: replies); what is answered there, as one text."""
    comment = where.reply(body, by) if hasattr(where, "reply") else where.comment(body, by)
    before = len(where.comments)
    world.settle()
    answers = where.comments[before:]
    assert {each.user.login for each in answers} <= {BOT}
    assert [each.content for each in comment.reactions] == (["eyes"] if answers else [])
    return "\n".join(each.body for each in answers)


def commands_of(world: World, repo):
    kinds = {"issue_comment", "pull_request_review_comment"}
    return [each for each in world.github.deliveries if each.repository_id == repo.id and each.event in kinds]


def test_on_a_persons_pull_request(world: World):
    repo = repository(world, plain=NOTHING)
    pull = opened(repo, race=RACE)
    world.settle()
    assert "/patchwright rebase" in ask(world, pull, "/patchwright help")
    assert "Redis" in ask(world, pull, "Why that?\n\n/patchwright explain atomic-redis")
    assert "did you mean" in ask(world, pull, "@patchwright explian atomic-redis").lower()
    assert "findings" in ask(world, pull, "@patchwright status")
    before = pull.head_sha
    assert "not done" in ask(world, pull, "/patchwright rebase")
    assert pull.head_sha == before

    answer = ask(world, pull, "/patchwright fix")
    assert pull.head_sha != before
    assert pull.head_sha in answer
    assert check(pull).conclusion == "success"
    assert all(each.thread.resolved for each in comments(pull))


def test_what_comes_twice_what_is_edited_and_what_is_quoted_runs_once_or_not_at_all(world: World):
    repo = repository(world, plain=NOTHING)
    issue = repo.open_issue("A question")
    asked = issue.comment("/patchwright help", "maintainer")
    issue.comment("> /patchwright pause\n\n    /patchwright pause\n\n`/patchwright pause`", "maintainer")
    world.settle()
    issue.edit_comment(asked, "/patchwright pause", "maintainer")
    world.settle()
    for each in commands_of(world, repo):
        world.github.redeliver(each)
    world.settle()
    own = [each for each in issue.comments if each.user.login == BOT]
    assert len(own) == 1
    assert "Paused" not in ask(world, issue, "/patchwright status")


def test_who_may_not_write_gets_a_reason_and_bots_get_nothing(world: World):
    repo = repository(world, plain=NOTHING)
    issue = repo.open_issue("A question")
    comment = issue.comment("/patchwright pause", "visitor")
    issue.comment("/patchwright pause", "renovate[bot]")
    world.settle()
    (answer,) = [each for each in issue.comments if each.user.login == BOT]
    assert "visitor" in answer.body
    assert comment.reactions == []
    repo.push("main", {"shop/race.py": RACE})
    world.settle()
    assert set(open_pulls(repo)) == {ATOMIC}, "it is not paused"


def test_ignore_here_answers_in_the_thread_and_ends_it(world: World):
    repo = repository(world, plain=NOTHING)
    pull = opened(repo, race=RACE)
    world.settle()
    (comment,) = comments(pull)
    before = pull.head_sha
    answer = ask(world, comment.thread, "/patchwright ignore atomic-redis here")
    assert pull.head_sha in answer
    assert repo.git.text("rev-parse", f"{pull.head_sha}^") == before
    assert b"# patchwright: ignore[atomic-redis]" in repo.file("shop/race.py", pull.branch)
    assert check(pull).conclusion == "success"
    assert comment.thread.resolved
    assert pull.comments == []


def test_ignore_a_file_and_a_rule_everywhere(world: World):
    repo = repository(world, race=RACE)
    pull = opened(repo, race2=RACE)
    world.settle()
    (comment,) = comments(pull)
    ask(world, comment.thread, "/patchwright ignore atomic-redis file")
    assert b"ignore-file[atomic-redis]" in repo.file("shop/race2.py", pull.branch)
    issue = repo.open_issue("A question")
    answer = ask(world, issue, "/patchwright ignore atomic-redis repo")
    made = open_pulls(repo)["patchwright/ignore-atomic-redis"]
    assert f"#{made.number}" in answer
    made.merge(by="maintainer")
    world.settle()
    assert set(open_pulls(repo)) == {pull.branch}, "the App closed its own about that rule"


def test_pause_and_resume(world: World):
    repo = repository(world, plain=NOTHING)
    issue = repo.open_issue("A question")
    ask(world, issue, "/patchwright pause")
    repo.push("main", {"shop/race.py": RACE})
    pull = opened(repo, race2=RACE)
    world.settle()
    assert repo.pulls == [pull]
    assert said(pull) == []
    assert check(pull).conclusion == "neutral", "where the check is required, a pause blocks nothing"
    assert "Paused" in ask(world, issue, "/patchwright status")
    assert "paused" in ask(world, pull, "/patchwright fix")
    ask(world, issue, "/patchwright resume")
    assert ATOMIC in open_pulls(repo)
    repo.rerequest(check(pull))
    world.settle()
    assert len(comments(pull)) == 1


def test_rebase_and_recreate(world: World):
    repo = repository(world, race=RACE)
    pull = open_pulls(repo)[ATOMIC]
    before = pull.head_sha
    tip = repo.push("main", {"shop/other.py": NOTHING})
    world.settle()
    assert pull.head_sha == before
    answer = ask(world, pull, "/patchwright rebase")
    assert repo.git.text("rev-parse", f"{pull.head_sha}^") == tip
    assert pull.head_sha in answer

    theirs = repo.push(ATOMIC, {"shop/notes.py": NOTHING}, by="maintainer")
    world.settle()
    assert theirs in ask(world, pull, "/patchwright rebase")
    assert pull.head_sha == theirs
    assert theirs in ask(world, pull, "/patchwright recreate"), "it says how to get the commit back"
    assert pull.head_sha != theirs
    assert repo.git.text("rev-parse", f"{pull.head_sha}^") == repo.tip


def test_a_branch_that_goes_back_and_forth_is_stopped_until_a_person_asks(world: World):
    repo = repository(world, race=RACE)
    pull = open_pulls(repo)[ATOMIC]
    for changed in (RACE, NOTHING) * 2:
        repo.push("main", {"shop/race2.py": changed})
        world.settle()
    stopped = pull.head_sha
    (comment,) = pull.comments
    assert "back and forth" in comment.body
    for changed in (RACE, NOTHING):
        repo.push("main", {"shop/race2.py": changed})
        world.settle()
    assert (pull.head_sha, pull.comments) == (stopped, [comment])

    assert "/commit/" in ask(world, pull, "/patchwright rebase")
    assert repo.git.text("rev-parse", f"{pull.head_sha}^") == repo.tip
    repo.push("main", {"shop/race2.py": RACE})
    world.settle()
    assert repo.file("shop/race2.py", ATOMIC) != RACE, "it is kept up to date again"


def test_ignore_and_unignore_of_the_apps_own(world: World):
    repo = repository(world, race=RACE)
    pull = open_pulls(repo)[ATOMIC]
    ask(world, pull, "/patchwright ignore atomic-redis")
    assert not pull.open
    repo.push("main", {"shop/race.py": LATER})
    world.settle()
    assert open_pulls(repo) == {}
    answer = ask(world, pull, "/patchwright unignore")
    (again,) = open_pulls(repo).values()
    assert f"#{again.number}" in answer


def test_what_the_app_itself_does_causes_nothing(world: World):
    repo = repository(world, race=RACE)
    pull = open_pulls(repo)[ATOMIC]
    theirs = opened(repo, race2=RACE)
    world.settle()
    ask(world, pull, "/patchwright help")
    runs = sum("/check-runs" in each.path and each.method == "POST" for each in world.github.exchanges)
    own = [
        each
        for each in world.github.deliveries
        if each.repository_id == repo.id and each.payload["sender"]["login"] == BOT
    ]
    assert {each.event for each in own} >= {"push", "pull_request", "issue_comment"}
    for each in own:
        world.github.redeliver(each)
    world.settle()
    assert runs == sum(
        "/check-runs" in each.path and each.method == "POST" for each in world.github.exchanges
    )
    asked = {each.guid for each in own}
    taken = [each for each in world.service.said("webhook taken") if each.get("delivery") in asked]
    assert {each["result"] for each in taken} == {"ignored", "known"}
    assert len(theirs.reviews) == 1
