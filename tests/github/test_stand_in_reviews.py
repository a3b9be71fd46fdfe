"""Reviews, threads, suggestions and reactions, as the stand-in answers."""

from __future__ import annotations

import pytest

from tests.github.asking import Asking, events
from tests.github.review_places import NotInDiff

LINES = "".join(f"line {number}\n" for number in range(1, 41))
CHANGED = LINES.replace("line 4\n", "LINE 4\n").replace("line 31\n", "LINE 31\n")
PULL = "/repos/acme/shop/pulls/1"
THREADS = """
query($number: Int!, $first: Int!, $after: String) {
  repository(owner: "acme", name: "shop") { pullRequest(number: $number) {
    reviewThreads(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id isResolved isOutdated path line startLine originalLine subjectType
        resolvedBy { login }
        comments(first: 1) { nodes { id databaseId body isMinimized minimizedReason author { __typename login } } }
      }
    }
  } }
}
"""
RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { id isResolved } } }"
UNRESOLVE = "mutation($id: ID!) { unresolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
MINIMIZE = """
mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) {
  minimizedComment { isMinimized minimizedReason }
} }
"""


@pytest.fixture
def repo(github):
    repo = github.create_repository("acme/shop", {"a.py": LINES, "b.py": "1\n"})
    github.apps[1].events.extend(["pull_request_review", "pull_request_review_thread"])
    github.install("acme", [repo])
    return repo


@pytest.fixture
def pull(repo):
    repo.commit({"a.py": CHANGED, "b.py": None}, branch="b")
    return repo.open_pull("b", by="ann")


@pytest.fixture
def ask(github, repo):
    with Asking(github) as client:
        yield client


def on(line: int, body: str = "Hm.", **more: object) -> dict:
    return {"path": "a.py", "line": line, "body": body, **more}


def review(ask, pull, *comments: dict, **more: object):
    body = {"event": "COMMENT", "commit_id": pull.head_sha, "comments": list(comments), **more}
    return ask.post(f"{PULL}/reviews", json=body)


def threads(ask, **variables: object) -> dict:
    answer = ask.query(THREADS, **{"number": 1, "first": 50, **variables})
    return answer["data"]["repository"]["pullRequest"]["reviewThreads"]


# Reviews


def test_a_review_with_comments(github, ask, pull):
    answer = review(ask, pull, on(4), on(7, start_line=3, side="RIGHT", start_side="RIGHT"))
    assert (answer.status_code, answer.json()["state"]) == (200, "COMMENTED")
    assert answer.json()["user"]["login"] == "patchwright[bot]"
    one, other = ask.get(f"{PULL}/comments").json()
    assert (one["line"], one["side"], one["start_line"], one["position"]) == (4, "RIGHT", None, 5)
    assert (other["start_line"], other["line"]) == (3, 7)
    assert one["diff_hunk"] == "@@ -1,7 +1,7 @@\n line 1\n line 2\n line 3\n-line 4\n+LINE 4"
    assert events(github)[-3:] == [
        "pull_request_review submitted",
        "pull_request_review_comment created",
        "pull_request_review_comment created",
    ]
    assert [each["id"] for each in ask.get(f"{PULL}/reviews").json()] == [answer.json()["id"]]
    of_it = ask.get(f"{PULL}/reviews/{answer.json()['id']}/comments").json()
    assert [each["id"] for each in of_it] == [one["id"], other["id"]]
    assert ask.get(f"/repos/acme/shop/pulls/comments/{one['id']}").json()["body"] == "Hm."


@pytest.mark.parametrize(
    ("comment", "says"),
    [
        (on(12), "Line could not be resolved"),
        (on(41), "Line could not be resolved"),
        ({**on(4), "path": "c.py"}, "Path could not be resolved"),
        (on(31, start_line=4), "must be part of the same hunk"),
        (on(4, start_line=4), "must precede the end line"),
        (on(12, side="LEFT"), "Line could not be resolved"),
    ],
)
def test_one_comment_outside_of_the_diff_loses_the_whole_review(github, ask, pull, comment, says):
    answer = review(ask, pull, on(4), comment)
    assert (answer.status_code, answer.json()["message"]) == (422, "Unprocessable Entity")
    assert says in answer.json()["errors"][0]
    assert ask.get(f"{PULL}/comments").json() == ask.get(f"{PULL}/reviews").json() == []
    assert "pull_request_review submitted" not in events(github)


