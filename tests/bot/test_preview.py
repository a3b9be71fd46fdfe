"""A preview shows or writes what the App would open, and changes nothing in the repository."""

from __future__ import annotations

import ast
import subprocess

import pytest

from bot import plan, preview
from codemods.engine import registry
from codemods.engine.finding import Applicability, Change, Edit, Finding
from codemods.engine.page import read_page

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
    monkeypatch.setattr(plan, "page_of", lambda rule: read_page(page))
    monkeypatch.setenv("PATCHWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "a.py").write_bytes(b"x = 1\r\ny = 3\r\n")
    (folder / "b.py").write_text("z = 4\n")
    return folder


def test_it_writes_a_body_and_a_diff_that_git_takes(repository, tmp_path, capsys):
    out = tmp_path / "some" / "where"
    (request,) = preview.run(repository, out)
    assert capsys.readouterr().out == f"1 pull request in {out}\n"
    assert sorted(path.name for path in out.iterdir()) == ["01-toy.diff", "01-toy.md"]
    text = (out / "01-toy.md").read_text(encoding="utf-8")
    assert text == f"# {request.title}\n\n{request.body}"
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
    (request,) = preview.run(repository)
    assert request.title == "Fix a one (2 places)"
    assert "`.github/patchwright.yml`" in request.body


def test_what_has_no_patch_is_said_too(repository, capsys):
    (repository / "a.py").write_text("y = 3\n")
    (repository / "b.py").unlink()
    assert preview.run(repository) == []
    printed = capsys.readouterr().out
    assert "0 pull requests from 1 files" in printed
    assert "  a.py:1 toy: Here is `3`. It was seen." in printed


def test_a_terminal_gets_colours(repository, capsys, monkeypatch):
    monkeypatch.setattr(preview.session, "colours", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    preview.run(repository)
    printed = capsys.readouterr().out
    assert "\x1b[" in printed
    assert "Why it matters" in printed
