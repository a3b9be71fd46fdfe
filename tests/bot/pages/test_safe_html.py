"""Markdown and diffs by people who mean harm, as HTML of a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.model import FileChange
from bot.pages.code_html import LONGEST_LINE, highlighted
from bot.pages.diff_html import MOST_FILES, MOST_LINES, shown_diff
from bot.pages.markdown_html import LONGEST, markdown, spans

ALLOWED = {
    "a": {"href", "rel"},
    "details": {"open"},
    "div": {"class", "tabindex"},
    "ol": {"start"},
    "pre": {"class", "tabindex"},
    "span": {"class"},
}
HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<svg><script>alert(1)</script></svg>",
    "<svg onload=alert(1)>",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    '<form action="/repositories/7/pause" method=post><button>Click me</button></form>',
    '<input name=csrf value=x autofocus onfocus="alert(1)">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="  java\nscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](/sign-out)",
    '[x](https://evil.example "Sign in here")',
    '<b title="x" lang="xx" dir=rtl>x</b>',
    "[x](//evil.example/x)",
    "[x](#content)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    '![x](https://tracker.example/pixel.png "t\\"onload=alert(1)")',
    '<p style="position:fixed;inset:0">x</p>',
    '<span class="notice notice-good">Signed in</span>',
    '<h1 id="content">Patchwright</h1>',
    "<base href=//evil.example><link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "```<script>\n</script><script>alert(1)</script>\n```",
    '```python" onmouseover="alert(1)\nx\n```',
    "<!-- --><script>alert(1)</script><!-- -->",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "`<script>alert(1)</script>`",
    "> " * 300 + "x",
    "* " * 300 + "x",
    "<b>" * 2000,
    "[" * 3000,
    "a **" * 2000,
]


class Seen(HTMLParser):
    """Every element and attribute of a page's part."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def check(html: str) -> Seen:
    seen = Seen(html)
    for tag in seen.tags:
        assert tag not in {
            "script",
            "style",
            "svg",
            "math",
            "iframe",
            "form",
            "input",
            "button",
            "img",
            "h1",
            "base",
        }
        assert tag not in {
            "link",
            "meta",
            "object",
            "embed",
            "template",
            "textarea",
            "select",
            "html",
            "body",
            "main",
        }
    for tag, name, value in seen.attributes:
        assert name in ALLOWED.get(tag, set()), (tag, name, value)
        if name == "href":
            assert re.match(r"https?://", value, re.IGNORECASE), value
        if name == "class":
            assert value in {"code", "wide"} or re.fullmatch(r"[a-z][a-z0-9]{0,3}", value), value
    return seen


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_markdown_becomes_harmless(text: str) -> None:
    for top in (2, 3):
        check(markdown(text, top=top))
        check(markdown(f"before\n\n{text}\n\nafter", top=top))
    check(spans(text))


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from([*HOSTILE[:30], "<", ">", '"', "`", "\n", "\n\n", "|", "\\", "&"])).map(
        "".join
    )
)
def test_whatever_is_written_becomes_harmless(text: str) -> None:
    check(markdown(text))
    check(spans(text))


def test_what_only_arranges_text_stays() -> None:
    html = markdown(
        "Intro.\n\n# Top\n\n### Below\n\n<details><summary>More</summary>\n\n| a | b |\n|---|---|\n| `x` | ~~y~~ |\n\n"
        "</details>\n\n[docs](https://docs.example/x) ![chart](https://img.example/c.png)\n\n```python\nx = 'é'\n```\n",
        top=3,
    )
    assert "<h3>Top</h3>" in html
    assert "<h5>Below</h5>" in html
    assert "<details><summary>More</summary>" in html
    assert "<td><code>x</code></td>" in html
    assert '<a href="https://img.example/c.png" rel="noopener noreferrer nofollow">chart</a>' in html
    assert "<span class=\"s1\">'é'</span>" in html
    assert 'href="https://docs.example/x"' in html


def test_a_text_without_headings_or_of_nothing_is_fine() -> None:
    assert markdown("") == ""
    assert markdown("just a line") == "<p>just a line</p>\n"


