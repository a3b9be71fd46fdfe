"""Results that are kept from one run to the next are the same, until something changes."""

from __future__ import annotations

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse
from codemods.engine.run.cache import Cache
from codemods.engine.run.report import Options
from tests.engine.fake_rules import Asking, OldCall
from tests.engine.reporting import places, report


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
