"""passlib itself, before and after: old hashes verify and are replaced, and all of a new password counts.

The last passlib cannot work with bcrypt 5, which is installed here: it hashes with the system's own crypt(3), whose
results bcrypt 5 reads.
"""

from __future__ import annotations

import os
from typing import Any

import bcrypt
import pytest
from passlib.hash import bcrypt as scheme

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.finding import Applicability
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import Options

CODE = """
from passlib.context import CryptContext

plain = CryptContext(schemes=["bcrypt"], deprecated="auto", bcrypt__rounds=4)
bare = CryptContext(("bcrypt",), bcrypt__rounds=5)
"""
LONG = "correct horse battery staple " * 3


@pytest.fixture(scope="module", autouse=True)
def _the_systems_bcrypt() -> None:
    os.environ["PASSLIB_BUILTIN_BCRYPT"] = (
        "enabled"  # Python 3.13 has no crypt(3) any more: passlib's own then
    )
    scheme.set_backend("os_crypt" if scheme.has_backend("os_crypt") else "builtin")


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(code, "app/security.py", "exec", dont_inherit=True), names)
    return names


@pytest.fixture(scope="module")
def after() -> dict[str, Any]:
    snapshot = MemorySnapshot({"app/security.py": CODE.encode()})
    report = analyse(snapshot, [registry.load("bcrypt-truncation")], Options(workers=1))
    return run(fixed(snapshot, report, frozenset({Applicability.UNSAFE}))["app/security.py"].decode())


@pytest.mark.parametrize("name", ["plain", "bare"])
def test_all_of_a_long_password_counts(name: str, after: dict[str, Any]) -> None:
    before = run(CODE)[name]
    assert len(LONG) > 72
    assert before.verify(LONG[:72] + "anything", before.hash(LONG))
    new = after[name].hash(LONG)
    assert after[name].verify(LONG, new)
    assert not after[name].verify(LONG[:72] + "anything", new)
    assert len(new) <= 83


@pytest.mark.parametrize("name", ["plain", "bare"])
def test_old_hashes_verify_and_are_replaced_at_login(name: str, after: dict[str, Any]) -> None:
    old = run(CODE)[name].hash("s3cret")
    assert bcrypt.checkpw(b"s3cret", old.encode())
    assert after[name].verify("s3cret", old)
    right, replacement = after[name].verify_and_update("s3cret", old)
    assert right
    assert replacement.startswith("$bcrypt-sha256$")
    assert after[name].verify_and_update("s3cret", replacement) == (True, None)
    assert after[name].verify_and_update("wrong", old) == (False, None)


def test_the_cost_stays(after: dict[str, Any]) -> None:
    assert ",r=4$" in after["plain"].hash("s3cret")
    assert ",r=5$" in after["bare"].hash("s3cret")


def test_bcrypt_five_raises_for_long_passwords() -> None:
    with pytest.raises(ValueError, match="72"):
        bcrypt.hashpw(LONG.encode(), bcrypt.gensalt(4))
