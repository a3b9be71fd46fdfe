"""Files that are not what they seem, and what else goes wrong around a run."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

SELECT = ("--select", "old-call", "--format", "json")


def skipped(done) -> dict[str, str]:
    return {each["path"]: each["reason"] for each in done.json["skipped"]}


def found(done) -> list[str]:
    return [f"{each['path']}:{each['line']}" for each in done.json["findings"]]


def test_one_line_for_each_file_that_cannot_be_analysed_and_the_run_goes_on(patchwright, tmp_path):
    patchwright.git("init", "-q")
    patchwright.write("good.py", "old(1)\n")
    patchwright.write("binary.py", b"\x7fELF\x02\x01\x00old(1)")
    with patchwright.write("huge.py", b"old(1)\n").open("ab") as file:
        file.truncate(50_000_000)
    patchwright.write("latin.py", "old('é')\n".encode("latin-1"))
    patchwright.write("broken.py", "old(1)\ndef (\n")
    patchwright.write("newer.py", "old(1)\nx = t'{old(1)}' if 1 else lambda: (yield from) \n")
    patchwright.write("cookie.py", b"# coding: no-such-thing\nold(1)\n")
    patchwright.write("crash.py", "old('crash')\n")
    patchwright.write("api_pb2.py", "old(1)\n")
    patchwright.write(".venv/lib/x.py", "old(1)\n")
    (patchwright.root / "loop").symlink_to(".")
    (patchwright.root / "out.py").symlink_to(tmp_path / "nowhere.py")
    os.mkfifo(patchwright.root / "pipe.py")
    done = patchwright("check", *SELECT)
    assert (done.code, found(done)) == (1, ["good.py:1"])
    assert sorted(skipped(done)) == sorted(
        [
            "binary.py",
            "huge.py",
            "latin.py",
            "broken.py",
            "newer.py",
            "cookie.py",
            "crash.py",
            "api_pb2.py",
            ".venv",
            "loop",
            "out.py",
            "pipe.py",
        ]
    )
    assert skipped(done)["huge.py"] == "larger than 2,000,000 bytes"
    assert skipped(done)["crash.py"].startswith("old-call: unexpected ZeroDivisionError in acme_old_call.py:")
    assert "secret" not in done.out


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfold(1)\r\n",
        b"if 1:\n\told(1)\n",
        b"\x0c\nold(1)",
        "# coding: latin-1\nold('é')\n".encode("latin-1"),
        b"old(1)\rx = 1\r",
        b"#!/usr/bin/env python\nold(1)\n",
        "old('日本')\n".encode(),
    ],
)
def test_unusual_text_is_analysed(patchwright, data):
    patchwright.write("a.py", data)
    done = patchwright("check", *SELECT)
    assert len(found(done)) == 1
    assert done.json["findings"][0]["patch"]


def test_a_broken_pyproject_is_a_line(patchwright):
    patchwright.write("pyproject.toml", "[project\n")
    patchwright.write("a.py", "old(1)\n")
    done = patchwright("check", *SELECT)
    assert found(done) == ["a.py:1"]
    assert skipped(done)["pyproject.toml"].startswith("does not parse: ")
    validated = patchwright("config", "validate")
    assert validated.code == 2
    assert "pyproject.toml:1: does not parse" in validated.err


def test_names_that_are_not_utf8(patchwright):
    name = os.fsdecode(b"caf\xe9.py")
    patchwright.write(name, "old(1)\n")
    for form in ("json", "text", "sarif", "github"):
        assert patchwright("check", "--select", "old-call", "--format", form).code == 1
    assert patchwright("fix", "--select", "old-call").code == 0
    assert b"new" in (patchwright.root / name).read_bytes()


def test_a_file_that_vanishes_during_the_run(patchwright):
    for number in range(400):
        patchwright.write(f"f{number}.py", "x = 1\n" * 200)
    process = patchwright.start("check", *SELECT)
    for number in range(0, 400, 2):
        (patchwright.root / f"f{number}.py").unlink()
        time.sleep(0.002)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert b"Traceback" not in out + err


def test_an_empty_folder_and_an_empty_file(patchwright):
    assert patchwright("check", *SELECT).json["files"] == 0
    patchwright.write("a.py", "")
    assert patchwright("check", *SELECT).json["files"] == 1


def test_two_processes_at_once_share_the_cache(patchwright):
    for number in range(60):
        patchwright.write(f"f{number}.py", f"old('show')\nx = {number}\n")
    running = [patchwright.start("check", *SELECT) for _ in range(4)]
    ended = [(process.communicate(timeout=120), process.returncode) for process in running]
    assert [code for _, code in ended] == [1] * 4
    assert [err for (_, err), _ in ended] == [b""] * 4
    assert len({out.partition(b'"seconds"')[0] for (out, _), _ in ended}) == 1


def test_without_a_cache_that_can_be_used(patchwright):
    patchwright.write("a.py", "old(1)\n")
    patchwright.cache.write_text("a file is in the way")
    assert found(patchwright("check", *SELECT)) == ["a.py:1"]


def test_a_damaged_cache(patchwright):
    patchwright.write("a.py", "old(1)\n")
    first = patchwright("check", *SELECT)
    (database,) = patchwright.cache.glob("*.sqlite3")
    database.write_bytes(b"damaged" * 1000)
    assert patchwright("check", *SELECT).json["findings"] == first.json["findings"]


def test_a_cache_of_lies_is_not_believed(patchwright, tmp_path):
    import pickle

    patchwright.write("a.py", "old(1)\n")
    patchwright("check", *SELECT)

    class Trap:
        def __reduce__(self):
            return (os.system, (f"touch {tmp_path}/trapped",))

    (database,) = patchwright.cache.glob("*.sqlite3")
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE results SET value = ?", [pickle.dumps(Trap())])
    assert found(patchwright("check", *SELECT)) == ["a.py:1"]
    assert not (tmp_path / "trapped").exists()


def test_a_warm_run_says_the_same(patchwright):
    patchwright.write("a.py", "old(1)\nold('unsafe')\n")
    cold, warm = patchwright("check", *SELECT), patchwright("check", *SELECT)
    assert cold.json["findings"] == warm.json["findings"]


def test_nothing_of_the_repository_is_run(patchwright, tmp_path):
    mark = tmp_path / "ran"
    code = f"open({str(mark)!r}, 'w')\n"
    for path in (
        "a.py",
        "conftest.py",
        "setup.py",
        "sitecustomize.py",
        "lib.py",
        "codemods/__init__.py",
        "ruff.py",
        "yaml.py",
    ):
        patchwright.write(path, code + "old(1)\n")
    patchwright.write("ruff.toml", "select = ['ALL']\n")
    done = subprocess.run(
        [Path(sys.executable).parent / "patchwright", "check", "."],
        cwd=patchwright.root,
        env={
            **patchwright.environment,
            "PYTHONPATH": patchwright.environment["PYTHONPATH"].split(os.pathsep)[0],
        },
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    assert not mark.exists()
