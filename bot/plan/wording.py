"""Titles and commit messages, in the repository's own style."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from bot import templates
from bot.markdown import plain
from bot.plan.parts import OWNED, REST, in_words
from bot.plan.value import is_test
from bot.version import own_version

if TYPE_CHECKING:
    from codemods.engine.page import Page
    from codemods.engine.run.report import Reported
    from codemods.engine.settings.config import Config

LONGEST_TITLE = 200
WIDTH = 72
_CONVENTIONAL = re.compile(
    r"(build|chore|ci|deps|docs|feat|fix|perf|refactor|revert|style|test)(\([^()]+\))?!?: \S"
)
_MERGE = re.compile(r"Merge (branch|pull request|remote-tracking branch|tag|commit)\b")
_SCOPE = re.compile(r"[a-z0-9][a-z0-9_.-]*")
# Phrases by which GitHub, GitLab, Azure and others are told not to run checks: required ones would wait for ever.
_SKIPS = re.compile(r"(?<=\[)(?=(?:skip|ci|no|actions)[ -])|(?<=\*\*\*)(?=NO_CI)", re.IGNORECASE)
_FEWEST = 5


def conventional(subjects: Iterable[str]) -> bool:
    """Whether a history's subjects follow Conventional Commits: of at least 5 that are no merges, more than half.

    [conventionalcommits.org, 1.0.0; its types as commitlint's config-conventional has them]
    """
    own = [subject for subject in subjects if not _MERGE.match(subject)]
    matching = sum(_CONVENTIONAL.match(subject) is not None for subject in own)
    return len(own) >= _FEWEST and 2 * matching > len(own)


def is_conventional(config: Config, *, history: bool) -> bool:
    """Which style to write: what the configuration says, else what the history has."""
    return config.commit_style == "conventional" or (config.commit_style == "auto" and history)


def headline(rule: str, page: Page) -> str:
    """What is put right: the page's title says what is wrong."""
    wrong = page.title.removeprefix(rule).lstrip(": ").strip().rstrip(".")
    return f"Fix {wrong or rule}"


def subject(words: str, part: str, paths: Collection[str], *, style: bool) -> str:
    """What is done, as a title without the count; ``style``: as a conventional commit.

    A squash makes the title a commit's subject: it asks for no check to be skipped, either.
    """
    return _SKIPS.sub("\u200b", _subject(words, part, paths, style=style))


def _subject(words: str, part: str, paths: Collection[str], *, style: bool) -> str:
    if not style:
        return plain(f"{words}{in_words(part, paths)}")
    kind = "test" if paths and all(is_test(path) for path in paths) else "fix"
    scope = PurePosixPath(part).name if part and part != REST and not part.startswith(OWNED) else ""
    if _SCOPE.fullmatch(scope):
        return f"{kind}({scope}): {plain(words.removeprefix('Fix '))}"
    return f"{kind}: {plain(words.removeprefix('Fix ') + in_words(part, paths))}"


def title(words: str, places: int) -> str:
    """A pull request's title: what is done, and at how many places."""
    return shortened(f"{words} ({places} place{'s' if places != 1 else ''})", LONGEST_TITLE)


def commit_message(
    rule: str, words: str, summary: str, *, sites: Collection[Reported] = (), patch: str
) -> str:
    """The message of the App's commit: subject, reason, places, and the trailers it is known by."""
    text = templates.render(
        "commit_message.txt.j2",
        subject=shortened(words, WIDTH),
        summary=textwrap.fill(summary, WIDTH, break_long_words=False, break_on_hyphens=False),
        sites=list(sites),
        rule=rule,
        patch=patch,
        version=own_version(),
    )
    return _SKIPS.sub("\u200b", text)


def shortened(text: str, longest: int) -> str:
    """``text``, cut between words where it is too long."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    return f"{cut.rpartition(' ')[0] if ' ' in cut else cut}…"
