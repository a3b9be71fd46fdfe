"""An import that a patch leaves unused goes, unless somebody may rely on it."""

from __future__ import annotations

import pytest

from codemods.engine.edits.imports import remove_orphans
from codemods.engine.files.source import Source
from tests.engine.importing import PATH


def left(text: str, old: str, new: str, path: str = PATH, elsewhere: frozenset[str] = frozenset()) -> str:
    """What is left when ``old``, written ``USE`` in ``text``, becomes ``new`` and orphans go."""
    before, after = (Source(path, text.replace("USE", each).encode()) for each in (old, new))
    return remove_orphans(before, after, lambda _, name: name in elsewhere).text


ORPHANS = {
    "a statement": ("import os\nimport re\n\nUSE\n", "os, re", "re", "import re\n\nre\n"),
    "a statement that was a group": ("import os\n\nimport x\n\nfrom a import b\n\nUSE\n", "os, x, b", "os, b", "import os\n\nfrom a import b\n\nos, b\n"),
    "the only one": ('"""Doc."""\n\nimport os\n\n\ndef f():\n    USE\n', "os", "pass", '"""Doc."""\n\n\ndef f():\n    pass\n'),
    "the first of a file": ("import os\n\n\ndef f():\n    USE\n", "os", "pass", "def f():\n    pass\n"),
    "with its comment": ("import os  # for os\n# of re\nimport re\n\nUSE\n", "os, re", "re", "# of re\nimport re\n\nre\n"),
    "comments above stay": ("# heading\nimport os\n\nimport re\n\nUSE\n", "os, re", "re", "# heading\n\nimport re\n\nre\n"),
    "one of a line": ("import os, re, sys\n\nUSE\n", "os, re, sys", "os, sys", "import os, sys\n\nos, sys\n"),
    "the first of a list": ("from a import b, c\n\nUSE\n", "b, c", "c", "from a import c\n\nc\n"),
    "the last of a list": ("from a import b, c  # both\n\nUSE\n", "b, c", "b", "from a import b  # both\n\nb\n"),
    "in parentheses": ("from a import (b, c,)\n\nUSE\n", "b, c", "b", "from a import (b,)\n\nb\n"),
    "one a line": (
        "from a import (\n    b,  # b\n    c,  # c\n    d,  # d\n)\n\nUSE\n",
        "b, c, d",
        "b, d",
        "from a import (\n    b,  # b\n    d,  # d\n)\n\nb, d\n",
    ),
    "the last a line without comma": (
        "from a import (\n    b,  # b\n    c  # c\n)\n\nUSE\n",
        "b, c",
        "b",
        "from a import (\n    b  # b\n)\n\nb\n",
    ),
    "all but one of many": (
        "from a import (\n    b, c,\n    d, e,  # e\n    f)\n\nUSE\n",
        "b, c, d, e, f",
        "e",
        "from a import (\n    e,  # e\n    )\n\ne\n",
    ),
    "the end of a line": (
        "from a import (b, c,  # c\n               d)\n\nUSE\n",
        "b, c, d",
        "b, d",
        "from a import (b,  # c\n               d)\n\nb, d\n",
    ),
    "with a backslash": ("from a import b, \\\n    c\n\nUSE\n", "b, c", "b", "from a import b\n\nb\n"),
    "beside others by semicolon": ("import os; import re; x = 1\n\nUSE\n", "os, re", "os", "import os; x = 1\n\nos\n"),
    "an alias": ("import numpy as np\nx = 1\nUSE\n", "np", "x", "x = 1\nx\n"),
    "in a function": ("def f():\n    import os\n\n    USE\n", "return os", "return 1", "def f():\n    return 1\n"),
    "in one of two functions": (
        "def f():\n    import os\n    USE\n\ndef g():\n    import os\n    return os\n",
        "return os.sep",
        "return 1",
        "def f():\n    return 1\n\ndef g():\n    import os\n    return os\n",
    ),
    "hidden by a function's own": (
        "import os\n\ndef f():\n    USE\n\ndef g():\n    import os\n    return os\n",
        "return os.sep",
        "return 1",
        "def f():\n    return 1\n\ndef g():\n    import os\n    return os\n",
    ),
    "the only statement of a block": (
        "def f():\n    if x:\n        import os\n    USE\n",
        "return os",
        "return 1",
        "def f():\n    if x:\n        pass\n    return 1\n",
    ),
    "with a type checking block": (
        "import os\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from a import B\n\nUSE\n",
        "x: B = os",
        "x = os",
        "import os\n\nx = os\n",
    ),
    "one submodule of two": (
        "import a.b\nimport a.c\n\nUSE\n",
        "a.b.x, a.c.y",
        "a.c.y",
        "import a.c\n\na.c.y\n",
    ),
    "crlf": ("import os\r\nimport re\r\n\r\nUSE\r\n", "os, re", "re", "import re\r\n\r\nre\r\n"),
    "no newline at the end": ("USE\nimport re", "re", "1", "1"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "expected"), ORPHANS.values(), ids=ORPHANS)
