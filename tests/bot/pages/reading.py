"""A page as a reader, a screen reader or a program finds it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_ALONE = {"meta", "link", "input", "br", "hr", "img", "rect", "path", "line", "circle"}


@dataclass
class Form:
    """One form: where it is sent, and its fields."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Read(HTMLParser):
    """The text, headings, links, forms and table rows of a page; ``tags`` are all elements in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.links: dict[str, str] = {}
        self.headings: list[tuple[int, str]] = []
        self.forms: list[Form] = []
        self.rows: list[str] = []
        self._open: list[tuple[str, list[str], str]] = []
        self._all: list[str] = []
        self.feed(html)
        self.close()
        self.text = _joined(self._all)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.attributes += [(tag, name) for name in given]
        if tag == "form":
            self.forms.append(Form(given.get("method", "get"), given.get("action", "")))
        if tag == "input" and self.forms and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        if tag not in _ALONE:
            self._open.append((tag, [], given.get("href", "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            name, words, href = self._open.pop()
            text = _joined(words)
            if name == "a":
                self.links[text] = href
            if re.fullmatch("h[1-6]", name):
                self.headings.append((int(name[1]), text))
            if name == "tr":
                self.rows.append(text)
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        self._all.append(data)
        for _, words, _ in self._open:
            words.append(data)

    def row(self, word: str) -> str:
        """The text of the one row of a table that has ``word`` in it."""
        (found,) = [each for each in self.rows if word in each]
        return found


def _joined(words: list[str]) -> str:
    return " ".join(" ".join(words).split())
