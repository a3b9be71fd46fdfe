from __future__ import annotations

import ast
from pathlib import Path

import libcst as cst
import pytest

from codemods.engine.edits.splice import splice
from codemods.engine.edits.statements import (
    cst_statement,
    free_name,
    insert_after,
    insert_before,
    names_in_use,
    remove_statement,
    replace_expression,
    replace_statements,
    unindented,
)
from codemods.engine.files.source import Source
from codemods.engine.finding import Edit, Refused

INCR = "n = r.incr(k)"
EXPIRE = "r.expire(k, ttl)"
PIPELINE = """\
with r.pipeline(transaction=True) as pipe:
    pipe.incr(k)
    pipe.expire(k, ttl)
    n, _ = pipe.execute()
"""


def source(text: str | bytes) -> Source:
    return Source("a.py", text.encode() if isinstance(text, str) else text)


def statement(of: Source, code: str) -> ast.stmt:
    """The statement that unparses to something beginning with ``code``."""
    return next(
        node
        for node in ast.walk(of.tree)
        if isinstance(node, ast.stmt) and ast.unparse(node).startswith(code)
    )


def expression(of: Source, code: str) -> ast.expr:
    return next(node for node in ast.walk(of.tree) if isinstance(node, ast.expr) and of.segment(node) == code)


def edited(of: Source, edit: Edit) -> str:
    after, _ = splice(of, [edit])
    ast.parse(after.text)
    return after.text


def replaced(text: str, new: str, first: str = INCR, last: str = EXPIRE) -> str:
    of = source(text)
    return edited(of, replace_statements(of, statement(of, first), statement(of, last), new))


REPLACED = {
    "comments go to the line that says the same": (
        """\
def f(r, k):
    # above
    n = r.incr(k)  # count
    # between
    r.expire(k, ttl)  # window
    # below
    return n
""",
        """\
def f(r, k):
    # above
    with r.pipeline(transaction=True) as pipe:
        pipe.incr(k)  # count
        # between
        pipe.expire(k, ttl)  # window
        n, _ = pipe.execute()
    # below
    return n
""",
    ),
    "comments inside brackets go above it": (
        "n = r.incr(  # one\n    # two\n    k\n)  # three\nr.expire(k, ttl)  # noqa: E501\n",
        """\
with r.pipeline(transaction=True) as pipe:
    # one
    # two
    pipe.incr(k)  # three
    pipe.expire(k, ttl)  # noqa: E501
    n, _ = pipe.execute()
""",
    ),
    "tabs": (
        "if x:\n\tn = r.incr(k)\n\tr.expire(k, ttl)\n",
        """\
if x:
\twith r.pipeline(transaction=True) as pipe:
\t\tpipe.incr(k)
\t\tpipe.expire(k, ttl)
\t\tn, _ = pipe.execute()
""",
    ),
    "two blanks a level": (
        "if x:\n  n = r.incr(k)\n  r.expire(k, ttl)\n",
        """\
if x:
  with r.pipeline(transaction=True) as pipe:
    pipe.incr(k)
    pipe.expire(k, ttl)
    n, _ = pipe.execute()
""",
    ),
    "no newline at the end": ("n = r.incr(k)\nr.expire(k, ttl)", PIPELINE.rstrip("\n")),
    "crlf": ("n = r.incr(k)\r\nr.expire(k, ttl)\r\n", PIPELINE.replace("\n", "\r\n")),
    "blank lines between": ("n = r.incr(k)\n\n\nr.expire(k, ttl)\n", PIPELINE),
    "one line by semicolon": ("n = r.incr(k); r.expire(k, ttl)\n", PIPELINE),
    "a semicolon at the end": ("n = r.incr(k)\nr.expire(k, ttl);\n", PIPELINE),
    "a semicolon and a backslash": ("n = r.incr(k); \\\n    r.expire(k, ttl)\n", PIPELINE),
    "neighbours on the line": ("a; n = r.incr(k); r.expire(k, ttl); b  # b\n", f"a\n{PIPELINE}b  # b\n"),
    "a neighbour before": ("a; n = r.incr(k)\nr.expire(k, ttl)\n", f"a\n{PIPELINE}"),
    "a one-line suite": (
        "if x: n = r.incr(k); r.expire(k, ttl)  # window\nelse: b\n",
        """\
if x:
    with r.pipeline(transaction=True) as pipe:
        pipe.incr(k)
        pipe.expire(k, ttl)  # window
        n, _ = pipe.execute()
else: b
""",
    ),
    "the middle of a one-line suite": (
        "def f():\n    for x in y: a; n = r.incr(k); r.expire(k, ttl); b\n",
        """\
def f():
    for x in y:
        a
        with r.pipeline(transaction=True) as pipe:
            pipe.incr(k)
            pipe.expire(k, ttl)
            n, _ = pipe.execute()
        b
""",
    ),
    "a one-line else": (
        "try: a\nexcept E: b\nelse: n = r.incr(k); r.expire(k, ttl)\n",
        """\
try: a
except E: b
else:
    with r.pipeline(transaction=True) as pipe:
        pipe.incr(k)
        pipe.expire(k, ttl)
        n, _ = pipe.execute()
""",
    ),
    "a one-line suite under a header of several lines": (
        "\nif (\n    x\n): n = r.incr(k); r.expire(k, ttl)\n",
        """\

if (
    x
):
    with r.pipeline(transaction=True) as pipe:
        pipe.incr(k)
        pipe.expire(k, ttl)
        n, _ = pipe.execute()
""",
    ),
    "a form feed before": ("x\n\x0cn = r.incr(k)\nr.expire(k, ttl)\n", f"x\n\x0c{PIPELINE}"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), REPLACED.values(), ids=REPLACED)
