"""What is known of the places that refer to a client, and what is to be written there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["read", "import", "export", "patch", "close"]
Key = tuple[str, str]
"""A name in a file: ``(path, name)``."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Replace ``path[start:end]`` by ``template``.

    In the template ``<getter>`` stands for the getter's name as ``key`` has it, ``<source>`` for its name as ``source``
    has it (where the file imports it from), and ``<private>`` for the private global's. ``role`` ``read`` is a use that
    needs the client, ``close`` one that must not build it. ``test``: the file belongs to a test suite.
    """

    path: str
    start: int
    end: int
    line: int
    role: Role
    template: str
    key: Key
    source: Key
    test: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """A module whose namespace holds the client as ``name``.

    ``source`` is the holder that it imports the client from, ``written`` and ``level`` the module as that import names
    it; None and empty for the module that defines the client. ``renamed``: the import says ``as``.
    """

    path: str
    name: str
    source: Key | None = None
    written: str = ""
    level: int = 0
    renamed: bool = False

    @property
    def key(self) -> Key:
        """The name in its file."""
        return self.path, self.name


@dataclass
class References:
    """All that was found about one name. ``doubts`` make the finding unsafe, ``notes`` only inform.

    ``needs``: files that have to import the getter, with the defining module's name as they know it. ``exposed``: files
    that will see the getter through a star import. ``swallowed``: handlers that would catch an HTTPException.
    """

    found: list[Reference] = field(default_factory=list)
    holders: dict[Key, Holder] = field(default_factory=dict)
    local: dict[Key, Holder] = field(default_factory=dict)
    needs: list[tuple[str, str]] = field(default_factory=list)
    exposed: set[str] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    swallowed: list[str] = field(default_factory=list)
    tested: bool = False

    @property
    def used(self) -> bool:
        """Whether anything outside of tests reads the client."""
        return any(each.role == "read" and not each.test for each in self.found)

    @property
    def only_tests(self) -> bool:
        """Whether tests refer to it, and nothing else does."""
        return not self.used and any(each.test for each in self.found)
