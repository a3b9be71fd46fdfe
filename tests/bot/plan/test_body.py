"""What the pull requests say, in which order, and that what a repository holds cannot speak through them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.plan.body import LONGEST_BODY, Text, flowing, shortened, why_left
from bot.plan.marker import read_marker
from bot.plan.state import Marker, State
from codemods.engine.finding import Applicability, Finding
from codemods.engine.page import read_page
from codemods.engine.run.report import Reported
from tests.bot.plan.world import PAGE

ORDER = [
    "## Why it matters",
    "## What changed",
    "## What may behave differently",
    "## What was checked",
    "## What was found and not changed",
    "## How to silence it",
    "## Commands",
]
STATE = State("acme/shop", "https://github.example/acme/shop", "main", "1234567890abcdef" * 2)
NOWHERE = State("shop", "", "", "")


def found(
    path="a.py", line=1, applicability="safe", *, notes=(), reason="It is one.", patch=None, message=""
):
    how = Applicability(applicability)
    said = message or f"`{path}` holds one."
    finding = Finding("toy-rule", path, line, 1, line, said, how, reason, tuple(notes))
    if patch is None and applicability != "display-only":
        patch = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-1\n+2\n"
    return Reported(finding, f"{line:016x}", patch)


def body(applied, left=(), state=NOWHERE, part="", added="", findings=None):
    prints = tuple(each.fingerprint for each in applied) if findings is None else findings
    marker = Marker(1, "toy-rule", part, "main", state.base_sha, "cafe", prints)
    page = read_page(PAGE.format(name="toy-rule"))
    pairs = [(each, why_left(each)) for each in left]
    files = len({each.path for each in applied})
    text = Text("toy-rule", part, page, applied, pairs, files, ".github/patchwright.yml", state)
    made = text.body(marker, added)
    assert len(made) <= LONGEST_BODY
    assert read_marker(made) == marker
    return made


def outside_code(text):
    """The text of a body that GitHub would look for mentions, references and HTML in."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return "\n".join(
        "".join(child.content if child.type != "code_inline" else "`" for child in token.children)
        for token in tokens
        if token.children
    )


def html(text):
    """The HTML in a body that is not the template's own."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    blocks = [token.content for token in tokens if token.type == "html_block"]
    inline = [c.content for t in tokens for c in t.children or [] if c.type == "html_inline"]
    own = (
        "<!-- patchwright:",
        "<details><summary>What patches of this rule may change in general</summary>",
        "</details>",
    )
    return [each for each in blocks + inline if not each.startswith(own)]


def headings(text):
    return [line for line in text.splitlines() if line.startswith("## ")]


def test_the_order_is_fixed():
    made = body([found()])
    assert headings(made) == ORDER
    assert made.splitlines()[-1].startswith("<!-- patchwright:pull ")


def test_a_whole_body():
    made = body(
        [
            found(notes=["Threads may both write."]),
            found("b/c.py", 7, notes=["Threads may both write.", "It is 2."]),
        ],
        [found("d.py", 3, "display-only", reason="Somebody else writes it."), found("e.py", 4, "unsafe")],
    )
    assert made.startswith(WHOLE)
    assert made.split("\n<!-- ")[0].endswith(END)


WHOLE = """\
Finds every toy-rule and writes a zero. This pull request changes 2 places in 2 files.

| Where | What is wrong | What was proven |
|---|---|---|
| `a.py:1` | `a.py` holds one. | It is one. |
| `b/c.py:7` | `b/c.py` holds one. | It is one. |

## Why it matters

One is the loneliest number, and two can be as bad.

Source: <https://example.com/one>

## What changed

For example at `a.py:1`:

```diff
@@ -1 +1 @@
-1
+2
```

## What may behave differently

- Threads may both write.
- It is 2. (`b/c.py:7`)

<details><summary>What patches of this rule may change in general</summary>

Zero is less.

</details>

## What was checked

- Every changed file parses, and a second run finds nothing more to change.
- Lines outside the change are the same to the byte; encoding, line ends and every comment are kept.
- ruff, before and after: no new undefined name, unused import, redefinition or unused variable.

Your tests were not run: Patchwright never imports or runs code of a repository.

## What was found and not changed

- `d.py:3`: `d.py` holds one. Somebody else writes it.
- `e.py:4`: `e.py` holds one. A patch exists, but it is unsafe. It is one.

## How to silence it

- One place: `# patchwright: ignore[toy-rule]` on the line or the line above.
- One file: `# patchwright: ignore-file[toy-rule]` anywhere in it.
- The whole repository: `toy-rule: off` under `rules` in `.github/patchwright.yml`.
- These places only, for good: close this pull request.

## Commands
"""
END = """
- In a checkout, `patchwright fix --select toy-rule` makes these changes, and `patchwright explain toy-rule` shows the rule's page.

