from __future__ import annotations

import pytest

from codemods.engine.edits.imports import ensure, remove_orphans
from codemods.engine.files.source import Source
from codemods.engine.finding import ImportNeed, Refused

PATH = "src/app/x.py"


def need(written: str) -> ImportNeed:
    """``import m``, ``import m as a``, ``from m import a`` or ``from m import a as b``."""
    words = written.split()
    alias = words[words.index("as") + 1] if "as" in words else None
    return ImportNeed(PATH, words[1], words[3] if words[0] == "from" else None, alias)


def ensured(text: str | bytes, *needs: str, path: str = PATH) -> str:
    data = text.encode() if isinstance(text, str) else text
    return ensure(Source(path, data), [need(each) for each in needs]).text


HMAC = "import hmac"
TEXT = "from sqlalchemy import text"

PLACES = {
    "the groups of a sorted block": (
        "import os\nimport sys\n\nimport requests\n\nfrom app import y\n\nx = 1\n",
        [HMAC, TEXT, "from app.z import q", "from typing import Any"],
        "import hmac\nimport os\nimport sys\nfrom typing import Any\n\nimport requests\nfrom sqlalchemy import text\n\nfrom app import y\nfrom app.z import q\n\nx = 1\n",
    ),
    "plain and from imports mixed by module": (
        "import abc\nfrom os import path\nimport sys\n",
        [HMAC, "from json import loads"],
        "import abc\nimport hmac\nfrom json import loads\nfrom os import path\nimport sys\n",
    ),
    "an unsorted group": (
        "import sys\nimport abc\nimport os\n",
        [HMAC],
        "import sys\nimport abc\nimport os\nimport hmac\n",
    ),
    "sorted by length": (
        "import os\nimport sys\nimport logging\n\nx = 1\n",
        ["import argparse"],
        "import os\nimport sys\nimport logging\nimport argparse\n\nx = 1\n",
    ),
    "a group of its own above": (
        "import requests\n\nx = 1\n",
        [HMAC],
        "import hmac\n\nimport requests\n\nx = 1\n",
    ),
    "a group of its own below": (
        "import os\n\nx = 1\n",
        [TEXT],
        "import os\n\nfrom sqlalchemy import text\n\nx = 1\n",
    ),
    "a group between": (
        "import os\n\nfrom app import y\n\nx = 1\n",
        [TEXT],
        "import os\n\nfrom sqlalchemy import text\n\nfrom app import y\n\nx = 1\n",
    ),
    "one block of everything": (
        "import os\nimport requests\nfrom app import y\n",
        [TEXT],
        "import os\nimport requests\nfrom app import y\nfrom sqlalchemy import text\n",
    ),
    "headings": (
        "# stdlib\nimport os\n# third party\nimport requests\n# local\nfrom app import y\n",
        [HMAC, "import alembic", "from app import a"],
        "# stdlib\nimport hmac\nimport os\n# third party\nimport alembic\nimport requests\n# local\nfrom app import a, y\n",
    ),
    "a comment of the first import": (
        "import sys\n\n# patched below\nimport requests\n",
        ["import alembic"],
        "import sys\n\nimport alembic\n# patched below\nimport requests\n",
    ),
    "relative imports": (
        "import os\n\nfrom . import a\nfrom .b import c\n",
        ["from .b2 import d", "from . import e"],
        "import os\n\nfrom . import a, e\nfrom .b import c\nfrom .b2 import d\n",
    ),
    "after docstring": ('"""Doc."""\n\nx = 1\n', [HMAC], '"""Doc."""\n\nimport hmac\n\nx = 1\n'),
    "after a docstring that a definition follows": (
        '"""Doc."""\ndef f(): pass\n',
        [HMAC],
        '"""Doc."""\n\nimport hmac\n\n\ndef f(): pass\n',
    ),
    "after __future__": (
        '"""Doc."""\nfrom __future__ import annotations\n\n\nclass A: pass\n',
        [HMAC],
        '"""Doc."""\nfrom __future__ import annotations\n\nimport hmac\n\n\nclass A: pass\n',
    ),
    "beside __future__": (
        "from __future__ import annotations\nimport os\n",
        [HMAC],
        "from __future__ import annotations\nimport hmac\nimport os\n",
    ),
    "after shebang and cookie": (
        "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nx = 1\n",
        [HMAC],
        "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nimport hmac\n\nx = 1\n",
    ),
    "after a licence": (
        "# Copyright\n# Licence\n\nx = 1\n",
        [HMAC],
        "# Copyright\n# Licence\n\nimport hmac\n\nx = 1\n",
    ),
    "after a licence that a definition follows": (
        "# Licence\n\n\nclass A: pass\n",
        [HMAC],
        "# Licence\n\nimport hmac\n\n\nclass A: pass\n",
    ),
    "above the first statement's comment": ("# one\nx = 1\n", [HMAC], "import hmac\n\n# one\nx = 1\n"),
    "an empty file": ("", [HMAC], "import hmac\n"),
    "no newline at the end": ("import os", [TEXT], "import os\n\nfrom sqlalchemy import text"),
    "a docstring without newline": ('"""Doc."""', [HMAC], '"""Doc."""\n\nimport hmac'),
    "crlf": ("import os\r\n\r\nx = 1\r\n", [HMAC], "import hmac\r\nimport os\r\n\r\nx = 1\r\n"),
    "semicolons": (
        "import os; import sys\nx = 1\n",
        ["import types"],
        "import os; import sys\nimport types\nx = 1\n",
    ),
    "a form feed": ("import os\n\x0c\nx = 1\n", ["import sys"], "import os\nimport sys\n\x0c\nx = 1\n"),
    "code between imports": (
        "import sys\nsys.path.insert(0, '.')\nfrom app import y\n\nprint(y)\n",
        ["from app.z import q", HMAC],
        "import hmac\nimport sys\nsys.path.insert(0, '.')\nfrom app import y\nfrom app.z import q\n\nprint(y)\n",
    ),
    "patched before the imports": (
        "from gevent import monkey\nmonkey.patch_all()\n\nfrom flask import Flask\nfrom redis import Redis\n\nx = 1\n",
        [HMAC, TEXT],
        "from gevent import monkey\nmonkey.patch_all()\n\nimport hmac\n\nfrom flask import Flask\nfrom redis import Redis\nfrom sqlalchemy import text\n\nx = 1\n",
    ),
    "type checking and try blocks are not entered": (
        "from typing import TYPE_CHECKING\n\ntry:\n    import ujson\nexcept ImportError:\n    ujson = None\n\nif TYPE_CHECKING:\n    from sqlalchemy import Engine\n",
        [TEXT],
        "from typing import TYPE_CHECKING\n\nfrom sqlalchemy import text\n\ntry:\n    import ujson\nexcept ImportError:\n    ujson = None\n\nif TYPE_CHECKING:\n    from sqlalchemy import Engine\n",
    ),
    "before code that needs it": (
        "x = text('a')\n\nimport os\n",
        [TEXT],
        "from sqlalchemy import text\n\nx = text('a')\n\nimport os\n",
    ),
    "a submodule": ("import redis\n", ["import redis.asyncio"], "import redis\nimport redis.asyncio\n"),
    "an alias": (
        "import os\n",
        ["import redis.asyncio as aioredis"],
        "import os\n\nimport redis.asyncio as aioredis\n",
    ),
}


