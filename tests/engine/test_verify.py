from __future__ import annotations

import subprocess
from typing import Any

import pytest

from codemods.engine.checks.lint import lint
from codemods.engine.checks.verify import Patch, format_changed_lines, verify, verify_all, verify_many
from codemods.engine.edits.apply import apply
from codemods.engine.files.source import Source
from codemods.engine.finding import Change, Edit, ImportNeed


def files(text: str | bytes, path: str = "a.py") -> dict[str, Source]:
    return {path: Source(path, text.encode() if isinstance(text, str) else text)}


def verdict(before: str | bytes, after: str | bytes, path: str = "a.py") -> str | None:
    return verify(files(before, path), files(after, path))


def swap(text: str, old: str, new: str, *imports: ImportNeed) -> Change:
    start = text.index(old)
    return Change((Edit("a.py", start, start + len(old), new),), imports)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        pytest.param("x = 1\n", "x = (\n", "does not parse", id="syntax"),
        pytest.param("def f():\n    global x\n    x = 1\n", "def f():\n    x = 1\n    global x\n", "does not compile", id="compiler"),
        pytest.param("x = 1\n", "x = y\n", "Undefined name `y`", id="undefined"),
        pytest.param("x = 1  # noqa\n", "x = y  # noqa\n", "Undefined name `y`", id="undefined under noqa"),
        pytest.param("print(u)\n", "print(u, u)\n", "Undefined name `u`", id="undefined once more"),
        pytest.param("x = 1\n", "import os\nx = 1\n", "`os` imported but unused", id="import without use"),
        pytest.param("from .a import b\n", "from .a import c, d\n", "`.a.d` imported but unused", id="a re-export becomes two"),
        pytest.param("def f():\n    from src.a import b\n", "def f():\n    from a import b, c\n", "`a.c` imported but unused", id="one more from a renamed module"),
        pytest.param("def f():\n    import os\n    os\n", "def f():\n    import os\n", "`os` imported but unused", id="orphan"),
        pytest.param("import os\nos\n", "import os\nimport os\nos\n", "Redefinition of unused `os`", id="import twice"),
        pytest.param("def f(): pass\n", "def f(): pass\ndef f(): pass\n", "Redefinition of unused `f`", id="definition twice"),
        pytest.param("__all__ = ['f']\ndef f(): pass\n", "__all__ = ['f']\n", "`f` in `__all__`", id="export gone"),
        pytest.param("def f():\n    x = 1\n    return x\n", "def f():\n    x = 1\n", "`x` is assigned to but never used", id="variable"),
        pytest.param("from m import *\n", "from m import *\ny\n", "`y` may be undefined", id="perhaps from a star"),
        pytest.param("x = 1  # why\n", "x = 2\n", "comment '# why' would be lost", id="comment"),
        pytest.param("# a\n# a\nx = 1\n", "# a\nx = 1\n", "comment '# a' would be lost", id="one of two comments"),
        pytest.param("x = 1\r\ny = 2\r\n", "x = 1\ny = 2\r\n", "line ends change", id="line ends"),
        pytest.param("x = 1", "x = 1\n", "final newline changes", id="final newline"),
        pytest.param(b"\xef\xbb\xbfx = 1\n", b"x = 1\n", "encoding changes", id="byte order mark"),
        pytest.param("from a import (\n    b,\n    c,  # of c\n)\nb, c\n", "from a import (\n    b,\n    c,\n)\nb, c\n", "of c", id="comment of an import that stays"),
        pytest.param("from a import b, c  # both\nb, c\n", "from a import b\nb\n", "both", id="comment of two imports"),
    ],
)  # fmt: skip
def test_a_patch_fails(before: str | bytes, after: str | bytes, reason: str) -> None:
    said = verdict(before, after)
    assert said is not None
    assert reason in said
    assert said.startswith("a.py")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("print(u)\n", "print(u) \n", id="undefined as before"),
        pytest.param("from m import *\ny\n", "from m import *\ny, y\n", id="from a star as before"),
        pytest.param("import os\n\n\nx = os\n", "x = 1\n", id="import removed"),
        pytest.param("import os  # of os\nx = os\n", "x = 1\n", id="with its comment"),
        pytest.param("from a import (\n    b,\n    c,  # of c\n)\nb, c\n", "from a import (\n    b,\n)\nb\n", id="one of a list with its comment"),
        pytest.param("import os  # noqa: F401\nos\n", "import os  # noqa: F401\n1\n", id="kept for its noqa"),
        pytest.param("import os\nx: 'os.PathLike' = os\n", "import os\nx: 'os.PathLike' = 1\n", id="kept for a string annotation"),
        pytest.param("import os\nos\n", "import os\n1\n", id="perhaps another file's"),
        pytest.param("from .ai import client\n", "from .ai import get_client\n", id="a re-export under another name"),
        pytest.param("def f():\n    from src.a import b\n", "def f():\n    from a import b\n", id="unused from a renamed module"),
        pytest.param("try:\n    import os\nexcept ImportError:\n    raise\nos\n", "try:\n    import os\nexcept ImportError:\n    raise\n1\n", id="kept in a try"),
        pytest.param("x = f(1)  # type: ignore\n", "x = 1\n", id="directive of a line that changed"),
        pytest.param("# coding: latin-1\nx = 'é'\n".encode("latin-1"), "# coding: latin-1\nx = 'ä'\n".encode("latin-1"), id="latin-1"),
        pytest.param("\x0cimport os\nx = os\n", "\x0cimport os\nx = os, 1\n", id="a form feed that LibCST moves"),
        pytest.param("def f(): return x\nx = 1\n\x0c\ny = 1\n", "def f(): return x\nx = 2\n\x0c\ny = 1\n", id="a form feed"),
        pytest.param("type X = int\n", "type X = str\n", id="newer syntax", marks=pytest.mark.skipif("sys.version_info < (3, 12)")),
    ],
)  # fmt: skip
def test_a_patch_holds(before: str | bytes, after: str | bytes) -> None:
    assert verdict(before, after) is None


