"""The pull requests of the demo as files and as pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from bot.templates import FOLDER

_ENVIRONMENT = Environment(loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, autoescape=True)
_MARKDOWN = MarkdownIt("gfm-like", {"html": False, "linkify": False})
_FOLDED = re.compile(r"&lt;(/?(?:details|summary))&gt;")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_KINDS = {"+": "new", "-": "old", "@": "hunk"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One pull request as it is on the stand-in."""

    number: int
    branch: str
    base: str
    title: str
    body: str
    diff: str

    @property
    def stem(self) -> str:
        """The name of its files, without an ending."""
        return f"{self.number:02d}-{self.branch.rpartition('/')[2]}"

    @property
    def file(self) -> str:
        """The name of its page."""
        return f"{self.stem}.html"


def write(folder: Path, repository: str, pulls: list[Shown], happened: list[tuple[float, str]]) -> Path:
    """Writes ``index.html`` and each pull request as page, Markdown and diff; the index."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("[0-9][0-9]-*.*"):
        old.unlink()
    for pull in pulls:
        (folder / pull.file).write_text(page(pull), encoding="utf-8")
        (folder / f"{pull.stem}.md").write_text(f"# {pull.title}\n\n{pull.body}", encoding="utf-8")
        (folder / f"{pull.stem}.diff").write_text(pull.diff, encoding="utf-8", errors="surrogateescape")
    index = folder / "index.html"
    template = _ENVIRONMENT.get_template("demo/index.html.j2")
    shown = template.render(
        title=f"Patchwright in {repository}", repository=repository, pulls=pulls, happened=happened
    )
    index.write_text(shown, encoding="utf-8")
    return index


def page(pull: Shown) -> str:
    """One pull request as a page: its body as GitHub would show it, and its diff in colour."""
    lines = [(_KINDS.get(line[:1], "line"), line) for line in pull.diff.splitlines()]
    body = Markup(_FOLDED.sub(r"<\1>", _MARKDOWN.render(_COMMENT.sub("", pull.body))))
    return _ENVIRONMENT.get_template("demo/pull.html.j2").render(
        title=pull.title, pull=pull, body=body, lines=lines
    )
