"""A small repository, and the App's own signature: what the stand-in's own tests begin with."""

from __future__ import annotations

import time

import jwt

from tests.github.bare import Executable
from tests.github.fixtures import APP_ID, private_key

FILES = {"app.py": b"a = 1\n", "run.sh": Executable(b"#!/bin/sh\n"), "pkg/mod.py": b"b = 2\n"}


def app_jwt(key: str | None = None, lasts: int = 300, issued: int = 0) -> dict[str, str]:
    now = int(time.time()) + issued
    value = jwt.encode(
        {"iss": str(APP_ID), "iat": now, "exp": now + lasts}, key or private_key(), algorithm="RS256"
    )
    return {"Authorization": f"Bearer {value}"}
