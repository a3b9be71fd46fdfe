"""Check runs' buttons and annotations, check suites and merge groups, as the stand-in answers."""

from __future__ import annotations

import pytest

from tests.github.asking import Asking, events

RUNS = "/repos/acme/shop/check-runs"
BUTTONS = [
    {"label": "Apply fixes", "description": "Commit them to the branch", "identifier": "apply"},
    {"label": "Open as pull request", "description": "Into this branch", "identifier": "open"},
]


@pytest.fixture
def repo(github):
    repo = github.create_repository("acme/shop", {"a.py": "1\n"})
    github.install("acme", [repo])
    return repo


@pytest.fixture
def pull(repo):
    repo.commit({"a.py": "2\n"}, branch="b")
    return repo.open_pull("b", by="ann")


@pytest.fixture
def ask(github, repo):
    with Asking(github) as client:
        yield client


def check(ask, sha: str, **more: object):
    output = {"title": "Two findings", "summary": "| rule |"}
    body = {
        "name": "Patchwright",
        "head_sha": sha,
        "conclusion": "neutral",
        "output": output,
        "actions": BUTTONS,
    }
    return ask.post(RUNS, json={**body, **more})


def test_a_button_is_pressed(github, repo, pull, ask):
    assert check(ask, pull.head_sha).status_code == 201
    (run,) = repo.check_runs(pull.head_sha)
    repo.press(run, "apply", by="ann")
    sent = github.deliveries[-1].payload
    assert (sent["action"], sent["requested_action"]) == ("requested_action", {"identifier": "apply"})
    assert sent["sender"]["login"] == "ann"
    assert [each["number"] for each in sent["check_run"]["pull_requests"]] == [1]
    assert sent["check_run"]["check_suite"]["head_branch"] == "b"
    with pytest.raises(ValueError, match="no button"):
        repo.press(run, "else")


def test_the_check_run_of_a_fork_names_no_pull_request(github, repo, ask):
    fork = repo.forked("stranger")
    fork.commit({"a.py": "3\n"}, branch="fix")
    pull = repo.open_pull("fix", by="stranger", fork=fork)
    check(ask, pull.head_sha)
    (run,) = repo.check_runs()
    repo.rerequest(run, by="stranger")
    sent = github.deliveries[-1].payload
    assert (sent["action"], sent["check_run"]["head_sha"]) == ("rerequested", pull.head_sha)
    assert sent["check_run"]["pull_requests"] == []
    assert sent["check_run"]["check_suite"]["head_branch"] is None


def test_annotations_are_added_to(repo, pull, ask):
    def annotations(first: int, count: int) -> dict:
        found = [
            {
                "path": "a.py",
                "start_line": line,
                "end_line": line,
                "annotation_level": "notice",
                "message": "x",
            }
            for line in range(first, first + count)
        ]
        return {"title": "t", "summary": "s", "annotations": found}

    made = check(ask, pull.head_sha, output=annotations(1, 50)).json()
    assert ask.patch(f"{RUNS}/{made['id']}", json={"output": annotations(51, 20)}).status_code == 200
    assert ask.get(f"{RUNS}/{made['id']}").json()["output"]["annotations_count"] == 70
    last = ask.get(f"{RUNS}/{made['id']}/annotations", params={"per_page": 50, "page": 2}).json()
    assert [each["start_line"] for each in last] == list(range(51, 71))


def test_a_push_gives_a_suite_and_says_so_if_asked(github, repo, ask):
    quiet = repo.push("main", {"a.py": "3\n"})
    assert events(github)[-1] == "push"
    github.announce_suites = True
    repo.push("main", {"a.py": "4\n"})
    assert events(github)[-2:] == ["push", "check_suite requested"]
    suite = github.deliveries[-1].payload["check_suite"]
    assert (suite["head_branch"], suite["before"], suite["status"]) == ("main", quiet, "queued")
    found = ask.get("/repos/acme/shop/commits/main/check-suites").json()
    assert [each["id"] for each in found["check_suites"]] == [suite["id"]]


def test_a_suite_ends_with_its_runs_and_is_asked_for_again(github, repo, pull, ask):
    check(ask, pull.head_sha)
    suite = repo.suites[-1]
    path = f"/repos/acme/shop/check-suites/{suite.id}"
    assert ask.get(path).json()["conclusion"] == "neutral"
    assert ask.get(f"{path}/check-runs").json()["total_count"] == 1
    repo.rerequest_suite(pull.head_sha, by="ann")
    sent = github.deliveries[-1].payload
    assert (sent["action"], sent["check_suite"]["id"]) == ("rerequested", suite.id)
    assert [each["number"] for each in sent["check_suite"]["pull_requests"]] == [1]
    assert ask.get(path).json()["status"] == "queued"
    check(ask, pull.head_sha, conclusion="success")
    assert ask.get(path).json()["conclusion"] == "success"
    assert ask.post(f"{path}/rerequest").status_code == 201
    assert ask.post(f"{RUNS}/{repo.checks[-1].id}/rerequest").status_code == 201
    assert events(github)[-2:] == ["check_suite rerequested", "check_run rerequested"]


def test_a_suite_is_made_once(repo, pull, ask):
    path = "/repos/acme/shop/check-suites"
    first = ask.post(path, json={"head_sha": pull.head_sha})
    again = ask.post(path, json={"head_sha": pull.head_sha})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]


def test_a_merge_group_is_tried_and_merged(github, repo, pull, ask):
    group = repo.merge_group(pull)
    assert events(github)[-2:] == ["push", "merge_group checks_requested"]
    sent = github.deliveries[-1].payload["merge_group"]
    assert (sent["head_sha"], sent["base_ref"]) == (group.head_sha, "refs/heads/main")
    assert sent["head_ref"].startswith("refs/heads/gh-readonly-queue/main/pr-1-")
    assert repo.file("a.py", group.head_sha) == b"2\n"
    assert check(ask, group.head_sha, conclusion="success", actions=[]).json()["pull_requests"] == []
    repo.destroy_merge_group(group, "merged")
    assert (pull.merged, repo.tip) == (True, group.head_sha)
    assert "merge_group destroyed" in events(github)


def test_checks_need_their_permission(github, pull):
    with Asking(github, {"checks": "read", "metadata": "read"}) as reader:
        assert check(reader, pull.head_sha).status_code == 403
        assert reader.get(f"/repos/acme/shop/commits/{pull.head_sha}/check-suites").status_code == 200
