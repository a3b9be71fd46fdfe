"""What git says of a commit: its files as a listing, and their contents by SHA."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from codemods.engine.files.listed import ListedFile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

IDENTITY = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always")


def git(root: Path, *arguments: str, data: bytes = b"") -> bytes:
    return subprocess.run(
        ["git", *IDENTITY, *arguments], cwd=root, check=True, input=data, capture_output=True
    ).stdout


def committed(root: Path) -> Path:
    """The repository at ``root``, with all that lies in it committed, also what it ignores."""
    git(root, "add", "--all", "--force")
    git(root, "commit", "--quiet", "--allow-empty", "-m", "all")
    return root


def files_of(root: Path) -> list[ListedFile]:
    """The listing of ``HEAD``."""
    found = []
    for line in git(root, "ls-tree", "-r", "-l", "-z", "HEAD").split(b"\0")[:-1]:
        about, _, path = line.partition(b"\t")
        mode, _, sha, size = about.decode().split()
        found.append(ListedFile(os.fsdecode(path), mode, sha, 0 if size == "-" else int(size)))
    return found


class GitBlobs:
    """The contents of a repository's blobs; ``asked`` counts how often each was read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: dict[str, int] = {}

    def get_many(self, shas: Iterable[str]) -> dict[str, bytes]:
        wanted = list(shas)
        answer = git(self.root, "cat-file", "--batch", data="".join(f"{sha}\n" for sha in wanted).encode())
        found, position = {}, 0
        for sha in wanted:
            self.asked[sha] = self.asked.get(sha, 0) + 1
            end = answer.index(b"\n", position)
            head = answer[position:end].decode().split()
            position = end + 1
            if head[1] != "missing":
                size = int(head[2])
                found[sha] = answer[position : position + size]
                position += size + 1
        return found