def test_signs_that_turn_text_around_are_written_out() -> None:
    assert "admin⟨U+202E⟩txt" in markdown("admin\u202etxt")
    assert "⟨U+202E⟩" in markdown("```python\nx = '\u202e'\n```")
    assert "⟨U+200B⟩" not in markdown("@\u200bmaria"), "it keeps people from being mentioned"
    assert "pay⟨U+200B⟩pal" in highlighted("pay\u200bpal = 1", "txt")[0]
    assert "<b>" not in spans("a\u2066 <b>")


def test_very_long_texts_are_cut() -> None:
    html = markdown("word " * LONGEST)
    assert len(html) < 2 * LONGEST
    assert "it is very long" in html


def test_code_in_a_sentence_is_code() -> None:
    assert spans("`get` and <b> ``a`b``") == "<code>get</code> and &lt;b&gt; <code>a`b</code>"


PATCH = """@@ -1,4 +1,5 @@ def f():
 import redis
-r.incr(key)
-r.expire(key, 60)
+with r.pipeline() as pipe:
+    pipe.incr(key)
+    pipe.expire(key, 60)
 # done
\\ No newline at end of file
@@ -90,1 +91,1 @@
-a = '<script>'
+a = "\u202e"
"""


def test_a_diff_has_the_lines_of_both_sides_with_their_numbers() -> None:
    (file,) = shown_diff([FileChange("shop/limits.py", "modified", patch=PATCH.rstrip("\n"))]).files
    assert [(row.kind, row.old, row.new, row.sign) for row in file.rows] == [
        ("hunk", None, None, ""),
        ("same", 1, 1, ""),
        ("removed", 2, None, "-"),
        ("removed", 3, None, "-"),
        ("added", None, 2, "+"),
        ("added", None, 3, "+"),
        ("added", None, 4, "+"),
        ("same", 4, 5, ""),
        ("note", None, None, ""),
        ("hunk", None, None, ""),
        ("removed", 90, None, "-"),
        ("added", None, 91, "+"),
    ]
    assert (file.added, file.removed, file.cut) == (4, 3, False)
    assert '<span class="k">with</span>' in file.rows[4].code
    assert "&lt;script&gt;" in file.rows[10].code
    assert "⟨U+202E⟩" in file.rows[11].code


def test_a_line_that_looks_like_a_header_is_code() -> None:
    patch = "@@ -1,1 +1,1 @@\n-@@ -9 +9 @@\n+++ x"
    (file,) = shown_diff([FileChange("a.txt", "modified", patch=patch)]).files
    assert [row.kind for row in file.rows] == ["hunk", "removed", "added"]


@given(st.lists(st.sampled_from(["@@ -1 +1 @@", " x = '''", "-y", "+z '''", "\\ no", "", "@@", "rubbish"])))
def test_any_patch_is_shown(lines: list[str]) -> None:
    shown = shown_diff([FileChange("a.py", "modified", patch="\n".join(lines))])
    for row in shown.files[0].rows:
        check(row.code)


def test_a_long_diff_ends_in_time() -> None:
    patch = "@@ -0,0 +1,9000 @@\n" + "\n".join("+x = 1" for _ in range(9000))
    first, second = shown_diff([FileChange(name, "added", patch=patch) for name in ("a.py", "b.py")]).files
    assert (len(first.rows), first.cut, first.added) == (MOST_LINES, True, 9000)
    assert (len(second.rows), second.cut) == (0, True)
    many = shown_diff([FileChange(f"{n}.py", "added") for n in range(MOST_FILES + 5)], left=2)
    assert (len(many.files), many.left) == (MOST_FILES, 7)


def test_a_huge_line_is_cut() -> None:
    (line,) = highlighted("x = '" + "a" * 5_000_000 + "'", "py")
    assert len(line) < 3 * LONGEST_LINE
    assert "more characters" in line
    (file,) = shown_diff([FileChange("a.py", "added", patch="@@ -0,0 +1 @@\n+" + "b" * 1_000_000)]).files
    assert len(file.rows[1].code) < 3 * LONGEST_LINE


def test_a_renamed_file_has_both_names() -> None:
    (file,) = shown_diff([FileChange("shop/<b>.py", "renamed", "shop/a\u202e.py")]).files
    assert file.name == "shop/<wbr>a⟨U+202E⟩.py → shop/<wbr>&lt;b&gt;.py"
    assert file.rows == ()