@pytest.mark.parametrize(("text", "needs", "expected"), PLACES.values(), ids=PLACES)
def test_a_new_statement_goes_where_the_file_keeps_its_imports(
    text: str, needs: list[str], expected: str
) -> None:
    assert ensured(text, *needs) == expected
    assert ensured(expected, *needs) == expected


LISTS = {
    "sorted": ("from a import b, d  # x\n", ["from a import c"], "from a import b, c, d  # x\n"),
    "at the end": ("from a import b\n", ["from a import c"], "from a import b, c\n"),
    "unsorted": ("from a import d, b\n", ["from a import c"], "from a import d, b, c\n"),
    "constants, classes, functions": (
        "from a import MAX, Some, any_\n",
        ["from a import Other", "from a import MIN", "from a import all_"],
        "from a import MAX, MIN, Other, Some, all_, any_\n",
    ),
    "by letters": (
        "from a import any, Bee, call\n",
        ["from a import Ant"],
        "from a import Ant, any, Bee, call\n",
    ),
    "parenthesised on one line": (
        "from a import (b, d,)\n",
        ["from a import c", "from a import e"],
        "from a import (b, c, d, e,)\n",
    ),
    "one a line": (
        "from a import (\n    # of b\n    b,  # b\n    # of d\n    d,\n    # end\n)\n",
        ["from a import a", "from a import c", "from a import e"],
        "from a import (\n    a,\n    # of b\n    b,  # b\n    c,\n    # of d\n    d,\n    e,\n    # end\n)\n",
    ),
    "one a line without comma at the end": (
        "from a import (\n\tb,\n\td  # d\n)\n",
        ["from a import e"],
        "from a import (\n\tb,\n\td,  # d\n\te\n)\n",
    ),
    "one a line, closed on the last": (
        "from a import (\n    b,\n    d)\n",
        ["from a import c", "from a import e"],
        "from a import (\n    b,\n    c,\n    d,\n    e)\n",
    ),
    "several a line": (
        "from a import (b, d,\n               f, h)\n",
        ["from a import e", "from a import i"],
        "from a import (b, d,\n               e, f, h, i)\n",
    ),
    "a backslash": ("from a import b, \\\n    d\n", ["from a import c"], "from a import b, \\\n    c, d\n"),
    "crlf": (
        "from a import (\r\n    b,\r\n)\r\n",
        ["from a import c"],
        "from a import (\r\n    b,\r\n    c,\r\n)\r\n",
    ),
    "too long for a line": (
        "from a import " + "b" * 60 + "\nx = 1\n",
        ["from a import cccccccc"],
        "from a import " + "b" * 60 + "\nfrom a import cccccccc\nx = 1\n",
    ),
    "too long, where the file wraps": (
        "from a import " + "b" * 60 + "\nfrom c import (\n    d,\n)\n",
        ["from a import cccccccc"],
        "from a import (\n    " + "b" * 60 + ",\n    cccccccc,\n)\nfrom c import (\n    d,\n)\n",
    ),
    "a noqa is not shared": (
        "from a import b  # noqa: F401\n",
        ["from a import c"],
        "from a import b  # noqa: F401\nfrom a import c\n",
    ),
    "another noqa is": (
        "from a import b  # noqa: E402\n",
        ["from a import c"],
        "from a import b, c  # noqa: E402\n",
    ),
    "one name a statement": (
        "from a import b\nfrom a import d\n",
        ["from a import c"],
        "from a import b\nfrom a import d\nfrom a import c\n",
    ),
    "a star": ("from a import *\n", ["from a import c"], "from a import *\nfrom a import c\n"),
    "an alias of its own": (
        "from a import b\n",
        ["from a import c as d"],
        "from a import b\nfrom a import c as d\n",
    ),
    "from . import": ("from . import b\n", ["from . import c"], "from . import b, c\n"),
    "the file's own package, relative": (
        "from .b import c\n",
        ["from app.b import d"],
        "from .b import c, d\n",
    ),
    "a namesake's package is not the file's": (
        "from .redis import x\n",
        ["from redis import Redis"],
        "from redis import Redis\n\nfrom .redis import x\n",
    ),
}


