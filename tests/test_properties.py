"""Whatever the input: it stays as it is, or becomes code that parses, keeps its comments and is stable."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codemods.engine import registry
from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.files.source import Source, Unreadable
from codemods.engine.finding import Applicability
from codemods.engine.run.analyse import analyse, fixed
from codemods.engine.run.report import Options
from tests.case_files import read_cases

ALL = frozenset({Applicability.SAFE, Applicability.UNSAFE})
CASES = sorted((Path(__file__).parent / "cases").glob("*.md"))
OURS = sorted((Path(__file__).parent.parent / "codemods" / "engine").glob("*.py"))

PROJECTS = [dict(case.files) for path in CASES for case in read_cases(path.read_text(encoding="utf-8"))] or [
    {"app.py": b"import os\n"}
]

READABLE = (
    "does not parse",
    "binary",
    "encoding",
    "does not decode",
    "a line longer",
    "larger than",
    "generated",
    "not ",
)
"""How the reasons begin for which a file may be left out; a rule that failed says something else."""

STATEMENTS = [
    "from openai import OpenAI",
    "import redis",
    "import redis.asyncio as aioredis",
    "from unittest.mock import patch",
    "from pydantic import SecretStr, BaseModel",
    "r = redis.Redis()",
    "client = OpenAI(api_key=KEY)",
    "KEY = 'x'",
    "n = r.incr(key)",
    "r.expire(key, 60)",
    "r.set(key, 1)",
    "r.hset(key, 'a', 1); r.expire(key, 5)",
    "if r.setnx(key, 1): r.expire(key, 9)",
    "if n == 1:\n    r.expire(key, 60)  # window",
    "def ask():\n    return client.chat.completions.create(model='m')",
    "def limit(key):\n    count = r.incr(key)\n    # once\n    r.expire(key, 60)\n    return count",
    "async def limit(r: aioredis.Redis, key):\n    count = await r.incr(key)\n    await r.expire(key, 60)\n    return count",
    "class Settings(BaseModel):\n    token: SecretStr\n    plain: str = ''",
    "settings = Settings(token='x')",
    "headers = {'Authorization': f'Bearer {settings.token}'}",
    "@patch('app.main.gone')\ndef test_it(mocked):\n    ask()",
    "global client",
    "del client",
    "print(client)",
    "x = [client for client in ()]",
    "with open('f') as client: pass",
    "lambda client=client: client",
]


def comments(source: Source) -> Counter[str]:
    """The comments of a file, counted."""
    try:
        tokens = tokenize.generate_tokens(io.StringIO(source.text).readline)
        return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)
    except (tokenize.TokenError, SyntaxError):
        return Counter()


def check(files: dict[str, bytes]) -> None:
    """Fixes everything that the rules would, and holds the result against the promise."""
    rules = registry.select(None)
    options = Options(workers=1)
    snapshot = MemorySnapshot(files)
    report = analyse(snapshot, rules, options)
    failures = [each for each in report.skipped if not each.reason.startswith(READABLE)]
    assert not failures, failures
    after = {**files, **fixed(snapshot, report, ALL)}
    for path, data in after.items():
        if data == files[path]:
            continue
        before, now = Source(path, files[path]), Source(path, data)
        ast.parse(now.text)
        assert not comments(before) - comments(now), f"{path} lost comments"
    again = analyse(MemorySnapshot(after), rules, options)
    assert fixed(MemorySnapshot(after), again, ALL).items() <= after.items()


def indented(text: str, by: str) -> str:
    """``text`` one level deeper."""
    return "".join(by + line for line in text.splitlines(keepends=True))


def laid_out(draw: st.DrawFn, text: str) -> str:
    """``text`` as it is, below a condition, a function or a ``try``, or under a comment."""
    match draw(st.integers(0, 9)):
        case 0:
            return "if KEY:\n" + indented(text, "    ")
        case 1:
            return "def inner():\n" + indented(text, "    ")
        case 2:
            return "try:\n" + indented(text, "    ") + "\nexcept Exception:\n    pass"
        case 3:
            return (
                f"# {draw(st.sampled_from(['why', 'noqa', 'type: ignore', 'patchwright: ignore']))}\n{text}"
            )
    return text


@st.composite
def modules(draw: st.DrawFn) -> bytes:
    """Modules of the statements that the rules look for, in every order, nesting and style of layout."""
    parts = [
        laid_out(draw, text) for text in draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=12))
    ]
    joined = draw(st.sampled_from(["\n", "\n\n", "\n\n\n"])).join(parts)
    if draw(st.booleans()):
        joined = joined.replace("    ", "\t")
    joined += draw(st.sampled_from(["", "\n", "\n\n", "  # last"]))
    data = joined.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n"]))).encode()
    return draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf", b"#!/usr/bin/env python\n"])) + data


@st.composite
def mutated_projects(draw: st.DrawFn) -> dict[str, bytes]:
    """One of the written cases, or this package's own code, with lines removed, doubled, swapped, moved or commented."""
    if draw(st.integers(0, 5)):
        files = dict(draw(st.sampled_from(PROJECTS)))
    else:
        files = {"own/module.py": draw(st.sampled_from(OURS)).read_bytes()}
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(sorted(files)))
        lines = files[path].splitlines(keepends=True)
        if not lines or not path.endswith(".py"):
            continue
        at = draw(st.integers(0, len(lines) - 1))
        other = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "swap", "comment", "deeper", "join", "rename", "cut"])):
            case "drop":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "swap":
                lines[at], lines[other] = lines[other], lines[at]
            case "comment":
                lines[at] = lines[at].rstrip() + b"  # a remark\n"
            case "deeper":
                lines[at] = b"    " + lines[at]
            case "join":
                lines[at] = lines[at].rstrip() + b"; "
            case "rename":
                words = sorted(set(files[path].split()))
                lines = (
                    files[path].replace(draw(st.sampled_from(words)), b"renamed").splitlines(keepends=True)
                )
            case "cut":
                lines = lines[:at]
        files[path] = b"".join(lines)
    return files


SETTINGS = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@SETTINGS
@given(modules(), modules())
def test_generated_modules(main: bytes, other: bytes) -> None:
    check({"app/__init__.py": b"", "app/main.py": main, "tests/test_main.py": other})


@SETTINGS
@given(mutated_projects())
def test_mutations_of_real_modules(files: dict[str, bytes]) -> None:
    check(files)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_at_all(data: bytes) -> None:
    check({"app/main.py": data})


def test_unreadable_is_not_a_crash() -> None:
    for data in (b"\x00", b"# coding: nonsense\n", b"\xff\xfe", b"def (:\n", b"(" * 5000):
        report = analyse(MemorySnapshot({"a.py": data}), registry.select(None), Options(workers=1))
        assert not report.findings
        try:
            _ = Source("a.py", data).tree
        except Unreadable:
            continue
        raise AssertionError(data)
