"""Which binding a name means, by Python's own rules (checked against what the code does when it runs)."""

from __future__ import annotations

import ast
import textwrap

import pytest

from codemods.engine.names.scopes import Scopes


def loads_of_module_name(code: str, name: str = "x") -> list[int]:
    """The lines on which ``name`` is read and means the module's binding."""
    scopes = Scopes(ast.parse(textwrap.dedent(code)))
    return [node.lineno for node in scopes.loads(scopes.module, name)]


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("x = 1\nx\n", [2]),
        ("x = 1\ndef f():\n    return x\n", [3]),
        ("x = 1\ndef f(x):\n    return x\n", []),
        ("x = 1\ndef f(y=x):\n    return y\n", [2]),
        ("x = 1\ndef f(x=x):\n    return x\n", [2]),
        ("x = 1\ndef f():\n    x = 2\n    return x\n", []),
        ("x = 1\ndef f():\n    global x\n    return x\n", [4]),
        ("x = 1\ndef f():\n    print(x)\n    for x in []: pass\n", []),
        ("x = 1\ndef f():\n    [x for x in x]\n", [3]),
        ("x = 1\n[x for _ in y]\n", [2]),
        ("x = 1\nlambda x: x\n", []),
        ("x = 1\nlambda y=x: x\n", [2, 2]),
        ("x = 1\nclass C:\n    x = 2\n    def f(self):\n        return x\n", [5]),
        ("x = 1\nclass C:\n    y = x\n", [3]),
        ("x = 1\nclass C:\n    x = 2\n    y = x\n", []),
        ("x = 1\ndef f():\n    def g():\n        return x\n    x = 2\n", []),
        ("x = 1\ndef f():\n    if (x := 2):\n        return x\n", []),
        ("x = 1\ndef f():\n    [x := y for y in z]\n    return x\n", []),
        ("x = 1\ndef f():\n    with a as x:\n        return x\n", []),
        ("x = 1\ndef f():\n    try: pass\n    except E as x:\n        return x\n", []),
        ("x = 1\ndef f():\n    import x\n    return x\n", []),
        ("x = 1\ndef f():\n    from m import y as x\n    return x\n", []),
        ("x = 1\n@x.event\ndef f(): ...\n", [2]),
        ("x = 1\ndef f(a: x) -> x: ...\n", [2, 2]),
        ("x = 1\ndef f():\n    match y:\n        case {'a': x}: return x\n", []),
        ("x = 1\ndef f():\n    match y:\n        case x.A: return 1\n", [4]),
        ("x = 1\ndef f():\n    return f'{x}'\n", [3]),
        ("x = 1\ndef f():\n    del x\n    return x\n", []),
        ("x = 1\ndef f():\n    x += 1\n    return x\n", []),
        ("x = 1\nclass C:\n    [x for _ in y]\n", [3]),
        ("x = 1\nclass C:\n    x = 2\n    z = [x for _ in y]\n", [4]),
        ("x = 1\nclass C:\n    x = 2\n    z = [_ for _ in x]\n", []),
    ],
)
def test_reads_of_a_module_level_name(code, lines):
    assert loads_of_module_name(code) == lines


def test_tuple_assignment_pairs_values():
    scopes = Scopes(ast.parse("a, b = 1, f()\n"))
    (binding,) = scopes.module.bindings["b"]
    assert isinstance(binding.value, ast.Call)


def test_starred_assignment_has_no_value():
    scopes = Scopes(ast.parse("a, *b = f(), g()\n"))
    assert scopes.module.bindings["b"][0].value is None


def test_global_in_a_function_binds_the_module():
    scopes = Scopes(ast.parse("x = None\ndef f():\n    x = 1\n    global y\n    y = 2\n"))
    assert scopes.module.binds("y")
    assert len(scopes.module.bindings["x"]) == 1
