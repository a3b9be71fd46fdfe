"""A snapshot of files on disk: each read once, when it is asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.engine.files.source import MAX_BYTES, UNREADABLE, digest
from codemods.engine.files.walk import MANIFEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass
class DiskSnapshot:
    """The files under ``root``. A file is read once and then stays as it was for the whole run.

    ``python`` holds all files that names are resolved in; ``selected`` those among them that are reported on:
    generated and vendored files are in the former only. ``aside`` says of folders and files why they are not to
    be changed.
    """

    root: Path
    python: Sequence[str]
    manifests: Sequence[str]
    skipped: dict[str, str]
    selected: frozenset[str]
    aside: dict[str, str] = field(default_factory=dict, repr=False)
    _unreadable: frozenset[str] = frozenset()
    _read: dict[str, bytes] = field(default_factory=dict, repr=False)
    _digests: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def place(self) -> str:
        """What tells this project from others in caches."""
        return str(self.root)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_read": {}}

    def read(self, path: str) -> bytes:
        """The bytes of one file.

        A Python file that vanished, changed or can't be read is ``UNREADABLE``, and ``skipped`` says so.
        Raises OSError for other files.
        """
        data = self._read.get(path)
        if data is None:
            try:
                data = UNREADABLE if path in self._unreadable else self._from_disk(path)
            except OSError as error:
                if not path.endswith((".py", ".pyi")):
                    raise
                self.skipped[path] = f"cannot be read: {error.strerror or error}"
                data = UNREADABLE
            if path in self._digests and self._digests[path] != digest(data):
                self.skipped[path] = "changed while it was being analysed"
                data = UNREADABLE
            self._read[path] = data
        return data

    def _from_disk(self, path: str) -> bytes:
        limit = MAX_BYTES if path.endswith((".py", ".pyi")) else MANIFEST_BYTES
        descriptor = os.open(f"{self.root}/{path}", os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            size = os.fstat(descriptor).st_size
            if size > limit:
                raise OSError(0, f"larger than {limit:,} bytes")
            data = os.read(descriptor, size + 1)
            while len(data) > size and len(data) <= limit and (more := os.read(descriptor, limit)):
                data += more
            return data
        finally:
            os.close(descriptor)

    def exists(self, path: str) -> bool:
        """Whether a file or a folder of the project has this path; what links lead to outside of it does not count."""
        if "\0" in path:
            return False
        top = os.path.realpath(self.root)
        real = os.path.realpath(f"{top}/{path}")
        return real.startswith(f"{top}/") and os.path.exists(real)  # noqa: PTH110 - raises nothing

    def digest(self, path: str) -> str:
        """The content hash of one file."""
        known = self._digests.get(path)
        if known is None:
            known = self._digests[path] = digest(self.read(path))
        return known