def test_an_orphan_goes(text: str, old: str, new: str, expected: str) -> None:
    assert left(text, old, new) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("import os\n__all__ = ['os']\nUSE\n", id="__all__"),
        pytest.param("import os\n__all__ = []\n__all__ += ['os']\nUSE\n", id="__all__ added to"),
        pytest.param("import os\n__all__ = []\n__all__.extend(['os'])\nUSE\n", id="__all__ extended"),
        pytest.param("import os as os\nUSE\n", id="import os as os"),
        pytest.param("from m import os as os\nUSE\n", id="from m import os as os"),
        pytest.param("import os  # noqa\nUSE\n", id="noqa"),
        pytest.param("import os  # noqa: E501, F401\nUSE\n", id="noqa F401"),
        pytest.param("# ruff: noqa: F401\nimport os\nUSE\n", id="noqa for the file"),
        pytest.param("import os\ndef f(a: 'os.PathLike'): pass\nUSE\n", id="string annotation"),
        pytest.param("import os\nx: 'list[os.PathLike]'\nUSE\n", id="string annotation of a variable"),
        pytest.param("import os\nx = cast('os.PathLike', 1)\nUSE\n", id="cast"),
        pytest.param("import os\nx = Optional['os.PathLike']\nUSE\n", id="string in Optional"),
        pytest.param("import os\nx = 1  # type: os.PathLike\nUSE\n", id="type comment"),
        pytest.param("import os\ndef f():\n    '''\n    >>> os.sep\n    '''\nUSE\n", id="doctest"),
        pytest.param("try:\n    import os\nexcept ImportError:\n    raise\nUSE\n", id="try"),
        pytest.param("try:\n    import os\nexcept ImportError:\n    os = None\nUSE\n", id="fallback"),
        pytest.param("import os\nos = 1\nUSE\n", id="bound again"),
    ],
)
def test_an_orphan_that_somebody_may_rely_on_stays(text: str) -> None:
    assert left(text, "print(os)", "print()") == text.replace("USE", "print()")


def test_a_re_export_stays() -> None:
    text = "import os\nprint(USE)\n"
    assert left(text, "os", "", path="app/__init__.py") == "import os\nprint()\n"
    assert left(text, "os", "", elsewhere=frozenset({"os"})) == "import os\nprint()\n"
    assert left(text, "os", "", elsewhere=frozenset({"re"})) == "print()\n"


def test_what_was_unused_before_stays() -> None:
    text = "import os\nimport re\nfrom a import *\nUSE\n"
    assert left(text, "re", "1") == "import os\nfrom a import *\n1\n"


def test_a_key_or_message_that_sounds_like_the_name_keeps_nothing() -> None:
    text = "import json\nx = d['json'], 'json'USE\n"
    assert left(text, ", json", "") == "x = d['json'], 'json'\n"