def test_replacing_a_run(text: str, expected: str) -> None:
    assert replaced(text, PIPELINE) == expected


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        pytest.param("a; n = r.incr(k); r.expire(k, ttl); b\n", "n = r.both(k)", "a; n = r.both(k); b\n", id="semicolons"),
        pytest.param("if x: n = r.incr(k); r.expire(k, ttl)  # c\n", "n = r.both(k)", "if x: n = r.both(k)  # c\n", id="suite"),
        pytest.param(
            "n = r.incr(k)  # a\nr.expire(k, ttl)  # b\n", "n = 1", "# a\n# b\nn = 1\n", id="nothing says the same"
        ),
        pytest.param(
            "n = r.incr(k)  # a\nr.expire(k, ttl)  # type: ignore\n",
            "with p:\n    q()",
            "# a\nwith p:\n    q()  # type: ignore\n",
            id="a directive stays beside code",
        ),
        pytest.param(
            "n = r.incr(k)  # a\nr.expire(k, ttl)\n",
            "n = r.incr(k)  # a\nq()  # new",
            "n = r.incr(k)  # a\nq()  # new\n",
            id="the rule kept the comment itself",
        ),
        pytest.param(
            "n = r.incr(k)  # " + "long " * 17 + "long\nr.expire(k, ttl)\n",
            "n = r.incr(k, expire=ttl)",
            "# " + "long " * 17 + "long\nn = r.incr(k, expire=ttl)\n",
            id="a comment too long for the line",
        ),
    ],
)  # fmt: skip
def test_replacing_by_other_statements(text: str, new: str, expected: str) -> None:
    assert replaced(text, new) == expected


def test_strings_over_several_lines_are_not_indented() -> None:
    new = 'x = """\na\n    b\n"""\n\nwith y:\n    f(\n        1,\n    )'
    assert replaced("class A:\n\tdef f(self):\n\t\tpass\n", new, "pass", "pass") == (
        'class A:\n\tdef f(self):\n\t\tx = """\na\n    b\n"""\n\n\t\twith y:\n\t\t\tf(\n\t\t\t\t1,\n\t\t\t)\n'
    )


ELIF = "if a:\n\tpass\nelif b:\n\tr.expire(k, ttl)  # c\nelse:\n\td\n"


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("if x:\n    r.expire(k, ttl)", "if a:\n\tpass\nelif x:\n\tr.expire(k, ttl)  # c\n"),
        ("# c\nif x:\n    y", "if a:\n\tpass\n# c\nelif x:\n\ty\n"),
        ("x\ny", "if a:\n\tpass\nelse:\n\t# c\n\tx\n\ty\n"),
        ("with x:\n    r.expire(k, ttl)", "if a:\n\tpass\nelse:\n\twith x:\n\t\tr.expire(k, ttl)  # c\n"),
    ],
)
def test_an_elif_branch_becomes_another_or_an_else(new: str, expected: str) -> None:
    assert replaced(ELIF, new, "if b", "if b") == expected


