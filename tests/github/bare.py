"""A bare git repository on disk, through git's own plumbing."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.github import object_reader
from tests.github.object_reader import ENVIRONMENT

ZERO = "0" * 40
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tfsync = none
[http]
\treceivepack = true
[uploadpack]
\tallowAnySHA1InWant = true
\tallowFilter = true
[gc]
\tauto = 0
[receive]
\tautogc = false
[fastimport]
\tunpackLimit = 1
[advice]
\tdetachedHead = false
"""


class GitError(Exception):
    """Git refused; the text is what it said."""


@dataclass(frozen=True)
class Executable:
    """A file with mode 100755."""

    data: bytes


@dataclass(frozen=True)
class Symlink:
    """A symbolic link (mode 120000) to ``target``."""

    target: str


@dataclass(frozen=True)
class Submodule:
    """A submodule (mode 160000) at a commit of another repository."""

    sha: str


Content = bytes | str | Executable | Symlink | Submodule | None
"""What a path of a commit becomes; None deletes it. Text is written as UTF-8."""


@dataclass(frozen=True)
class Signature:
    """Who, with which address, when (seconds since 1970)."""

    name: str
    email: str
    when: int

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {self.when} +0000"


@dataclass(frozen=True)
class TreeEntry:
    """One line of a tree listing; ``size`` is None for all but blobs."""

    path: str
    mode: str
    type: str
    sha: str
    size: int | None


