"""A preview shows or writes what the App would open, and changes nothing in the repository."""

from __future__ import annotations

import ast
import subprocess

import pytest

from bot import preview
from codemods.engine import registry
from codemods.engine.finding import Applicability, Change, Edit, Finding

HOW = {1: Applicability.SAFE, 3: Applicability.DISPLAY_ONLY, 4: Applicability.UNSAFE}


class Toy:
    """Writes two instead of one; a three is only reported, a four is unsafe to change."""

    name = "toy"
    version = 1

    def candidates(self, project):
        return project.python

    def detect(self, module, project):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and node.value in HOW:
                start, end = module.source.span(node)
                line, column = module.source.position(start)
                message, reason = f"Here is `{node.value}`.", "It was seen."
                evidence = Edit(module.path, start, end, "2")
                how = HOW[node.value]
                yield Finding(
                    self.name, module.path, line, column, line, message, how, reason, evidence=evidence
                )

    def rewrite(self, finding, project):
        return Change((finding.evidence,))


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "select", lambda names: [Toy()])
    page = "# toy: a one\n\nWrites two.\n\n## Why is this bad\n\nOne is few.\n\n## References\n\n<https://example.com>\n"
    (tmp_path / "toy.md").write_text(page)
    known = {"toy": registry.Known("toy", "nowhere", page=tmp_path / "toy.md")}
    monkeypatch.setattr(registry, "known", lambda: known)
    monkeypatch.setenv("PATCHWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "a.py").write_bytes(b"x = 1\r\ny = 3\r\n")
    (folder / "b.py").write_text("z = 4\n")
    return folder


def test_it_writes_a_body_and_a_diff_that_git_takes(repository, tmp_path, capsys):
    out = tmp_path / "some" / "where"
    (shown,) = preview.run(repository, out)
    assert capsys.readouterr().out == f"1 pull request in {out}\n"
    assert sorted(path.name for path in out.iterdir()) == ["01-toy.diff", "01-toy.md"]
    text = (out / "01-toy.md").read_text(encoding="utf-8")
    assert text == f"# {shown.pull.title}\n\n{shown.pull.body}"
    assert "- `a.py:2`: Here is `3`. It was seen." in text
    assert "- `b.py:1`: Here is `4`. A patch exists, but it is unsafe. It was seen." in text
    subprocess.run(["git", "apply", "-p1", str(out / "01-toy.diff")], cwd=repository, check=True)
    assert (repository / "a.py").read_bytes() == b"x = 2\r\ny = 3\r\n"


def test_it_changes_nothing(repository, capsys):
    before = {path: path.read_bytes() for path in repository.iterdir()}
    preview.run(repository)
    assert {path: path.read_bytes() for path in repository.iterdir()} == before
    printed = capsys.readouterr().out
    assert "Pull request 1 of 1: Fix a one (1 place)" in printed
    assert "branch patchwright/toy\n" in printed
    assert "+x = 2" in printed
    assert printed.endswith("1 pull request from 2 files; nothing was changed.\n")


def test_unsafe_fixes_come_when_the_repository_asks_for_them(repository):
    config = repository / ".github" / "patchwright.yml"
    config.parent.mkdir()
    config.write_text("unsafe-fixes: true\n")
    (shown,) = preview.run(repository)
    assert shown.pull.title == "Fix a one (2 places)"
    assert "`.github/patchwright.yml`" in shown.pull.body


def test_what_has_no_patch_is_said_too(repository, capsys):
    (repository / "a.py").write_text("y = 3\n")
    (repository / "b.py").unlink()
    assert preview.run(repository) == []
    printed = capsys.readouterr().out
    assert "0 pull requests from 1 file;" in printed
    assert "  a.py:1 toy: Here is `3`. It was seen." in printed


def test_what_an_earlier_run_wrote_goes_and_what_people_wrote_stays(repository, tmp_path):
    out = tmp_path / "out"
    preview.run(repository, out)
    (out / "01-mine.md").write_text("# Mine\n")
    (out / "notes.diff").write_text("mine\n")
    (repository / "a.py").write_text("y = 3\n")
    preview.run(repository, out)
    assert sorted(path.name for path in out.iterdir()) == ["01-mine.md", "notes.diff"]


def test_a_folder_that_cannot_be_written_is_said_plainly(repository, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(preview.NotWritten) as caught:
        preview.run(repository, tmp_path / "file" / "out")
    assert str(caught.value) == f"{tmp_path / 'file' / 'out'}: Not a directory"
    with pytest.raises(preview.NotWritten) as caught:
        preview.run(repository, tmp_path / "file")
    assert str(caught.value) == f"{tmp_path / 'file'}: File exists"


def test_the_marker_is_for_machines(repository, capsys, tmp_path):
    preview.run(repository)
    assert "<!--" not in capsys.readouterr().out
    preview.run(repository, tmp_path / "out")
    assert "<!-- patchwright:pull" in (tmp_path / "out" / "01-toy.md").read_text()


def git(folder, *words):
    name = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=trunk")
    done = subprocess.run(["git", *name, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("remote", "page"),
    [
        ("https://token:secret@github.example/acme/shop.git", "https://github.example/acme/shop"),
        ("git@github.example:acme/shop.git", "https://github.example/acme/shop"),
        ("ssh://git@github.example:2222/acme/shop", "https://github.example/acme/shop"),
    ],
)
def test_a_checkout_gives_permalinks_and_its_own_style(repository, remote, page):
    git(repository, "init")
    git(repository, "add", ".")
    for number in range(6):
        git(repository, "commit", "--allow-empty", "-m", f"feat: number {number}")
    git(repository, "remote", "add", "origin", remote)
    (shown,) = preview.run(repository)
    assert f"[`a.py:1`]({page}/blob/{git(repository, 'rev-parse', 'HEAD')}/a.py#L1)" in shown.pull.body
    assert "secret@" not in shown.pull.body
    assert shown.pull.title == "fix: a one (1 place)"
    assert shown.pull.base == "trunk"


def test_a_checkout_without_commits_or_remote_has_plain_paths(repository):
    git(repository, "init")
    (shown,) = preview.run(repository)
    assert "| `a.py:1` |" in shown.pull.body


def test_a_terminal_gets_colours(repository, capsys, monkeypatch):
    monkeypatch.setattr(preview.session, "colours", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    preview.run(repository)
    printed = capsys.readouterr().out
    assert "\x1b[" in printed
    assert "Why it matters" in printed
