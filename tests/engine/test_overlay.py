"""A project after a patch answers as one that is read anew."""

from __future__ import annotations

from codemods.engine.files.overlay import overlaid
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.project import Project

BEFORE = {
    "app/__init__.py": b"",
    "app/a.py": b"from lib import old\nX = 1\n",
    "app/b.py": b"from app.a import X\nneedle = 1\n",
    "c.py": b"from lib import old, other\nneedle = 2\n",
}
CHANGED = {"app/a.py": b"from lib import new\nY = 1\nneedle = 3\n", "c.py": b"from lib import other\n"}


def answers(project: Project) -> list[object]:
    return [
        project.containing(b"needle"),
        [project.importers(name) for name in ("old", "new", "other", "X", "nothing")],
        [sorted(project.facts(path).names) for path in sorted(BEFORE)],
        [project.read(path) for path in sorted(BEFORE)],
        project.locate("app.a"),
        project.index.resolve("app.a.X"),
        [project.module(path).source.data for path in sorted(BEFORE)],
    ]


def test_answers_are_those_of_a_project_read_anew():
    base = Project(MemorySnapshot(BEFORE))
    first = answers(base)
    assert answers(overlaid(base, CHANGED)) == answers(Project(MemorySnapshot(BEFORE | CHANGED)))
    assert answers(base) == first


def test_a_further_overlay_and_a_new_file():
    base = Project(MemorySnapshot(BEFORE))
    answers(base)
    middle = overlaid(base, CHANGED)
    answers(middle)
    more = {"app/d.py": b"from lib import old\nneedle = 4\n", "c.py": BEFORE["c.py"]}
    assert answers(overlaid(middle, more)) == answers(Project(MemorySnapshot(BEFORE | CHANGED | more)))


def test_before_anything_was_asked():
    base = Project(MemorySnapshot(BEFORE))
    assert answers(overlaid(base, CHANGED)) == answers(Project(MemorySnapshot(BEFORE | CHANGED)))
