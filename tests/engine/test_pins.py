"""Versions read from packaging files as data."""

from __future__ import annotations

import pytest

from codemods.engine.files.snapshot import MemorySnapshot
from codemods.engine.project import Project


@pytest.mark.parametrize(
    ("path", "text", "lowest", "highest"),
    [
        ("requirements.txt", "redis==4.5.1\n", (4, 5, 1), (4, 5, 1)),
        ("requirements.txt", "# redis==1.0\nredis[hiredis]>=4.2,<6 ; python_version > '3.8'\n", (4, 2), (6,)),
        ("requirements.txt", "Redis~=5.0  # fast\n", (5, 0), None),
        ("requirements.txt", "redis\n", None, None),
        ("requirements/prod.txt", "redis==3.5.3\n", (3, 5, 3), (3, 5, 3)),
        ("pyproject.toml", '[project]\ndependencies = ["redis>=5"]\n', (5,), None),
        ("pyproject.toml", '[tool.poetry.dependencies]\nredis = "^4.6"\n', (4, 6), None),
        ("pyproject.toml", '[tool.poetry.dependencies]\nredis = {version = "5.0.1", extras = ["hiredis"]}\n', (5, 0, 1), (5, 0, 1)),
        ("pyproject.toml", '[dependency-groups]\ndev = ["redis>=6.0"]\n', (6, 0), None),
        ("uv.lock", '[[package]]\nname = "redis"\nversion = "5.2.0"\n', (5, 2, 0), (5, 2, 0)),
        ("Pipfile.lock", '{"default": {"redis": {"version": "==4.0.2"}}}', (4, 0, 2), (4, 0, 2)),
        ("Pipfile", '[packages]\nredis = ">=3.5"\n', (3, 5), None),
    ],
)  # fmt: skip
def test_bounds(path, text, lowest, highest):
    pins = Project(MemorySnapshot({path: text.encode()})).pins
    assert pins.mentions("redis")
    assert (pins.lowest("redis"), pins.highest("redis")) == (lowest, highest)


def test_the_lock_file_wins():
    files = {
        "pyproject.toml": b'[project]\ndependencies = ["redis>=3"]\n',
        "poetry.lock": b'[[package]]\nname = "redis"\nversion = "4.6.0"\n',
    }
    assert Project(MemorySnapshot(files)).pins.lowest("redis") == (4, 6, 0)


@pytest.mark.parametrize(
    "text", ["[project\n", "", "dependencies = 3\n", '[project]\ndependencies = "redis"\n']
)
def test_a_broken_file_says_nothing(text):
    pins = Project(MemorySnapshot({"pyproject.toml": text.encode()})).pins
    assert not pins.mentions("redis")
    assert pins.python is None


def test_python_is_the_lowest_that_any_package_admits():
    files = {
        "pyproject.toml": b'[project]\nrequires-python = ">=3.11"\n',
        "worker/pyproject.toml": b'[tool.poetry.dependencies]\npython = "^3.9"\n',
    }
    assert Project(MemorySnapshot(files)).pins.python == (3, 9)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("setup.cfg", "[options]\npython_requires = >=3.8\n"),
        ("setup.cfg", "[options]\npython_requires = >=3.8,<4\n"),
        ("setup.py", "from setuptools import setup\nsetup(name='x', python_requires='>=3.8, <4')\n"),
        ("Pipfile", '[requires]\npython_version = "3.8"\n'),
    ],
)
def test_python_of_older_packaging(path, text):
    assert Project(MemorySnapshot({path: text.encode()})).pins.python == (3, 8)