def test_deleted_lines_are_on_the_left(ask, pull):
    assert review(ask, pull, on(4, side="LEFT"), {**on(1, side="LEFT"), "path": "b.py"}).status_code == 200


def test_a_review_needs_something_to_say(ask, pull):
    assert review(ask, pull).status_code == 422
    assert review(ask, pull, body="Fine.").status_code == 200


def test_a_pending_review_is_seen_by_nobody_else(github, ask, pull):
    review_ = ask.post(f"{PULL}/reviews", json={"comments": [on(4)]}).json()
    assert review_["state"] == "PENDING"
    assert pull.review_comments() == []
    body = {"event": "COMMENT", "body": "Done."}
    assert ask.post(f"{PULL}/reviews/{review_['id']}/events", json=body).json()["state"] == "COMMENTED"
    assert [each.body for each in pull.review_comments()] == ["Hm."]
    assert events(github)[-1] == "pull_request_review_comment created"


def test_nobody_approves_the_own_pull_request(repo, ask):
    repo.commit({"a.py": "1"}, branch="c")
    made = ask.post("/repos/acme/shop/pulls", json={"head": "c", "base": "main", "title": "x"}).json()
    answer = ask.post(f"/repos/acme/shop/pulls/{made['number']}/reviews", json={"event": "APPROVE"})
    assert answer.status_code == 422


def test_a_single_comment_and_an_answer_to_it(github, ask, pull):
    made = ask.post(f"{PULL}/comments", json={**on(4), "commit_id": pull.head_sha})
    assert made.status_code == 201
    answer = ask.post(f"{PULL}/comments/{made.json()['id']}/replies", json={"body": "Yes."})
    assert (answer.status_code, answer.json()["in_reply_to_id"]) == (201, made.json()["id"])
    outside = ask.post(f"{PULL}/comments", json={**on(20), "commit_id": pull.head_sha})
    assert outside.json()["errors"][0]["field"] == "pull_request_review_thread.line"
    assert threads(ask)["totalCount"] == 1


def test_people_review_edit_and_delete(github, pull):
    pull.review("Please.", [on(4)], by="ben")
    (comment,) = pull.review_comments()
    comment.thread.reply("/patchwright help", by="ann")
    comment.edit("Better.", by="ben")
    comment.delete(by="ben")
    assert events(github)[-5:] == [
        "pull_request_review_comment created",
        "pull_request_review submitted",
        "pull_request_review_comment created",
        "pull_request_review_comment edited",
        "pull_request_review_comment deleted",
    ]
    edited = github.deliveries[-2].payload
    assert (edited["changes"]["body"]["from"], edited["comment"]["body"]) == ("Hm.", "Better.")
    with pytest.raises(NotInDiff):
        pull.review(comments=[on(20)])


def test_reviews_need_their_permission(github, repo, pull):
    with Asking(github, {"pull_requests": "read", "metadata": "read"}) as reader:
        assert review(reader, pull, on(4)).status_code == 403
        assert reader.get(f"{PULL}/reviews").status_code == 200


# Threads


def test_a_thread_is_resolved_by_the_app_and_opened_by_a_person(github, ask, pull):
    review(ask, pull, on(4))
    (thread,) = threads(ask)["nodes"]
    assert thread["comments"]["nodes"][0]["author"] == {"__typename": "Bot", "login": "patchwright"}
    assert (thread["isResolved"], thread["resolvedBy"], thread["line"]) == (False, None, 4)
    answer = ask.query(RESOLVE, id=thread["id"])
    assert answer["data"]["resolveReviewThread"]["thread"]["isResolved"]
    assert threads(ask)["nodes"][0]["resolvedBy"] == {"login": "patchwright"}
    pull.threads[0].unresolve(by="ann")
    pull.threads[0].resolve(by="ann")
    assert threads(ask)["nodes"][0]["resolvedBy"] == {"login": "ann"}
    assert events(github)[-3:] == [
        f"pull_request_review_thread {action}" for action in ("resolved", "unresolved", "resolved")
    ]
    assert not ask.query(UNRESOLVE, id=thread["id"])["data"]["unresolveReviewThread"]["thread"]["isResolved"]


