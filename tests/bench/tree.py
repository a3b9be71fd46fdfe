"""The tree that is measured: the source distribution of a large application, or a folder of one's own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

DEFAULT = ("homeassistant", "2024.3.3")
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "venv", "node_modules", ".tox", ".mypy_cache")


@dataclass(frozen=True)
class Size:
    """How many Python files there are and how many bytes they hold."""

    files: int
    bytes: int

    def __str__(self) -> str:
        return f"{self.files:,} Python files, {self.bytes / 1e6:.1f} MB"


def python_files(root: Path) -> list[Path]:
    """The regular Python files below ``root``, sorted."""
    return sorted(path for path in root.rglob("*.py") if path.is_file() and not path.is_symlink())


def size(root: Path) -> Size:
    """How large the tree below ``root`` is."""
    files = python_files(root)
    return Size(len(files), sum(path.stat().st_size for path in files))


def copy(source: Path, target: Path) -> Path:
    """A copy to measure on, so that nobody's own files are touched; without history and environments."""
    shutil.copytree(source, target, symlinks=True, ignore=_LEFT_OUT)
    return target


def default_tree() -> Path:
    """The unpacked source distribution of DEFAULT, kept in the user's cache folder between runs."""
    name, version = DEFAULT
    cache = platformdirs.user_cache_path("patchwright-bench")
    unpacked = cache / f"{name}-{version}"
    if unpacked.is_dir():
        return unpacked
    cache.mkdir(parents=True, exist_ok=True)
    partial = cache / f"{name}-{version}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    with tarfile.open(_archive(name, version, cache)) as archive:
        archive.extractall(partial, filter="data")
    (content,) = partial.iterdir()
    content.rename(unpacked)
    partial.rmdir()
    return unpacked


def _archive(name: str, version: str, cache: Path) -> Path:
    """The archive, fetched by pip with whatever index and certificates pip is set to use."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    command += ["--no-deps", "--no-binary", ":all:", "--ignore-requires-python", "--dest", str(cache)]
    subprocess.run([*command, f"{name}=={version}"], check=True)
    return next(cache.glob(f"{name}-{version}.tar.gz"))
