"""The stand-in's addresses, as a GitHub Enterprise Server would lay them out."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

API_PREFIX = "/api/v3"
GRAPHQL_PATH = "/api/graphql"
CODELOAD_PREFIX = "/_codeload"


@dataclass(frozen=True)
class Urls:
    """Addresses below ``root`` (scheme, host and port, no slash at the end).

    Answers are built with the host that was asked for: PyGithub asserts that it stays the same.
    """

    root: str

    def api(self, path: str) -> str:
        """An address of the REST API; ``path`` starts with a slash and is quoted here, but for templates."""
        return self.root + API_PREFIX + quote(path, safe="/{}?=&,:+@%-._~")

    def html(self, path: str) -> str:
        """An address for people."""
        return self.root + quote(path, safe="/{}?=&,:+@%-._~#")

    def user(self, login: str) -> str:
        """An account in the API; the brackets of bots are escaped, as GitHub does."""
        return self.root + API_PREFIX + "/users/" + quote(login, safe="")
