"""How long it takes from a push's webhook to the last request of the pull request that comes of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.tree import python_files

if TYPE_CHECKING:
    from tests.github.repositories import Repo
    from tests.github.server import StandIn
    from tests.service import Service

FINDING = b"""import requests
from pydantic import BaseModel, SecretStr


class Login%d(BaseModel):
    user: str
    password: SecretStr


def sign_in(login: Login%d) -> int:
    return requests.post("https://example.com/login", data={"password": str(login.password)}).status_code
"""
"""A SecretStr sent as text: a finding of secretstr that it can put right."""
CHANGED = 5
"""Files that a push changes; one of them brings a finding."""


@dataclass(frozen=True)
class Push:
    """One push, in seconds from when its webhook was about to be sent.

    ``answered``: the webhook was. ``first`` and ``last``: of the requests to GitHub's API that came of it;
    ``analysed``: the part of the time between them in which the analysis ran.
    """

    answered: float
    first: float
    analysed: float
    last: float

    def __str__(self) -> str:
        return (
            f"answered after {self.answered:.3f} s, first request after {self.first:.2f} s, last after "
            f"{self.last:.2f} s, of which the analysis took {self.analysed:.2f} s"
        )


def pushes(github: StandIn, service: Service, tree: Path, files: int, count: int) -> list[Push]:
    """``count`` pushes, one after another, to a repository of ``files`` files of ``tree`` that is known already."""
    chosen = python_files(tree)[:files]
    contents = {path.relative_to(tree).as_posix(): path.read_bytes() for path in chosen}
    repo = github.create_repository("owner/large", contents)
    github.install("owner", [repo])
    service.wait_until_quiet(600)
    modules = [name for name in contents if "test" not in name and not name.endswith("__init__.py")]
    changed = modules[:: len(modules) // (CHANGED - 1)][: CHANGED - 1]
    return [_push(github, service, repo, changed, number) for number in range(count)]


def _push(github: StandIn, service: Service, repo: Repo, changed: list[str], number: int) -> Push:
    files = {name: (repo.file(name, "main") or b"") + b"\n# changed\n" for name in changed}
    files[f"signing/sign_in{number}.py"] = FINDING % (number, number)
    seen: list[float] = []
    github.faults.meanwhile("*", "*", lambda: seen.append(time.perf_counter()), times=None)
    before, logged = len(github.deliveries), len(service.lines)
    repo.push("main", files)
    began = time.perf_counter()
    delivery = github.deliveries[before]
    while not delivery.status_code:
        time.sleep(0.001)
    answered = time.perf_counter() - began
    service.wait_until_quiet(600)
    github.faults.clear()
    (planned,) = [line for line in service.lines[logged:] if line.get("event") == "planned"]
    return Push(answered, seen[0] - began, planned["seconds"], seen[-1] - began)
