"""What a program computes is made of the secret after the fix, and was not before it."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from tests.rules.secretstr_program import SECRET, fix, project_of, run

RESULTS = {
    "basic credentials": (
        """
        import base64
        from shop.config import settings
        def run(address):
            return base64.b64encode(f"{settings.user}:{settings.api_key}".encode()).decode()
        """,
        base64.b64encode(f"me:{SECRET}".encode()).decode(),
    ),
    "hmac": (
        """
        import hashlib
        import hmac
        from shop.config import settings
        def run(address):
            return hmac.new(settings.api_key.encode(), b"body", hashlib.sha256).hexdigest()
        """,
        hmac.new(SECRET.encode(), b"body", hashlib.sha256).hexdigest(),
    ),
    "hmac of the secret itself": (
        """
        import hashlib
        import hmac
        from shop.config import settings
        def run(address):
            return hmac.new(settings.api_key, b"body", hashlib.sha256).hexdigest()
        """,
        hmac.new(SECRET.encode(), b"body", hashlib.sha256).hexdigest(),
    ),
    "hmac of secret bytes": (
        """
        import hashlib
        import hmac
        from shop.config import settings
        def run(address):
            return hmac.new(settings.raw, b"body", hashlib.sha256).hexdigest()
        """,
        hmac.new(SECRET.encode(), b"body", hashlib.sha256).hexdigest(),
    ),
    "comparison": (
        """
        from shop.config import settings
        def run(address):
            given: str = "s3cr3t-value"
            return given == settings.api_key
        """,
        True,
    ),
    "comparison of digests": (
        """
        import secrets
        from shop.config import settings
        def run(address):
            return secrets.compare_digest("s3cr3t-value", settings.api_key), secrets.compare_digest(b"s3cr3t-value", settings.api_key)
        """,
        (True, True),
    ),
    "one of several texts": (
        """
        from shop.config import settings
        def run(address):
            return settings.api_key in ("changeme", "s3cr3t-value")
        """,
        True,
    ),
    "text in a secret": (
        """
        from shop.config import settings
        def run(address):
            return "cr3t" in settings.api_key
        """,
        True,
    ),
    "slice": (
        "from shop.config import settings\ndef run(address):\n    return settings.api_key[:3]\n",
        SECRET[:3],
    ),
    "method of text": (
        "from shop.config import settings\ndef run(address):\n    return settings.api_key.strip().upper()\n",
        SECRET.upper(),
    ),
    "promised text": (
        """
        from shop.config import settings
        def key() -> str:
            return settings.api_key
        def run(address):
            return key() + "!"
        """,
        SECRET + "!",
    ),
    "promised text of bytes": (
        """
        from shop.config import settings
        def key() -> str:
            return settings.raw
        def run(address):
            return key() + "!"
        """,
        SECRET + "!",
    ),
    "database address": (
        """
        from pydantic import PostgresDsn
        from shop.config import settings
        def run(address):
            url = PostgresDsn.build(scheme="postgresql", username="u", password=settings.api_key, host="db", path="x")
            return str(url), f"postgresql://u:{settings.api_key}@db/x"
        """,
        (f"postgresql://u:{SECRET}@db/x", f"postgresql://u:{SECRET}@db/x"),
    ),
    "environment": (
        """
        import os
        import subprocess
        import sys
        from shop.config import settings
        def run(address):
            os.environ["SHOP_KEY"] = settings.api_key
            try:
                command = [sys.executable, "-c", "import os, sys; print(os.environ['SHOP_KEY'], sys.argv[1])", settings.api_key]
                return subprocess.run(command, capture_output=True, text=True).stdout.split()
            finally:
                del os.environ["SHOP_KEY"]
        """,
        [SECRET, SECRET],
    ),
    "joined": (
        'from shop.config import settings\ndef run(address):\n    return ":".join([settings.user, settings.api_key]).encode()\n',
        f"me:{SECRET}".encode(),
    ),
    "json": (
        """
        import json
        from shop.config import settings
        def run(address):
            return json.loads(json.dumps({"a": [{"key": settings.api_key}]}))
        """,
        {"a": [{"key": SECRET}]},
    ),
    "conditional expression": (
        """
        from urllib.parse import quote
        from shop.config import settings
        def run(address):
            return quote(settings.maybe if settings.maybe is not None else "none")
        """,
        SECRET,
    ),
    "no value": (
        """
        import httpx
        from shop.config import settings
        def run(address):
            request = httpx.Request("GET", "http://x", headers={"A": f"Bearer {settings.missing}", "B": settings.missing or "none"})
            return request.headers["a"], request.headers["b"]
        """,
        ("Bearer None", "none"),
    ),
    "project function": (
        """
        import httpx
        from shop.config import settings
        def ask(key: str):
            return httpx.Request("GET", "http://x", headers={"A": key}).headers["a"]
        def run(address):
            return ask(settings.api_key)
        """,
        SECRET,
    ),
}


@pytest.mark.parametrize("name", RESULTS)
def test_the_result_is_made_of_the_secret(name, tmp_path):
    main, expected = RESULTS[name]
    files = project_of(main)
    before = run(files, tmp_path / "before", None)
    if name != "no value":
        assert before != expected
    after = fix(files)
    assert after != files
    assert run(after, tmp_path / "after", None) == expected
