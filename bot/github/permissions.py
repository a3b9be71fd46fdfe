"""Who may do what in the repository."""

from __future__ import annotations

from typing import Literal, get_args
from urllib.parse import quote

from bot.github.answers import text, text_or_empty
from bot.github.errors import Gone
from bot.github.operations import calls
from bot.github.pulls import Pulls

Permission = Literal["admin", "maintain", "write", "triage", "read", "none"]
MAY_WRITE: frozenset[Permission] = frozenset({"admin", "maintain", "write"})
"""Those with which a person may push."""
_KNOWN: dict[str, Permission] = {each: each for each in get_args(Permission)}


class Permissions(Pulls):
    """The permissions of people."""

    @calls("repos/get-collaborator-permission-level")
    def permission(self, login: str) -> Permission:
        """What ``login`` may do here at most; none for somebody who is nobody here.

        Organizations can make roles of their own: GitHub names the nearest of the usual ones beside them
        (``permission``), with maintain shown as write and triage as read.
        """
        try:
            data = self._requests.get(self._at(f"/collaborators/{quote(login, safe='')}/permission"))
        except Gone:
            return "none"
        base = _KNOWN.get(text(data, "permission"), "none")
        role = _KNOWN.get(text_or_empty(data, "role_name"), base)
        return role if (role in MAY_WRITE) == (base in MAY_WRITE) else base