def test_to_resolve_a_thread_contents_must_be_writable(github, pull):
    pull.review(comments=[on(4)])
    with Asking(github, {"pull_requests": "write", "contents": "read", "metadata": "read"}) as client:
        answer = client.query(RESOLVE, id=pull.threads[0].node_id)
    assert answer["data"] == {"resolveReviewThread": None}
    assert answer["errors"][0]["type"] == "FORBIDDEN"


def test_an_unknown_thread(ask, pull):
    assert ask.query(RESOLVE, id="PRRT_none")["errors"][0]["type"] == "NOT_FOUND"


def test_threads_come_in_pages(ask, pull):
    review(ask, pull, *(on(line) for line in range(1, 8)))
    first = threads(ask, first=5)
    assert (len(first["nodes"]), first["totalCount"], first["pageInfo"]["hasNextPage"]) == (5, 7, True)
    rest = threads(ask, first=5, after=first["pageInfo"]["endCursor"])
    assert [each["line"] for each in rest["nodes"]] == [6, 7]
    assert not rest["pageInfo"]["hasNextPage"]


def test_a_comment_is_minimised(ask, pull):
    review(ask, pull, on(4))
    comment = threads(ask)["nodes"][0]["comments"]["nodes"][0]
    answer = ask.query(MINIMIZE, id=comment["id"])
    assert answer["data"]["minimizeComment"]["minimizedComment"] == {
        "isMinimized": True,
        "minimizedReason": "outdated",
    }
    below = pull.comment("Hello")
    from tests.github.people import node_id

    assert ask.query(MINIMIZE, id=node_id("IC", below.id))["data"]["minimizeComment"]
    assert below.minimized == "outdated"


def test_a_thread_moves_with_its_lines_and_is_outdated_when_they_change(ask, pull):
    review(ask, pull, on(4), on(30, start_line=29), on(31), on(4, side="LEFT"))
    pull.push({"a.py": "new\n" + CHANGED.replace("LINE 31\n", "line XXXI\n")})
    four, thirty, gone, left = threads(ask)["nodes"]
    assert (four["line"], four["originalLine"], four["isOutdated"]) == (5, 4, False)
    assert (thirty["startLine"], thirty["line"]) == (30, 31)
    assert (gone["line"], gone["isOutdated"]) == (None, True)
    assert (left["line"], left["isOutdated"]) == (4, False)
    listed = {each["original_line"]: each for each in ask.get(f"{PULL}/comments").json()}
    assert (listed[31]["line"], listed[31]["position"]) == (None, None)
    pull.push({"a.py": CHANGED})
    assert [each["isOutdated"] for each in threads(ask)["nodes"]] == [False] * 4
    pull.push({"a.py": None})
    assert [each["isOutdated"] for each in threads(ask)["nodes"]] == [True, True, True, False]


def test_a_comment_on_an_older_commit_is_placed_on_the_newest(ask, pull):
    older = pull.head_sha
    pull.push({"a.py": "new\n" + CHANGED})
    assert review(ask, pull, on(4), commit_id=older).status_code == 200
    assert (pull.threads[0].line, pull.threads[0].outdated) == (5, False)
    stranger = pull.repo.commit({"x": "1"}, branch="other")
    assert review(ask, pull, on(4), commit_id=stranger).status_code == 422


# Suggestions


def suggestion(text: str, fence: str = "```") -> str:
    return f"Better:\n{fence}suggestion\n{text}{fence}\n"


def test_a_person_applies_a_suggestion(github, repo, ask, pull):
    review(ask, pull, on(5, suggestion("four\nfive\n"), start_line=4))
    (comment,) = pull.review_comments()
    sha = pull.apply_suggestion(comment, by="ann")
    assert repo.file("a.py", "b") == CHANGED.replace("LINE 4\nline 5\n", "four\nfive\n").encode()
    assert (pull.head_sha, comment.thread.resolved_by.login) == (sha, "ann")
    assert events(github)[-3:] == ["push", "pull_request synchronize", "pull_request_review_thread resolved"]
    message = repo.log("b")[0]
    assert message.startswith("Apply suggestion from @patchwright[bot]\n\nCo-authored-by: patchwright[bot] <")
    with pytest.raises(ValueError, match="outdated"):
        pull.apply_suggestion(comment)


