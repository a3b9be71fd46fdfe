"""Everything that a test from push to pull request needs: GitHub, the service, and repositories with findings."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from tests.github.server import StandIn
from tests.service import Service

if TYPE_CHECKING:
    from tests.github.records import Pull
    from tests.github.repositories import Repo

RACE = b"""import redis

client = redis.Redis()


def count(key: str) -> int:
    hits = client.incr(key)
    client.expire(key, 60)
    return hits
"""
"""Two commands where one atomic step is meant: a finding of atomic-redis."""

DUMP = b"""import requests
from pydantic import BaseModel, SecretStr


class Login(BaseModel):
    user: str
    password: SecretStr


def sign_in(login: Login) -> int:
    return requests.post("https://example.com/login", data={"password": str(login.password)}).status_code
"""
"""A SecretStr sent as text: a finding of secretstr."""

CLIENT = b"""import boto3

s3 = boto3.client("s3")


def names() -> list[str]:
    return [each["Key"] for each in s3.list_objects_v2(Bucket="x")["Contents"]]
"""
"""An API client built at import: a finding of lazy-client."""

NOTHING = b"def double(x: int) -> int:\n    return 2 * x\n"


class World:
    """GitHub and the service, both on loopback, and as many repositories as tests ask for."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.github = StandIn()
        self.service = Service(self.github, folder, **settings)
        self._names = itertools.count(1)

    def __enter__(self) -> World:
        self.github.start()
        self.service.start()
        self.github.webhook_url = f"{self.service.url}/webhooks/github"
        return self

    def __exit__(self, *_: object) -> None:
        if self.service.alive:
            self.service.stop()
        self.github.stop()

    def repository(self, **files: bytes) -> Repo:
        """A new repository with these modules, with the App installed there, and its first run over."""
        repo = self.quietly(**files)
        self.github.install(repo.owner.login, [repo])
        self.settle()
        return repo

    def quietly(self, **files: bytes) -> Repo:
        """A new repository without the App."""
        number = next(self._names)
        contents = {f"shop/{name}.py": data for name, data in files.items()}
        return self.github.create_repository(f"owner{number}/shop", {"shop/__init__.py": b"", **contents})

    def settle(self) -> None:
        """Comes back when the service has nothing more to do."""
        self.service.wait_until_quiet()

    def check_exchanges(self) -> None:
        """Fails if anything that was said to GitHub, or by the stand-in, breaks GitHub's description."""
        from tests.github.fixtures import breaks, note

        for each in list(self.github.exchanges):
            note(each)
        assert not breaks(self.github)


def open_pulls(repo: Repo) -> dict[str, Pull]:
    """The open pull requests by branch."""
    return {pull.branch: pull for pull in repo.pulls if pull.open}
