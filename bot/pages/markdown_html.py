"""Markdown as HTML that may stand on a page, whoever wrote it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from bot.pages.code_html import CLASSES, highlighted
from bot.pages.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

LONGEST = 80_000
"""As many characters are rendered; GitHub takes no more than 65,536 for a body."""
_DEEPEST = 20
"""So far are quotes and lists nested; what lies deeper is left out."""
_TAGS = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_WITHOUT_CONTENT = frozenset({"script", "style", "title", "textarea", "template", "iframe", "svg", "math"})
_ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),
    "a": {"href"},
    "details": {"open"},
    "div": {"class", "tabindex"},
    "ol": {"start"},
    "pre": {"class", "tabindex"},
    "span": {"class"},
}
_CLASSES = {"div": {"wide"}, "pre": {"code"}}
_ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)


def markdown(text: str, *, top: int = 2) -> Markup:
    """``text`` as HTML: its own HTML is kept as far as it only arranges text, its highest heading becomes ``h<top>``.

    Links go to ``http`` and ``https`` addresses and nowhere else; a picture becomes a link to it. There is no script,
    no style, no form, no id and no class but those of coloured code.
    """
    cut = len(text) > LONGEST
    rendered = _parser().render(visible(text[:LONGEST]), {"top": top})
    clean = nh3.clean(
        rendered,
        tags=set(_TAGS),
        clean_content_tags=set(_WITHOUT_CONTENT),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_attribute,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    )
    more = "<p>The rest is left out: it is very long.</p>" if cut else ""
    return Markup(clean + more)  # noqa: S704 - sanitised above


def spans(text: str) -> Markup:
    """One paragraph of plain text, in which only what stands in backquotes means something: it is code."""
    text, parts, end = visible(text), [], 0
    for span in _SPAN.finditer(text):
        words = span[2].strip() or span[2]
        parts += [escape(text[end : span.start()]), Markup("<code>{}</code>").format(words)]
        end = span.end()
    return Markup("").join([*parts, escape(text[end:])])


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if _ADDRESS.match(value) else None
    if name == "class":
        return value if value in (CLASSES if tag == "span" else _CLASSES[tag]) else None
    if name == "tabindex":
        return "0"
    return value


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": _DEEPEST}).enable(
        ["table", "strikethrough"]
    )
    parser.core.ruler.push("headings", _lowered)
    parser.add_render_rule("image", _picture)
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("code_block", _code)
    parser.add_render_rule("table_open", _table)
    parser.add_render_rule("table_close", _table)
    return parser


def _lowered(state: Any) -> None:
    """The headings of a text go below those of the page that it stands on, without a level left out at its top."""
    headings = [token for token in state.tokens if token.type in {"heading_open", "heading_close"}]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) - highest + state.env['top'])}"


def _picture(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    words = token.content.strip() or "picture"
    return str(Markup('<a href="{}">{}</a>').format(str(token.attrs.get("src", "")), words))


def _code(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
    lines = "\n".join(highlighted(token.content.rstrip("\n"), language))
    return f'<pre class="code" tabindex="0"><code>{lines}</code></pre>\n'


def _table(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """A table that is wider than the page is moved by itself, with the keyboard too."""
    opens = tokens[index].nesting == 1
    return '<div class="wide" tabindex="0"><table>\n' if opens else "</table></div>\n"
