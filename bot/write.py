"""Puts changed files in place of the old ones, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class NotWritten(Exception):  # noqa: N818 - the reason is what counts
    """Nothing was changed; ``str(reason)`` says why."""


@dataclass(frozen=True, slots=True)
class _Ready:
    path: Path
    temporary: Path
    before: bytes


def write_all(root: Path, changed: Mapping[str, tuple[bytes, bytes]]) -> None:
    """Writes every file, given as ``{path: (before, after)}`` below ``root``, or none.

    Each is written beside the old one and then takes its place, with its mode. Raises NotWritten where a file is
    a symbolic link or leads outside ``root``, has changed since it was read, or cannot be written.
    """
    ready: list[_Ready] = []
    try:
        for path, (before, after) in sorted(changed.items()):
            ready.append(_prepared(root, path, before, after))
        _replace(ready)
    finally:
        for each in ready:
            with contextlib.suppress(OSError):
                each.temporary.unlink(missing_ok=True)


def _prepared(root: Path, path: str, before: bytes, after: bytes) -> _Ready:
    target = root / path
    top = Path(os.path.realpath(root))
    if target.is_symlink() or not Path(os.path.realpath(target)).is_relative_to(top):
        raise NotWritten(f"{path}: a symbolic link, or below one that leads outside the project")
    handle, temporary = -1, ""
    try:
        if target.read_bytes() != before:
            raise NotWritten(f"{path}: changed while it was being analysed")
        if not os.access(target, os.W_OK):
            raise NotWritten(f"{path}: not writable")
        status = target.stat()
        handle, temporary = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=".patchwright", dir=target.parent
        )
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(status.st_mode & 0o7777)
        with contextlib.suppress(OSError):  # only root may give files away
            os.chown(temporary, status.st_uid, status.st_gid)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise NotWritten(f"{path}: {error.strerror or error}") from error
    return _Ready(target, Path(temporary), before)


def _replace(ready: list[_Ready]) -> None:
    done: list[_Ready] = []
    for each in ready:
        try:
            each.temporary.replace(each.path)
        except OSError as error:
            for earlier in done:
                with contextlib.suppress(OSError):
                    earlier.path.write_bytes(earlier.before)
            raise NotWritten(f"{each.path.name}: {error.strerror or error}") from error
        done.append(each)
