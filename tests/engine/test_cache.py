"""Results kept from run to run: shared, bounded, and never in the way."""

from __future__ import annotations

import os
import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from codemods.engine.finding import Applicability, Edit, Finding
from codemods.engine.run.cache import Cache, key, packed, unpacked
from tests.unprivileged import unprivileged

HERE = Path(__file__).parents[2]


def finding(evidence: object = None) -> Finding:
    return Finding("r", "a.py", 1, 1, 1, "m", Applicability.SAFE, "because", ("n",), evidence)


def file_of(folder: Path) -> Path:
    (path,) = folder.glob("*.sqlite3")
    return path


def test_what_is_stored_is_loaded(tmp_path):
    Cache(tmp_path).store({b"1": b"one", b"2": b"two"})
    assert Cache(tmp_path).load([b"1", b"2", b"3"]) == {b"1": b"one", b"2": b"two"}


def test_a_new_value_takes_the_old_ones_place(tmp_path):
    Cache(tmp_path).store({b"1": b"one"})
    Cache(tmp_path).store({b"1": b"uno"})
    assert Cache(tmp_path).load([b"1"]) == {b"1": b"uno"}


def test_many_keys_at_once(tmp_path):
    entries = {f"{n}".encode(): b"x" * n for n in range(3000)}
    Cache(tmp_path).store(entries)
    assert Cache(tmp_path).load(entries) == entries


def test_loading_makes_no_file(tmp_path):
    assert Cache(tmp_path / "cache").load([b"1"]) == {}
    assert not (tmp_path / "cache").exists()


def test_the_oldest_go_first(tmp_path):
    cache = Cache(tmp_path, largest=10_000)
    for number in range(20):
        cache.store({f"{number}".encode(): b"x" * 1000})
    kept = [int(found) for found in cache.load([f"{n}".encode() for n in range(20)])]
    assert 0 < len(kept) <= 10
    assert max(kept) == 19
    assert file_of(tmp_path).stat().st_size < 60_000


@pytest.mark.parametrize(
    "damage", [b"not a database at all" * 100, b"", b"SQLite format 3\0" + b"\xff" * 4000]
)
def test_a_damaged_file_is_dropped(tmp_path, damage):
    Cache(tmp_path).store({b"1": b"one"})
    file_of(tmp_path).write_bytes(damage)
    assert Cache(tmp_path).load([b"1"]) == {}
    Cache(tmp_path).store({b"1": b"two"})
    Cache(tmp_path).store({b"1": b"two"})
    assert Cache(tmp_path).load([b"1"]) == {b"1": b"two"}


def test_a_file_cut_short_is_dropped(tmp_path):
    Cache(tmp_path).store({f"{n}".encode(): b"x" * 500 for n in range(500)})
    path = file_of(tmp_path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    wanted = [f"{n}".encode() for n in range(500)]
    Cache(tmp_path).load(wanted)
    cache = Cache(tmp_path)
    cache.store({b"new": b"1"})
    Cache(tmp_path).store({b"new": b"1"})
    assert Cache(tmp_path).load([b"new"]) == {b"new": b"1"}


def test_another_tables_file_is_left_alone_without_harm(tmp_path):
    Cache(tmp_path).store({b"1": b"one"})
    path = file_of(tmp_path)
    Cache(tmp_path).drop()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE results (other TEXT)")
    cache = Cache(tmp_path)
    assert cache.load([b"1"]) == {}
    cache.store({b"1": b"one"})


def test_a_locked_file_does_not_stop_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr("codemods.engine.run.cache._BUSY_SECONDS", 0.05)
    Cache(tmp_path).store({b"1": b"one"})
    holder = sqlite3.connect(file_of(tmp_path), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    cache = Cache(tmp_path)
    cache.store({b"2": b"two"})
    holder.execute("ROLLBACK")
    holder.close()
    assert Cache(tmp_path).load([b"1", b"2"]) == {b"1": b"one"}


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "cache").write_text("in the way")
    cache = Cache(tmp_path / "cache")
    cache.store({b"1": b"one"})
    assert cache.load([b"1"]) == {}


def test_a_folder_that_cannot_be_written():
    with unprivileged() as folder:
        folder.chmod(0o500)
        cache = Cache(folder / "cache")
        cache.store({b"1": b"one"})
        assert cache.load([b"1"]) == {}
        assert not list(folder.iterdir())


def test_several_processes_at_once(tmp_path):
    code = (
        "import sys; from pathlib import Path; from codemods.engine.run.cache import Cache\n"
        "for n in range(30):\n"
        "    Cache(Path(sys.argv[1])).store({f'{sys.argv[2]}-{n}'.encode(): b'x' * 2000})\n"
        "    Cache(Path(sys.argv[1])).load([b'0-0', b'1-1'])\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path, str(n)], cwd=HERE, stderr=subprocess.PIPE)
        for n in range(4)
    ]
    assert [(each.communicate()[1], each.returncode) for each in running] == [(b"", 0)] * 4
    wanted = [f"{process}-{n}".encode() for process in range(4) for n in range(30)]
    assert len(Cache(tmp_path).load(wanted)) == 120


def test_keys_tell_their_parts_apart():
    assert len({key("ab", "c"), key("a", "bc"), key("abc"), key("abc", "")}) == 4
    assert key("a\udce9") == key("a\udce9")


@pytest.mark.parametrize(
    "evidence", [None, 3, ("a", [1.5]), {"k": frozenset({1})}, Edit("a", 1, 2, "x"), Applicability.SAFE]
)
def test_findings_survive(evidence):
    stored = unpacked(packed((finding(evidence), {("file", "a.py"): "1"})))
    assert stored == (finding(), {("file", "a.py"): "1"})
    assert stored[0].evidence == evidence


class Trap:
    def __reduce__(self):
        return (os.system, ("touch trapped",))


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(Trap()),
        pickle.dumps(os.getcwd),
        pickle.dumps(getattr),
        pickle.dumps(Path("/")),
        b"cos\nsystem\n(S'touch trapped'\ntR.",
        b"ccodemods.engine.run.cache\nkey\n.",
        b"ccodemods.engine.run.cache\nsqlite3.connect\n.",
        b"garbage",
        b"",
        packed(finding())[:-4],
    ],
)
def test_nothing_but_data_is_taken(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert unpacked(data) is None
    assert list(tmp_path.iterdir()) == []
