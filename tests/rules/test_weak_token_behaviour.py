"""What is drawn before and after: the same types, lengths and ranges; and that nothing seeds it any more."""

from __future__ import annotations

import random
from typing import Any

import pytest

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import Options

CODE = """
import random
import string

ALPHABET = string.ascii_letters + string.digits


def generate_password(length=12):
    return "".join(random.choice(ALPHABET) for _ in range(length))


def generate_token(length=32):
    return "".join(random.choices("ab" + "cd", k=length))


def generate_otp():
    otp = random.randint(7, 9)
    return otp


def generate_negative_otp():
    otp = random.randint(-2, 2) * 2
    return otp


def generate_otp_code():
    return f"{random.randint(0, 9):04d}"


def generate_pin_code():
    pin_code = random.randrange(10**3, 10**3 + 2)
    return pin_code


def generate_api_key():
    return "%032x" % random.getrandbits(128)


def generate_secret():
    return "".join(random.sample("abcd", 4))


def generate_weighted_token():
    return "".join(random.choices("ab", weights=[0, 1], k=5))


def generate_shuffled_password():
    letters = [random.choice("x"), random.choice("yy"), random.choice("z")]
    random.shuffle(letters)
    return "".join(letters)
"""
MAKERS = [line[4 : line.index("(")] for line in CODE.splitlines() if line.startswith("def ")]


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(code, "app/tokens.py", "exec", dont_inherit=True), names)
    return names


@pytest.fixture(scope="module")
def patched() -> str:
    snapshot = MemorySnapshot({"app/tokens.py": CODE.encode()})
    report = analyse(snapshot, [registry.load("weak-token")], Options(workers=1))
    after = fixed(snapshot, report)["app/tokens.py"].decode()
    assert "random." not in after.replace("SystemRandom().", "")
    return after


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_values_can_come(name: str, patched: str) -> None:
    before, after = run(CODE)[name], run(patched)[name]
    seen = [before() for _ in range(400)], [after() for _ in range(400)]
    assert {type(each) for each in seen[0]} == {type(each) for each in seen[1]}
    few = {
        "generate_otp",
        "generate_negative_otp",
        "generate_otp_code",
        "generate_pin_code",
        "generate_secret",
    }
    if name in few or "shuffled" in name or "weighted" in name:
        assert set(seen[0]) == set(seen[1])  # all of at most 24 values, in 400 draws: off once in 10 to the 6
    else:
        assert {len(each) for each in seen[0]} == {len(each) for each in seen[1]}
        assert set("".join(seen[0])) == set("".join(seen[1]))


@pytest.mark.parametrize("name", ["generate_password", "generate_token", "generate_api_key"])
def test_only_before_can_it_be_foretold(name: str, patched: str) -> None:
    foretold = []
    for code in (CODE, patched):
        make = run(code)[name]
        state = random.getstate()
        first = make()
        random.setstate(state)
        foretold.append(make() == first)
    assert foretold == [True, False]


def test_other_lengths(patched: str) -> None:
    after = run(patched)
    assert after["generate_token"](0) == ""
    assert len(after["generate_token"](7)) == len(after["generate_password"](7)) == 7
