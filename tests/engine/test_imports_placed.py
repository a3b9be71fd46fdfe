"""A new import goes where the file keeps its own, or is refused."""

from __future__ import annotations

import pytest

from codemods.engine.finding import Refused
from tests.engine.importing import ensured

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
