"""Reading chosen files out of a gzipped tarball that may be anything: nothing is extracted, everything is bounded."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from typing import IO

from bot.github.git_data import blob_sha

UNPACKED_BYTES = 4_000_000_000
"""How much is unpacked at most, whatever becomes of it."""

_MEMBERS = 3_000_000
_HEADER_BYTES = 1_000_000
_CHUNK = 1 << 18


class Unfit(Exception):  # noqa: N818 - named as its reader thinks of it
    """The tarball is damaged or too large; what was read from it before is sound."""


def blobs_in(
    file: IO[bytes], wanted: Mapping[str, str], limit: int = UNPACKED_BYTES
) -> Iterator[tuple[str, bytes]]:
    """The contents of ``wanted`` (SHAs by path) that the tarball holds exactly, as SHA and content.

    The first folder of each name is GitHub's and is not looked at. A content counts if its git SHA is right, as it
    is or with the line ends that an ``eol`` attribute took away; where ``export-subst`` changed it or
    ``export-ignore`` left it out, it is not given. Links give the path that they hold. Raises Unfit.
    """
    missing = dict(wanted)
    try:
        stream = _Forward(gzip.GzipFile(fileobj=file, mode="rb"), limit)
        with tarfile.open(fileobj=stream, mode="r:", encoding="utf-8", errors="surrogateescape") as archive:
            count = 0
            while missing and (member := stream.header_of(archive)) is not None:
                archive.members.clear()  # type: ignore[attr-defined] # else it keeps every one of them
                count += 1
                if count > _MEMBERS:
                    raise Unfit(f"more than {_MEMBERS:,} files")
                path = member.name.partition("/")[2]
                sha = missing.get(path)
                if sha is None:
                    continue
                content = _content(archive, member, stream)
                if (sound := None if content is None else _sound(content, sha)) is not None:
                    del missing[path]
                    yield sha, sound
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, UnicodeError) as error:
        raise Unfit(f"damaged: {type(error).__name__}") from error


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, stream: _Forward) -> bytes | None:
    if member.issym():
        return member.linkname.encode("utf-8", "surrogateescape")
    if not member.isreg() or member.size > stream.largest:
        return None
    with stream.allowing(member.size):
        read = archive.extractfile(member)
        return None if read is None else read.read()


def _sound(content: bytes, sha: str) -> bytes | None:
    if blob_sha(content) == sha:
        return content
    if b"\r\n" in content:
        stored = content.replace(b"\r\n", b"\n")
        if blob_sha(stored) == sha:
            return stored
    return None


class _Forward(io.RawIOBase):
    """A stream that is only read forward, in small pieces but for file contents, and not for ever.

    ``tarfile`` reads a header's extension in one go, of whatever length the header claims.
    """

    largest = 10_000_000

    def __init__(self, stream: gzip.GzipFile, limit: int) -> None:
        super().__init__()
        self._stream, self._limit, self._place, self._piece = stream, limit, 0, _HEADER_BYTES
        self._header = 0

    def header_of(self, archive: tarfile.TarFile) -> tarfile.TarInfo | None:
        """The next member: its header and all extensions of it, such as a map of holes, may have 2 MB together."""
        self._header = 0
        return archive.next()

    def allowing(self, size: int) -> _Allowed:
        """Lets pieces of ``size`` bytes through meanwhile."""
        return _Allowed(self, size)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def read(self, size: int = -1, /) -> bytes:
        if size < 0 or size > self._piece:
            raise Unfit(f"a header of {size:,} bytes")
        if self._piece == _HEADER_BYTES:
            self._header += size
            if self._header > 2 * _HEADER_BYTES:
                raise Unfit("a header without end")
        if self._place + size > self._limit:
            raise Unfit(f"more than {self._limit:,} bytes")
        data = self._stream.read(size)
        self._place += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence != io.SEEK_SET or offset < self._place:
            raise io.UnsupportedOperation("only forward")
        if offset > self._limit:
            raise Unfit(f"more than {self._limit:,} bytes")
        while self._place < offset:
            if not (skipped := self._stream.read(min(_CHUNK, offset - self._place))):
                break
            self._place += len(skipped)
        return self._place


class _Allowed:
    def __init__(self, stream: _Forward, size: int) -> None:
        self._stream, self._size = stream, size

    def __enter__(self) -> None:
        self._stream._piece = max(_HEADER_BYTES, self._size)

    def __exit__(self, *_: object) -> None:
        self._stream._piece = _HEADER_BYTES
