"""Reading a tarball: what git itself archives, and what an attacker might send instead."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from bot.github.git_data import blob_sha
from bot.snapshot.archive import Unfit, blobs_in

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *arguments: str) -> bytes:
    settings = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "core.autocrlf=false"]
    return subprocess.run(["git", *settings, *arguments], cwd=folder, capture_output=True, check=True).stdout


def archived(folder: Path, files: dict[str, bytes]) -> tuple[io.BytesIO, dict[str, str]]:
    """A commit of ``files`` as a tarball, and their SHAs in git."""
    git(folder, "init", "-q")
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "all")
    lines = git(folder, "ls-tree", "-r", "-z", "HEAD").decode().split("\0")[:-1]
    shas = {line.partition("\t")[2]: line.split()[2] for line in lines}
    return io.BytesIO(git(folder, "archive", "--format=tar.gz", "--prefix=own-name-abc/", "HEAD")), shas


def packed(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> io.BytesIO:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", format=form) as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    file.seek(0)
    return file


def test_gives_exactly_the_wanted_files(tmp_path: Path):
    long = "/".join(["a_long_folder_name"] * 12) + "/module.py"
    files = {
        "a.py": b"a = 1\n",
        "b/ü.py": b"b = 2\n",
        "c.bin": b"\0" * 999,
        long: b"d = 4\n",
        "empty.py": b"",
    }
    file, shas = archived(tmp_path, files)
    wanted = {path: sha for path, sha in shas.items() if path.endswith(".py")}
    assert dict(blobs_in(file, wanted)) == {shas[path]: files[path] for path in wanted}


def test_files_that_attributes_change_or_leave_out_are_not_given(tmp_path: Path):
    files = {
        ".gitattributes": b"version.py export-subst\nsecret.py export-ignore\nwindows.py text eol=crlf\n",
        "version.py": b'commit = "$Format:%H$"\n',
        "secret.py": b"x = 1\n",
        "windows.py": b"a = 1\nb = 2\n",
        "plain.py": b"c = 3\n",
    }
    file, shas = archived(tmp_path, files)
    given = dict(blobs_in(file, shas))
    assert shas["version.py"] not in given
    assert shas["secret.py"] not in given
    assert given[shas["plain.py"]] == b"c = 3\n"
    assert given[shas["windows.py"]] == b"a = 1\nb = 2\n", "the line ends as git keeps them"


def test_a_link_gives_the_path_that_it_holds(tmp_path: Path):
    (tmp_path / "link.py").symlink_to("a.py")
    file, shas = archived(tmp_path, {"a.py": b"a = 1\n"})
    assert dict(blobs_in(file, {"link.py": shas["link.py"]})) == {blob_sha(b"a.py"): b"a.py"}


def test_names_that_lead_elsewhere_and_hard_links_write_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    hard = tarfile.TarInfo("top/hard.py")
    hard.type, hard.linkname = tarfile.LNKTYPE, "/etc/passwd"
    file = packed(
        (tarfile.TarInfo("top/../../evil.py"), b"1"),
        (tarfile.TarInfo("/etc/evil.py"), b"2"),
        (hard, b""),
        (tarfile.TarInfo("top/good.py"), b"3"),
    )
    wanted = {"hard.py": blob_sha(b"root"), "good.py": blob_sha(b"3")}
    assert dict(blobs_in(file, wanted)) == {blob_sha(b"3"): b"3"}
    assert list(tmp_path.iterdir()) == []


def test_other_bytes_under_a_wanted_name_are_not_taken():
    file = packed((tarfile.TarInfo("top/a.py"), b"import evil"))
    assert dict(blobs_in(file, {"a.py": blob_sha(b"a = 1\n")})) == {}


def test_a_bomb_stops_early():
    file = io.BytesIO()
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1) as stream:
        header = tarfile.TarInfo("top/large.bin")
        header.size = 60_000_000
        stream.write(header.tobuf())
        for _ in range(60):
            stream.write(b"\0" * 1_000_000)
    file.seek(0)
    with pytest.raises(Unfit, match="more than 10,000,000 bytes"):
        list(blobs_in(file, {"a.py": blob_sha(b"a")}, limit=10_000_000))
    assert file.tell() < 200_000, "it was not unpacked to its end"


def test_what_came_before_the_limit_is_given():
    file = packed((tarfile.TarInfo("top/a.py"), b"a = 1\n"), (tarfile.TarInfo("top/b.bin"), b"\0" * 400_000))
    given = []
    with pytest.raises(Unfit):
        given.extend(blobs_in(file, {"a.py": blob_sha(b"a = 1\n"), "z.py": blob_sha(b"z")}, limit=100_000))
    assert given == [(blob_sha(b"a = 1\n"), b"a = 1\n")]


def test_a_header_that_claims_gigabytes_is_not_read_into_memory():
    header = tarfile.TarInfo("top/pax")
    header.type, header.size = tarfile.XHDTYPE, 3_000_000_000
    file = io.BytesIO(gzip.compress(header.tobuf() + b"\0" * 10_000))
    with pytest.raises(Unfit, match="a header of"):
        list(blobs_in(file, {"a.py": blob_sha(b"a")}))


@pytest.mark.parametrize(
    "data",
    [b"", b"not gzip at all", gzip.compress(b"x" * 5000), gzip.compress(b"")[:8]],
    ids=["empty", "other", "no tar", "cut"],
)
def test_what_is_no_tarball_is_said(data: bytes):
    with pytest.raises(Unfit):
        list(blobs_in(io.BytesIO(data), {"a.py": blob_sha(b"a")}))


def test_a_tarball_that_was_cut_gives_what_came_whole(tmp_path: Path):
    noise = bytes(range(256)) * 3000
    file, shas = archived(tmp_path, {"a.py": b"a = 1\n", "z.py": noise})
    cut = io.BytesIO(file.getvalue()[:-40])
    given: list[tuple[str, bytes]] = []
    with pytest.raises(Unfit):
        given.extend(blobs_in(cut, {**shas, "missing.py": blob_sha(b"m")}))
    assert (shas["a.py"], b"a = 1\n") in given
