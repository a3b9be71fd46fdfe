"""The fast walk gives what ``ast.walk`` gives, without the shared singletons, in the same order."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from codemods.engine.names.traverse import children, parents_of, walk

SHARED = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
EVERYTHING = """
import a.b as c
from . import d as e
@dec(x=1)
async def f[T](a, /, b: int = 1, *args: str, c, d=None, **kw) -> T:
    global g
    async with a as b, c: pass
    async for x in y: await z
    return [i async for i in j if k]
class C[U](Base, metaclass=M):
    x: int = 3
    y = {**a, "k": 1, "l": lambda q=1: q}
type Alias[V] = list[V]
try:
    raise E from e
except* (A, B) as err:
    del x[1:2, ::3]
else: pass
finally: assert a, "b"
match p:
    case {"a": 1, **rest} | [1, *others] | K(x, y=None) if (w := 1): pass
    case None | True as name: pass
f"{a!r:>{width}}" f"b"
x += -a ** (not b) if a < b <= c else (yield d)
def g():
    nonlocal_ = 1
    def h():
        nonlocal nonlocal_
        yield from a
"""


ROOT = Path(__file__).parents[2]
FILES = ["everything", *sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("codemods/**/*.py"))]


@pytest.fixture(params=FILES)
def tree(request) -> ast.Module:
    if request.param != "everything":
        return ast.parse((ROOT / request.param).read_bytes())
    try:
        return ast.parse(EVERYTHING)
    except SyntaxError:  # type parameters are newer than this interpreter
        older = EVERYTHING.replace("f[T](", "f(").replace("C[U](", "C(")
        return ast.parse(older.replace("type Alias[V] = list[V]\n", ""))


def test_same_nodes_in_the_same_order(tree):
    assert list(walk(tree)) == [node for node in ast.walk(tree) if not isinstance(node, SHARED)]


def test_parents_and_children_agree(tree):
    parents = parents_of(tree)
    assert set(parents) == set(walk(tree)) - {tree}
    for node in walk(tree):
        expected = [child for child in ast.iter_child_nodes(node) if not isinstance(child, SHARED)]
        assert children(node) == expected
        assert all(parents[child] is node for child in expected)
