"""What git says of a checkout: its page, its commit, its history's style. Nothing of it is needed for a preview."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from bot.plan.state import State
from bot.plan.wording import conventional

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 10.0
_SUBJECTS = 50
_REMOTE = re.compile(
    r"(?:https?://(?:[^@/]*@)?|ssh://(?:[^@/]*@)?|git@)(?P<host>[\w.-]+)(?::\d+(?=/))?[:/]"
    r"(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?"
)


def state_of(root: Path) -> State:
    """The repository as the App would find it on its first day: nothing open, nothing declined.

    ``url``, ``base`` and ``base_sha`` are empty where ``root`` is not the top of a git checkout, ``url`` also where
    its remote ``origin`` is no owner's repository on a host.
    """
    if os.path.realpath(_git(root, "rev-parse", "--show-toplevel") or os.devnull) != os.path.realpath(root):
        return State(root.name, "", "", "")
    return State(
        repository=root.name,
        url=_page(_git(root, "config", "--get", "remote.origin.url")),
        base=_git(root, "symbolic-ref", "--short", "HEAD"),
        base_sha=_git(root, "rev-parse", "--verify", "--quiet", "HEAD"),
        conventional=conventional(_git(root, "log", f"-{_SUBJECTS}", "--format=%s").splitlines()),
    )


def _page(remote: str) -> str:
    """The page of a remote's repository, without whatever secret its address holds."""
    found = _REMOTE.fullmatch(remote)
    return f"https://{found['host']}/{found['name']}" if found else ""


def _git(root: Path, *words: str) -> str:
    """What git prints, without the line's end; empty where it fails or is not there."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, no shell
            ["git", "-C", str(root), *words],  # noqa: S607 - the user's git, as they would call it
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""
