"""What an expression is, proven across modules."""

from __future__ import annotations

import ast
import textwrap

import pytest

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.project import Project

SETTINGS = """
    from functools import lru_cache
    from typing import Annotated, Optional
    import pydantic
    from pydantic import Field, SecretStr
    from pydantic_settings import BaseSettings

    class Database(pydantic.BaseModel):
        password: SecretStr

    class Base(BaseSettings):
        inherited: "SecretStr"

    class Settings(Base):
        key: SecretStr
        maybe: Optional[SecretStr] = None
        union: SecretStr | None = None
        noted: Annotated[SecretStr, Field(min_length=3)]
        plain: str = ""
        database: Database = Database()

        @property
        def derived(self) -> SecretStr:
            return self.key

    @lru_cache
    def get_settings() -> Settings:
        return Settings()

    def untyped():
        return get_settings()

    settings = get_settings()
"""


def type_of(expression: str, files: dict[str, str], path: str = "app/main.py"):
    """The type of the last expression statement in ``path``, which ends with ``expression``."""
    texts = {name: textwrap.dedent(text) for name, text in files.items()}
    texts[path] = texts.get(path, "") + "\n"
    snapshot = MemorySnapshot({name: text.encode() for name, text in texts.items()})
    project = Project(snapshot)
    module = project.module(path)
    assert module is not None
    found = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.expr) and ast.unparse(node) == expression
    ]
    assert found, f"{expression} is not in {path}"
    return project.types.of(found[-1], module)


PACKAGE = {"app/__init__.py": "", "app/config.py": SETTINGS}


@pytest.mark.parametrize(
    ("expression", "main"),
    [
        ("settings.key", "from app.config import settings\nuse(settings.key)"),
        ("s.key", "from .config import settings as s\nuse(s.key)"),
        ("config.settings.key", "from app import config\nuse(config.settings.key)"),
        ("app.config.settings.key", "import app.config\nuse(app.config.settings.key)"),
        ("get_settings().key", "from app.config import get_settings\nuse(get_settings().key)"),
        ("untyped().key", "from app.config import untyped\nuse(untyped().key)"),
        ("settings.inherited", "from app.config import settings\nuse(settings.inherited)"),
        ("settings.noted", "from app.config import settings\nuse(settings.noted)"),
        ("settings.derived", "from app.config import settings\nuse(settings.derived)"),
        ("settings.database.password", "from app.config import settings\nuse(settings.database.password)"),
        ("s.key", "from app.config import Settings\ndef f(s: Settings):\n    use(s.key)"),
        ("s.key", "from app.config import Settings\ndef f(s: 'Settings | None'):\n    use(s.key)"),
        ("s.key", "from fastapi import Depends\nfrom app.config import get_settings\ndef f(s=Depends(get_settings)):\n    use(s.key)"),
        ("self.settings.key", "from app.config import Settings\nclass C:\n    def __init__(self, settings: Settings):\n        self.settings = settings\n    def go(self):\n        use(self.settings.key)"),
        ("key", "from app.config import settings\ndef f():\n    key = settings.key\n    use(key)"),
    ],
)  # fmt: skip
def test_secret_reached_from_another_module(expression, main):
    found = type_of(expression, {**PACKAGE, "app/main.py": main})
    assert found is not None
    assert found.name == "pydantic.SecretStr"
    assert found.kind == "instance"


@pytest.mark.parametrize("name", ["maybe", "union"])
def test_optional_is_remembered(name):
    found = type_of(
        f"settings.{name}",
        {**PACKAGE, "app/main.py": f"from app.config import settings\nuse(settings.{name})"},
    )
    assert found is not None
    assert (found.name, found.optional) == ("pydantic.SecretStr", True)


@pytest.mark.parametrize(
    ("expression", "main"),
    [
        ("settings.plain", "from app.config import settings\nuse(settings.plain)"),
        (
            "key",
            "from app.config import settings\nkey = settings.key\nkey = settings.key.get_secret_value()\nuse(key)",
        ),
        ("settings.key", "def f(settings):\n    use(settings.key)"),
        ("settings.missing", "from app.config import settings\nuse(settings.missing)"),
    ],
)
def test_not_a_secret(expression, main):
    found = type_of(expression, {**PACKAGE, "app/main.py": main})
    assert found is None or found.name != "pydantic.SecretStr"


@pytest.mark.parametrize(
    ("expression", "main", "name"),
    [
        ("r", "import redis\nr = redis.Redis()\nuse(r)", "redis.Redis"),
        ("r", "import redis.asyncio as aioredis\nr = aioredis.from_url('x')\nuse(r)", "redis.asyncio.from_url()"),
        ("self.r", "from redis import Redis\nclass C:\n    def __init__(self):\n        self.r = Redis.from_url('x')\n    def go(self):\n        use(self.r)", "redis.Redis.from_url()"),
        ("self.r", "from redis.asyncio import Redis\nclass C:\n    def __init__(self, r: Redis | None = None):\n        self.r = r\n    def go(self):\n        use(self.r)", "redis.asyncio.Redis"),
        ("r", "import redis.asyncio as redis\nasync def get():\n    return redis.Redis()\nasync def f():\n    r = await get()\n    use(r)", "redis.asyncio.Redis"),
        ("r", "from redis import Redis\ndef get():\n    r = Redis()\n    try:\n        yield r\n    finally:\n        r.close()\nfrom fastapi import Depends\ndef f(r: Redis = Depends(get)):\n    use(r)", "redis.Redis"),
        ("r", "import redis\n_r = None\ndef get():\n    global _r\n    if _r is None:\n        _r = redis.Redis()\n    return _r\ndef f():\n    r = get()\n    use(r)", "redis.Redis"),
    ],
)  # fmt: skip
def test_library_objects(expression, main, name):
    found = type_of(expression, {"app/main.py": main})
    assert found is not None
    assert found.name == name


def test_fixture_from_conftest():
    files = {
        "app/__init__.py": "",
        "app/config.py": SETTINGS,
        "tests/conftest.py": "import pytest\nfrom app.config import Settings\n@pytest.fixture\ndef settings():\n    yield Settings()\n",
        "tests/api/test_x.py": "def test_a(settings):\n    use(settings.key)",
    }
    found = type_of("settings.key", files, "tests/api/test_x.py")
    assert found is not None
    assert found.name == "pydantic.SecretStr"
