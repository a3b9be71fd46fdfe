"""Programs that mislead type inference: the answer must be right, or None; and never depend on what was asked before."""

from __future__ import annotations

import ast
import textwrap

import pytest

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.project import Project

HEAD = """
from pydantic import BaseModel, SecretStr
class Settings(BaseModel):
    key: SecretStr
    keys: list[SecretStr] = []
    by_name: dict[str, SecretStr] = {}
settings = Settings()
"""


def types_of(expression: str, text: str, files: dict[str, str] | None = None, *, reverse: bool = False):
    """The types of every occurrence of ``expression`` in ``text``, asked in source order or against it."""
    every = {"main.py": textwrap.dedent(text), **(files or {})}
    project = Project(MemorySnapshot({path: body.encode() for path, body in every.items()}))
    module = project.module("main.py")
    assert module is not None
    nodes = [node for node in ast.walk(module.tree) if isinstance(node, ast.expr)]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset), reverse=reverse)
    answers = [
        (node.lineno, project.types.of(node, module)) for node in nodes if ast.unparse(node) == expression
    ]
    assert answers
    return [answer for _, answer in sorted(answers, key=lambda pair: pair[0])]


def name_of(expression: str, text: str, files: dict[str, str] | None = None):
    found = types_of(expression, text, files)[-1]
    assert [each and each.name for each in types_of(expression, text, files, reverse=True)] == [
        each and each.name for each in types_of(expression, text, files)
    ]
    return found.name if found is not None else None


@pytest.mark.parametrize(
    ("expression", "program", "name"),
    [
        ("k", "for k in settings.keys:\n    use(k)", "pydantic.SecretStr"),
        ("k", "[use(k) for k in settings.keys]", "pydantic.SecretStr"),
        ("k", "for k in settings.by_name:\n    use(k)", "builtins.str"),
        ("settings.by_name['a']", "use(settings.by_name['a'])", "pydantic.SecretStr"),
        ("v", "for n, v in settings.by_name.items():\n    use(v)", "pydantic.SecretStr"),
        ("n", "for n, v in settings.by_name.items():\n    use(n)", "builtins.str"),
        ("v", "[use(v) for v in settings.by_name.values()]", "pydantic.SecretStr"),
        ("settings.by_name.get('a')", "use(settings.by_name.get('a'))", "pydantic.SecretStr"),
        ("settings.by_name.get('a', '')", "use(settings.by_name.get('a', ''))", "builtins.dict.get()"),
        ("settings.keys[0]", "use(settings.keys[0])", "pydantic.SecretStr"),
        ("settings.keys[1:]", "use(settings.keys[1:])", "builtins.list"),
        ("a", "a, b = settings.key, 'x'\nuse(a)", "pydantic.SecretStr"),
        ("b", "a, b = settings.key, 'x'\nuse(b)", "builtins.str"),
        ("k", "k = settings.key.get_secret_value()\nuse(k)", "builtins.str"),
        ("k", "k = settings.key\nk += 'x'\nuse(k)", None),
        ("k", "k = settings.key\nfor k in things:\n    use(k)", None),
        ("k", "def f(k: SecretStr):\n    k = k.get_secret_value()\n    use(k)", None),
        ("k", "def f(k: SecretStr | str):\n    use(k)", None),
        ("k", "def f(k: 'SecretStr'):\n    use(k)", "pydantic.SecretStr"),
        ("k", "def f(*k: SecretStr):\n    use(k)", None),
        ("k", "k: SecretStr = settings.key\nk = 'plain'\nuse(k)", None),
        ("k", "def f():\n    global k\n    k = settings.key\ndef g():\n    use(k)", "pydantic.SecretStr"),
        ("k", "if (k := settings.key):\n    use(k)", "pydantic.SecretStr"),
        ("Colour.RED", "from enum import Enum\nclass Colour(Enum):\n    RED = 'red'\nuse(Colour.RED)", "main.Colour"),
        ("k", "from typing import TypeAlias\nKey: TypeAlias = SecretStr\ndef f(k: Key):\n    use(k)", "pydantic.SecretStr"),
        ("k", "from typing import NewType\nKey = NewType('Key', SecretStr)\ndef f(k: Key):\n    use(k)", "pydantic.SecretStr"),
        ("k", "Json = dict[str, 'Json']\ndef f(k: Json):\n    use(k)", "builtins.dict"),
        ("self.a", "class C:\n    def __init__(self):\n        self.a, self.b = settings.key, 1\n    def go(self):\n        use(self.a)", "pydantic.SecretStr"),
        ("self.a", "class C:\n    def __init__(self):\n        self.a = settings.key\n    def set(self, a):\n        self.a = a\n    def go(self):\n        use(self.a)", None),
        ("self.settings.key", "class C:\n    settings: Settings\n    def go(self):\n        use(self.settings.key)", "pydantic.SecretStr"),
        ("get().key", "def get():\n    if cached:\n        return Settings()\n    return load()\nuse(get().key)", None),
        ("'x' + settings.key", "use('x' + settings.key)", "builtins.str"),
        ("','.join(names)", "use(','.join(names))", "builtins.str"),
        ("os.environ['A']", "import os\nuse(os.environ['A'])", None),
    ],
)  # fmt: skip
def test_programs(expression, program, name):
    assert name_of(expression, HEAD + program) == name


