"""What a rule says about one place in the code, and what it would change there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Applicability(StrEnum):
    """How far a patch may be trusted, in ruff's sense of the word."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY_ONLY = "display-only"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule's pattern was proven.

    ``line``, ``column`` and ``end_line`` count from 1; ``column`` counts characters.
    ``message`` says what is wrong there in one sentence. ``reason`` says what was proven, or, for a
    display-only finding, what could not be. ``notes`` are sentences about what may behave differently
    after the patch. ``evidence`` is the rule's own: what its ``rewrite`` needs to know; it must be
    picklable, because findings cross process borders and are cached.
    """

    rule: str
    path: str
    line: int
    column: int
    end_line: int
    message: str
    applicability: Applicability
    reason: str
    notes: tuple[str, ...] = ()
    evidence: object = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``text[start:end]`` of the decoded file ``path`` by ``text``; offsets count characters."""

    path: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class ImportNeed:
    """The file ``path`` must bind ``name``: ``import module`` or, with ``attribute``, ``from module import attribute``.

    The engine reuses an import that already binds it, and otherwise adds one where the file keeps its imports.
    """

    path: str
    module: str
    attribute: str | None = None
    alias: str | None = None

    @property
    def name(self) -> str:
        """The name that the import binds."""
        return self.alias or self.attribute or self.module.split(".", maxsplit=1)[0]


@dataclass(frozen=True, slots=True)
class Change:
    """All that one finding's patch does, over all files: everything in it is applied, or nothing is.

    Imports that the edits orphan need not be listed: the engine removes them, unless they are re-exports.
    """

    edits: tuple[Edit, ...]
    imports: tuple[ImportNeed, ...] = ()


class Refused(Exception):  # noqa: N818 - an answer, not a failure
    """A rule cannot write this patch; ``str(refused)`` is the reason that the report shows."""
