"""What is taken over from earlier runs is what this run would have found out itself."""

from __future__ import annotations

import pytest

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.project import Project
from codemods.engine.run.cache import Cache
from codemods.engine.run.remembering import RememberingProject

CALLS: list[tuple[object, ...]] = []


def defines(project: Project, path: str, name: str) -> bool:
    CALLS.append((path, name))
    facts = project.facts(path)
    return facts is not None and name in facts.names


def where(project: Project, name: str) -> list[str]:
    CALLS.append((name,))
    return project.locate(name, "app/main.py")


def siblings(project: Project) -> int:
    CALLS.append(())
    return len(project.python)


def importing(project: Project, name: str) -> tuple[str, ...]:
    CALLS.append((name,))
    return project.importers(name)


def no_data(project: Project) -> object:
    return lambda: None


def short(data: bytes, bound: int) -> bool:
    CALLS.append((data, bound))
    return len(data) < bound


@pytest.fixture
def remembered(tmp_path):
    """Runs ``ask(project)`` on files; gives its answer, and how often the functions above were at work for it."""

    def run(files, ask, options=None):
        snapshot = MemorySnapshot({path: text.encode() for path, text in files.items()})
        project = RememberingProject(snapshot, options or {}, Cache(tmp_path), "here")
        CALLS.clear()
        answer = ask(project)
        done = len(CALLS)
        project.remember()
        assert answer == ask(Project(snapshot, options or {}))
        return answer, done

    return run


FILES = {"app/__init__.py": "", "app/main.py": "x = 1\n", "app/other.py": "from app.main import x\n"}


def test_a_result_is_taken_over_until_a_file_that_it_read_changes(remembered):
    def ask(project):
        return project.kept(defines, "app/main.py", "x")

    assert remembered(FILES, ask) == (True, 1)
    assert remembered(FILES, ask) == (True, 0)
    assert remembered(FILES | {"app/other.py": "y = 1\n", "new.py": ""}, ask) == (True, 0)
    assert remembered(FILES | {"app/main.py": "y = 1\n"}, ask) == (False, 1)


def test_files_that_come_and_go_touch_only_who_asked_for_their_names(remembered):
    files = dict(FILES)
    assert remembered(files, lambda project: project.kept(where, "app.late")) == ([], 1)
    files["app/unrelated.py"] = ""
    assert remembered(files, lambda project: project.kept(where, "app.late")) == ([], 0)
    files["app/late.py"] = ""
    assert remembered(files, lambda project: project.kept(where, "app.late")) == (["app/late.py"], 1)


def test_who_asks_for_all_files_is_asked_again_when_one_comes(remembered):
    def ask(project):
        return project.kept(siblings)

    assert remembered(FILES, ask) == (3, 1)
    assert remembered(FILES | {"app/main.py": "x = 2\n"}, ask) == (3, 0)
    assert remembered(FILES | {"new.py": ""}, ask) == (4, 1)


def test_what_a_kept_result_rests_on_counts_for_those_who_use_it(remembered):
    def ask(project):
        with project.tracing() as trace:
            project.kept(defines, "app/main.py", "x")
        return trace

    first, _ = remembered(FILES, ask)
    again, done = remembered(FILES, ask)
    assert (again, done) == (first, 0)
    assert ("file", "app/main.py") in again


def test_importers_are_those_of_the_files_as_they_are_now(remembered):
    def ask(project):
        return project.kept(importing, "x")

    assert remembered(FILES, ask) == (("app/other.py",), 1)
    assert remembered(FILES, ask) == (("app/other.py",), 0)
    twice = FILES | {"app/copy.py": FILES["app/other.py"]}
    assert remembered(twice, ask) == (("app/copy.py", "app/other.py"), 1)
    assert remembered(twice | {"app/other.py": "from app.main import y\n"}, ask) == (("app/copy.py",), 1)
    assert remembered(FILES | {"app/other.py": ""}, ask) == ((), 1)


def test_other_options_are_another_question(remembered):
    def ask(project):
        return project.kept(siblings)

    assert remembered(FILES, ask, {"rule": {"clients": ["a.B"]}}) == (3, 1)
    assert remembered(FILES, ask, {"rule": {"clients": ["a.C"]}}) == (3, 1)


def test_a_test_of_bytes_runs_on_new_contents_only(remembered):
    def ask(project):
        return project.matching(short, 3)

    files = {f"f{number}.py": "#" * number for number in range(9)}
    assert remembered(files, ask) == (["f0.py", "f1.py", "f2.py"], 9)
    assert remembered(files, ask) == (["f0.py", "f1.py", "f2.py"], 0)
    files |= {"f1.py": "#####", "f8.py": "!"}
    assert remembered(files, ask) == (["f0.py", "f2.py", "f8.py"], 1)
    assert remembered(files, lambda project: project.matching(short, 2)) == (["f0.py", "f8.py"], 9)


def test_what_is_no_plain_data_is_said_where_it_is_worked_out(tmp_path):
    project = RememberingProject(MemorySnapshot({}), {}, Cache(tmp_path), "here")
    with pytest.raises((AttributeError, TypeError)):
        project.kept(no_data)
