"""What is said of a pull request, and what stays quiet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.review.diff import Diff, file_diff
from bot.review.model import Thread
from bot.review.plan import to_apply
from codemods.engine import registry
from codemods.engine.settings.config import Config
from tests.bot.review.world import LONG, ONES, PI, VIEW, World

REST = "".join(f"name_{number} = {number + 10}\n" for number in range(12))


def thread(fingerprint: str, name: str = "T", **changes) -> Thread:
    return replace(Thread(name, 1, "a.py", 13, False, False, False, fingerprint), **changes)


def world(added: str = "x = 1\n", **changes) -> World:
    return World({"a.py": REST}, {"a.py": REST + added}, **changes)


def test_nothing_new_is_a_success_and_not_a_word_elsewhere():
    plan = World({"a.py": "x = 1\n"}, {"a.py": "x = 1\ny = 2\n"}).go()
    assert (plan.check.conclusion, plan.check.title) == ("success", "Nothing new was found")
    assert (plan.comments, plan.check.annotations, plan.check.buttons) == ((), (), ())
    assert plan.check.summary.count("\n") <= 3


def test_a_new_finding_is_a_suggestion_an_annotation_and_a_line_in_the_table():
    plan = world().go()
    check = plan.check
    assert (check.name, check.conclusion, check.head_sha) == ("Patchwright", "neutral", VIEW.head_sha)
    assert check.title == "1 new finding, 1 with a patch"
    assert check.external_id == f"pull-7-{VIEW.head_sha}"
    (annotation,) = check.annotations
    assert (annotation.path, annotation.line, annotation.level) == ("a.py", 13, "warning")
    (comment,) = plan.comments
    assert (comment.path, comment.line, comment.start_line) == ("a.py", 13, None)
    assert "```suggestion\nx = 0\n```" in comment.body
    assert "Suggested in a comment" in check.summary
    assert [(each.label, each.identifier) for each in check.buttons] == [
        ("Apply fixes", "apply"),
        ("Open as pull request", "open"),
    ]


def test_a_change_over_several_lines_is_a_suggestion_over_them():
    plan = world("if name_0:\n    x = (\n        77,\n    )\n", rules=(LONG,)).go()
    (comment,) = plan.comments
    assert "```suggestion\n        (\n    7\n),\n```" in comment.body
    assert (comment.start_line, comment.line) == (None, 15)


def test_a_change_that_needs_an_import_far_above_is_described_with_its_whole_diff():
    (comment,) = world("x = 3.14\n", rules=(PI,)).go().comments
    assert comment.line == 13
    assert "```suggestion" not in comment.body
    assert "```diff\n--- a/a.py\n+++ b/a.py\n@@" in comment.body
    assert "+import math\n" in comment.body
    assert "+x = math.pi\n" in comment.body
    assert "**Apply fixes** on the check run" in comment.body


def test_a_change_that_needs_no_import_is_a_suggestion():
    before = {"a.py": "import math\n\nY = math.e\n" + REST}
    plan = World(before, {"a.py": before["a.py"] + "x = 3.14\n"}, rules=(PI,)).go()
    assert "```suggestion\nx = math.pi\n```" in plan.comments[0].body


def test_lines_that_were_not_written_get_no_comment():
    """The silence above the finding is taken away: it is new, but its line is an old one."""
    before = "# patchwright: ignore[ones]\nx = 1\n" + REST
    plan = World({"a.py": before}, {"a.py": before.partition("\n")[2]}).go()
    assert plan.comments == ()
    assert [each.line for each in plan.check.annotations] == [1]
    assert "## Elsewhere" in plan.check.summary
    assert "## On lines that it writes" not in plan.check.summary


def test_unsafe_patches_are_described_unless_the_configuration_takes_them():
    (described,) = (plan := world("x = 1  # unsafe\n").go()).comments
    assert "```suggestion" not in described.body
    assert "-x = 1  # unsafe\n+x = 0  # unsafe" in described.body
    assert "marked unsafe" in described.body
    assert "`unsafe-fixes: true`" in described.body
    assert "Apply fixes" not in described.body
    assert plan.check.buttons == ()
    assert "A patch exists, but it is unsafe." in plan.check.summary
    (suggested,) = world("x = 1  # unsafe\n", config=Config(unsafe_fixes=True)).go().comments
    assert "```suggestion\nx = 0  # unsafe\n```" in suggested.body
    assert "marked unsafe" in suggested.body


def test_what_has_no_patch_is_an_annotation_alone():
    plan = world("x = 1  # shown\n").go()
    assert plan.comments == ()
    assert plan.check.buttons == ()
    assert plan.check.title == "1 new finding"
    assert len(plan.check.annotations) == 1
    assert "## What is not changed, and why" in plan.check.summary


@pytest.mark.parametrize("said", ["neutral", "success", "failure", "action_required"])
def test_the_conclusion_is_the_configurations(said):
    check = world(config=Config(check_conclusion=said)).plan().check
    assert check.conclusion == said


def test_a_rule_may_fail_the_check_by_itself():
    config = Config(rule_checks={"ones": "failure"})
    rules = (ONES, PI)
    check = world("x = 1\ny = 3.14\n", config=config, rules=rules).plan().check
    assert check.conclusion == "failure"
    assert [each.level for each in check.annotations] == ["failure", "warning"]
    assert world("y = 3.14\n", config=config, rules=rules).plan().check.conclusion == "neutral"
    quiet = Config(check_conclusion="failure", rule_checks={"ones": "success"})
    assert world(config=quiet).plan().check.conclusion == "success"


def test_at_most_ten_comments_and_all_annotations():
    many = world("".join(f"y{number} = 1\n" for number in range(25)))
    plan = many.go()
    assert len(plan.comments) == 10
    assert [each.line for each in plan.comments] == list(range(13, 23))
    assert len(plan.check.annotations) == 25
    assert plan.check.summary.count("Suggested in a comment") == 10
    assert plan.check.summary.count("no comment, as there are 10 already") == 15
    assert "y24" not in plan.check.summary
    assert "a.py:37" in plan.check.summary
    assert len(world(many.after["a.py"], config=Config(max_comments=3)).plan().comments) == 3
    assert world(config=Config(max_comments=0)).plan().comments == ()


def test_suggestions_come_before_descriptions():
    added = "y = 3.14\n" + "".join(f"y{number} = 1\n" for number in range(3))
    plan = world(added, rules=(ONES, PI), config=Config(max_comments=3)).go()
    assert [each.line for each in plan.comments] == [14, 15, 16]


def test_the_next_push_says_only_what_is_new():
    story = world("x = 1\n")
    story.go()
    story.after = {"a.py": "# moved\n" + story.after["a.py"] + "y = 1\n"}
    plan = story.go()
    assert [each.line for each in plan.comments] == [15]
    assert plan.resolve == ()
    assert len(plan.check.annotations) == 2


def test_a_finding_that_is_gone_is_resolved_once():
    story = world("x = 1\n")
    story.go()
    story.after = {"a.py": REST + "x = 0\n"}
    plan = story.go()
    assert plan.resolve == ("T1",)
    assert plan.check.conclusion == "success"


def test_a_finding_that_was_silenced_is_resolved():
    story = world("x = 1\n")
    story.go()
    story.after = {"a.py": REST + "x = 1  # patchwright: ignore[ones]\n"}
    assert story.go().resolve == ("T1",)


def test_a_deleted_file_resolves_its_conversations():
    story = world("x = 1\n")
    story.go()
    story.after = {"b.py": "z = 5\n"}
    assert story.go().resolve == ("T1",)


def test_a_file_that_does_not_parse_now_resolves_nothing():
    story = world("x = 1\n")
    story.go()
    story.after = {"a.py": REST + "x = 1\n)\n"}
    plan = story.go()
    assert plan.resolve == ()
    assert plan.check.conclusion == "success"
    assert "## What was not looked at" in plan.check.summary
    assert "does not parse" in plan.check.summary


def test_what_a_person_resolved_stays_quiet():
    story = world("x = 1\n")
    story.go()
    story.threads = tuple(replace(each, resolved=True, outdated=True, line=None) for each in story.threads)
    plan = story.go()
    assert (plan.comments, plan.resolve) == ((), ())
    assert "Declined in its conversation" in plan.check.summary


def test_what_the_app_resolved_is_not_said_again_when_it_comes_back():
    story = world("x = 1\n")
    story.go()
    story.after, kept = {"a.py": REST + "x = 0\n"}, story.after
    story.go()
    story.after = kept
    plan = story.go()
    assert plan.comments == ()
    assert "Suggested in a comment" in plan.check.summary


def test_a_second_equal_finding_above_the_first_is_said_at_its_own_line():
    story = world("x = 1\n")
    story.go()
    story.threads = tuple(replace(each, line=14) for each in story.threads)
    story.after = {"a.py": "x = 1\n" + story.after["a.py"]}
    plan = story.go()
    assert [each.line for each in plan.comments] == [1]
    assert len({each.fingerprint for each in story.threads}) == 2


def test_conversations_twice_about_one_finding_are_left():
    story = world("x = 1\n")
    (comment,) = story.plan().comments
    story.threads = (thread(comment.fingerprint), thread(comment.fingerprint, "T2"))
    assert (story.plan().comments, story.plan().resolve) == ((), ())


def test_a_draft_gets_its_check_and_comments_when_it_is_ready():
    story = world(view=replace(VIEW, draft=True))
    plan = story.go()
    assert plan.comments == ()
    assert "draft" in plan.check.summary
    assert len(plan.check.annotations) == 1
    story.view = VIEW
    assert len(story.go().comments) == 1


def test_a_bots_pull_request_gets_the_check_and_no_commit():
    plan = world(view=replace(VIEW, author_is_bot=True, author="renovate[bot]")).go()
    assert plan.comments == ()
    assert len(plan.check.annotations) == 1
    assert [each.identifier for each in plan.check.buttons] == ["open"]


def test_the_apps_own_pull_request_gets_nothing_at_all():
    plan = world(view=replace(VIEW, own=True, author_is_bot=True), threads=(thread("0" * 16),)).plan()
    assert (plan.check, plan.comments, plan.resolve) == (None, (), ())


def test_a_fork_gets_check_and_comments_and_no_buttons():
    plan = world(
        rules=(ONES, PI), added="x = 1\ny = 3.14\n", view=replace(VIEW, fork=True, may_write=False)
    ).go()
    assert len(plan.comments) == 2
    assert plan.check.buttons == ()
    assert "Apply fixes" not in plan.comments[1].body + plan.check.summary
    assert "`patchwright fix --select pis a.py`" in plan.comments[1].body
    assert "`patchwright fix --select ones,pis`" in plan.check.summary


def test_a_fork_that_may_be_written_gets_the_fixes_and_no_pull_request():
    plan = world(view=replace(VIEW, fork=True)).go()
    assert [each.identifier for each in plan.check.buttons] == ["apply"]


def test_generated_files_get_nothing():
    generated = "# Generated by the protocol buffer compiler.  DO NOT EDIT!\nx = 1\n"
    plan = World({}, {"a_pb2.py": generated}).go()
    assert (plan.check.conclusion, plan.comments, plan.check.annotations) == ("success", (), ())


@pytest.mark.parametrize("files, large", [(300, False), (301, True)])
def test_over_300_files_there_is_only_a_summary(files, large):
    story = world(view=replace(VIEW, changed_files=files), config=Config(check_conclusion="failure"))
    plan = story.go()
    assert (plan.comments == ()) == large
    assert (plan.check.annotations == ()) == large
    assert (plan.check.buttons == ()) == large
    assert "a.py:13" in plan.check.summary
    assert plan.check.conclusion == "neutral"
    assert "does not list all of its files" in plan.check.summary


def test_suggestions_off_leaves_the_check():
    plan = world(config=Config(suggestions=False)).go()
    assert plan.comments == ()
    assert len(plan.check.annotations) == 1
    assert [each.identifier for each in plan.check.buttons] == ["apply", "open"]


@pytest.mark.parametrize(
    "end, suggests", [("\n", True), ("\r\n", False), ("", False)], ids=["lf", "crlf", "no-newline-at-the-end"]
)
def test_line_ends_that_github_would_not_keep_are_described(end, suggests):
    text = "\ty = 5\nx = 1\n".replace("\t", "if 5:\n\t").replace("\n", end or "\n")
    head = (text if end else text.removesuffix("\n")).encode()
    (comment,) = World({}, {"a.py": head}).go().comments
    assert ("```suggestion" in comment.body) == suggests
    assert ("```diff" in comment.body) != suggests
    assert "\r" not in comment.body
    assert "\N{REPLACEMENT CHARACTER}" not in comment.body


def test_tabs_are_kept():
    plan = World({}, {"a.py": "if 5:\n\tx = 1\n"}).go()
    assert "```suggestion\n\tx = 0\n```" in plan.comments[0].body


def test_a_file_that_is_not_utf_8_is_described():
    head = b"# coding: latin-1\nx = 1  # caf\xe9\n"
    (comment,) = World({}, {"a.py": head}).go().comments
    assert "```suggestion" not in comment.body
    assert "+x = 0  # caf\N{REPLACEMENT CHARACTER}" in comment.body
    comment.body.encode()


def test_a_file_without_hunks_gets_annotations_alone():
    story = World({"b.bin": b"\0a"}, {"b.bin": b"\0b", "a.py": "x = 1\n"})
    story.diff = Diff.of([file_diff("a.py", "added", None), file_diff("b.bin", "modified", None)])
    plan = story.go()
    assert plan.comments == ()
    assert len(plan.check.annotations) == 1


def test_renamed_files_are_commented_on_by_their_new_names():
    plan = World({"a.py": REST + "x = 1\n"}, {"b.py": REST + "x = 1\ny = 1\n"}).go()
    assert [(each.path, each.line) for each in plan.comments] == [("b.py", 14)]


def test_the_buttons_are_about_new_findings_with_patches():
    story = World({"a.py": "x = 1\n" + REST}, {"a.py": "x = 1\n" + REST + "y = 1\nz = 1  # shown\n"})
    assert [each.line for each in to_apply(*story.known())] == [14]


def test_a_real_rule_end_to_end(monkeypatch):
    monkeypatch.undo()
    rule = registry.load("atomic-redis")
    before = "import redis\n\nclient = redis.Redis()\n\n\ndef keep(key: str) -> None:\n    pass\n"
    after = before.replace("    pass\n", '    client.set(key, "1")\n    client.expire(key, 60)\n')
    story = World({"pyproject.toml": "[project]\nname='x'\n", "app/keep.py": before}, {}, rules=(rule,))
    story.after = {**story.before, "app/keep.py": after}
    (comment,) = story.go().comments
    assert (comment.start_line, comment.line) == (7, 8)
    assert '```suggestion\n    client.set(key, "1", ex=60)\n```' in comment.body


def test_a_large_pull_request_that_is_listed_whole_may_fail():
    files = [file_diff(f"f{number}.txt", "added", None) for number in range(301)]
    story = world(view=replace(VIEW, changed_files=301), config=Config(check_conclusion="failure"))
    story.diff = Diff.of(files)
    check = story.plan().check
    assert check.conclusion == "failure"
    assert "does not list all" not in check.summary
