"""The configuration in force for a repository at one commit: its own, or the last one that could be used."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.settings.config import TOML_FILE, YAML_FILES, Config, ConfigError, Problem, read_config

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient

CONFIG_FILES = (*YAML_FILES, TOML_FILE)
"""Where a repository may keep its configuration."""
_FURTHEST = 20
_HEADING = re.compile(r"\s*\[+\s*([\w\"-]+(?:\s*\.\s*[\w\"-]+)?)")


@dataclass(frozen=True)
class InForce:
    """What holds. ``problems`` are the mistakes of the commit's own configuration, where an older one is in force.

    ``sha`` is the commit that it was read at, ``text`` what its file says: of a ``pyproject.toml``, the lines that are
    about it. Empty for the defaults.
    """

    config: Config
    problems: tuple[Problem, ...] = ()
    sha: str = ""
    text: str = ""

    @property
    def problem(self) -> str:
        """The mistakes, one on each line; empty for none."""
        return "\n".join(str(each) for each in self.problems)


def in_force(client: RepositoryClient, read: Callable[[str], bytes], sha: str) -> InForce:
    """The configuration at ``sha``, whose files ``read`` gives.

    Where it can't be used, the newest earlier one that can, found in the history of the files it is kept in;
    without one, the defaults.
    """
    try:
        return _read(read, sha)
    except ConfigError as error:
        problems = error.problems
    for earlier in _history(client, problems, sha):
        try:
            return _read(reading(client, earlier), earlier, problems)
        except ConfigError:
            continue
    return InForce(Config(), problems, sha)


def _read(read: Callable[[str], bytes], sha: str, problems: tuple[Problem, ...] = ()) -> InForce:
    config = read_config(read)
    if config.path is None:
        return InForce(config, problems, sha)
    text = read(config.path).decode("utf-8-sig", errors="replace")
    return InForce(config, problems, sha, own_part(text) if config.path == TOML_FILE else text)


def own_part(text: str) -> str:
    """The tables of a ``pyproject.toml`` that configure the App; all of it where no heading says where they begin."""
    kept: list[str] = []
    own = False
    for line in text.splitlines():
        heading = _HEADING.match(line)
        if heading:
            own = heading[1].replace(" ", "").replace('"', "") == "tool.patchwright"
        if own:
            kept.append(line)
    return "\n".join(kept).strip() + "\n" if kept else text


def _history(client: RepositoryClient, problems: tuple[Problem, ...], sha: str) -> list[str]:
    """The commits before the last one that touched each of the files that are at fault, newest first."""
    commits: list[str] = []
    for path in dict.fromkeys(problem.path for problem in problems):
        for commit in client.file_commits(path, sha, _FURTHEST):
            if commit not in commits:
                commits.append(commit)
    return commits


def reading(client: RepositoryClient, ref: str) -> Callable[[str], bytes]:
    """A reader of files at ``ref`` through the API, each asked for once; raises FileNotFoundError."""
    known: dict[str, bytes | None] = {}

    def read(path: str) -> bytes:
        if path not in known:
            known[path] = client.file(path, ref)
        data = known[path]
        if data is None:
            raise FileNotFoundError(path)
        return data

    return read