@pytest.mark.parametrize(("text", "needs", "expected"), LISTS.values(), ids=LISTS)
def test_an_existing_list_is_extended_in_its_style(text: str, needs: list[str], expected: str) -> None:
    assert ensured(text, *needs) == expected
    assert ensured(expected, *needs) == expected


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("import redis.asyncio\n", "import redis"),
        ("import redis.asyncio.client\n", "import redis.asyncio"),
        ("import redis as redis\n", "import redis"),
        ("from app.b import c\n", "from .b import c"),
        ("from .b import c\n", "from app.b import c"),
        ("from redis import asyncio as r\n", "import redis.asyncio as r"),
        ("import redis.asyncio as asyncio\n", "from redis import asyncio"),
        ("import os\nx = 1\nimport hmac\n\ndef f(): hmac\n", HMAC),
        ("def f(): hmac\nimport hmac\n", HMAC),
        ("def c(): pass\n", "from app.x import c"),
    ],
)
def test_what_binds_the_very_thing_is_used(text: str, wanted: str) -> None:
    assert ensured(text, wanted) == text


@pytest.mark.parametrize(
    ("text", "wanted", "reason"),
    [
        ("text = 1\n", TEXT, "line 1"),
        ("def text(): pass\n", TEXT, "line 1"),
        ("from other import text\n", TEXT, "something else"),
        ("import other as hmac\n", HMAC, "something else"),
        ("from sqlalchemy import text\ntext = wrap(text)\n", TEXT, "something else"),
        ("def f():\n    global text\n    text = 1\n", TEXT, "something else"),
        ("try:\n    import redis\nexcept ImportError:\n    redis = None\n", "import redis", "something else"),
        ("try:\n    import redis\nexcept ImportError:\n    raise\n", "import redis", "some conditions"),
        ("if x:\n    import redis\n", "import redis", "some conditions"),
        ("x = hmac.new()\nimport hmac\n", HMAC, "above its import"),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.b import c\n",
            "from app.b import c",
            "circular",
        ),
        (
            "import sys\ndef f(): c()\nsys.path.pop()\nfrom app import b\n",
            "from app import c",
            "above the place",
        ),
        ("'''Doc'''; x = 1\n", HMAC, "docstring"),
        ("x = (\n", HMAC, "does not parse"),
    ],
)
def test_refused(text: str, wanted: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        ensured(text, wanted)


def test_a_name_imported_for_type_checkers_moves_to_run_time() -> None:
    text = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from sqlalchemy import Engine, text\n\nx: Engine\n"
    assert ensured(text, TEXT) == (
        "from typing import TYPE_CHECKING\n\nfrom sqlalchemy import text\n\nif TYPE_CHECKING:\n    from sqlalchemy import Engine\n\nx: Engine\n"
    )


def test_a_name_that_does_not_encode_is_refused() -> None:
    with pytest.raises(Refused, match="ascii"):
        ensured(b"# coding: ascii\n", "from m\N{GREEK SMALL LETTER ALPHA} import x")


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
