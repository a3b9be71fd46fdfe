"""What comments and summaries say, and that a repository cannot speak through them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.plan.marker import finding_of
from bot.review.comment import comment
from bot.review.introduced import Introduced
from bot.review.model import APPLY, Button
from bot.review.remarks import Remark
from bot.review.suggestion import Suggestion
from bot.review.summary import Summary, annotated
from codemods.engine.finding import Applicability, Finding
from codemods.engine.run.report import Reported, Skipped
from codemods.engine.settings.config import Config
from tests.bot.review.world import VIEW

BUTTON = Button("Apply fixes", "Commits the patches to this branch", APPLY)
PATCH = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-1\n+2\n"
NASTY = [
    "@octocat fixes #1 and GH-2",
    "<img src=x onerror=alert(1)>",
    "https://evil.example/ www.evil.example",
    "| a | b |\n|---|---|",
    "```\n@octocat\n```",
    "`` ` `` ```x``` ~~~",
    "</details><!-- patchwright:finding 0123456789abcdef -->",
    "x\n<!-- patchwright:finding 0123456789abcdef -->\ny",
    "[click](javascript:alert(1)) ![x](http://e.example/i.png)",
    "\x00\x1b[31m\u202e\udc80",
    "# heading\n\n> quote\n- item",
]


def remark(
    line: int = 3, *, patch: str | None = PATCH, lines=(3, 3), offered=True, made=None, **changes
) -> Remark:
    given = {"message": "It is wrong.", "reason": "It was seen.", "notes": (), "path": "a.py"} | changes
    how = Applicability.SAFE if offered else Applicability.UNSAFE if patch else Applicability.DISPLAY_ONLY
    found = Finding(
        "toy", given["path"], line, 1, line, given["message"], how, given["reason"], given["notes"]
    )
    mark = f"{line:016x}"
    return Remark(
        Introduced(Reported(found, mark, patch), line, line, (line,), "", mark), offered, lines, made
    )


def summary(remarks, **changes) -> str:
    given = {"commented": (), "buttons": (BUTTON,), "skipped": ()} | changes
    return Summary(VIEW, Config(), remarks, **given).text()


def spoken(text: str) -> str:
    """The text outside of code, in which GitHub looks for mentions, references and links."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return "\n".join(
        child.content for token in tokens for child in token.children or [] if child.type == "text"
    )


def html(text: str) -> list[str]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    found = [token.content for token in tokens if token.type == "html_block"]
    return found + [c.content for t in tokens for c in t.children or [] if c.type == "html_inline"]


def test_a_comment_says_what_why_how_and_how_to_say_no_in_this_order():
    made = comment(
        remark(made=Suggestion(3, 3, ("2",)), notes=("Threads may both write.", "It is slower.")), [BUTTON]
    )
    order = [
        "It is wrong.",
        "**Proven:** It was seen.",
        "**May behave differently:** Threads may both write. It is slower.",
        "```suggestion\n2\n```",
        "Not wanted? Resolve this conversation",
        "`# patchwright: ignore[toy]`",
        "<!-- patchwright:finding",
    ]
    places = [made.body.index(each) for each in order]
    assert places == sorted(places)
    assert "\n\n\n" not in made.body
    assert len(made.body.splitlines()) < 20
    assert finding_of(made.body) == made.fingerprint


def test_a_comment_without_notes_says_nothing_about_behaviour():
    made = comment(remark(made=Suggestion(3, 3, ("2",))), [BUTTON])
    assert "differently" not in made.body
    assert "unsafe" not in made.body


def test_long_diffs_are_folded_and_very_long_ones_cut():
    short = comment(remark(), [BUTTON]).body
    assert "<details>" not in short
    long = comment(remark(patch=PATCH + "+3\n" * 50), [BUTTON]).body
    assert "<details><summary>The diff</summary>\n\n```diff\n" in long
    assert "left out" not in long
    longest = comment(remark(patch=PATCH + "+`````\n" * 30_000), [BUTTON]).body
    assert "its end is left out" in longest
    assert len(longest) < 65_536
    assert longest.rstrip().endswith("-->")
    for each in (short, long, longest):
        fences = [token for token in MarkdownIt("commonmark").parse(each) if token.type == "fence"]
        assert [token.info for token in fences] == ["diff"]


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("suggests", [True, False])
def test_a_repository_does_not_speak_in_comments(nasty, suggests):
    inside = tuple("".join(sign for sign in line if sign.isprintable()) for line in nasty.split("\n"))
    patch = PATCH + "".join(f"+{line}\n" for line in nasty.split("\n"))
    given = remark(
        message=f"`{nasty}` and {nasty}",
        reason=nasty,
        notes=(nasty,),
        path=f"a {nasty}.py",
        patch=patch,
        made=Suggestion(3, 3, inside) if suggests else None,
    )
    body = comment(given, []).body
    quiet(body, own=["<!-- patchwright:finding"])
    assert finding_of(body) == given.new.mark
    fences = [token.info for token in MarkdownIt("commonmark").parse(body) if token.type == "fence"]
    assert fences == (["suggestion"] if suggests else ["diff"])


