"""From files to a report: what is found, kept, patched, dropped, suppressed and combined."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.run.analyse import analyse, combined, fixed
from codemods.engine.run.cache import Cache
from codemods.engine.run.report import ALL, Options
from tests.engine.fake_rules import Asking, Deaf, Failing, OldCall, Overlapping

HERE = Path(__file__).parents[2]


def snapshot(files: dict[str, str | bytes]) -> MemorySnapshot:
    return MemorySnapshot(
        {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
    )


def report(files: dict[str, str | bytes], *rules, **options):
    return analyse(snapshot(files), rules or (OldCall(),), Options(**{"workers": 1, **options}))


def places(found) -> list[str]:
    return [f"{each.path}:{each.line}:{each.column} {each.applicability}" for each in found.findings]


def reasons(found) -> dict[str, str]:
    return {each.path: each.reason for each in found.skipped}


# --- finding


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


# --- patches


def patch_of(text: str | bytes, path: str = "a.py") -> str | None:
    (only,) = report({path: text}).findings
    return only.patch


def applied(tmp_path: Path, files: dict[str, bytes], patch: str) -> dict[str, bytes]:
    """The files after ``git apply``."""
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(
        ["git", "apply", "-"], cwd=tmp_path, check=True, input=patch.encode("utf-8", "surrogateescape")
    )
    return {path: (tmp_path / path).read_bytes() for path in files}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"x = 1\n\nold(1)\n", b"from lib import new\n\nx = 1\n\nnew(1)\n"),
        (b"from lib import new\nold(1)", b"from lib import new\nnew(1)"),
        (b"from lib import new\r\nold(1)\r\n", b"from lib import new\r\nnew(1)\r\n"),
        (b"\xef\xbb\xbffrom lib import new\nold(1)\n", b"\xef\xbb\xbffrom lib import new\nnew(1)\n"),
        (b"from lib import new\nif 1:\n\told(1)\n", b"from lib import new\nif 1:\n\tnew(1)\n"),
        (b"from lib import new\n\x0c\nold(1)\n", b"from lib import new\n\x0c\nnew(1)\n"),
        (
            b"# coding: latin-1\nfrom lib import new\nx = '\xe9'\nold(1)\n",
            b"# coding: latin-1\nfrom lib import new\nx = '\xe9'\nnew(1)\n",
        ),
        (
            "from lib import new\nx = '😀', old(1)\n".encode(),
            "from lib import new\nx = '😀', new(1)\n".encode(),
        ),
    ],
    ids=["import added", "no final newline", "crlf", "bom", "tabs", "form feed", "latin-1", "astral"],
)
@pytest.mark.parametrize("path", ["a.py", "sp ace/a b.py", 'qu"ote\\.py', "tab\there.py", "ünï.py"])
def test_patches_apply_with_git(tmp_path, before, after, path):
    patch = patch_of(before, path)
    assert patch is not None
    assert applied(tmp_path, {path: before}, patch) == {path: after}


def test_a_patch_over_several_files_applies_with_git(tmp_path):
    files = {"a.py": b"old('everywhere')\n", "b.py": b"y = 2\n", "c.py": b"z = 3"}
    (only,) = report(files).findings
    assert set(only.changed) == {"a.py", "b.py", "c.py"}
    after = applied(tmp_path, files, only.patch)
    assert after == {path: only.changed[path].data for path in files}


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("refuse", "it says so"),
        ("raise", "patch dropped: unexpected KeyError in fake_rules.py:"),
        ("same", "patch dropped: "),
        ("break", "a.py does not parse as this Python: "),
        ("undefined", "patch dropped: "),
    ],
)
def test_a_patch_that_fails_is_dropped_with_its_reason(how, reason):
    found = report({"a.py": f"old('{how}')\nold(1)\n"})
    assert places(found) == ["a.py:1:1 display-only", "a.py:2:1 safe"]
    assert found.findings[0].patch is None
    assert found.findings[0].reason.startswith(reason)
    assert found.findings[1].patch


@pytest.mark.parametrize(
    ("other", "options", "why"),
    [
        ("b_pb2.py", {}, "generated: protocol buffers"),
        ("legacy/b.py", {"exclude": ("legacy/",)}, "excluded by the configuration"),
    ],
)
def test_a_patch_that_would_change_files_that_are_left_alone_is_refused(other, options, why):
    (only,) = report({"a.py": "old('everywhere')\n", other: "y = 2\n"}, **options).findings
    assert (only.applicability, only.reason) == ("display-only", f"{other} would have to change too: {why}")


def test_a_patch_may_change_files_that_were_not_asked_for():
    files = {"a.py": "old('everywhere')\n", "b.py": "y = 2\n"}
    (only,) = report(files, selected=frozenset({"a.py"})).findings
    assert set(only.changed) == {"a.py", "b.py"}


def test_unsafe_findings_have_patches_too():
    (only,) = report({"a.py": "old('unsafe')\n"}).findings
    assert only.applicability is Applicability.UNSAFE
    assert "+new('unsafe')" in only.patch


def test_patches_are_the_same_from_several_processes():
    files = {f"f{n}.py": f"old({n})\nold('refuse')\n" for n in range(12)}
    one, two = report(files, workers=1), report(files, workers=2)
    assert [each.patch for each in one.findings] == [each.patch for each in two.findings]


# --- suppression


def test_comments_silence_findings():
    files = {
        "a.py": "old(1)  # patchwright: ignore[old-call]\n# patchwright: ignore\nold(2)\nold(3)\n",
        "b.py": "# patchwright: ignore-file[old-call]\nold(1)\n",
    }
    found = report(files)
    assert places(found) == ["a.py:4:1 safe"]
    assert [(each.path, each.line, each.suppressed) for each in found.suppressed] == [
        ("a.py", 1, True),
        ("a.py", 3, True),
        ("b.py", 2, True),
    ]


def test_a_comment_that_silences_nothing_is_reported():
    (only,) = report({"a.py": "x = 1  # patchwright: ignore[old-call]\n"}).findings
    assert (only.rule, only.line, only.column, only.applicability) == ("unused-ignore", 1, 8, "display-only")


def test_a_comment_of_a_rule_that_did_not_run_is_not_judged(monkeypatch):
    from codemods.engine import registry

    monkeypatch.setattr(registry, "known", lambda: {"other": registry.Known("other", "nowhere")})
    assert report({"a.py": "x = 1  # patchwright: ignore[other]\n"}).findings == ()
    assert report({"raises.py": "old(1)  # patchwright: ignore[failing]\n"}, Failing()).findings == ()


# --- all together


def test_all_allowed_patches_together():
    before = {"a.py": b"old(1)\nold('unsafe')\nold('show')\n", "b.py": b"old(2)\n"}
    found = report(before)
    assert fixed(snapshot(before), found) == {
        "a.py": b"from lib import new\n\nnew(1)\nold('unsafe')\nold('show')\n",
        "b.py": b"from lib import new\n\nnew(2)\n",
    }
    result = combined(snapshot(before), found, ALL)
    assert result.changed["a.py"] == (
        before["a.py"],
        b"from lib import new\n\nnew(1)\nnew('unsafe')\nold('show')\n",
    )
    assert [each.line for each in result.applied if each.path == "a.py"] == [1, 2]
    assert [each.line for each in result.left] == [3]


def test_patches_that_meet_are_applied_in_further_rounds():
    before = {"a.py": b"from lib import new\nx = old(1), old(2), old(3)\n"}
    found = report(before, Overlapping())
    result = combined(snapshot(before), found)
    assert result.changed["a.py"][1] == b"from lib import new\nx = new(1), new(2), new(3)\n"
    assert result.left == ()
    assert {each.fingerprint for each in result.applied} == {each.fingerprint for each in found.findings}


def test_findings_that_have_to_stay_stay_in_every_round():
    before = {"a.py": "import lib\n\nlib\nold(1)\nold(2)\nold(3)\n", "b.py": "old(4)\n"}
    found = report(before, OldCall())
    stays = {each.fingerprint for each in found.findings if each.path == "b.py" or each.line == 5}
    result = combined(snapshot(before), found, without=frozenset(stays))
    assert [each.line for each in result.applied] == [4, 6]
    assert [(each.path, each.line) for each in result.left] == [("a.py", 5), ("b.py", 1)]
    assert b"\nold(2)\n" in result.changed["a.py"][1]
    assert list(result.changed) == ["a.py"]


def test_all_of_them_may_have_to_stay():
    before = {"a.py": "old(1)\n"}
    found = report(before, OldCall())
    result = combined(snapshot(before), found, without=frozenset({found.findings[0].fingerprint}))
    assert (result.changed, result.applied, result.left) == ({}, (), found.findings)


def test_what_cannot_be_combined_is_left(monkeypatch):
    from codemods.engine.run import combine

    monkeypatch.setattr(combine, "_MOST_ROUNDS", 2)
    before = {"a.py": b"from lib import new\nx = old(1), old(2), old(3)\n"}
    result = combined(snapshot(before), report(before, Overlapping()))
    assert len(result.applied) == 2
    assert len(result.left) == 1


def test_several_rules_together():
    before = {"a.py": b"from lib import new\nx = old(1), old(2)\n"}
    found = report(before, OldCall(), Overlapping())
    assert len(found.findings) == 4
    assert fixed(snapshot(before), found) == {"a.py": b"from lib import new\nx = new(1), new(2)\n"}


def test_a_second_run_changes_nothing():
    before = {"a.py": b"old(1)\nold('refuse')\n", "b.py": b"x = old(2)\n"}
    after = {**before, **fixed(snapshot(before), report(before), ALL)}
    assert fixed(snapshot(after), report(after), ALL) == {}


# --- kept results


def test_kept_results_are_the_same(tmp_path):
    files = {"a.py": "old(1)\nold('raise')\n", "b.py": "old('unsafe')\n"}
    cold = report(files, cache=Cache(tmp_path))
    warm = report(files, cache=Cache(tmp_path))
    assert cold == warm
    assert [each.finding.evidence for each in cold.findings] == [
        each.finding.evidence for each in warm.findings
    ]


def test_kept_results_are_used_until_an_answer_changes(tmp_path):
    files = {"settings.py": "ON = 1\n", "a.py": "old(1)\n", "b.py": "old(2)\n"}

    def run(files):
        Asking.asked = 0
        return places(report(files, Asking(), cache=Cache(tmp_path), patches=False)), Asking.asked

    both = ["a.py:1:1 safe", "b.py:1:1 safe"]
    assert run(files) == (both, 2)
    assert run(files) == (both, 0)
    assert run({**files, "b.py": "x = 1\nold(2)\n"}) == (["a.py:1:1 safe", "b.py:2:1 safe"], 1)
    assert run({**files, "settings.py": "OFF = 1\n"}) == ([], 2)
    assert run(files) == (both, 2)


def test_options_and_versions_are_part_of_the_key(tmp_path):
    files = {"a.py": "old(1)\n", "settings.py": "ON = 1\n"}

    def asked(rule=None, **options):
        Asking.asked = 0
        report(files, rule or Asking(), cache=Cache(tmp_path), patches=False, **options)
        return Asking.asked

    newer = Asking()
    newer.version = 2
    assert [asked(), asked(), asked(rules={"asking": {"deep": True}}), asked(newer), asked()] == [
        1,
        0,
        1,
        1,
        0,
    ]


def test_kept_patches_are_written_anew_when_another_file_changes(tmp_path):
    files = {"a.py": "old('everywhere')\n", "b.py": "y = 2\n"}
    report(files, cache=Cache(tmp_path))
    changed = {**files, "b.py": "y = 3\n"}
    assert report(changed, cache=Cache(tmp_path)) == report(changed)


class Rooted(MemorySnapshot):
    """A snapshot of a place that is seen again."""

    place = "/project"


def test_needles_are_remembered_rightly(tmp_path):
    files = {f"f{n}.py": b"old(1)\n" if n % 3 else b"x = 1\n" for n in range(30)}
    for change in (
        {},
        {"f0.py": b"old(0)\n"},
        {"f0.py": b"y = 2\n", "f1.py": b"x = 1\n"},
        {"new.py": b"old(1)\n"},
        {"f2.py": b"fresh = 1\n"},
    ):
        files |= change
        warm = analyse(Rooted(files), [OldCall()], Options(workers=1, cache=Cache(tmp_path), patches=False))
        assert warm == analyse(MemorySnapshot(files), [OldCall()], Options(workers=1, patches=False))


def test_remembered_files_are_not_searched_again(tmp_path):
    class Counting(Rooted):
        searched = 0

        def read(self, path):
            type(self).searched += 1
            return super().read(path)

    files = {f"f{n}.py": b"x = 1\n" + b"#" * 100_000 for n in range(9)}

    def run():
        Counting.searched = 0
        snapshot = Counting(files)
        snapshot.digest = lambda path: f"{path}:{len(files[path])}"
        analyse(snapshot, [OldCall()], Options(workers=1, cache=Cache(tmp_path), selected=frozenset()))
        return Counting.searched

    assert (run(), run()) == (9, 0)
    files["f3.py"] += b"#"
    assert run() == 1


def test_evidence_that_cannot_be_kept_is_no_harm(tmp_path):
    class Holding(OldCall):
        def detect(self, module, project):
            for each in super().detect(module, project):
                yield type(each)(**{f: getattr(each, f) for f in each.__slots__} | {"evidence": lambda: None})

        def rewrite(self, finding, project):
            raise AssertionError("not asked")

    found = report({"a.py": "old('show')\n"}, Holding(), cache=Cache(tmp_path))
    assert len(found.findings) + len(found.skipped) == 1


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
