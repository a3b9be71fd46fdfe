"""What GitHub's description cannot tell of GitHub, and the stand-in does all the same."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import subprocess
import tarfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import github as pygithub
import httpx
import jwt
import pytest

from tests.github.bare import ENVIRONMENT, ZERO, Executable, GitError, Submodule, Symlink
from tests.github.fixtures import APP_ID, WEBHOOK_SECRET, private_key
from tests.github.server import StandIn

FILES = {"app.py": b"a = 1\n", "run.sh": Executable(b"#!/bin/sh\n"), "pkg/mod.py": b"b = 2\n"}
MOVE = "mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"


@pytest.fixture
def repo(github):
    return github.create_repository("acme/shop", dict(FILES))


@pytest.fixture
def installation(github, repo):
    return github.install("acme", [repo])


@pytest.fixture
def ask(github, installation):
    """Plain requests with a token of the installation."""
    token = github.create_token(
        github.installations[installation], {"contents": "write", "metadata": "read"}, None
    )
    with httpx.Client(base_url=github.api_url, headers={"Authorization": f"token {token.value}"}) as client:
        yield client


@pytest.fixture
def signed_in(github, installation):
    """PyGithub as the installation."""
    auth = pygithub.Auth.AppAuth(APP_ID, private_key())
    hasty = {"retry": None, "seconds_between_requests": 0, "seconds_between_writes": 0}
    with pygithub.GithubIntegration(auth=auth, base_url=github.api_url, **hasty) as integration:
        yield integration.get_github_for_installation(installation)


@pytest.fixture
def seen(signed_in, repo):
    return signed_in.get_repo(repo.full_name)


def app_jwt(key: str | None = None, lasts: int = 300, issued: int = 0) -> dict[str, str]:
    now = int(time.time()) + issued
    value = jwt.encode(
        {"iss": str(APP_ID), "iat": now, "exp": now + lasts}, key or private_key(), algorithm="RS256"
    )
    return {"Authorization": f"Bearer {value}"}


def commit_on(seen, parent: str, files: dict[str, str], **more: object):
    elements = [
        pygithub.InputGitTreeElement(path, "100644", "blob", content=text) for path, text in files.items()
    ]
    tree = seen.create_git_tree(elements, seen.get_git_tree(parent))
    return seen.create_git_commit("A change", tree, [seen.get_git_commit(parent)], **more)


def move(github, repo, ref: str, before: str | None, after: str, force: bool = True) -> dict:
    token = github.create_token(next(iter(github.installations.values())), {"contents": "write"}, None)
    update = {"name": ref, "beforeOid": before, "afterOid": after, "force": force}
    variables = {"input": {"repositoryId": repo.node_id, "refUpdates": [update]}}
    headers = {"Authorization": f"bearer {token.value}"}
    return httpx.post(
        github.graphql_url, json={"query": MOVE, "variables": variables}, headers=headers
    ).json()


def events(github) -> list[str]:
    return [f"{each.event} {each.action}" if each.action else each.event for each in github.deliveries]


# Refs and commits


def test_a_ref_is_not_moved_back_without_force(repo, seen):
    first = repo.tip
    second = repo.commit({"app.py": b"a = 2\n"})
    ref = seen.get_git_ref("heads/main")
    with pytest.raises(pygithub.GithubException, match="not a fast forward"):
        seen.requester.requestJsonAndCheck("PATCH", ref.url, input={"sha": first})
    assert repo.tip == second
    seen.requester.requestJsonAndCheck("PATCH", ref.url, input={"sha": first, "force": True})
    assert repo.tip == first


def test_a_branch_moves_only_from_where_it_was_expected(github, repo, installation):
    first = repo.tip
    repo.commit({"a": "1"}, branch="patchwright/x")
    theirs = repo.push("patchwright/x", {"a": "2"})
    answer = move(github, repo, "refs/heads/patchwright/x", first, first)
    assert answer["data"] == {"updateRefs": None}
    assert repo.branches()["patchwright/x"] == theirs
    assert "errors" not in move(github, repo, "refs/heads/patchwright/x", theirs, first)
    assert repo.branches()["patchwright/x"] == first


def test_without_force_a_branch_moves_only_forward(github, repo, installation):
    first, second = repo.tip, repo.commit({"a": "1"}, branch="b")
    assert (
        "fast-forward"
        in move(github, repo, "refs/heads/b", second, first, force=False)["errors"][0]["message"]
    )
    assert "errors" not in move(github, repo, "refs/heads/main", first, second, force=False)


def test_a_branch_that_is_expected_not_to_exist(github, repo, installation):
    assert "errors" not in move(github, repo, "refs/heads/new", ZERO, repo.tip)
    assert "errors" in move(github, repo, "refs/heads/new", ZERO, repo.tip)


def test_a_deleted_branch_closes_its_pull_request(github, repo, installation):
    tip = repo.commit({"a": "1"}, branch="b")
    pull = repo.open_pull("b")
    move(github, repo, "refs/heads/b", tip, ZERO)
    assert (repo.branches().get("b"), pull.state) == (None, "closed")
    assert events(github)[-2:] == ["push", "pull_request closed"]
    assert github.deliveries[-2].payload["deleted"]


def test_a_commit_without_author_is_the_bots_and_verified(github, repo, seen):
    commit = commit_on(seen, repo.tip, {"app.py": "a = 3\n"})
    bot = github.account("patchwright[bot]")
    raw = repo.git.text("cat-file", "commit", commit.sha)
    assert f"author patchwright[bot] <{bot.id}+patchwright[bot]@users.noreply.github.com>" in raw
    assert "committer GitHub <noreply@github.com>" in raw
    assert seen.get_commit(commit.sha).commit.verification.verified
    assert seen.get_commit(commit.sha).author.login == "patchwright[bot]"


def test_a_commit_with_an_author_is_not_verified(repo, seen):
    who = pygithub.InputGitAuthor("Somebody", "somebody@example.com")
    commit = commit_on(seen, repo.tip, {"app.py": "a = 3\n"}, author=who)
    assert not seen.get_commit(commit.sha).commit.verification.verified


def test_a_tree_keeps_modes_and_drops_what_is_deleted(repo, seen):
    elements = [
        pygithub.InputGitTreeElement("pkg/mod.py", "100644", "blob", sha=None),
        pygithub.InputGitTreeElement("deep/er/x.py", "100755", "blob", content="x = 1\n"),
    ]
    tree = seen.create_git_tree(elements, seen.get_git_tree(repo.tip))
    listed = {
        each.path: each.mode for each in repo.git.list_tree(tree.sha, recursive=True) if each.type == "blob"
    }
    assert listed == {"app.py": "100644", "run.sh": "100755", "deep/er/x.py": "100755"}


def test_deleting_what_is_not_there_is_refused(repo, seen):
    gone = [pygithub.InputGitTreeElement("nowhere.py", "100644", "blob", sha=None)]
    with pytest.raises(pygithub.GithubException, match="BadObjectState"):
        seen.create_git_tree(gone, seen.get_git_tree(repo.tip))


# Signing in, permissions and limits


def test_a_token_ends_after_an_hour(github, repo, ask):
    assert ask.get("/repos/acme/shop").status_code == 200
    github.clock.advance(3601)
    assert ask.get("/repos/acme/shop").json()["message"] == "Bad credentials"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (app_jwt, 200),
        (lambda: app_jwt(lasts=3600), 401),
        (lambda: app_jwt(issued=-1000), 401),
        (lambda: {"Authorization": "Bearer no.such.thing"}, 401),
        (dict, 401),
    ],
    ids=["good", "too long", "expired", "nonsense", "none"],
)
def test_the_app_signs_in_with_its_key(github, headers, status):
    assert httpx.get(f"{github.api_url}/app", headers=headers()).status_code == status


def test_a_jwt_of_another_key_is_refused(github):
    from cryptography.hazmat.primitives.asymmetric import rsa

    other = rsa.generate_private_key(65537, 2048)
    value = jwt.encode(
        {"iss": str(APP_ID), "iat": time.time(), "exp": time.time() + 60}, other, algorithm="RS256"
    )
    assert httpx.get(f"{github.api_url}/app", headers={"Authorization": f"Bearer {value}"}).status_code == 401


def test_a_missing_permission_is_named(repo, ask):
    answer = ask.post("/repos/acme/shop/check-runs", json={"name": "x", "head_sha": repo.tip})
    assert answer.status_code == 403
    assert answer.headers["x-accepted-github-permissions"] == "checks=write"


def test_a_repository_outside_the_installation_is_not_found(github, ask):
    github.create_repository("acme/other", dict(FILES))
    assert ask.get("/repos/acme/other").status_code == 404


def test_a_token_narrowed_to_one_repository(github, repo, installation):
    other = github.create_repository("acme/other", dict(FILES))
    github.add_repositories(installation, [other])
    url = f"{github.api_url}/app/installations/{installation}/access_tokens"
    wanted = {"repository_ids": [other.id], "permissions": {"contents": "read"}}
    given = httpx.post(url, json=wanted, headers=app_jwt()).json()
    headers = {"Authorization": f"token {given['token']}"}
    assert httpx.get(f"{github.api_url}/repos/acme/other", headers=headers).status_code == 200
    assert httpx.get(f"{github.api_url}/repos/acme/shop", headers=headers).status_code == 404
    blob = httpx.post(f"{github.api_url}/repos/acme/other/git/blobs", json={"content": ""}, headers=headers)
    assert blob.status_code == 403


def test_the_hours_budget_is_counted_and_ends(github, repo, installation, ask):
    first = ask.get("/repos/acme/shop").headers
    github.hourly_limit = int(first["x-ratelimit-used"]) + 1
    assert ask.get("/repos/acme/shop").headers["x-ratelimit-remaining"] == "0"
    refused = ask.get("/repos/acme/shop")
    assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (403, "0")
    github.clock.advance(int(refused.headers["x-ratelimit-reset"]) - github.clock.time() + 1)
    token = github.create_token(github.installations[installation], {"metadata": "read"}, None)
    again = ask.get("/repos/acme/shop", headers={"Authorization": f"token {token.value}"})
    assert (again.status_code, again.headers["x-ratelimit-used"]) == (200, "1")


def test_a_completed_check_run_needs_a_conclusion(repo, seen):
    with pytest.raises(pygithub.GithubException, match="conclusion"):
        seen.create_check_run("x", repo.tip, status="completed")


# Real git, and archives


def git(folder, *arguments: str) -> str:
    who = ["-c", "user.name=Alice", "-c", "user.email=alice@example.com"]
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    return done.stdout.strip()


def test_a_real_git_push_becomes_a_signed_webhook(github, repo, installation, tmp_path):
    git(tmp_path, "clone", "-q", repo.git_url.replace("person", "alice"), "work")
    work = tmp_path / "work"
    (work / "app.py").write_text("a = 9\n")
    (work / "new file.py").write_text("n = 1\n")
    git(work, "rm", "-q", "pkg/mod.py")
    git(work, "add", ".")
    git(work, "commit", "-qm", "By hand")
    git(work, "push", "-q", "origin", "HEAD")
    assert repo.tip == git(work, "rev-parse", "HEAD")
    sent = github.deliveries[-1]
    expected = hmac.new(WEBHOOK_SECRET.encode(), sent.body, hashlib.sha256).hexdigest()
    assert sent.headers["X-Hub-Signature-256"] == f"sha256={expected}"
    body = json.loads(sent.body)
    assert (sent.event, body["ref"], body["after"]) == ("push", "refs/heads/main", repo.tip)
    assert (body["sender"]["login"], body["forced"], body["created"]) == ("alice", False, False)
    (commit,) = body["commits"]
    assert (commit["added"], commit["modified"], commit["removed"]) == (
        ["new file.py"],
        ["app.py"],
        ["pkg/mod.py"],
    )


def test_a_history_pushed_into_an_empty_repository_sets_its_default_branch(github, repo, tmp_path):
    empty = github.create_repository("acme/empty")
    github.install("acme", [empty])
    git(tmp_path, "clone", "-q", "--bare", repo.git_url, "copy")
    git(tmp_path / "copy", "push", "-q", empty.git_url, "main:trunk", "main:refs/tags/v1")
    assert (empty.default_branch, empty.tip) == ("trunk", repo.tip)
    assert [each.payload["ref"] for each in github.deliveries if each.event == "push"] == [
        "refs/heads/trunk",
        "refs/tags/v1",
    ]


def test_the_archive_holds_the_blobs(github, repo, ask):
    repo.commit({"link": Symlink("app.py"), "sub": Submodule("1" * 40), "odd é.py": b"\x00\xff"})
    answer = ask.get(f"/repos/acme/shop/tarball/{repo.tip}")
    assert answer.status_code == 302
    link = answer.headers["location"]
    held = {}
    with tarfile.open(fileobj=io.BytesIO(httpx.get(link).content)) as archive:
        for member in archive:
            path = member.name.partition("/")[2]
            if member.isfile():
                held[path] = archive.extractfile(member).read()
            elif member.issym():
                held[path] = member.linkname.encode()
    listed = [each for each in repo.git.list_tree(repo.tip, recursive=True) if each.type == "blob"]
    assert held == {each.path: repo.git.contents(each.sha)[2] for each in listed}
    github.clock.advance(301)
    assert httpx.get(link).status_code == 404


def test_a_listing_of_many_files_is_whole_or_says_that_it_is_not(github, ask):
    files = {f"d{number % 20}/f{number}.py": b"x = %d\n" % number for number in range(4000)}
    many = github.create_repository("acme/many", files)
    github.add_repositories(next(iter(github.installations)), [many])
    whole = ask.get(f"/repos/acme/many/git/trees/{many.tip}", params={"recursive": "1"}).json()
    assert (len(whole["tree"]), whole["truncated"]) == (4020, False)
    github.most_tree_entries = 100
    part = ask.get(f"/repos/acme/many/git/trees/{many.tip}", params={"recursive": "1"}).json()
    assert (len(part["tree"]), part["truncated"]) == (100, True)


# Repositories and pull requests


def test_a_renamed_repository_answers_by_its_old_name_and_its_number(github, repo, ask):
    repo.rename("store")
    moved = ask.get("/repos/acme/shop/git/ref/heads/main")
    assert (moved.status_code, moved.headers["location"]) == (
        301,
        f"{github.api_url}/repositories/{repo.id}/git/ref/heads/main",
    )
    assert ask.get(moved.headers["location"]).json()["object"]["sha"] == repo.tip
    assert ask.get(f"/repositories/{repo.id}").json()["full_name"] == "acme/store"
    assert github.deliveries[-1].payload["changes"] == {"repository": {"name": {"from": "shop"}}}


def test_an_archived_repository_can_be_read_only(repo, ask):
    repo.archive()
    assert ask.get("/repos/acme/shop").json()["archived"] is True
    assert ask.post("/repos/acme/shop/git/blobs", json={"content": ""}).status_code == 403


def test_an_empty_repository_has_no_git_data(github, ask):
    empty = github.create_repository("acme/empty")
    github.add_repositories(next(iter(github.installations)), [empty])
    assert ask.get("/repos/acme/empty").json()["size"] == 0
    assert ask.get("/repos/acme/empty/git/ref/heads/main").status_code == 409


def test_a_merge_is_a_real_commit(github, repo, installation):
    base, head = repo.tip, repo.commit({"a": "1"}, branch="b")
    pull = repo.open_pull("b")
    merge = pull.merge(by="alice")
    assert repo.git.text("rev-list", "--parents", "-1", repo.tip).split() == [merge, base, head]
    assert repo.file("a") == b"1"
    assert events(github)[-3:] == ["pull_request opened", "pull_request closed", "push"]
    assert github.deliveries[-2].payload["pull_request"]["merged"] is True


def test_what_conflicts_is_not_merged(repo):
    repo.commit({"app.py": "b"}, branch="b")
    repo.commit({"app.py": "c"})
    with pytest.raises(GitError):
        repo.open_pull("b").merge()


def test_a_second_pull_request_for_the_same_branch_is_refused(repo, seen):
    repo.commit({"a": "1"}, branch="b")
    seen.create_pull(base="main", head="b", title="One", body="")
    with pytest.raises(pygithub.GithubException, match="already exists"):
        seen.create_pull(base="main", head="b", title="Two", body="")


def test_pages_follow_their_links(repo, seen):
    for number in range(7):
        repo.open_issue(f"Issue {number}")
    seen.requester.per_page = 3
    assert [each.number for each in seen.get_issues(state="all")] == [7, 6, 5, 4, 3, 2, 1]


# Faults


def test_an_effect_can_take_place_although_the_answer_is_502(github, repo, ask):
    fault = github.faults.after_effect("POST", "/repos/*/git/refs")
    wanted = {"ref": "refs/heads/new", "sha": repo.tip}
    assert ask.post("/repos/acme/shop/git/refs", json=wanted).status_code == 502
    assert ("new" in repo.branches(), fault.hits) == (True, 1)
    assert ask.post("/repos/acme/shop/git/refs", json=wanted).status_code == 422


def test_a_person_can_push_between_two_calls(github, repo, ask):
    github.faults.meanwhile("GET", "/repos/*/git/ref/*", lambda: repo.push("main", {"app.py": "theirs"}))
    before = repo.tip
    assert ask.get("/repos/acme/shop/git/ref/heads/main").json()["object"]["sha"] == repo.tip != before


def test_a_request_can_hang(github, repo, ask):
    github.faults.timeout("GET", "/repos/acme/shop")
    with pytest.raises(httpx.ReadTimeout):
        ask.get("/repos/acme/shop", timeout=0.2)
    assert ask.get("/repos/acme/shop").status_code == 200


def test_a_connection_can_break_off(github, repo, ask):
    github.faults.disconnect("GET", "/repos/acme/shop")
    with pytest.raises(httpx.RemoteProtocolError):
        ask.get("/repos/acme/shop")


def test_what_is_new_can_be_missing_from_lists_for_a_while(github, repo, ask):
    github.faults.lag(reads=2)
    ask.post("/repos/acme/shop/git/refs", json={"ref": "refs/heads/patchwright/x", "sha": repo.tip})
    counts = [len(ask.get("/repos/acme/shop/git/matching-refs/heads/patchwright/").json()) for _ in range(3)]
    assert counts == [0, 0, 1]


# Webhooks


class _Receiver(BaseHTTPRequestHandler):
    statuses: list[int]
    received: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((self.headers["X-GitHub-Delivery"], data))
        self.send_response(self.statuses.pop(0))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_webhooks_are_delivered_recorded_and_delivered_again_with_the_same_id(github, repo):
    _Receiver.statuses, _Receiver.received = [500, 202], []
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    github.webhook_url = f"http://127.0.0.1:{receiver.server_port}/webhooks"
    github.install("acme", [repo])
    github.wait_until_delivered()
    listed = httpx.get(f"{github.api_url}/app/hook/deliveries", headers=app_jwt()).json()
    assert [(each["status_code"], each["redelivery"]) for each in listed] == [(500, False)]
    url = f"{github.api_url}/app/hook/deliveries/{listed[0]['id']}/attempts"
    assert httpx.post(url, headers=app_jwt()).status_code == 202
    github.wait_until_delivered()
    listed = httpx.get(f"{github.api_url}/app/hook/deliveries", headers=app_jwt()).json()
    assert [(each["status"], each["redelivery"]) for each in listed] == [
        ("OK", True),
        ("Invalid HTTP Response: 500", False),
    ]
    assert len(_Receiver.received) == 2
    assert _Receiver.received[0] == _Receiver.received[1]
    receiver.shutdown()
    receiver.server_close()


def test_every_webhook_keeps_to_the_description(github, signed_in):
    github.organization("guild")
    one, two = (
        github.create_repository(f"guild/{name}", dict(FILES), private=True) for name in ("one", "two")
    )
    installation = github.install("guild", [one])
    github.add_repositories(installation, [two])
    button = {"label": "Fix", "description": "Fix it", "identifier": "fix-it"}
    run = signed_in.get_repo("acme/shop").create_check_run(
        "x", github.find("acme/shop").tip, actions=[button]
    )
    shop = github.find("acme/shop")
    shop.press(shop.checks[0], "fix-it")
    shop.rerequest(shop.checks[0])
    run.edit(status="completed", conclusion="neutral")
    one.push("topic", {"a": "1"})
    one.push("topic", {"a": "2", "app.py": None}, parent=one.tip)
    pull = one.open_pull("topic")
    pull.comment("Why?")
    pull.close()
    pull.reopen()
    one.push("topic", {"a": "3"})
    pull.merge(method="squash")
    one.delete_branch("topic")
    one.archive()
    one.unarchive()
    one.rename("won")
    github.install("else")
    two.transfer("else")
    github.remove_repositories(installation, [one])
    github.suspend(installation)
    github.uninstall(installation)
    sent = set(events(github))
    assert sent >= {
        "check_run completed",
        "check_run created",
        "check_run requested_action",
        "check_run rerequested",
        "installation created",
        "installation deleted",
        "installation suspend",
        "installation_repositories added",
        "installation_repositories removed",
        "issue_comment created",
        "pull_request closed",
        "pull_request opened",
        "pull_request reopened",
        "pull_request synchronize",
        "push",
        "repository archived",
        "repository renamed",
        "repository transferred",
        "repository unarchived",
    }  # what breaks GitHub's description is told by the fixture


def test_it_runs_without_pytest_and_leaves_nothing_behind():
    with StandIn(recording=False) as other:
        folder = other.folder
        other.create_repository("a/b", {"x": "1"})
        assert httpx.get(f"{other.api_url}/rate_limit").status_code == 200
        assert other.exchanges == []
    assert not folder.exists()
