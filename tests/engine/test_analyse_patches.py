"""Each finding's patch applies with git, or is dropped with its reason."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from codemods.engine.finding import Applicability
from tests.engine.reporting import places, report


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
