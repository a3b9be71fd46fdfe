"""A pull request from its opening to what is said on its head."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from bot.analysis.errors import AnalysisCrashed
from bot.events.work import AnswerMergeGroup, CheckHead, CheckPull
from bot.github.errors import Passing
from bot.jobs.answer_merge_group import answer_merge_group
from bot.jobs.check_head import check_head
from bot.jobs.check_pull import check_pull
from bot.services import Services
from bot.store import repositories
from tests.bot.publish.interruptions import Died, dying
from tests.end_to_end.world import CLIENT, NOTHING, RACE
from tests.github import suites

if TYPE_CHECKING:
    from bot.analysis.pool import AnalysisPool
    from bot.events.work import Repository
    from bot.github.client import RepositoryClient
    from bot.jobs.outcome import Done
    from tests.bot.jobs.conftest import World
    from tests.github.records import CheckRun, Pull
    from tests.github.repositories import Repo

FILES = {"shop/__init__.py": b"", "shop/old.py": CLIENT, "shop/other.py": NOTHING}


@pytest.fixture
def repo(world: World) -> Repo:
    return world.repository(FILES)


def opened(repo: Repo, files: dict[str, Any], branch: str = "topic", **more: Any) -> Pull:
    """A person's pull request with these files."""
    repo.push(branch, files)
    return repo.open_pull(branch, **more)


def check(world: World, pull: Pull, head: str | None = None, *, last: bool = False) -> Done:
    work = CheckPull(
        repository=world.named(pull.repo), number=pull.number, head_sha=head or pull.head_sha, reason="test"
    )
    return check_pull(work, world.services, last=last)


def only_run(pull: Pull) -> CheckRun:
    (run,) = pull.repo.check_runs(pull.head_sha)
    return run


