"""Names across modules: there, missing at a part, or unknown for a reason."""

from __future__ import annotations

import textwrap

import pytest

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.names.index import Found, Missing, Outside, Unknown
from codemods.engine.project import Project


def of(files: dict[str, str]) -> Project:
    return Project(MemorySnapshot({name: textwrap.dedent(text).encode() for name, text in files.items()}))


PACKAGE = {
    "pkg/__init__.py": "from .service import send\nfrom . import other as alias\n",
    "pkg/service.py": """
        import os
        from typing import TYPE_CHECKING
        from requests import get
        if TYPE_CHECKING:
            from pkg.models import Ghost
        try:
            import orjson as json
        except ImportError:
            json = None
        LIMIT: int = 3
        declared: str
        def send(): ...
        def later():
            global made_later
            made_later = 1
        for number in range(3):
            looped = number
        with open(os.devnull) as sink:
            inside_with = 1
        if (walrus := 3):
            pass
    """,
    "pkg/models.py": """
        from dataclasses import dataclass
        from pkg.outside import Gone
        from lib import Foreign
        class Base:
            shared = 1
            def inherited(self): ...
        class Plain(Base):
            field: int
            value: int = 3
            class Meta:
                ordering = []
            def __init__(self):
                self.set_later = 1
            def method(self): ...
        class Open(Foreign): ...
        class Dynamic:
            def __getattr__(self, name): ...
        @dataclass
        class Data:
            a: int
        @mystery
        class Decorated: ...
    """,
    "pkg/other.py": "x = 1\n",
    "pkg/star.py": "from pkg.service import *\n",
    "pkg/dynamic.py": "globals()['made'] = 1\n",
    "pkg/lazy.py": "def __getattr__(name): ...\n",
    "pkg/broken.py": "def (:\n",
    "pkg/sub/deep.py": "y = 1\n",
}


@pytest.mark.parametrize(
    "name",
    [
        "pkg", "pkg.service", "pkg.service.send", "pkg.send", "pkg.alias", "pkg.alias.x",
        "pkg.service.LIMIT", "pkg.service.looped", "pkg.service.number", "pkg.service.sink",
        "pkg.service.inside_with", "pkg.service.walrus", "pkg.service.made_later", "pkg.models.Plain.method",
        "pkg.models.Plain.inherited", "pkg.models.Plain.shared", "pkg.models.Plain.value",
        "pkg.models.Plain.Meta.ordering", "pkg.models.Data.a", "pkg.star.send", "pkg.star.LIMIT", "pkg.sub",
        "pkg.sub.deep.y", "pkg.other", "pkg.service.__name__",
    ],
)  # fmt: skip
def test_found(name):
    assert isinstance(of(PACKAGE).index.resolve(name), Found)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("pkg.gone", "gone"),
        ("pkg.gone.send", "gone"),
        ("pkg.service.sned", "sned"),
        ("pkg.service.Ghost", "Ghost"),
        ("pkg.models.Plain.methd", "methd"),
        ("pkg.models.Base.set_later", "set_later"),
        ("pkg.models.Data.b", "b"),
        ("pkg.sub.shallow", "shallow"),
    ],
)
def test_missing_names_the_part(name, part):
    answer = of(PACKAGE).index.resolve(name)
    assert isinstance(answer, Missing)
    assert answer.part == part


@pytest.mark.parametrize(
    "name",
    [
        "pkg.models.Open.anything",
        "pkg.models.Dynamic.anything",
        "pkg.models.Decorated.anything",
        "pkg.models.Gone",
        "pkg.dynamic.made",
        "pkg.lazy.anything",
        "pkg.broken.anything",
        "pkg.service.declared",
        "pkg.service.send.cache_clear",
        "pkg.models.Plain.__hash__",
    ],
)
def test_unknown_where_it_cannot_be_told(name):
    assert isinstance(of(PACKAGE).index.resolve(name), Unknown)


