"""A list of names that is there is extended in its own style."""

from __future__ import annotations

import pytest

from tests.engine.importing import ensured

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
