"""A rule's page: one Markdown file that explains it, cut into its sections."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.engine.registry import Known, find

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTIONS = (
    "What it does",
    "Why is this bad",
    "Example",
    "Use instead",
    "Fix safety",
    "When not to use it",
    "References",
)
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says.

    ``title`` is the first heading, ``summary`` the first paragraph below it, ``sections`` what each second-level
    heading holds, by its words without a question mark; ``text`` is all of it.
    """

    title: str
    summary: str
    sections: Mapping[str, str]
    text: str

    def section(self, name: str) -> str:
        """The text of a section, empty if the page has none of this name."""
        wanted = _key(name)
        return next((text for title, text in self.sections.items() if _key(title) == wanted), "")


def read_page(text: str) -> Page:
    """Cuts a page into its parts; headings inside fenced code are code."""
    title = ""
    current: str | None = None
    parts: dict[str | None, list[str]] = {None: []}
    fence = ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1][0] == fence[0] and len(mark[1]) >= len(fence) and line.strip() == mark[1]:
            fence = ""
        heading = None if fence or mark else _HEADING.match(line)
        if heading and len(heading[1]) == 1 and not title:
            title = heading[2].strip("`")
        elif heading and len(heading[1]) == 2:
            current = heading[2].rstrip("?").strip()
            parts.setdefault(current, [])
        else:
            parts[current].append(line)
    sections = {name: "\n".join(lines).strip() for name, lines in parts.items() if name is not None}
    opening = "\n".join(parts[None]).strip() or sections.get(SECTIONS[0], "")
    summary = " ".join(opening.split("\n\n", maxsplit=1)[0].split())
    return Page(title, summary, sections, text)


def page_of(rule: str) -> Page:
    """The page of the rule with this name; an empty one for rules that come without. Raises UnknownRule."""
    return _read(find(rule))


@cache
def _read(rule: Known) -> Page:
    path = rule.page
    if path is None:
        path = _beside(rule.module)
    if path is None or not path.is_file():
        return Page(rule.name, "", {}, "")
    return read_page(path.read_text(encoding="utf-8"))


def _beside(module: str) -> Path | None:
    """The page beside an installed rule's module, which is not imported for it."""
    from importlib.util import find_spec

    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin)
    return (origin.parent if origin.name == "__init__.py" else origin).with_suffix(".md")


def _key(title: str) -> str:
    return title.rstrip("?").strip().lower()