@pytest.mark.parametrize(
    ("name", "outside"),
    [
        ("pkg.service.get", "requests.get"),
        ("pkg.service.json", "orjson"),
        ("pkg.service.os.path.isfile", "os.path.isfile"),
        ("pkg.models.Foreign", "lib.Foreign"),
        ("requests.get", "requests.get"),
    ],
)
def test_outside(name, outside):
    assert of(PACKAGE).index.resolve(name) == Outside(outside)


def test_set_in_init_exists_on_instances_only():
    answer = of(PACKAGE).index.resolve("pkg.models.Plain.set_later")
    assert isinstance(answer, Found)
    assert answer.instance_only


def test_hops_name_the_modules_in_between():
    answer = of(PACKAGE).index.resolve("pkg.send")
    assert isinstance(answer, Found)
    assert (answer.path, answer.hops) == ("pkg/service.py", ("pkg",))


def test_a_folder_named_like_a_library_does_not_hide_it():
    found = of({"plugins/httpx/__init__.py": "x = 1\n", "app/main.py": "import httpx\n"})
    assert found.index.resolve("httpx.AsyncClient", "app/main.py") == Outside("httpx.AsyncClient")


def test_src_is_a_root():
    found = of({"src/shop/__init__.py": "", "src/shop/cart.py": "def add(): ...\n", "tests/test_cart.py": ""})
    assert isinstance(found.index.resolve("shop.cart.add", "tests/test_cart.py"), Found)
    assert isinstance(found.index.resolve("src.shop.cart.add", "tests/test_cart.py"), Found)


def test_pythonpath_of_pytest_is_a_root():
    files = {
        "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["service"]\n',
        "service/app.py": "def run(): ...\n",
        "tests/test_app.py": "",
    }
    assert isinstance(of(files).index.resolve("app.run", "tests/test_app.py"), Found)


def test_two_services_each_see_their_own():
    files = {
        "one/setup.py": "", "one/app/__init__.py": "", "one/app/db.py": "first = 1\n", "one/tests/test_a.py": "",
        "two/setup.py": "", "two/app/__init__.py": "", "two/app/db.py": "second = 1\n", "two/tests/test_b.py": "",
    }  # fmt: skip
    found = of(files)
    assert isinstance(found.index.resolve("app.db.first", "one/tests/test_a.py"), Found)
    assert isinstance(found.index.resolve("app.db.second", "two/tests/test_b.py"), Found)
    assert isinstance(found.index.resolve("app.db.second", "one/tests/test_a.py"), Missing)


def test_import_cycle_ends():
    files = {"a.py": "from b import x\n", "b.py": "from a import x\n"}
    assert isinstance(of(files).index.resolve("a.x"), Unknown)


def test_the_same_question_after_a_change_is_noticed():
    before, after = of(PACKAGE), of({**PACKAGE, "pkg/service.py": "def other(): ...\n"})
    with before.tracing() as questions:
        before.index.resolve("pkg.service.send")
    assert all(before.answer(kind, key) == answer for (kind, key), answer in questions.items())
    assert not all(after.answer(kind, key) == answer for (kind, key), answer in questions.items())


def test_an_unrelated_change_keeps_the_answers():
    before, after = of(PACKAGE), of({**PACKAGE, "pkg/other.py": "x = 2\n"})
    with before.tracing() as questions:
        before.index.resolve("pkg.service.send")
    assert all(after.answer(kind, key) == answer for (kind, key), answer in questions.items())


def test_names_that_init_puts_into_the_instance_at_once_are_not_denied() -> None:
    for line in ("self.__dict__.update(other=3)", "vars(self).update(values)"):
        project = Project(
            MemorySnapshot({"m.py": f"class A:\n    def __init__(self, values):\n        {line}\n".encode()})
        )
        assert isinstance(project.index.resolve("m.A.other"), Unknown)
