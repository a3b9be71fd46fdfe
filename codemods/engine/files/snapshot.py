"""The files of one repository at one moment, as the engine sees them: paths and bytes, nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from codemods.engine.files.source import digest

MANIFESTS = (
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "pytest.ini",
    "tox.ini",
    "Pipfile",
    "Pipfile.lock",
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "ruff.toml",
    ".ruff.toml",
)
"""Names of files beside Python code that say how the code is packaged, tested and pinned; ``requirements*.txt`` too."""


class Snapshot(Protocol):
    """Paths are relative to the root, with ``/``. ``read`` raises OSError when a file is gone."""

    @property
    def python(self) -> Sequence[str]:
        """The Python files that are to be analysed, sorted."""

    @property
    def manifests(self) -> Sequence[str]:
        """The files that say how the code is packaged, tested and pinned, sorted."""

    @property
    def skipped(self) -> Mapping[str, str]:
        """Why files that look like Python are not in ``python``."""

    def read(self, path: str) -> bytes:
        """The bytes of one file."""

    def exists(self, path: str) -> bool:
        """Whether ``path`` is a file or a folder of the repository, of any kind. Nothing is read, nothing raised."""

    def digest(self, path: str) -> str:
        """What stands for the content of one file in caches: equal for equal contents, and for no others.

        Snapshots may name contents differently (``codemods.engine.files.source.digest``, ``git:`` and a blob's
        SHA) as long as no name of one kind can be read as one of another.
        """


@dataclass
class MemorySnapshot:
    """A snapshot that lies in memory: tests, single files, and what a patch would make of a repository."""

    files: Mapping[str, bytes]
    skipped: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.python: Sequence[str] = sorted(path for path in self.files if path.endswith((".py", ".pyi")))
        self.manifests: Sequence[str] = sorted(
            path
            for path in self.files
            if not path.endswith((".py", ".pyi")) or path.rpartition("/")[2] in MANIFESTS
        )

    def read(self, path: str) -> bytes:
        """The bytes of one file. Raises FileNotFoundError for unknown paths."""
        try:
            return self.files[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def exists(self, path: str) -> bool:
        """Whether a file, or one below it, has this path."""
        return path in self.files or any(each.startswith(f"{path}/") for each in self.files)

    def digest(self, path: str) -> str:
        """The content hash of one file."""
        return digest(self.read(path))


class OverlaySnapshot:
    """Another snapshot with some files replaced, as after a patch."""

    def __init__(self, base: Snapshot, changed: Mapping[str, bytes]) -> None:
        self.base = base
        self.changed = changed
        self.python: Sequence[str] = sorted({*base.python, *changed})
        self.manifests = base.manifests
        self.skipped = base.skipped

    def read(self, path: str) -> bytes:
        """The bytes of one file, changed or not."""
        return self.changed[path] if path in self.changed else self.base.read(path)

    def exists(self, path: str) -> bool:
        """As before the change: none makes files or takes them away."""
        return path in self.changed or self.base.exists(path)

    def digest(self, path: str) -> str:
        """The content hash of one file."""
        return digest(self.changed[path]) if path in self.changed else self.base.digest(path)
