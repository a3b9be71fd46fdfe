"""The store of contents: what it keeps, forgets, shares and survives."""

from __future__ import annotations

import pickle
import random
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from bot.github.git_data import blob_sha
from bot.snapshot.blobs import BlobStore, forget, store_path

if TYPE_CHECKING:
    from pathlib import Path


def named(*contents: bytes) -> list[tuple[str, bytes]]:
    return [(blob_sha(content), content) for content in contents]


@pytest.fixture
def store(tmp_path: Path):
    with BlobStore(store_path(tmp_path, 7)) as opened:
        yield opened


def test_a_sha_is_gits(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"a = 1\n")
    told = subprocess.run(
        ["git", "hash-object", tmp_path / "file"], capture_output=True, text=True, check=True
    )
    assert blob_sha(b"a = 1\n") == told.stdout.strip()


def test_gives_what_was_put_and_leaves_out_the_rest(store: BlobStore):
    blobs = named(b"", b"a = 1\n", b"x = 2\n" * 5000, bytes(range(256)) * 40)
    store.put_many(blobs)
    other = blob_sha(b"another")
    assert store.get_many([other, *(sha for sha, _ in blobs)]) == dict(blobs)
    assert store.known([other, blobs[0][0]]) == {blobs[0][0]}


def test_more_than_one_query_holds(store: BlobStore):
    blobs = named(*(b"number = %d\n" % each for each in range(4000)))
    store.put_many(blobs)
    assert store.get_many(sha for sha, _ in blobs) == dict(blobs)


def test_the_same_content_twice_is_kept_once(store: BlobStore):
    store.put_many(named(b"same", b"same"))
    store.put_many(named(b"same"))
    assert len(store.get_many([blob_sha(b"same")])) == 1


def test_a_content_under_a_wrong_sha_is_refused(store: BlobStore):
    with pytest.raises(ValueError, match="is not that of blob"):
        store.put_many([*named(b"sound"), (blob_sha(b"one"), b"another")])
    assert store.known([blob_sha(b"sound")]) == set(), "all or none"


def test_a_content_damaged_on_disk_is_not_given_and_can_be_put_again(store: BlobStore):
    store.put_many(named(b"one", b"two"))
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.execute(
            "UPDATE blobs SET data = x'3d00' WHERE sha = ?", (bytes.fromhex(blob_sha(b"one")),)
        )
    connection.close()
    assert store.get_many([blob_sha(b"one"), blob_sha(b"two")]) == dict(named(b"two"))
    store.put_many(named(b"one"))
    assert store.get_many([blob_sha(b"one")]) == dict(named(b"one"))


def test_a_file_that_is_no_database_is_begun_anew(tmp_path: Path):
    path = store_path(tmp_path, 8)
    path.parent.mkdir()
    path.write_bytes(b"not a database" * 100)
    with BlobStore(path) as store:
        store.put_many(named(b"one"))
        assert store.known([blob_sha(b"one")])


def test_outlives_its_process_and_is_opened_by_path_in_another(store: BlobStore):
    store.put_many(named(b"from the first process"))
    script = (
        "import pickle, sys\n"
        "store = pickle.load(sys.stdin.buffer)\n"
        "sys.stdout.buffer.write(store.get_many(sys.argv[1:])[sys.argv[1]])\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, blob_sha(b"from the first process")],
        input=pickle.dumps(store),
        capture_output=True,
        check=True,
    )
    assert told.stdout == b"from the first process"


def test_many_writers_and_readers_at_once(tmp_path: Path):
    path = store_path(tmp_path, 9)

    def work(number: int) -> int:
        with BlobStore(path) as store:
            for step in range(10):
                store.put_many(named(b"shared %d" % step, b"own %d %d" % (number, step)))
            return len(store.get_many(blob_sha(b"shared %d" % step) for step in range(10)))

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(work, range(4))) == {10}


def test_over_its_limit_the_oldest_go_but_not_the_current_snapshot(tmp_path: Path):
    with BlobStore(store_path(tmp_path, 10), limit_bytes=40_000) as store:
        noise = random.Random(1)
        blobs = named(*(noise.randbytes(1500) for _ in range(60)))
        store.put_many(blobs)
        store.trim([blobs[0][0]])
        left = store.known(sha for sha, _ in blobs)
        assert blobs[0][0] in left
        assert blobs[-1][0] in left
        assert blobs[1][0] not in left
        assert 5 < len(left) < 20


def test_under_its_limit_everything_stays(store: BlobStore):
    store.put_many(named(b"one", b"two"))
    store.trim([])
    assert len(store.known(sha for sha, _ in named(b"one", b"two"))) == 2


def test_pointers_of_large_file_storage_are_known(store: BlobStore):
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 12345\n"
    store.put_many(named(pointer, b"version = 1\n"))
    assert store.pointers() == {blob_sha(pointer)}


def test_a_forgotten_repository_leaves_nothing_and_can_come_back(tmp_path: Path):
    with BlobStore(store_path(tmp_path, 11)) as store:
        store.put_many(named(b"one"))
        forget(tmp_path, 11)
        assert list((tmp_path / "blobs").iterdir()) == []
        assert store.known([blob_sha(b"one")]) == set()
        store.put_many(named(b"two"))
        assert store.known([blob_sha(b"two")])
    forget(tmp_path, 12)