def test_an_elif_branch_can_be_removed_but_has_nothing_beside_it() -> None:
    of = source(ELIF)
    node = statement(of, "if b")
    assert edited(of, remove_statement(of, node, comments=False)) == "if a:\n\tpass\n"
    assert unindented(of, node).startswith("if b:\n    r.expire")
    for insert in (insert_before, insert_after):
        with pytest.raises(Refused):
            insert(of, node, "x")


def test_statements_of_two_blocks_are_refused() -> None:
    of = source("n = r.incr(k)\nif x:\n    r.expire(k, ttl)\n")
    with pytest.raises(Refused):
        replace_statements(of, statement(of, INCR), statement(of, EXPIRE), "pass")


def test_new_statements_that_do_not_parse_are_refused() -> None:
    with pytest.raises(Refused):
        replaced("n = r.incr(k)\nr.expire(k, ttl)\n", "with x:")


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("if x:\n\t# c\n\tr.expire(k, ttl)  # d\n\tb\n", "if x:\n\t# c\n\tnew()\n\tr.expire(k, ttl)  # d\n\tb\n", "if x:\n\t# c\n\tr.expire(k, ttl)  # d\n\tnew()\n\tb\n"),
        ("r.expire(k, ttl)", "new()\nr.expire(k, ttl)", "r.expire(k, ttl)\nnew()"),
        ("a; r.expire(k, ttl); b\n", "a\nnew()\nr.expire(k, ttl)\nb\n", "a\nr.expire(k, ttl)\nnew()\nb\n"),
        ("if x: r.expire(k, ttl)  # c\n", "if x:\n    new()\n    r.expire(k, ttl)  # c\n", "if x:\n    r.expire(k, ttl)  # c\n    new()\n"),
        ("r.expire(k, ttl)\r\n", "new()\r\nr.expire(k, ttl)\r\n", "r.expire(k, ttl)\r\nnew()\r\n"),
    ],
)  # fmt: skip
def test_inserting(text: str, before: str, after: str) -> None:
    of = source(text)
    node = statement(of, EXPIRE)
    assert edited(of, insert_before(of, node, "new()\n")) == before
    assert edited(of, insert_after(of, node, "new()\n")) == after


def test_blank_lines_around_an_inserted_definition_are_as_written() -> None:
    of = source("@d\ndef f():\n    pass\n\n\nx = f()\n")
    new = "def g():\n    pass\n\n\n"
    assert edited(of, insert_before(of, statement(of, "@d"), new)).startswith(
        "def g():\n    pass\n\n\n@d\ndef f"
    )
    assert edited(of, insert_after(of, statement(of, "@d"), "\n\ndef g():\n    pass\n")) == (
        "@d\ndef f():\n    pass\n\n\ndef g():\n    pass\n\n\nx = f()\n"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nr.expire(k, ttl)\nb\n", "a\nb\n"),
        ("a\r\nr.expire(k, ttl)\r\nb", "a\r\nb"),
        ("a\nr.expire(k, ttl)", "a"),
        ("a\n# c\nr.expire(k, ttl)  # d\nb\n", "a\n# c\n# d\nb\n"),
        ("a\nr.expire(k, ttl)  # noqa\nb\n", "a\nb\n"),
        ("a; r.expire(k, ttl); b\n", "a; b\n"),
        ("r.expire(k, ttl); b  # c\n", "b  # c\n"),
        ("a; r.expire(k, ttl)  # c\n", "a  # c\n"),
        ("if x:\n\tr.expire(k, ttl)  # d\n", "if x:\n\tpass  # d\n"),
        ("if x: r.expire(k, ttl)\n", "if x: pass\n"),
        ("if x: a; r.expire(k, ttl)\n", "if x: a\n"),
        ("if x: r.expire(k, ttl); b\n", "if x: b\n"),
        ("r.expire(k, ttl)\n", ""),
    ],
)
def test_removing(text: str, expected: str) -> None:
    of = source(text)
    assert edited(of, remove_statement(of, statement(of, EXPIRE))) == expected


