"""Tarballs and listings that were made to harm: nothing is written, and nothing grows without end."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from bot.github.git_data import blob_sha
from bot.github.model import Entry, Listing
from bot.snapshot.archive import Unfit, blobs_in
from bot.snapshot.listing import bad_name, list_files, shown
from tests.hardening.ending import soon

if TYPE_CHECKING:
    from pathlib import Path

GOOD = blob_sha(b"3")


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", **more: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    for key, value in more.items():
        setattr(made, key, value)
    return made


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for each, data in members:
            if each.isreg():
                each.size = len(data)
            archive.addfile(each, io.BytesIO(data))
    file.seek(0)
    return file


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(member("top/a.py", tarfile.LNKTYPE, "/etc/passwd"), id="a hard link"),
        pytest.param(
            member("top/a.py", tarfile.LNKTYPE, "top/../../../etc/passwd"), id="a hard link upwards"
        ),
        pytest.param(member("top/a.py", tarfile.CHRTYPE, devmajor=1, devminor=5), id="a device without end"),
        pytest.param(member("top/a.py", tarfile.BLKTYPE, devmajor=8), id="a disk"),
        pytest.param(member("top/a.py", tarfile.FIFOTYPE), id="a pipe"),
        pytest.param(member("top/a.py", tarfile.DIRTYPE), id="a folder"),
        pytest.param(member("top/a.py", tarfile.SYMTYPE, "/etc/passwd"), id="a link"),
        pytest.param(member("top/../a.py"), id="a path upwards"),
        pytest.param(member("/a.py"), id="an absolute path"),
        pytest.param(member("top/.git/hooks/post-checkout", mode=0o777), id="a hook"),
        pytest.param(member("top/a.py\0b"), id="a null byte"),
        pytest.param(member("a" * 100_000), id="a long name"),
        pytest.param(member("top/a.py", uid=0, mode=0o6777), id="set to run as root"),
    ],
)
def test_no_member_is_more_than_bytes_to_compare(
    hostile: tarfile.TarInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = packed((hostile, b"1"), (member("top/good.py"), b"3"))
    wanted = {"a.py": blob_sha(b"what git has there"), "good.py": GOOD}
    with soon():
        assert dict(blobs_in(file, wanted)) == {GOOD: b"3"}
    assert list(tmp_path.iterdir()) == []


def holes() -> bytes:
    """A header whose map of holes never ends: each is two characters long, a hundred million of them."""
    pax = b"".join(
        b"%d %s" % (len(each) + 3, each)
        for each in (b"GNU.sparse.major=1\n", b"GNU.sparse.minor=0\n", b"GNU.sparse.name=top/a.py\n")
    )
    extension = member("top/pax", tarfile.XHDTYPE, size=len(pax)).tobuf(tarfile.USTAR_FORMAT)
    header = member("top/a.py", size=8_000_000_000).tobuf(tarfile.GNU_FORMAT)
    return extension + pax.ljust(512, b"\0") + header + b"100000000\n" + b"1\n" * 3_000_000


def test_a_map_of_holes_without_end_is_not_read_into_memory() -> None:
    file = io.BytesIO(gzip.compress(holes(), 1))
    with soon(), pytest.raises(Unfit, match="a header without end"):
        list(blobs_in(file, {"a.py": GOOD}))


@pytest.mark.parametrize(
    "path",
    [
        "../a.py", "a/../../b.py", "/a.py", "a//b.py", "./a.py", ".git/config", "a/.GIT/hooks/x.py", ".gIt/x.py",
        "a\nb.py", "a\rb.py", "\x1b]0;x\x07.py", "a\0.py", "\x7f.py", "caf\ufffd.py", "\udce9.py", "",
    ],
)  # fmt: skip
def test_paths_that_lead_elsewhere_or_write_to_a_terminal_are_not_worked_on(path: str) -> None:
    assert bad_name(path)
    assert "\x1b" not in shown(path)
    assert len(shown(path * 1_000)) <= 500


class Many:
    """A repository of very many files in one folder, as GitHub lists it."""

    def __init__(self, count: int, name: str) -> None:
        self._listing = Listing(
            tuple(Entry(name.format(each), "100644", "blob", GOOD, 1) for each in range(count)),
            truncated=False,
        )

    def tree(self, sha: str) -> Listing:
        return self._listing

    tree_flat = tree


def test_of_very_many_files_that_nobody_reads_none_is_kept() -> None:
    trees = Many(110_000, "data/{}.json")
    with soon():
        found = list_files(trees, "0" * 40)
    assert found.files == []


def test_names_that_only_look_alike_stay_apart() -> None:
    names = [
        "shop.py",
        "SHOP.py",
        "sh\u043ep.py",
        "shop\u200b.py",
        "\u202egnp.py",
        "cafe\u0301.py",
        "caf\xe9.py",
    ]
    entries = tuple(Entry(name, "100644", "blob", GOOD, 1) for name in names)
    trees = Many(0, "")
    trees._listing = Listing(entries, truncated=False)
    assert [each.path for each in list_files(trees, "0" * 40).files] == names
