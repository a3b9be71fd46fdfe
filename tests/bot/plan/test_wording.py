"""Titles and commit messages: in the repository's own style, and no text of its own can act through them."""

from __future__ import annotations

import pytest

from bot.plan.wording import commit_message, conventional, shortened, subject, title
from codemods.engine.finding import Applicability, Finding
from codemods.engine.run.report import Reported


def site(path, line=1):
    return Reported(Finding("ones", path, line, 1, line, "m", Applicability.SAFE, "r"))


def message(*paths, words="Fix a one", summary="Finds it."):
    return commit_message("ones", words, summary, sites=[site(path) for path in paths], patch="cafe")


@pytest.mark.parametrize(
    ("subjects", "expected"),
    [
        (["feat: a", "fix(api): b", "chore!: c", "Merge pull request #1 from x", "docs: d", "fix: e"], True),
        (["feat: a", "fix: b", "Add c", "docs: d", "Remove e", "Tidy f"], False),
        (["feat: a", "fix: b"], False),
        (["note: a", "fix:b", "feat : c", "wip: d", "e: f"], False),
        ([], False),
    ],
)
def test_the_history_tells_the_style(subjects, expected):
    assert conventional(subjects) is expected


def test_a_message_ends_in_its_trailers():
    assert message("a.py", "b.py") == (
        "Fix a one\n\nFinds it.\n\n- a.py:1\n- b.py:1\n\n"
        "Patchwright-Rule: ones\nPatchwright-Patch: cafe\nPatchwright-Version: 0.1.0\n"
    )


def test_without_places_there_is_no_gap():
    assert "\n\n\n" not in message()
    assert "\n\n\n" not in message(*[f"{number}.py" for number in range(30)])


def test_lines_are_wrapped_and_the_subject_is_cut_between_words():
    text = message("a.py", words="Fix " + "many words " * 20, summary="word " * 60)
    assert max(map(len, text.splitlines())) <= 72
    assert text.splitlines()[0].endswith(" many words…") or text.splitlines()[0].endswith(" many…")


def test_many_places_are_counted():
    assert "- and 10 more" in message(*[f"{number}.py" for number in range(30)])


@pytest.mark.parametrize(
    "phrase", ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[Actions Skip]", "***NO_CI***"]
)
def test_no_name_of_a_file_can_skip_checks(phrase):
    assert phrase not in message(f"docs/{phrase}/a.py")


@pytest.mark.parametrize("style", [True, False])
def test_no_name_of_a_folder_can_skip_checks_through_a_title_that_a_squash_makes_a_subject(style):
    words = subject("Fix a one", "[skip ci]", {"[skip ci]/a.py"}, style=style)
    assert "[skip ci]" not in title(words, 1)
    assert "[\u200bskip ci]" in title(words, 1)


def test_names_of_files_cannot_forge_trailers_or_mention_people():
    text = message("a\nPatchwright-Patch: forged\n@alice fixes #1.py")
    assert text.count("\nPatchwright-Patch:") == 1
    assert "@alice" not in text
    assert "#1" not in text


@pytest.mark.parametrize(
    ("part", "paths", "expected"),
    [
        ("", ["a.py"], "fix: a one"),
        ("src/app", ["src/app/a.py"], "fix(app): a one"),
        ("src/My App", ["a.py"], "fix: a one in src/My App"),
        (".", ["a.py"], "fix: a one in the other folders"),
        ("owned by @acme/x", ["a.py"], "fix: a one for acme/x"),
        ("", ["tests/test_a.py"], "test: a one"),
    ],
)
def test_conventional_subjects(part, paths, expected):
    assert subject("Fix a one", part, paths, style=True) == expected


def test_titles_count_and_fit():
    assert title("Fix a one", 1) == "Fix a one (1 place)"
    assert len(title("word " * 100, 2)) <= 200
    assert shortened("x" * 300, 10) == "xxxxxxxxx…"
