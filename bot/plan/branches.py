"""What the App's branches are called."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.plan.digest import digest
from bot.plan.parts import OWNED, REST

PREFIX = "patchwright/"
"""Every branch of the App's lies below. One called just ``patchwright`` would be in the way of all of them."""
ONBOARDING = "patchwright/onboarding"
_LONGEST = 60
_REST = "other-folders"  # a folder of this name has a digest behind it
_CLEAN = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*")
_OTHER = re.compile(r"[^a-z0-9_]+")


def branch_name(rule: str, part: str, base: str, rules: Collection[str]) -> str:
    """``patchwright/<rule>``, with the part behind it, and the base where that is not the default branch.

    The same part always has the same name, and two parts never do: where a name had to be changed to be a branch's,
    or could be another rule's, a digest stands behind it. ``base`` is empty for the default branch.
    """
    name = rule
    if part:
        name += f"-{_slug(part)}"
    if base:
        name += f"-on-{_slug(base)}"
    mistakable = any(
        name == other or name.startswith(f"{other}-") for other in rules if len(other) > len(rule)
    )
    if name == ONBOARDING.removeprefix(PREFIX) or (name != rule and mistakable):
        name += f"-{digest([rule, part, base], 3)}"
    return f"{PREFIX}{name}"


def free_name(name: str, taken: Collection[str]) -> str:
    """``name``, or the first of ``name-2``, ``name-3`` ... that is free: people's branches are left to them."""
    number, free = 2, name
    while free in taken:
        free = f"{name}-{number}"
        number += 1
    return free


def _slug(text: str) -> str:
    if text == REST:
        return _REST
    slug = _OTHER.sub("-", text.lower().removeprefix(OWNED)).strip("-")[:_LONGEST].strip("-")
    clean = _CLEAN.fullmatch(text) and len(text) <= _LONGEST
    return slug if clean else f"{slug or 'part'}-{digest([text], 3)}"