def test_function_that_may_end_without_return_may_give_none():
    program = HEAD + "def get():\n    if ready:\n        return settings.key\nuse(get())"
    found = types_of("get()", program)[-1]
    assert found is not None
    assert (found.name, found.optional) == ("pydantic.SecretStr", True)


def test_function_that_always_returns_gives_no_none():
    program = (
        HEAD
        + "def get():\n    try:\n        return settings.key\n    except KeyError:\n        raise\nuse(get())"
    )
    found = types_of("get()", program)[-1]
    assert found is not None
    assert not found.optional


@pytest.mark.parametrize(
    "decorator",
    ["@patch('main.settings')", "@pytest.mark.parametrize('settings', ['a'])", "@mock.patch.object(x, 'y')"],
)
def test_parameter_that_a_decorator_fills_is_no_fixture(decorator):
    conftest = (
        "import pytest\nfrom config import Settings\n@pytest.fixture\ndef settings() -> Settings: ...\n"
    )
    config = "from pydantic import BaseModel, SecretStr\nclass Settings(BaseModel):\n    key: SecretStr\n"
    files = {"conftest.py": conftest, "config.py": config}
    program = "import pytest\n{}def test_it(settings):\n    use(settings.key)\n"
    assert name_of("settings.key", program.format(""), files) == "pydantic.SecretStr"
    assert name_of("settings.key", program.format(decorator + "\n"), files) is None


def test_answers_do_not_depend_on_the_order_of_questions():
    program = HEAD + (
        "def f(flag):\n    a = None\n    while flag:\n        use(a)\n        a = b or a\n        b = a or settings.key\n    use(a, b)\n"
    )
    for expression in ("a", "b"):
        forward = types_of(expression, program)
        assert forward == types_of(expression, program, reverse=True)


def test_a_parsed_file_that_was_dropped_leaves_no_answers_behind():
    project = Project(
        MemorySnapshot(
            {
                f"m{n}.py": b"import redis\nr = redis.Redis()\nuse(r)\n"
                if n % 2
                else b"import json\nr = json.loads('')\nuse(r)\n"
                for n in range(300)
            }
        )
    )
    for path in sorted(project.python):
        module = project.module(path)
        assert module is not None
        name = module.tree.body[2].value.args[0]  # type: ignore[attr-defined]
        found = project.types.of(name, module)
        assert found is not None
        assert found.name == ("redis.Redis" if int(path[1:-3]) % 2 else "json.loads()")
