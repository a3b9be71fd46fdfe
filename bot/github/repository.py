"""The repository itself: what it is called now, and who the App is there."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from bot.github.answers import items, number, text, text_or_empty, within
from bot.github.app_api import app_slug
from bot.github.connection import RENAMED
from bot.github.errors import Gone, Passing, Refused
from bot.github.model import RepositoryInfo
from bot.github.operations import calls
from bot.github.requests import Requests

if TYPE_CHECKING:
    from bot.events import work
    from bot.github.model import CommitInfo
    from bot.github.signing_in import App


_SHA = re.compile(r"[0-9a-f]{40}")


class OneRepository:
    """What all parts of the client share. The repository is looked up once, before the first request below it.

    A delivery may carry an old name, and an old name may by now be another repository's: ``id`` decides.
    """

    def __init__(self, app: App, repository: work.Repository) -> None:
        self.app = app
        self.id = repository.id
        self._requests = Requests(app, repository.installation, repository.id)
        self._known_as = repository.full_name
        self._info: RepositoryInfo | None = None

    def close(self) -> None:
        """Closes the connections."""
        self._requests.close()

    @property
    def rate_limit_left(self) -> int | None:
        """What the last answer said of the installation's hourly budget; None before the first."""
        return self._requests.rate_limit_left

    @property
    def full_name(self) -> str:
        """``owner/name`` as of now."""
        return self.repository().full_name

    @property
    def owner(self) -> str:
        """The login that the repository lies under."""
        return self.full_name.partition("/")[0]

    @property
    def app_slug(self) -> str:
        """The App's name in addresses and logins."""
        return app_slug(self.app)

    @property
    def bot_login(self) -> str:
        """The login that the App's pull requests and comments carry."""
        return f"{self.app_slug}[bot]"

    @property
    def bot_email(self) -> str:
        """The address that GitHub writes into commits that the App makes without naming an author."""
        host = urlsplit(self.app.api_url).hostname or ""
        enterprise = urlsplit(self.app.api_url).path.endswith("/v3") and not _loopback(host)
        return f"{self._bot_id()}+{self.bot_login}@users.noreply.{host if enterprise else 'github.com'}"

    def made_by_app(self, commit: CommitInfo) -> bool:
        """Whether the App made the commit through the API.

        Amending or rebasing keeps the author and names the person as committer: such a commit is the person's.
        """
        ours = f"{self._bot_id()}+{self.bot_login}@users.noreply."
        committed = commit.committer_email
        by_github = re.match(r"noreply@", committed) is not None
        return commit.author_email.startswith(ours) and (by_github or committed.startswith(ours))

    @calls("users/get-by-username")
    def _bot_id(self) -> int:
        if not self.app.bot_id:
            self.app.bot_id = number(self._requests.get(f"/users/{quote(self.bot_login, safe='')}"), "id")
        return self.app.bot_id

    @calls("repos/get")
    def repository(self) -> RepositoryInfo:
        """The repository as it is now. Raises Gone where the installation may not see it any more."""
        if self._info is None:
            data: Any = None
            try:
                data = self._requests.get(f"/repos/{quote(self._known_as)}")
            except Refused:  # a blocked repository is still listed, as disabled
                data = self._by_id()
            except Passing as error:
                if error.status != RENAMED:
                    raise
                data = self._by_id()
            if within(data, "id") != self.id:
                data = self._by_id()
            self._info = self._read(data)
        return self._info

    @calls("apps/list-repos-accessible-to-installation")
    def _by_id(self) -> Any:
        for each in self._requests.pages("/installation/repositories", "repositories"):
            if within(each, "id") == self.id:
                return each
        raise Gone(
            f"repository {self.id} ({self._known_as}) is gone, or the installation may not see it any more"
        )

    @calls("git/get-ref")
    def _read(self, data: Any) -> RepositoryInfo:
        name = text(data, "full_name")
        branch = text(data, "default_branch")
        empty = False
        if within(data, "size") == 0:  # in whole kilobytes, and counted late: not yet a proof
            empty = self._tip(name, branch) is None
        return RepositoryInfo(
            id=number(data, "id"),
            node_id=text(data, "node_id"),
            full_name=name,
            html_url=text(data, "html_url"),
            default_branch=branch,
            archived=bool(within(data, "archived")),
            disabled=bool(within(data, "disabled")),
            fork=bool(within(data, "fork")),
            private=bool(within(data, "private")),
            empty=empty,
        )

    def _tip(self, name: str, branch: str) -> str | None:
        """The commit at the tip of a branch; None where there is no such branch, or nothing at all."""
        try:
            data = self._requests.get(f"/repos/{quote(name)}/git/ref/heads/{quote(branch)}")
        except Gone as error:
            if not _not_found(error):
                raise
            return None
        except Passing as error:
            if "empty" in str(error).lower():  # 409: "Git Repository is empty."
                return None
            raise
        return text(data, "object", "sha")

    def _at(self, path: str) -> str:
        return f"/repos/{quote(self.full_name)}{path}"

    @calls("repos/get-content")
    def file(self, path: str, ref: str) -> bytes | None:
        """The bytes of one file at a commit or branch; None where there is no such file or branch.

        A folder, a submodule and a link that leads out of the repository are no files. Raises Passing for a commit
        that GitHub does not know (yet).
        """
        try:
            data = self._requests.get(self._at(f"/contents/{quote(path)}"), ref=ref)
        except Gone as error:
            if not _not_found(error):
                raise
            return None
        except Passing as error:
            if "no commit found" in str(error).lower() and not _SHA.fullmatch(ref):
                return None
            raise
        if within(data, "type") != "file":
            return None
        if text_or_empty(data, "encoding") == "base64":  # above 1 MB there is no content
            return decoded(data)
        return self.blob(text(data, "sha"))

    def blob(self, sha: str, /) -> bytes:
        """The bytes of one blob, checked against ``sha``."""
        raise NotImplementedError

    def recent_subjects(self, sha: str, count: int = 50) -> list[str]:
        """The first lines of the messages of the last ``count`` (at most 100) commits up to ``sha``, newest first."""
        return list(self.recent_commits(sha, count).values())

    @calls("repos/list-commits")
    def recent_commits(self, sha: str, count: int = 50) -> dict[str, str]:
        """The last ``count`` (at most 100) commits up to ``sha``, newest first: the first lines of their messages by SHA."""
        with by_sha():
            found = self._requests.get(self._at("/commits"), sha=sha, per_page=count)
        return {
            text(each, "sha"): text_or_empty(each, "commit", "message").partition("\n")[0]
            for each in items(found)
        }

    @calls("repos/list-commits")
    def file_commits(self, path: str, sha: str, count: int = 20) -> list[str]:
        """The last ``count`` (at most 100) commits up to ``sha`` that touched ``path``, newest first."""
        with by_sha():
            found = self._requests.get(self._at("/commits"), sha=sha, path=path, per_page=count)
        return [text(each, "sha") for each in items(found)]


@contextmanager
def by_sha() -> Iterator[None]:
    """What is asked for by its SHA was there when GitHub named it: a replica that lacks it is late, not right.

    Whether the repository itself is gone shows when it is looked up the next time.
    """
    try:
        yield
    except Gone as error:
        raise Passing(f"{error}: not there yet, or no longer") from None


def decoded(data: Any) -> bytes:
    """The bytes that an answer with ``content`` and ``encoding`` holds. Raises Passing."""
    content, encoding = text(data, "content"), text_or_empty(data, "encoding")
    try:
        return base64.b64decode(content) if encoding == "base64" else content.encode("utf-8")
    except (binascii.Error, ValueError):
        raise Passing("GitHub's answer holds a content that is no base64") from None


def _not_found(error: Gone) -> bool:
    return error.status == 404


def _loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
