"""Commits, trees and blobs: reading them, and making new ones."""

from __future__ import annotations

import base64
import hashlib
import logging
import time
from collections.abc import Iterable, Sequence
from typing import IO, Any
from urllib.parse import quote, urljoin, urlsplit

import httpx

from bot.github.answers import items, text, text_or_empty, within
from bot.github.errors import Passing, Refused
from bot.github.model import CommitInfo, Entry, Listing
from bot.github.operations import calls
from bot.github.repository import OneRepository, by_sha, decoded
from bot.github.requests import USER_AGENT

logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)
"""They log whole addresses, and the one of a tarball carries a token."""

TARBALL_BYTES = 1_000_000_000
"""The largest compressed tarball that is taken."""

_TARBALL_SECONDS = 300
_CHUNK = 1 << 16


class Blob(str):
    """The SHA of a blob that exists already, where inline text could stand."""

    __slots__ = ()


Content = Blob | str | None
"""What becomes of a path in a new tree: an existing blob, this text, or (None) nothing more."""


def blob_sha(data: bytes) -> str:
    """The name that git gives to these bytes (SHA-1)."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


class GitData(OneRepository):
    """The Git database."""

    @calls("git/get-commit")
    def commit(self, sha: str) -> CommitInfo:
        """One commit."""
        with by_sha():
            data = self._requests.get(self._at(f"/git/commits/{quote(sha, safe='')}"))
        return CommitInfo(
            sha=text(data, "sha"),
            tree=text(data, "tree", "sha"),
            parents=tuple(text(each, "sha") for each in items(data, "parents")),
            message=text_or_empty(data, "message"),
            author_name=text_or_empty(data, "author", "name"),
            author_email=text_or_empty(data, "author", "email"),
            committer_name=text_or_empty(data, "committer", "name"),
            committer_email=text_or_empty(data, "committer", "email"),
            verified=within(data, "verification", "verified") is True,
        )

    def tree(self, sha: str) -> Listing:
        """All entries below a tree or commit; ``truncated`` if GitHub left some out."""
        return self._tree(sha, recursive=1)

    def tree_flat(self, sha: str) -> Listing:
        """The entries of one tree, without those below its sub-trees."""
        return self._tree(sha)

    @calls("git/get-tree")
    def _tree(self, sha: str, **parameters: int) -> Listing:
        with by_sha():
            data = self._requests.get(self._at(f"/git/trees/{quote(sha, safe='')}"), **parameters)
        entries = []
        for each in items(data, "tree"):
            try:
                path, mode, kind, name = each["path"], each["mode"], each["type"], each["sha"]
                size = each.get("size")
            except (TypeError, KeyError, AttributeError):
                raise Passing(
                    "GitHub's answer holds an entry of a tree without path, mode, type or sha"
                ) from None
            entries.append(Entry(path, mode, kind, name, size if isinstance(size, int) else 0))
        return Listing(tuple(entries), truncated=within(data, "truncated") is True)

    @calls("git/get-blob")
    def blob(self, sha: str, /) -> bytes:
        """The bytes of one blob, checked against ``sha``.

        Raises Passing where the bytes are not those that git calls ``sha``.
        """
        with by_sha():
            found = decoded(self._requests.get(self._at(f"/git/blobs/{quote(sha, safe='')}")))
        if blob_sha(found) != sha:
            raise Passing(f"blob {sha}: GitHub's answer holds other bytes")
        return found

    @calls("repos/download-tarball-archive")
    def tarball(self, sha: str, file: IO[bytes], limit: int = TARBALL_BYTES) -> None:
        """Streams the gzipped tarball of a commit into ``file``. Raises Refused when it is larger than ``limit``."""
        with by_sha():
            answer = self._requests.answer("GET", self._at(f"/tarball/{quote(sha, safe='')}"), redirect=True)
        link = urljoin(self.app.api_url, answer.headers.get("location", ""))
        if answer.status != 302 or urlsplit(link).scheme not in ("https", urlsplit(self.app.api_url).scheme):
            raise Passing(f"tarball of {sha}: GitHub gives no link to it")
        try:
            _download(link, file, limit, float(self.app.timeout_seconds), f"tarball of {sha}")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Passing(f"tarball of {sha}: the download failed ({type(error).__name__})") from None

    @calls("git/create-blob")
    def create_blob(self, data: bytes) -> str:
        """Stores bytes; their SHA."""
        body = {"content": base64.b64encode(data).decode("ascii"), "encoding": "base64"}
        return self._made("/git/blobs", body)

    @calls("git/create-tree")
    def create_tree(self, base_tree: str, entries: Iterable[tuple[str, str, Content]]) -> str:
        """A tree like ``base_tree`` but for ``entries``: (path, mode, ``Content``). Its SHA."""
        changed: list[dict[str, str | None]] = []
        for path, mode, content in entries:
            entry: dict[str, str | None] = {"path": path, "mode": mode, "type": "blob"}
            inline = isinstance(content, str) and not isinstance(content, Blob)
            entry["content" if inline else "sha"] = content
            changed.append(entry)
        body = {"base_tree": base_tree, "tree": changed}
        return self._made("/git/trees", body)

    @calls("git/create-commit")
    def create_commit(self, message: str, tree: str, parents: Sequence[str]) -> str:
        """A commit by the App: no author is given, so that GitHub signs it and shows it as Verified. Its SHA."""
        body = {"message": message, "tree": tree, "parents": list(parents)}
        return self._made("/git/commits", body)

    def _made(self, path: str, body: dict[str, Any]) -> str:
        with by_sha():
            return text(self._requests.write("POST", self._at(path), body), "sha")


def _download(link: str, file: IO[bytes], limit: int, timeout: float, what: str) -> None:
    """The link carries its own short-lived token: the App's is not sent to where it leads."""
    ends = time.monotonic() + _TARBALL_SECONDS
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    with (
        httpx.Client(timeout=timeout, follow_redirects=True, max_redirects=3) as client,
        client.stream("GET", link, headers=headers) as answer,
    ):
        if answer.status_code != 200:
            raise Passing(f"GitHub answered {answer.status_code} to {what}")
        size = 0
        for chunk in answer.iter_raw(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise Refused(f"larger than {limit:,} bytes ({what})")
            if time.monotonic() > ends:
                raise Passing(f"not done within {_TARBALL_SECONDS} s ({what})")
            file.write(chunk)