def test_an_import_left_for_nobody_fails_where_other_files_are_known() -> None:
    before, after = files("import os\nos\n"), files("import os\n1\n")
    assert "unused" in (verify(before, after, None, lambda *_: False) or "")
    assert verify(before, after, None, lambda path, name: (path, name) == ("a.py", "os")) is None
    assert (
        verify(
            files("import os\nos\n", "__init__.py"),
            files("import os\n1\n", "__init__.py"),
            None,
            lambda *_: False,
        )
        is None
    )


def test_an_edit_of_a_comment_may_change_it() -> None:
    before = "x = 1  # old\n"
    changes = [swap(before, "# old", "# new")]
    sources = files(before)
    assert verify(sources, apply(changes, sources), changes) is None
    changes = [swap(before, "1  # old", "2")]
    assert verify(sources, apply(changes, sources), changes) == "a.py: the comment '# old' would be lost"


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        pytest.param("import os\n\nx = 2\n# a\ny = os\n\nz = 1\n", None, id="the edit"),
        pytest.param(
            "import hmac\nimport os\n\nx = 2\n# a\ny = os\n\nz = 1\n", None, id="and an import", marks=()
        ),
        pytest.param("import os\n\nx = 2\n# a\ny = os \n\nz = 1\n", "lines 4 to 8", id="a line below"),
        pytest.param("import os\n\nx = 2\n# a\ny = os\n\n\nz = 1\n", "lines 4 to 8", id="a blank line more"),
        pytest.param("import os\n\nx = 2\n# a\ny = os\nz = 1\n", "lines 4 to 8", id="a blank line less"),
        pytest.param("import os\n\nx = 2\ny = os\n# a\n\nz = 1\n", "lines 4 to 8", id="another order"),
    ],
)
def test_lines_that_no_edit_touches_stay(after: str, reason: str | None) -> None:
    before = "import os\n\nx = 1\n# a\ny = os\n\nz = 1\n"
    said = verify(files(before), files(after), [swap(before, "x = 1", "x = 2")])
    if "hmac" in after:
        assert said is not None
        assert "`hmac` imported but unused" in said
    elif reason is None:
        assert said is None
    else:
        assert said is not None
        assert reason in said