def test_what_a_pull_request_brings_is_said_on_its_head(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    done = check(world, pull)
    run = only_run(pull)
    assert (run.name, run.status, run.conclusion) == ("Patchwright", "completed", "neutral")
    assert {each["path"] for each in run.annotations} == {"shop/race.py"}, "the old finding is not theirs"
    assert "shop/old.py" not in (run.summary or "")
    assert done.summary.startswith(f"#{pull.number} at {pull.head_sha[:10]}: ")


def test_nothing_new_is_a_success_and_no_word_elsewhere(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/other.py": NOTHING + b"\n\ny = 2\n"})
    check(world, pull)
    assert only_run(pull).conclusion == "success"
    assert [each.path.rpartition("/")[2] for each in world.writes()] == ["check-runs"]
    assert pull.comments == []


def test_asked_again_the_same_run_is_brought_up_to_date(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    check(world, pull)
    first = only_run(pull)
    before = (first.id, list(first.annotations))
    check(world, pull)
    again = only_run(pull)
    assert (again.id, again.annotations) == before
    assert world.writes()[-1].method == "PATCH", (
        "a rerequested run must be written, or its suite waits for ever"
    )


def test_a_delivery_that_comes_late_means_the_head_as_it_is_now(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    old = pull.head_sha
    pull.push({"shop/race.py": NOTHING})
    check(world, pull, old)
    assert repo.check_runs(old) == [], "nobody looks at an old head"
    assert only_run(pull).conclusion == "success"


def test_a_head_that_moves_meanwhile_is_left_to_the_next_delivery(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    old = pull.head_sha
    world.github.faults.meanwhile("GET", "/repos/*/compare/*", lambda: pull.push({"shop/race.py": NOTHING}))
    (line,) = check(world, pull, old).actions
    assert "its head moved" in line
    assert world.writes() == []


def test_a_closed_one_is_left_alone(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    pull.close()
    assert check(world, pull).summary.endswith("it is closed")
    assert world.writes() == []


def test_the_apps_own_is_left_alone(world: World, repo: Repo) -> None:
    repo.push("topic", {"shop/race.py": RACE})
    with world.client(repo) as client:
        made = client.create_pull("topic", "main", "Own", "Words")
    world.github.exchanges.clear()
    assert check(world, repo.pull(made.number)).summary.endswith("the App opened it")
    assert world.writes() == []


def test_a_forks_head_is_read_through_the_repository(world: World, repo: Repo) -> None:
    fork = repo.forked(f"stranger{repo.id}")
    fork.push("fix", {"shop/race.py": RACE})
    pull = repo.open_pull("fix", by="stranger", fork=fork)
    check(world, pull)
    run = only_run(pull)
    assert {each["path"] for each in run.annotations} == {"shop/race.py"}
    assert run.actions == [], "the App can't write there"


def test_the_configuration_of_the_base_counts(world: World, repo: Repo) -> None:
    switched_off = b"rules:\n  atomic-redis: off\n"
    pull = opened(repo, {"shop/race.py": RACE, ".github/patchwright.yml": switched_off})
    check(world, pull)
    assert only_run(pull).conclusion == "neutral", "a pull request does not switch off what it is judged by"
    repo.push("main", {".github/patchwright.yml": switched_off})
    other = opened(repo, {"shop/again.py": RACE}, "second")
    check(world, other)
    assert only_run(other).conclusion == "success"


def test_a_paused_repository_is_not_blocked(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    with world.services.database.write() as connection:
        repositories.remember(connection, world.named(repo), "main")
        repositories.pause(connection, repo.id, paused=True)
    assert check(world, pull).summary.endswith("paused")
    run = only_run(pull)
    assert (run.conclusion, run.title, run.annotations) == ("neutral", "Paused", [])


def test_an_analysis_without_an_end_is_said(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    settings = world.services.settings.model_copy(update={"analysis_seconds": 0.001})
    impatient = replace(world, services=replace(world.services, settings=settings))
    assert "no result" in check(impatient, pull).summary
    run = only_run(pull)
    assert (run.conclusion, run.title) == ("neutral", "No result")
    assert "longer than" in (run.summary or "")
    check(world, pull)
    assert only_run(pull).title != "No result", "the next attempt puts it right"


def test_a_head_by_itself_names_its_pull_requests(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    work = CheckHead(repository=world.named(repo), head_sha=pull.head_sha, reason="test")
    assert f"#{pull.number} at" in check_head(work, world.services).summary
    assert only_run(pull).conclusion == "neutral"
    nobody = work.model_copy(update={"head_sha": repo.tip})
    assert "no open pull request" in check_head(nobody, world.services).summary


def test_a_merge_group_is_answered_at_once(world: World, repo: Repo) -> None:
    group = repo.merge_group(opened(repo, {"shop/race.py": RACE}))
    named, head = world.named(repo), group.head_sha
    for _ in range(2):
        answer_merge_group(AnswerMergeGroup(repository=named, head_sha=head, reason="test"), world.services)
    (run,) = repo.check_runs(head)
    assert (run.name, run.status, run.conclusion) == ("Patchwright", "completed", "success")
    assert not any("/tarball/" in each.path or "/git/trees" in each.path for each in world.github.exchanges)
    repo.rerequest(run)
    check_head(CheckHead(repository=named, head_sha=head, reason="test"), world.services)
    assert (run.status, run.conclusion) == ("completed", "success")
    assert suites.suite_of(repo, head, run.app).rerequested is False, "else it would wait for ever"


def test_a_check_that_is_asked_for_again_ends_its_suite(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    check(world, pull)
    run = only_run(pull)
    repo.rerequest(run)
    check(world, pull)
    assert only_run(pull) is run
    assert suites.suite_of(repo, pull.head_sha, run.app).rerequested is False


def test_an_answer_that_is_late_is_waited_for(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    newer = repo.push("topic", {"shop/race.py": NOTHING})
    pull.head_sha = repo.git.text("rev-parse", f"{newer}^").strip()  # as a replica that is behind shows it
    with pytest.raises(Passing, match="still shown"):
        check(world, pull, newer)


def test_from_a_comment_to_the_thread_that_is_over(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    check(world, pull)
    (thread,) = pull.threads
    assert "```suggestion" in thread.comments[0].body
    repo.apply_suggestions(pull, [thread.comments[0]], world.github.account("person"))
    thread.unresolve()
    check(world, pull)
    assert thread.resolved_by == world.github.account("patchwright[bot]")
    assert only_run(pull).conclusion == "success"
    assert len(pull.reviews) == 1


def test_a_push_that_leaves_a_finding_says_it_once(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    check(world, pull)
    pull.push({"shop/race.py": b"# A comment above\n" + RACE, "shop/again.py": RACE})
    check(world, pull)
    assert [each.path for each in pull.threads] == ["shop/race.py", "shop/again.py"]
    assert len(pull.reviews) == 2


def test_what_a_person_resolved_stays_quiet(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    check(world, pull)
    pull.threads[0].resolve("ann")
    pull.push({"shop/race.py": RACE + b"\n\ny = 1\n"})
    check(world, pull)
    assert len(pull.threads) == 1
    assert pull.threads[0].resolved_by == world.github.account("ann")


def test_comments_come_when_a_draft_is_ready(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE}, draft=True)
    check(world, pull)
    assert (pull.threads, only_run(pull).conclusion) == ([], "neutral")
    pull.ready()
    check(world, pull)
    assert len(pull.threads) == 1
    assert only_run(pull).conclusion == "neutral"


def test_a_file_that_was_renamed_brings_nothing(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/old.py": None, "shop/moved.py": CLIENT})
    check(world, pull)
    assert (only_run(pull).conclusion, pull.threads) == ("success", [])


def test_a_very_large_one_gets_the_check_alone(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE} | {f"shop/m{each:03}.py": NOTHING for each in range(305)})
    check(world, pull)
    run = only_run(pull)
    assert (run.conclusion, run.annotations, pull.threads) == ("neutral", [], [])
    assert "shop/race.py" in (run.summary or "")


def test_a_branch_behind_its_base_is_not_told_of_what_came_there(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/other.py": NOTHING + b"\n\ny = 2\n"})
    repo.push("main", {"shop/race.py": RACE})
    pull.push({"shop/other.py": NOTHING + b"\n\ny = 3\n"})
    check(world, pull)
    assert only_run(pull).conclusion == "success"


class Dying:
    """Stands for an analysis process that is killed each time."""

    restarts = 0

    def run(self, *_: object, seconds: float) -> None:
        raise AnalysisCrashed(f"was ended by SIGKILL within {seconds:g} s")


def test_a_process_that_always_dies_blocks_nothing(world: World, repo: Repo) -> None:
    pull = opened(repo, {"shop/race.py": RACE})
    dying: Any = replace(world, services=replace(world.services, pool=cast("AnalysisPool", Dying())))
    with pytest.raises(AnalysisCrashed):
        check(dying, pull)
    assert repo.check_runs(pull.head_sha) == [], "there is another attempt"
    check(dying, pull, last=True)
    assert (only_run(pull).conclusion, only_run(pull).title) == ("neutral", "No result")


@dataclass(frozen=True)
class Stopping(Services):
    """Services whose next job dies just after a write."""

    number: int = 0

    def connect(self, repository: Repository) -> RepositoryClient:
        """A client that does not live long."""
        return dying(super().connect(repository), self.number)


@pytest.mark.parametrize("number", range(5))
def test_a_job_that_dies_anywhere_is_gone_on_with(world: World, repo: Repo, number: int) -> None:
    pull = opened(repo, {"shop/race.py": RACE, "shop/again.py": RACE})
    have = world.services
    stopping = replace(world, services=Stopping(have.settings, have.database, have.pool, number))
    with suppress(Died):
        check(stopping, pull)
    check(world, pull)
    assert sorted(each.path for each in pull.threads) == ["shop/again.py", "shop/race.py"]
    assert [each.state for each in pull.reviews] == ["COMMENTED"]
    run = only_run(pull)
    assert (run.conclusion, len(run.annotations)) == ("neutral", 2)
