"""The comments that ``ignore`` writes: they silence, and change nothing else."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.silence import NotSilenced, silence_file, silence_line

RULE = "atomic-redis"
NOTE = f"# patchwright: ignore[{RULE}]"
WHOLE = f"# patchwright: ignore-file[{RULE}]"


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        ("x = 1\n", 1, f"x = 1  {NOTE}\n"),
        ("x = 1", 1, f"x = 1  {NOTE}"),
        ("x = 1\r\ny = 2\r\n", 2, f"x = 1\r\ny = 2  {NOTE}\r\n"),
        ("x = 1  # why\n", 1, f"{NOTE}\nx = 1  # why\n"),
        (
            "def f():\n    return (\n        1\n    )\n",
            3,
            f"def f():\n    {NOTE}\n    return (\n        1\n    )\n",
        ),
        ("def f():\n\tx = [\n\t1]\n", 3, f"def f():\n\t{NOTE}\n\tx = [\n\t1]\n"),
        ("if x:\n    y = 1\nelif z:\n    y = 2\n", 3, f"if x:\n    y = 1\n{NOTE}\nelif z:\n    y = 2\n"),
        ("@one\ndef f():\n    pass\n", 2, f"{NOTE}\n@one\ndef f():\n    pass\n"),
        (
            "x = 1  # patchwright: ignore[secretstr]\n",
            1,
            f"x = 1  # patchwright: ignore[secretstr, {RULE}]\n",
        ),
        (
            "# patchwright: ignore[secretstr]\nx = 1\n",
            2,
            f"# patchwright: ignore[secretstr, {RULE}]\nx = 1\n",
        ),
        (f"x = '{'a' * 70}'\n", 1, f"{NOTE}\nx = '{'a' * 70}'\n"),
        ("# -*- coding: latin-1 -*-\nx = 'é'\n", 2, f"# -*- coding: latin-1 -*-\nx = 'é'  {NOTE}\n"),
    ],
)
def test_one_place(before: str, line: int, after: str):
    encoding = "latin-1" if "latin" in before else "utf-8"
    done = silence_line("app.py", before.encode(encoding), RULE, line)
    assert done is not None
    assert done.decode(encoding) == after
    assert silence_line("app.py", done, RULE, line + after.startswith(NOTE)) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1\n", f"{WHOLE}\n\nx = 1\n"),
        ("", f"{WHOLE}\n"),
        ("#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nimport os\n",
         f"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n{WHOLE}\n\nimport os\n"),
        ("# Licence\n\nimport os\n", f"# Licence\n{WHOLE}\n\nimport os\n"),
        ('"""What it is."""\n\nimport os\n', f'"""What it is."""\n\n{WHOLE}\n\nimport os\n'),
        ('# Licence\n"""What it is.\n\nMore.\n"""\nimport os\n',
         f'# Licence\n"""What it is.\n\nMore.\n"""\n\n{WHOLE}\n\nimport os\n'),
        ('"""What it is."""', f'"""What it is."""\n\n{WHOLE}\n'),
        ('"""What it is."""; x = 1\n', f'{WHOLE}\n\n"""What it is."""; x = 1\n'),
        ('"""What it is."""\r\nx = 1\r\n', f'"""What it is."""\r\n\r\n{WHOLE}\r\n\r\nx = 1\r\n'),
        ("# patchwright: ignore-file[secretstr]\nx = 1\n",
         f"# patchwright: ignore-file[secretstr, {RULE}]\nx = 1\n"),
        ("\ufeffx = 1\n", f"\ufeff{WHOLE}\n\nx = 1\n"),
    ],
)  # fmt: skip
def test_a_file(before: str, after: str):
    done = silence_file("app.py", before.encode(), RULE)
    assert done is not None
    assert done.decode() == after
    assert silence_file("app.py", done, RULE) is None


def test_what_is_silenced_already():
    assert silence_line("app.py", b"x = 1  # patchwright: ignore\n", RULE, 1) is None
    assert silence_line("app.py", f"{WHOLE}\nx = 1\n".encode(), RULE, 2) is None
    assert silence_file("app.py", b"# patchwright: ignore-file\n", RULE) is None


@pytest.mark.parametrize(
    ("path", "data", "line", "case"),
    [
        ("app.py", b"x = 1\n", 7, "line-gone"),
        ("app.py", b"\n\nx = 1\n", 1, "line-gone"),
        ("app.py", b"x = = 1\n", 1, "unreadable"),
        ("app.js", b"x = 1\n", 1, "no-python"),
    ],
)
def test_what_can_t_be_silenced(path: str, data: bytes, line: int, case: str):
    with pytest.raises(NotSilenced) as told:
        silence_line(path, data, RULE, line)
    assert told.value.case == case


_PROGRAM = b'''"""A module."""

import os


class Some:
    """A class."""

    @property
    def one(self) -> str:
        if os.name == "nt" and \\
                os.sep:
            return f"""
# not a comment
{os.sep}"""
        try:
            return os.environ[
                "a"  # a key
            ]
        except (KeyError,
                ValueError):
            pass
        else:
            x = 1; y = 2
        return ""  # empty
'''


@given(st.integers(1, _PROGRAM.count(b"\n")))
def test_at_every_line_of_a_program(line: int):
    try:
        done = silence_line("app.py", _PROGRAM, RULE, line)
    except NotSilenced as refused:
        assert refused.case in {"line-gone", "no-place"}
        return
    assert done is not None
    assert ast.dump(ast.parse(done)) == ast.dump(ast.parse(_PROGRAM))
    assert NOTE.encode() in done
