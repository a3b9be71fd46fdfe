"""One more argument, laid out as the others are."""

from __future__ import annotations

import ast

import pytest

from codemods.engine.edits.arguments import add_argument
from codemods.engine.edits.splice import splice
from codemods.engine.files.source import Source
from codemods.engine.finding import Refused


def added(text: str, argument: str = "t=1") -> str:
    source = Source("a.py", text.encode())
    (call,) = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)][:1]
    return splice(source, [add_argument(source, call, argument)])[0].text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()\n", "f(t=1)\n"),
        ("f(a)\n", "f(a, t=1)\n"),
        ("f(a, b=2)\n", "f(a, b=2, t=1)\n"),
        ("f(a,)\n", "f(a, t=1,)\n"),
        ("f((a))\n", "f((a), t=1)\n"),
        ("f((a), (b + 1) )\n", "f((a), (b + 1), t=1 )\n"),
        ("f(a, *b)\n", "f(a, *b, t=1)\n"),
        ("f(\n    a,\n    b,\n)\n", "f(\n    a,\n    b,\n    t=1,\n)\n"),
        ("f(\n    a,\n    b\n)\n", "f(\n    a,\n    b,\n    t=1\n)\n"),
        ("f(\n    a,\n    b,  # why\n)\n", "f(\n    a,\n    b,  # why\n    t=1,\n)\n"),
        ("f(\r\n\ta,\r\n)\r\n", "f(\r\n\ta,\r\n\tt=1,\r\n)\r\n"),
        ("f(a,\n  b)\n", "f(a,\n  b, t=1)\n"),
        ("f(\n    a, b\n)\n", "f(\n    a, b, t=1\n)\n"),
        ("f(a, b=')')\n", "f(a, b=')', t=1)\n"),
        ("f(\n    b  # why, and\n)\n", "f(\n    b, t=1  # why, and\n)\n"),
    ],
)
def test_the_layout_stays(before: str, after: str) -> None:
    assert added(before) == after
    ast.parse(after)


@pytest.mark.parametrize("text", ["f(**more)\n", "f(a, **more)\n", "f(x for x in y)\n"])
def test_what_may_be_given_already(text: str) -> None:
    with pytest.raises(Refused):
        added(text)
