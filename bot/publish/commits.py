"""Making a commit through the Git data API: files by their contents, modes as they were, no author given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.github.client import Blob, Content
from bot.github.errors import Refused

if TYPE_CHECKING:
    from bot.github.client import RepositoryClient
    from bot.plan.actions import Commit

FILE = "100644"
EXECUTABLE = "100755"
TREE = "040000"
_INLINE_BYTES = 200_000
_INLINE_BYTES_TOGETHER = 2_000_000
_SPECIAL = {"120000": "a symbolic link", "160000": "a submodule", TREE: "a folder"}


class Bases:
    """The commits that new ones are made on, each read once for all actions of one publishing.

    ``modes`` are git's modes (``100644``) by path for commits whose whole tree is known already, by commit.
    """

    def __init__(
        self, client: RepositoryClient, modes: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        self._client = client
        self._given = dict(modes or {})
        self._trees: dict[str, str] = {}
        self._read: dict[str, dict[str, str]] = {}
        self._truncated: set[str] = set()

    def tree(self, commit: str) -> str:
        """The SHA of a commit's tree."""
        if commit not in self._trees:
            self._trees[commit] = self._client.commit(commit).tree
        return self._trees[commit]

    def mode(self, commit: str, path: str) -> str | None:
        """The mode of the regular file at ``path``, None where there is nothing.

        Raises Refused where a link, a submodule or a folder is in the way: nothing is written through it.
        """
        parts = path.split("/")
        if not all(parts) or any(part in (".", "..") or part.lower() == ".git" for part in parts):
            raise Refused(f"{path!r} is no path of a file in a repository")
        for length in range(1, len(parts)):
            above = "/".join(parts[:length])
            if self._mode(commit, above) not in (None, TREE):
                raise Refused(f"{path} cannot be changed: {above} is no folder in {commit}")
        mode = self._mode(commit, path)
        if mode is None and self._is_folder(commit, path):
            mode = TREE
        if mode in _SPECIAL:
            raise Refused(f"{path} cannot be changed: it is {_SPECIAL[mode]} in {commit}")
        return mode

    def _is_folder(self, commit: str, path: str) -> bool:
        return any(each.startswith(f"{path}/") for each in self._given.get(commit, ()))

    def _mode(self, commit: str, path: str) -> str | None:
        if commit in self._given:
            return self._given[commit].get(path)
        if commit not in self._read:
            listing = self._client.tree(self.tree(commit))
            self._read[commit] = (
                {} if listing.truncated else {each.path: each.mode for each in listing.entries}
            )
            if listing.truncated:
                self._truncated.add(commit)
        if commit in self._truncated:
            return self._walked(commit, path)
        return self._read[commit].get(path)

    def _walked(self, commit: str, path: str) -> str | None:
        """One folder after another, where the whole tree is too large for one answer."""
        known = self._read[commit]
        folder, tree = "", self.tree(commit)
        for part in path.split("/"):
            if f"{folder}/" not in known:
                known[f"{folder}/"] = ""
                for each in self._client.tree_flat(tree).entries:
                    inside = f"{folder}/{each.path}".lstrip("/")
                    known[inside] = each.mode
                    known[f"tree of {inside}"] = each.sha
            folder = f"{folder}/{part}".lstrip("/")
            if known.get(folder) != TREE:
                return known.get(folder) if folder == path else None
            tree = known[f"tree of {folder}"]
        return known.get(path)


def make_commit(client: RepositoryClient, commit: Commit, bases: Bases) -> str | None:
    """The SHA of a new commit, on no branch yet; None where it would change nothing.

    Existing files keep their modes. A file that is to be deleted and isn't there is passed over. Raises Refused
    for a path through or onto a symbolic link, a submodule or a folder.
    """
    before = bases.tree(commit.parent)
    entries: list[tuple[str, str, Content]] = []
    inline_left = _INLINE_BYTES_TOGETHER
    for path, data in sorted(commit.files.items()):
        mode = bases.mode(commit.parent, path)
        if data is None:
            if mode is not None:
                entries.append((path, mode, None))
            continue
        text = _inline(data, inline_left)
        if text is not None:
            inline_left -= len(data)
        kept = EXECUTABLE if mode == EXECUTABLE else FILE
        entries.append((path, kept, Blob(client.create_blob(data)) if text is None else text))
    after = client.create_tree(before, entries) if entries else before
    return None if after == before else client.create_commit(commit.message, after, [commit.parent])


def _inline(data: bytes, left: int) -> str | None:
    """The text of a file that can stand in the request for a tree as it is; None where a blob is safer."""
    if len(data) > min(_INLINE_BYTES, left) or b"\0" in data or data.startswith(b"\xef\xbb\xbf"):
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None
