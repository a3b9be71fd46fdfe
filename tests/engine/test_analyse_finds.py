"""What is found, in which order, and what is left out with its reason."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.engine.fake_rules import Deaf, Failing, OldCall
from tests.engine.reporting import places, reasons, report

HERE = Path(__file__).parents[2]


def test_findings_are_in_order_of_path_and_line():
    found = report({"b.py": "old(1)\n", "a.py": "x = 1\nold(1)\nold('show')\n"})
    assert places(found) == ["a.py:2:1 safe", "a.py:3:1 display-only", "b.py:1:1 safe"]
    assert found.files == 2


def test_nothing_found():
    found = report({"a.py": "x = 1\n"})
    assert (found.findings, found.skipped, found.files) == ((), (), 1)


def test_several_processes_find_the_same():
    files = {f"f{n}.py": f"old({n})\n" + "x = 1\n" * 3000 for n in range(60)}
    two, one = (report(files, workers=number, patches=False) for number in (2, 1))
    assert places(two) == places(one)


def test_threads_in_this_process_do_not_matter():
    files = {f"f{n}.py": f"old({n})\n" + "x = 1\n" * 3000 for n in range(60)}
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        found = report(
            files, workers=2, patches=False
        )  # spawned: a fork would copy a lock that some thread holds
    finally:
        stop.set()
        thread.join()
    assert len(found.findings) == 60


def test_a_rule_that_raises_costs_one_line_and_no_more():
    found = report({"raises.py": "old(1)\n", "a.py": "old(1)\n", "recurses.py": "old(1)\n"}, Failing())
    assert places(found) == ["a.py:1:1 safe"]
    assert reasons(found)["raises.py"].startswith("failing: unexpected ZeroDivisionError in fake_rules.py:")
    assert reasons(found)["recurses.py"].startswith("failing: unexpected RecursionError")


def test_a_rule_that_takes_too_long_is_stopped():
    found = report({"sleeps.py": "old(1)\n", "a.py": "old(1)\n"}, Failing(), seconds_per_file=0.2)
    assert places(found) == ["a.py:1:1 safe"]
    assert reasons(found) == {"sleeps.py": "failing: took longer than 0.2 s"}


def test_a_process_that_dies_takes_one_file_with_it():
    files = {f"f{n}.py": f"old({n})\n" + "x = 1\n" * 3000 for n in range(40)}
    found = report({**files, "dies.py": "old(1)\n"}, Failing(), workers=2, patches=False)
    assert len(found.findings) == 40
    assert reasons(found) == {"dies.py": "the process that analysed it died"}


def test_a_rule_without_candidates_is_said_so():
    found = report({"a.py": "old(1)\n"}, Deaf(), OldCall())
    assert places(found) == ["a.py:1:1 safe"]
    assert reasons(found)["."].startswith("deaf: looking for candidates failed: unexpected RuntimeError")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"def old(:\n", "does not parse as this Python: "),
        (b"old(\n\x00)", "binary: holds a NUL byte"),
        ("old('é')\n".encode("latin-1"), "encoding: "),
        (b"# coding: nonsense\nold(1)\n", "encoding: "),
        (b"(" * 2000 + b"old(1)" + b")" * 2000, "does not parse"),
        pytest.param(
            b"match old(1):\n  case 1: pass\ntype X = int\nf'{old(f'{1}')}'\n",
            "does not parse as this Python: ",
            marks=pytest.mark.skipif(sys.version_info >= (3, 12), reason="right Python since 3.12"),
        ),
    ],
)
def test_files_that_cannot_be_read_are_skipped(data, said):
    found = report({"bad.py": data, "a.py": "old(1)\n"})
    assert places(found) == ["a.py:1:1 safe"]
    assert reasons(found)["bad.py"].startswith(said)


def test_broken_files_are_named_though_no_rule_would_look_there():
    assert "bad.py" in reasons(report({"bad.py": "def (\n"}))


def test_generated_files_are_not_reported_on():
    files = {"x_pb2.py": "old(1)\n", "m/migrations/0001.py": "old(1)\n", "g.py": "# @generated\nold(1)\n"}
    found = report(files)
    assert found.findings == ()
    assert set(reasons(found)) == set(files)


def test_excluded_and_unselected_files_are_not_reported_on():
    files = {"a.py": "old(1)\n", "b.py": "old(1)\n", "legacy/c.py": "old(1)\n"}
    found = report(files, exclude=("legacy/",), selected=frozenset({"a.py", "legacy/c.py"}))
    assert places(found) == ["a.py:1:1 safe"]
    assert reasons(found) == {"legacy": "excluded by the configuration"}


def test_rules_apply_per_path():
    found = report({"a.py": "old(1)\n", "b.py": "old(1)\n"}, applies=lambda rule, path: path == "b.py")
    assert places(found) == ["b.py:1:1 safe"]


def test_fingerprints_stay_when_lines_move():
    before = report({"a.py": "old(1)\nold(1)\nold(2)\n"})
    after = report({"a.py": "import os\n\n\nold(1)\nx = 1\nold( 1 )  # why\nold(2)\n"})
    marks = [each.fingerprint for each in before.findings]
    assert marks == [each.fingerprint for each in after.findings]
    assert len(set(marks)) == 3
    assert all(len(mark) == 16 for mark in marks)


def test_nothing_heavy_is_imported_when_nothing_is_found():
    code = (
        "import sys\n"
        "from codemods.engine.run.analyse import analyse, Options\n"
        "from codemods.engine.files.snapshot import MemorySnapshot\n"
        "from tests.engine.fake_rules import OldCall\n"
        "analyse(MemorySnapshot({'a.py': b'x = 1'}), [OldCall()])\n"
        "heavy = {'libcst', 'ruff', 'pydantic', 'rich', 'yaml', 'pathspec', 'multiprocessing', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
