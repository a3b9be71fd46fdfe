"""A configuration to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.engine.settings.config import TOML_FILE, YAML_FILES

if TYPE_CHECKING:
    from pathlib import Path

STARTER = """\
# What patchwright does in this repository. Every line can go: what is not said has the value shown here.
# `patchwright config validate` checks this file, `patchwright schema` prints its JSON schema.

# rules:
#   mock-target: off
#   lazy-client:
#     exclude: ["scripts/**"]

# per-path:
#   "legacy/**":
#     atomic-redis: off

exclude: []                  # globs, as in .gitignore, of files to leave alone
unsafe-fixes: false          # write patches that a person must look at, too

base-branches: []            # pull requests for these, in place of the default branch
max-open-pull-requests: 3
split-above: 30              # files; a larger pull request is divided by code owners or folders
labels: []
reviewers: []                # users, and teams as org/team
commit-style: auto           # as the history has it, or plain, or conventional
suggestions: on              # as review comments on pull requests
max-comments: 10             # as many review comments on one pull request at most
check-conclusion: neutral    # or success, failure, action_required

clients: []                  # further classes for lazy-client, such as acme.sdk.Client
timeout-seconds: 10          # what missing-timeout writes
"""
"""Every setting with its default. With it, a repository is treated as without it."""


class NotWanted(Exception):  # noqa: N818 - the reason is what counts
    """There is a configuration already, or none can be written; ``str(reason)`` says which."""


def write_starter(root: Path) -> Path:
    """Writes ``.github/patchwright.yml`` below ``root``; its path. Raises NotWanted."""
    for name in YAML_FILES:
        if (root / name).exists():
            raise NotWanted(f"{name} is there already.")
    pyproject = root / TOML_FILE
    try:
        if pyproject.is_file() and b"[tool.patchwright" in pyproject.read_bytes():
            raise NotWanted(f"{TOML_FILE} configures patchwright already.")
        path = root / YAML_FILES[0]
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(STARTER)
    except OSError as error:
        raise NotWanted(f"{error.filename or root}: {error.strerror or error}") from error
    return path
