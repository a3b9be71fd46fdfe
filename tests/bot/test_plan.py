"""What the pull requests say, in which order, and that what a repository holds cannot speak through them."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from bot import plan as plan_module
from bot.plan.pull_requests import LONGEST_BODY, plan, shortened
from codemods.engine.finding import Applicability, Finding
from codemods.engine.page import read_page
from codemods.engine.run.report import Combined, Reported
from codemods.engine.settings.config import Config

DEFAULTS = Config()
PAGE = """\
# toy-rule: a one where a two is meant

Finds every one and writes a two. There is more to it.

## Why is this bad?

One is the loneliest number.

Another paragraph.

## References

- [A song](https://example.com/one)
"""
ORDER = [
    "## Why it matters",
    "## What changed",
    "## What may behave differently",
    "## What was checked",
    "## What was found and not changed",
    "## How to silence it",
]


@pytest.fixture(autouse=True)
def pages(monkeypatch):
    monkeypatch.setattr(plan_module, "page_of", lambda rule: read_page(PAGE.replace("toy-rule", rule)))


def found(
    path="a.py", line=1, applicability="safe", *, rule="toy-rule", notes=(), reason="It is one.", patch=None
):
    how = Applicability(applicability)
    finding = Finding(rule, path, line, 1, line, f"`{path}` holds one.", how, reason, tuple(notes))
    if patch is None and applicability != "display-only":
        patch = f"--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-1\n+2\n"
    return Reported(finding, f"{path}{line}", patch)


def planned(applied, left=(), changed=None, config=DEFAULTS):
    changed = changed or {each.path: (b"1\n", b"2\n") for each in applied}
    return plan({applied[0].rule: Combined(changed, tuple(applied), tuple(left))}, config)


def outside_code(body):
    """The text of a body that GitHub would look for mentions, references and HTML in."""
    inline = [token for token in MarkdownIt("commonmark").enable("table").parse(body) if token.children]
    return "".join(
        child.content for token in inline for child in token.children if child.type != "code_inline"
    )


def test_the_order_is_fixed():
    (request,) = planned([found()])
    assert [line for line in request.body.splitlines() if line.startswith("## ")] == ORDER


def test_a_whole_body(snapshot_text):
    (request,) = planned(
        [
            found(notes=["Threads may both write."]),
            found("b/c.py", 7, notes=["Threads may both write.", "It is 2."]),
        ],
        [found("d.py", 3, "display-only", reason="Somebody else writes it."), found("e.py", 4, "unsafe")],
    )
    assert request.title == "Fix a one where a two is meant (2 places)"
    assert request.branch == "patchwright/toy-rule"
    assert request.body == snapshot_text
    assert request.commit_message == (
        "Fix a one where a two is meant\n\nFinds every one and writes a two.\n\n- a.py:1\n- b/c.py:7\n\nPatchwright-Rule: toy-rule\n"
    )
    assert request.diff.count("diff --git") == 2


@pytest.fixture
def snapshot_text():
    return """\
Finds every one and writes a two. This pull request changes 2 places in 2 files.

| Where | What is wrong | What was proven |
|---|---|---|
| `a.py:1` | `a.py` holds one. | It is one. |
| `b/c.py:7` | `b/c.py` holds one. | It is one. |

## Why it matters

One is the loneliest number.

Source: <https://example.com/one>

## What changed

In `a.py:1`:

```diff
--- a/a.py
+++ b/a.py
@@ -1 +1 @@
-1
+2
```

## What may behave differently

- Threads may both write.
- It is 2. (`b/c.py:7`)

What patches of this rule may change in general stands under "Fix safety" in `patchwright explain toy-rule`.

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
"""


def test_nothing_known_is_said_honestly():
    (request,) = planned([found()])
    assert "Nothing is known for these places." in request.body
    assert "every place that was found is changed" in request.body


def test_unsafe_patches_are_named_as_such():
    (request,) = planned([found(applicability="unsafe")])
    assert "marked unsafe" in request.body


def test_a_rule_without_changes_opens_nothing():
    left = (found(applicability="display-only"),)
    assert plan({"toy-rule": Combined({}, (), left)}, DEFAULTS) == []


def test_more_than_may_be_open_wait():
    fixes = {name: Combined({"a.py": (b"1\n", b"2\n")}, (found(rule=name),), ()) for name in ("c", "a", "b")}
    assert [(each.rule, each.waits) for each in plan(fixes, Config(max_open_pull_requests=2))] == [
        ("a", False),
        ("b", False),
        ("c", True),
    ]


def test_conventional_commits():
    (request,) = planned([found()], config=Config(commit_style="conventional"))
    assert request.title == "fix: a one where a two is meant (1 place)"
    assert request.commit_message.startswith("fix: a one where a two is meant\n\n")


def test_names_of_files_cannot_break_the_table_or_the_commit():
    path = "a|b`\n@alice fixes #1\nPatchwright-Rule: other\n<b>.py"
    (request,) = planned([found(path)])
    rows = [line for line in request.body.splitlines() if line.startswith("| ")]
    assert len(rows) == 2
    assert len(re.findall(r"(?<!\\)\|", rows[1])) == 4
    assert "@alice" not in outside_code(request.body)
    assert request.commit_message.count("\nPatchwright-Rule:") == 1
    assert "@alice" not in request.commit_message


def test_fences_in_a_patch_do_not_end_the_example():
    patch = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-'''\n````\n# @alice\n+2\n"
    (request,) = planned([found(patch=patch)])
    assert "\n`````diff\n" in request.body


def test_reasons_cannot_carry_html_or_mentions():
    (request,) = planned([found(reason="<img src=x> @alice #12")])
    assert "<img" not in request.body.replace("\\<img", "")
    assert "@alice" not in request.body
    assert "#12" not in request.body


def test_a_long_body_keeps_its_sections():
    many = [found(f"some/long/folder/name/module_{number}.py", number) for number in range(1, 3000)]
    (request,) = planned(many)
    assert len(request.body) <= LONGEST_BODY
    assert [line for line in request.body.splitlines() if line.startswith("## ")] == ORDER
    assert "more places are in the diff" in request.body


def test_very_long_texts_lose_their_middle():
    (request,) = planned([found(reason="x" * 100_000)])
    assert len(request.body) <= LONGEST_BODY
    assert "shortened" in request.body
    assert request.body.endswith("close this pull request.\n")


def test_a_cut_closes_the_fence_it_is_in():
    text = "a\n\n```diff\n" + "+line\n" * 5000 + "```\n\nend\n"
    short = shortened(text, 2000)
    assert len(short) <= 2000
    assert short.count("```") == 2
    assert short.endswith("end\n") or "```" not in short.split("[shortened")[1]