class Bare:
    """One bare repository. Its methods may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path, default_branch: str) -> Bare:
        """A new, empty one at ``path``."""
        for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
            (path / folder).mkdir(parents=True)
        (path / "HEAD").write_text(f"ref: refs/heads/{default_branch}\n")
        (path / "config").write_text(_CONFIG)
        return cls(path)

    def run(self, *arguments: str, data: bytes = b"", check: bool = True) -> bytes:
        """What ``git`` prints. Raises GitError unless it ends with 0 or ``check`` is off."""
        done = subprocess.run(
            ["git", "--git-dir", str(self.path), *arguments],
            input=data,
            capture_output=True,
            check=False,
            env=ENVIRONMENT,
        )
        if check and done.returncode:
            raise GitError(done.stderr.decode(errors="replace").strip())
        return done.stdout

    def text(self, *arguments: str, data: bytes = b"") -> str:
        """What ``git`` prints, as text without the last line's end."""
        return self.run(*arguments, data=data).decode("utf-8", "surrogateescape").rstrip("\n")

    def succeeds(self, *arguments: str) -> bool:
        """Whether ``git`` ends with 0."""
        done = subprocess.run(
            ["git", "--git-dir", str(self.path), *arguments],
            capture_output=True,
            check=False,
            env=ENVIRONMENT,
        )
        return done.returncode == 0

    def contents(self, name: str) -> tuple[str, str, bytes] | None:
        """``(sha, type, contents)`` of the object that a revision names, None if there is none."""
        found = self._ask("contents", name)
        return None if found is None else (found[0], found[1], found[3])

    def info(self, name: str) -> tuple[str, str, int] | None:
        """``(sha, type, size)`` of the object that a revision names, None if there is none."""
        found = self._ask("info", name)
        return None if found is None else found[:3]

    def commit_of(self, name: str) -> str | None:
        """The SHA of the commit that a revision (branch, tag, SHA) names."""
        found = self.info(f"{name}^{{commit}}")
        return None if found is None else found[0]

    def tip(self, branch: str) -> str | None:
        """The commit at the end of a branch."""
        return self.commit_of(f"refs/heads/{branch}")

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Every ref whose full name starts with ``prefix``, and what it points at."""
        found: dict[str, str] = {}
        packed = self.path / "packed-refs"
        if packed.exists():
            lines = (line for line in packed.read_text().splitlines() if line and line[0] not in "#^")
            found = {name: sha for sha, name in (line.split(" ", 1) for line in lines)}
        for folder, _, names in os.walk(self.path / "refs"):
            for name in names:
                path = Path(folder, name)
                # A branch may be deleted while this looks: then it is not there.
                with suppress(FileNotFoundError):
                    if not name.endswith(".lock"):
                        found[path.relative_to(self.path).as_posix()] = path.read_text().strip()
        return {name: found[name] for name in sorted(found) if name.startswith(prefix)}

    def update(self, changes: list[tuple[str, str, str]]) -> None:
        """Move refs, all or none: ``(ref, old, new)``, ZERO for none. Raises GitError on a mismatch."""
        lines = [f"update {ref} {new} {old}\n" for ref, old, new in changes]
        self.run("update-ref", "--stdin", data="".join(lines).encode())

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether ``new`` has ``old`` in its history."""
        return old == new or self.succeeds("merge-base", "--is-ancestor", old, new)

    def write_blob(self, data: bytes) -> str:
        """Store a blob; gives its SHA."""
        return self.text("hash-object", "-w", "--stdin", data=data)

    def list_tree(self, name: str, *, recursive: bool) -> list[TreeEntry]:
        """The entries of a tree; recursive ones hold the trees themselves too, as GitHub lists them."""
        options = ["-r", "-t"] if recursive else []
        entries = []
        for line in self.run("ls-tree", "-l", "-z", *options, name).split(b"\0"):
            if line:
                head, path = line.split(b"\t", 1)
                mode, kind, sha, size = head.decode().split()
                name_ = path.decode("utf-8", "surrogateescape")
                entries.append(TreeEntry(name_, mode, kind, sha, None if size == "-" else int(size)))
        return entries

    def write_commit(
        self, tree: str, parents: list[str], message: str, author: Signature, committer: Signature
    ) -> str:
        """Store a commit; gives its SHA."""
        lines = [f"tree {tree}", *(f"parent {each}" for each in parents)]
        lines += [f"author {author}", f"committer {committer}", "", message]
        data = "\n".join(lines).encode("utf-8", "surrogateescape")
        return self.text("hash-object", "-t", "commit", "-w", "--stdin", data=data)

    def import_commit(
        self,
        ref: str,
        files: dict[str, Content],
        message: str,
        author: Signature,
        parent: str | None,
    ) -> str:
        """A commit of ``files`` on top of ``parent``, and ``ref`` moved to it whatever it was. One process."""
        text = message.encode()
        stream = [b"commit %s\nmark :1\n" % ref.encode("utf-8", "surrogateescape")]
        stream.append(f"author {author}\ncommitter {author}\ndata {len(text)}\n".encode() + text + b"\n")
        if parent:
            stream.append(f"from {parent}\n".encode())
        for path, content in files.items():
            stream.append(_file_change(path, content))
        stream.append(b"\nget-mark :1\n")
        return self.text("fast-import", "--quiet", "--force", "--date-format=raw", data=b"".join(stream))

    def _ask(self, command: str, name: str) -> tuple[str, str, int, bytes] | None:
        if "\n" in name or not name:
            return None
        return object_reader.ask(self.path, command, name)

    def close(self) -> None:
        """End the process that reads objects."""
        object_reader.close(self.path)


def _file_change(path: str, content: Content) -> bytes:
    name = path.encode("utf-8", "surrogateescape")
    if name.startswith(b'"') or b"\n" in name:
        name = b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
    if content is None:
        return b"D " + name + b"\n"
    if isinstance(content, Submodule):
        return b"M 160000 " + content.sha.encode() + b" " + name + b"\n"
    mode = b"100644"
    match content:
        case Executable():
            mode, data = b"100755", content.data
        case Symlink():
            mode, data = b"120000", content.target.encode()
        case str():
            data = content.encode()
        case _:
            data = content
    return b"M " + mode + b" inline " + name + b"\ndata %d\n" % len(data) + data + b"\n"