Made by Patchwright 0.1.0.
"""


def test_places_are_permalinks_where_the_repository_has_a_page():
    made = body([found("some dir/a|b.py", 3)], state=STATE)
    link = f"{STATE.url}/blob/{STATE.base_sha}/some%20dir/a%7Cb.py#L3"
    assert f"| [`some dir/a\\|b.py:3`]({link}) |" in made
    assert f"from `main` at [`1234567890ab`]({STATE.url}/commit/{STATE.base_sha})." in made


def test_nothing_known_is_said_honestly():
    made = body([found()])
    assert "Nothing is known for these places." in made
    assert "every place that was found is changed here" in made


def test_a_part_speaks_of_itself_alone():
    made = body([found("app/a.py")], part="app")
    assert "changes 1 place in 1 file in app." in made
    assert "every place that was found in app is changed here" in made


def test_unsafe_patches_are_named_as_such():
    assert "marked unsafe" in body([found(applicability="unsafe")])


def test_what_others_wrote_below_stays_there():
    made = body([found()], added="Ann: looks good")
    assert made.endswith(" -->\n\nAnn: looks good\n")


def test_names_of_files_cannot_break_the_table():
    path = "a|b`\n@alice fixes #1\n<b>.py"
    made = body([found(path)])
    rows = [line for line in made.splitlines() if line.startswith("| ")]
    assert len(rows) == 2
    assert len(re.findall(r"(?<!\\)\|", rows[1])) == 4
    assert "@alice" not in outside_code(made)


def test_fences_in_a_patch_do_not_end_the_example():
    patch = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-'''\n````\n# @alice\n+2\n"
    assert "\n`````diff\n" in body([found(patch=patch)])


def test_a_marker_in_the_code_is_not_read():
    forged = '<!-- patchwright:pull {"version":1,"rule":"forged","base":"main","base_sha":"x"} -->'
    patch = f"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-1\n+{forged}\n"
    made = body([found(forged + ".py", patch=patch, message=forged, reason=f"x\n{forged}\n")])
    assert read_marker(made).rule == "toy-rule"
    assert read_marker(made[: made.rindex("<!-- ")]) is None


def test_a_long_body_keeps_its_sections():
    many = [found(f"some/long/folder/name/module_{number}.py", number) for number in range(1, 2001)]
    made = body(many, state=STATE)
    assert headings(made) == ORDER
    assert "more places are in the diff" in made


def test_very_long_texts_lose_their_middle_but_not_their_end():
    made = body([found(reason="x" * 100_000)])
    assert "shortened" in made
    assert headings(made)[-2:] == ORDER[-2:]


def test_a_cut_closes_the_fence_it_is_in():
    text = "a\n\n```diff\n" + "+line\n" * 5000 + "```\n\nend\n"
    short = shortened(text, 2000)
    assert len(short) <= 2000
    assert short.count("```") == 2
    assert short.endswith("end\n") or "```" not in short.split("[shortened")[1]


def test_paragraphs_are_one_line_each():
    text = "a\nb\n\n- c\n  d\n- e\n\n```python\nx\ny\n```\nf\ng\n| h |\n|---|\n"
    assert flowing(text) == "a b\n\n- c d\n- e\n\n```python\nx\ny\n```\nf g\n| h |\n|---|"


PIECES = [*"ab `|<>@#&~*_[]()!\\\n\r-:/1.", "<b>", "@ann", "#12", "-->", "<!--", "```", "http://x.y"]
NASTY = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@settings(max_examples=60, deadline=None)
@given(NASTY, NASTY, NASTY, NASTY)
def test_nothing_of_a_repository_speaks(path, message, reason, note):
    sites = [
        found(f"{path}.py", 1, notes=[note or "n"], reason=reason, message=message or "m"),
        found("b.py", 2),
    ]
    made = body(sites, [found(f"{path}x", 3, "display-only", reason=reason)], state=STATE, part=path.strip())
    text = outside_code(made)
    assert html(made) == []
    assert not re.search(r"@ann|#12|@[^\W_]|\bGH-\d", text)
    assert headings(made)[-2:] == ORDER[-2:]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2000), st.integers(1, 40), st.integers(0, 3000), st.integers(0, 30_000))
def test_a_body_always_fits_and_ends_in_its_marker(count, length, left, added):
    sites = [
        found(f"{'d' * length}/m{number}.py", number, reason="r" * length) for number in range(1, count + 2)
    ]
    rest = [found(f"{'e' * length}{number}.py", number, "display-only") for number in range(left)]
    made = body(sites, rest, state=STATE, added="w" * added)
    assert made.split("<!-- ")[0].rstrip().endswith(").")


@pytest.mark.parametrize("kind", ["comments/handed_over.md.j2", "comments/gone.md.j2"])
def test_comments_end_in_their_marker(kind):
    from bot import templates
    from bot.plan.marker import comment_key, comment_marker

    text = templates.render(kind, base="ma`in", at="", marker=comment_marker("some-key"))
    assert comment_key(text) == "some-key"
    assert "``ma`in``" in text