@pytest.mark.parametrize("nasty", NASTY)
def test_a_repository_does_not_speak_in_summaries(nasty):
    each = remark(message=nasty, reason=f"`{nasty}`", path=f"a {nasty}.py")
    left = replace(each, offered=False)
    text = summary([each, left], skipped=[Skipped(nasty, nasty)])
    quiet(text, own=[])
    rows = [line for line in text.split("\n") if line.startswith("| [")]
    assert len(rows) == 2
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    assert sum(token.type == "td_open" for token in tokens) == 8


def quiet(text: str, own: list[str]) -> None:
    """Nobody is mentioned, nothing is referred to, and no HTML but the App's own is in it."""
    said = spoken(text)
    for sign in ("@octocat", "#1", "GH-2", "https://evil", "www.evil"):
        assert sign not in said
    assert [each for each in html(text) if not each.startswith(tuple(own) or ("\0",))] == []
    assert "javascript:" not in [t.attrGet("href") for t in MarkdownIt("commonmark").parse(text)]
    text.encode()
    assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in text)


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_makes_one_block_and_one_marker(message, line):
    given = remark(message=message, reason=line, patch=PATCH + f"+{line}\n")
    body = comment(given, []).body
    assert finding_of(body) == given.new.mark
    assert [each for each in html(body) if not each.startswith("<!-- patchwright:finding")] == []


def test_a_very_long_summary_ends_its_tables_earlier():
    many = [remark(line, message="wrong " * 20, path="p/" * 20 + "a.py") for line in range(1, 5_000)]
    text = summary(many)
    assert len(text.encode()) <= 65_535
    assert "more." in text
    assert "How to say no" in text
    assert "Made by Patchwright" in text


def test_a_summary_of_monstrous_rows_has_its_middle_shortened():
    text = summary([remark(message="\N{SNOWMAN}" * 60_000), remark(4, message="\N{SNOWMAN}" * 60_000)])
    assert len(text.encode()) <= 65_535
    assert "[shortened]" in text
    assert text.startswith("This pull request brings 2 findings")
    assert "Made by Patchwright" in text


def test_a_reason_why_nothing_is_changed_is_said_once():
    text = summary([remark(line, offered=False, patch=None) for line in (1, 2)])
    said = text.partition("## What is not changed, and why")[2]
    assert said.count("It was seen.") == 1
    assert said.index("a.py:1") < said.index("a.py:2")


def test_places_are_links_into_the_head():
    text = summary([remark(path="a b/ü.py")])
    assert f"https://github.example/acme/shop/blob/{VIEW.head_sha}/a%20b/%C3%BC.py#L3" in text


@pytest.mark.parametrize(
    "offered, words",
    [
        ([True], "brings 1 finding that `main` does not have at"),
        ([True], ". It has a patch that may be applied."),
        ([False], ". It has no patch that may be applied."),
        ([True, True], ". All have a patch that may be applied."),
        ([False, False], ". They have no patch that may be applied."),
        ([True, False], ". 1 of them has a patch that may be applied."),
    ],
)
def test_the_first_sentence_counts(offered, words):
    assert words in summary([remark(line, offered=each) for line, each in enumerate(offered, 1)])


def test_annotations_hold_no_control_characters_and_mention_nobody():
    (only,) = annotated([remark(message="@octocat\x1b[31m\nx")], Config())
    assert "@octocat" not in only.message
    assert "\x1b" not in only.message
    assert "\n" not in only.message
    assert only.message.endswith("[toy]")


@pytest.mark.parametrize(
    "said, level",
    [("failure", "failure"), ("action_required", "failure"), ("neutral", "warning"), ("success", "notice")],
)
def test_annotations_are_as_loud_as_the_check(said, level):
    assert annotated([remark()], Config(check_conclusion=said))[0].level == level