@pytest.mark.parametrize(
    ("text", "node", "new", "expected"),
    [
        ("x = a.b\n", "a", "c(1)", "x = c(1).b\n"),
        ("x = a.b\n", "a", "c or d", "x = (c or d).b\n"),
        ("x = (a).b\n", "a", "c or d", "x = (c or d).b\n"),
        ("x = a\n", "a", "c or d", "x = c or d\n"),
        ("x = -a ** 2\n", "a", "b * c", "x = -(b * c) ** 2\n"),
        ("x = a + b\n", "a", "c * d", "x = c * d + b\n"),
        ("x = b - a\n", "a", "c - d", "x = b - (c - d)\n"),
        ("f(a, b)\n", "a", "c, d", "f((c, d), b)\n"),
        ("f(a)\n", "a", "c if d else e", "f(c if d else e)\n"),
        ("f(a, b)\n", "a", "x for x in y", "f((x for x in y), b)\n"),
        ("x = a\n", "a", "c +", None),
        ("x = a\n", "a", "c +\nd", "x = (c +\nd)\n"),
        ("x = 'b' + a\n", "a", "'c' 'd'", "x = 'b' + 'c' 'd'\n"),
        ("x = a.b\n", "a", "1", "x = (1).b\n"),
        ("x = a.b\n", "a", "await c", "x = (await c).b\n"),
        ("x = a\n", "a", "y := 1", "x = (y := 1)\n"),
        ("f'{a!r}'\n", "a", "b or c", "f'{b or c!r}'\n"),
        ("if a: pass\nelif b: pass\n", "b", "c := d", "if a: pass\nelif c := d: pass\n"),
        ("x = [*a]\n", "a", "b or c", "x = [*(b or c)]\n"),
        ("@a\ndef f(): pass\n", "a", "lambda f: f", "@lambda f: f\ndef f(): pass\n"),
    ],
)
def test_an_expression_has_parentheses_where_precedence_needs_them(
    text: str, node: str, new: str, expected: str | None
) -> None:
    of = source(text)
    if expected is None:
        with pytest.raises(Refused):
            replace_expression(of, expression(of, node), new)
        return
    if "f'" in text and ast.parse(text).body[0].value.values[0].value.col_offset != 3:  # type: ignore[attr-defined]
        pytest.skip("this Python does not know where expressions in f-strings are")
    assert splice(of, [replace_expression(of, expression(of, node), new)])[0].text == expected


def test_parentheses_on_demand() -> None:
    of = source("x = a\n")
    assert replace_expression(of, expression(of, "a"), "b", parenthesise=True).text == "(b)"
    assert replace_expression(of, expression(of, "a"), "b or c", parenthesise=False).text == "b or c"


def test_a_nodes_text_is_unindented_and_comes_back() -> None:
    text = 'class A:\n\tdef f(self):\n\t\tx = g(\n\t\t\ta,\n\t\t\t"""\n\t\tb""",\n\t\t)\n'
    of = source(text.replace("\n", "\r\n"))
    node = statement(of, "x =")
    new = unindented(of, node)
    assert new == 'x = g(\n    a,\n    """\n\t\tb""",\n)'
    assert edited(of, replace_statements(of, node, node, new)) == of.text


def test_names_in_use_and_free_names() -> None:
    tree = ast.parse(
        "import a.b, c as d\nfrom e import f\ndef g(h, *i, **j):\n    global k\n    l = m.n\n"
        "try: pass\nexcept E as o: pass\nmatch p:\n    case [*q, {'x': 1, **r}] as s: pass\nclass T: u: int\n"
        "f(keyword=1)\n"
    )
    assert names_in_use(tree) == set("adfghijklmopqrsuET") | {"int"} - {""}
    assert free_name(tree, "a", "list", "class", "pipe", "other") == "pipe"
    assert free_name(tree, "a", "d") is None


def test_every_statement_has_its_libcst_node() -> None:
    folder = Path(__file__).parents[2] / "codemods" / "engine"
    samples = [path.read_bytes() for path in sorted(folder.glob("*.py"))[:8]]
    samples.append(
        b"try: a; b\nexcept* E: c\nelse:\n\td\nfinally: e\nmatch x:\n    case 1: f\n    case 2:\n        g\n"
        b"if a: h\nelif b:\n    i\nelse: j\nwhile 1:\n    break\nelse: k\nasync def f(): return 1\n"
        b"with a, b: l\nfor x in y:\n    continue\nclass A: x: int = 1; y = 2\n"
    )
    empty = cst.Module([])
    for data in samples:
        of = source(data)
        for node in ast.walk(of.tree):
            if isinstance(node, ast.stmt) and not hasattr(node, "body") and not hasattr(node, "cases"):
                twin = cst_statement(of, node)
                assert ast.dump(
                    ast.parse(f"async def f():\n for _ in _:\n  {empty.code_for_node(twin)}")
                ).count(ast.dump(node))
