"""The commands in a comment. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from itertools import islice

from bot.commands.plain_lines import plain_lines

MOST = 5
"""How many commands of one comment are run."""
_AROUND = "\"'`´“”‘’*_()[]<>{}.,;:!?…"  # noqa: RUF001 - what people put around and behind words
_POLITE = frozenset({"please", "pls", "plz"})
_HTML = re.compile(r"<!--.*?(?:-->|$)")
_MOST_LINES = 100
_WORDY = 4
_LONGEST_WORD = 60


class Name(StrEnum):
    """The commands."""

    FIX = "fix"
    REBASE = "rebase"
    RECREATE = "recreate"
    EXPLAIN = "explain"
    IGNORE = "ignore"
    UNIGNORE = "unignore"
    PAUSE = "pause"
    RESUME = "resume"
    STATUS = "status"
    HELP = "help"


class Scope(StrEnum):
    """How far ``ignore`` reaches."""

    HERE = "here"
    FILE = "file"
    REPO = "repo"


USAGE = {
    Name.FIX: "fix [rule]",
    Name.REBASE: "rebase",
    Name.RECREATE: "recreate",
    Name.EXPLAIN: "explain <rule>",
    Name.IGNORE: "ignore <rule> [here|file|repo]",
    Name.UNIGNORE: "unignore [rule]",
    Name.PAUSE: "pause",
    Name.RESUME: "resume",
    Name.STATUS: "status",
    Name.HELP: "help",
}
"""What may stand behind each command."""
_TAKES_RULE = frozenset({Name.FIX, Name.EXPLAIN, Name.IGNORE, Name.UNIGNORE})
_NEEDS_RULE = frozenset({Name.EXPLAIN, Name.IGNORE})
_SCOPES = {
    "here": Scope.HERE,
    "line": Scope.HERE,
    "file": Scope.FILE,
    "repo": Scope.REPO,
    "repository": Scope.REPO,
}


@dataclass(frozen=True, slots=True)
class Command:
    """One command, as it is to be carried out. ``rule`` is empty where none is named."""

    name: Name
    rule: str = ""
    scope: Scope | None = None

    def __str__(self) -> str:
        return " ".join(filter(None, [self.name, self.rule, self.scope]))


class Mistake(StrEnum):
    """Why a line that speaks to the App is no command."""

    COMMAND = "command"
    RULE = "rule"
    NO_RULE = "no-rule"
    SCOPE = "scope"
    MORE = "more"
    TOO_MANY = "too-many"


@dataclass(frozen=True, slots=True)
class Unclear:
    """A line that can't be carried out. ``word`` is what is not understood, ``meant`` what may have been meant.

    ``usage`` is how the command is written. For TOO_MANY ``word`` is how many were left out.
    """

    mistake: Mistake
    word: str = ""
    meant: str = ""
    usage: str = ""

    def __str__(self) -> str:
        return self.word


def commands(body: str, slug: str, rules: Collection[str]) -> tuple[Command | Unclear, ...]:
    """What a comment tells the App called ``slug`` to do, in order: lines that begin with ``/patchwright`` or ``@slug``.

    Case does not matter, nor do punctuation and quotation marks around words. The same line twice is one command.
    At most `MOST` are given, then one Unclear says how many are left out.
    """
    found: list[Command | Unclear] = []
    for line in islice(_addressed(body, slug), _MOST_LINES):
        one = _read(line, rules)
        if one is not None and one not in found:
            found.append(one)
    if len(found) > MOST:
        return (*found[:MOST], Unclear(Mistake.TOO_MANY, str(len(found) - MOST)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Line:
    words: list[str]
    mention: bool


def _addressed(body: str, slug: str) -> Iterator[_Line]:
    """The lines that speak to the App, without the address."""
    name = re.escape(slug)
    address = re.compile(
        rf"(?:/patchwright|(?P<mention>@{name}(?:\[bot\])?))(?=$|[\s:,;.!?])[:,;.!?]*(?P<rest>.*)",
        re.IGNORECASE,
    )
    for line in plain_lines(body):
        found = address.fullmatch(line)
        if found:
            words = [word for each in _HTML.sub(" ", found["rest"]).split() if (word := each.strip(_AROUND))]
            yield _Line([word for word in words if word.lower() not in _POLITE], found["mention"] is not None)


def _read(line: _Line, rules: Collection[str]) -> Command | Unclear | None:
    """The command; None where a mention only begins a sentence about the App."""
    if not line.words:
        return Command(Name.HELP)
    word, *rest = (each.lower() for each in line.words)
    if word not in list(Name):
        meant = _close(word, list(Name))
        if line.mention and not meant and len(line.words) > _WORDY:
            return None
        return Unclear(Mistake.COMMAND, _cut(line.words[0]), meant)
    name = Name(word)
    usage = USAGE[name]
    rule = ""
    if name in _TAKES_RULE and rest:
        said, *rest = rest
        rule = _hyphens(said)
        if rule not in rules:
            return Unclear(Mistake.RULE, _cut(said), _close(rule, rules), usage)
    if name in _NEEDS_RULE and not rule:
        return Unclear(Mistake.NO_RULE, usage=usage)
    scope = None
    if name is Name.IGNORE and rest:
        said, *rest = rest
        scope = _SCOPES.get(said)
        if scope is None:
            return Unclear(Mistake.SCOPE, _cut(said), _close(said, list(Scope)), usage)
    if rest:
        return Unclear(Mistake.MORE, _cut(" ".join(rest)), usage=usage)
    return Command(name, rule, scope)


def _close(word: str, words: Collection[str]) -> str:
    return next(iter(get_close_matches(_hyphens(word), sorted(words), n=1, cutoff=0.6)), "")


def _hyphens(word: str) -> str:
    return word.replace("_", "-")


def _cut(word: str) -> str:
    return word if len(word) <= _LONGEST_WORD else f"{word[:_LONGEST_WORD]}…"