@pytest.mark.parametrize(
    "before",
    [
        "import os\n\nx = os.sep\n\ndef f():\n    import re\n\n    return re\n",
        "#!/usr/bin/python\n# c\n\nimport os  # of os\nimport re\n\n\nx = os.sep\nre",
        "'''Doc.'''\nx = os.sep\n",
        "x = os.sep",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import os\n\ny = 1\n\nx = os.sep\n\ny: TYPE_CHECKING\n",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_the_engine_writes_leaves_other_lines_alone(before: str, newline: str) -> None:
    text = before.replace("\n", newline)
    changes = [swap(text, "x = os.sep", "x = [\n    sha1,\n]", ImportNeed("a.py", "hashlib", "sha1"))]
    sources = files(text)
    after = apply(changes, sources)
    assert after["a.py"].data != sources["a.py"].data
    assert verify(sources, after, changes, lambda *_: False) is None


def test_many_patches_are_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Any] = []
    real = subprocess.run
    monkeypatch.setattr(
        "codemods.engine.checks.lint.subprocess.run", lambda *a, **k: (runs.append(a), real(*a, **k))[1]
    )
    good = Patch(
        {**files("x = 1\n"), **files("y = 1\n", "build/b.py")},
        {**files("x = 2\n"), **files("y = 2\n", "build/b.py")},
    )
    bad = Patch(
        {**files("x = 1\n"), **files("y = 1\n", "build/b.py")},
        {**files("x = 2\n"), **files("y = q\n", "build/b.py")},
    )
    assert verify_many([good, bad, good]) == [None, "build/b.py: Undefined name `q` (line 1)", None]
    assert len(runs) == 1
    assert verify_all([(good.before, good.after)]) == [None]
    assert verify_all([]) == []
    assert len(runs) == 2


def test_one_text_under_many_names_is_judged_by_its_name() -> None:
    text = b"import os\n"
    first, second = lint([Source("a/b.py", text), Source("a/b.pyi", text)])
    assert [complaint.key for complaint in first] == [("F401", "os")]
    assert [complaint.key for complaint in second] == [("F401", "os")]


class Files:
    """A project that is nothing but files."""

    def __init__(self, **files: str) -> None:
        self.files = files

    def read(self, path: str) -> bytes:
        return self.files.get(path.replace(".", "_").replace("/", "__"), "").encode()


def formatted(before: str, after: str, path: str = "app/a.py", **config: str) -> str:
    return format_changed_lines(
        Source(path, before.encode()), Source(path, after.encode()), Files(**config)
    ).text


def test_only_changed_lines_are_formatted_as_the_repository_says() -> None:
    before, after = (
        "x = 'a'\ny = [1,2]\n\ndef f(): return 'b'\n",
        "x = 'c'\ny = [1,2]\n\ndef f(): return 'b'\n",
    )
    assert formatted(before, after, pyproject_toml="[tool.black]\n") == after.replace("'c'", '"c"')
    assert (
        formatted(before, after, pyproject_toml="[tool.black]\nskip-string-normalization = true\n") == after
    )
    single = "[tool.ruff.format]\nquote-style = 'single'\n"
    assert formatted(before, after.replace("'c'", '"c"'), pyproject_toml=single) == after
    assert formatted(before, after, app__ruff_toml="[format]\n", pyproject_toml=single) == after.replace(
        "'c'", '"c"'
    )


def test_a_repository_that_only_lints_with_ruff_keeps_its_own_formatting() -> None:
    before, after = "x = 'a'\ny = [1,2]\n", "x = 'c'\ny = [1,2]\n"
    assert formatted(before, after, pyproject_toml="[tool.ruff]\nline-length = 100\n") == after
    assert formatted(before, after, pyproject_toml="[tool.other]\n") == after
    assert formatted(before, after, pyproject_toml="[tool.black\n") == after
    assert formatted(before, after) == after


def test_a_formatted_file_is_formatted_afterwards() -> None:
    before = "x = f(aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbb)\r\n"
    after = before.replace("x = f(", "x = f(cccccccccccccccccccccccc, ")
    config = "[tool.ruff]\nline-length = 50\n"
    assert formatted(before, after, pyproject_toml=config) == (
        "x = f(\r\n    cccccccccccccccccccccccc,\r\n    aaaaaaaaaaaaaaaa,\r\n    bbbbbbbbbbbbbbbbb,\r\n)\r\n"
    )


def test_formatting_that_would_reach_other_lines_is_not_kept() -> None:
    before = "x = f(a,\n      'b', 1)\ny = [1,2]\n"
    after = before.replace("1)", "2)")
    assert formatted(before, after, pyproject_toml="[tool.black]\n") == after


def test_what_ruff_cannot_format_stays() -> None:
    assert formatted("x = 1\n", "x = (\n", pyproject_toml="[tool.black]\n") == "x = (\n"