def test_several_suggestions_in_one_commit(repo, ask, pull):
    review(
        ask, pull, on(3, suggestion("")), on(4, suggestion("a\nb\n")), on(31, suggestion("````\n", "`````"))
    )
    pull.apply_suggestion(*pull.review_comments())
    wanted = CHANGED.replace("line 3\n", "").replace("LINE 4\n", "a\nb\n").replace("LINE 31\n", "````\n")
    assert repo.file("a.py", "b") == wanted.encode()
    assert repo.log("b")[0].startswith("Apply suggestions from code review")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1\r\ny = 2\r\n", "x = 1\r\nz\r\n"),
        ("x = 1\ny = 2", "x = 1\nz"),
        ("x = 1\n\fy = 2\n", "x = 1\nz\n"),
    ],
)
def test_a_suggestion_keeps_the_ends_of_lines(repo, before, after):
    repo.commit({"c.py": before}, branch="b")
    pull = repo.open_pull("b")
    pull.review(comments=[{"path": "c.py", "line": 2, "body": suggestion("z\n")}])
    pull.apply_suggestion(*pull.review_comments())
    assert repo.file("c.py", "b") == after.encode()


def test_a_suggestion_in_a_fork_is_committed_there(repo):
    fork = repo.forked("stranger")
    fork.commit({"a.py": CHANGED}, branch="fix")
    pull = repo.open_pull("fix", by="stranger", fork=fork)
    pull.review(comments=[on(4, suggestion("four\n"))])
    pull.apply_suggestion(*pull.review_comments(), by="stranger")
    assert b"\nfour\n" in fork.file("a.py", "fix")
    assert pull.head_sha == fork.branches()["fix"]


# Reactions and comments


def test_a_reaction_is_made_once(ask, pull):
    comment = pull.comment("/patchwright fix")
    path = f"/repos/acme/shop/issues/comments/{comment.id}"
    assert ask.post(f"{path}/reactions", json={"content": "eyes"}).status_code == 201
    again = ask.post(f"{path}/reactions", json={"content": "eyes"})
    assert again.status_code == 200
    assert ask.get(path).json()["reactions"]["eyes"] == 1
    assert [each["content"] for each in ask.get(f"{path}/reactions").json()] == ["eyes"]
    assert ask.post(f"{path}/reactions", json={"content": "rocket"}).status_code == 201
    assert ask.delete(f"{path}/reactions/{again.json()['id']}").status_code == 204
    assert [each.content for each in comment.reactions] == ["rocket"]


def test_reactions_to_review_comments_and_issues(ask, pull):
    pull.review(comments=[on(4)])
    (comment,) = pull.review_comments()
    path = f"/repos/acme/shop/pulls/comments/{comment.id}"
    assert ask.post(f"{path}/reactions", json={"content": "eyes"}).status_code == 201
    assert ask.get(path).json()["reactions"]["total_count"] == 1
    assert ask.post("/repos/acme/shop/issues/1/reactions", json={"content": "+1"}).status_code == 201
    assert ask.get("/repos/acme/shop/issues/1").json()["reactions"]["+1"] == 1
    assert ask.post("/repos/acme/shop/issues/comments/1/reactions", json={"content": "+1"}).status_code == 404


def test_comments_are_edited_and_deleted(github, pull):
    comment = pull.comment("/patchwright fix", by="ann")
    pull.edit_comment(comment, "/patchwright fix all", by="ann")
    pull.delete_comment(comment, by="ann")
    created, edited, deleted = github.deliveries[-3:]
    assert [each.action for each in (created, edited, deleted)] == ["created", "edited", "deleted"]
    assert edited.payload["changes"] == {"body": {"from": "/patchwright fix"}}
    assert edited.payload["issue"]["pull_request"]
    assert pull.comments == []
