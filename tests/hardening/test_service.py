"""The service as a process, with secrets that are known, through a storm of requests and failures."""

from __future__ import annotations

import base64
import json
import sqlite3
import zlib
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error

from bot.receive.signature import HEADER, sign
from tests.bot.waiting import until
from tests.end_to_end.world import RACE
from tests.github.server import StandIn
from tests.service import APP_ID, SECRET, Service, private_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import requests

    from tests.github.repositories import Repo

KNOWN = {
    "webhook_secret_old": "an-older-webhook-secret-8121",
    "client_id": "Iv1.client",
    "client_secret": "client-secret-5c2e77",
    "session_secret": "session-secret-of-32-characters-or-more-90ab",
    "metrics_token": "metrics-token-77aa31",
    "setup_token": "setup-token-19ffe2",
}
STATED = {"client_id"}
"""Settings among them that are no secrets."""
HOSTILE = "</title><script>alert(1)</script>{{7*7}}'\""


@pytest.fixture(scope="module")
def github() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def service(github: StandIn, folder: Path) -> Iterator[Service]:
    with Service(github, folder, log_level="debug", operators="maintainer", **KNOWN) as service:
        github.webhook_url = f"{service.url}/webhooks/github"
        yield service


@pytest.fixture(scope="module")
def repo(github: StandIn, service: Service) -> Repo:
    """A repository with a finding, that the service has worked on."""
    repo = github.create_repository("acme/shop", {"shop/__init__.py": b"", "shop/race.py": RACE})
    github.install("acme", [repo])
    service.wait_until_quiet()
    return repo


def secrets() -> dict[str, str]:
    body = "".join(line for line in private_key().splitlines() if "-----" not in line)
    key = {
        f"line {number} of the private key": line
        for number, line in enumerate(private_key().splitlines())
        if "-----" not in line
    }
    known = {name: value for name, value in KNOWN.items() if name not in STATED}
    return {**known, **key, "webhook_secret": SECRET, "the private key, decoded": base64.b64decode(body).decode("latin-1")}  # fmt: skip


def stored(folder: Path) -> str:
    """Everything in the files of the data folder, as text; what is compressed in the database, unpacked."""
    parts = [each.read_bytes().decode("latin-1") for each in folder.rglob("*") if each.is_file()]
    with closing(sqlite3.connect(folder / "patchwright.db")) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                parts += [_unpacked(value) for value in row if value is not None]
    return "\n".join(parts)


def _unpacked(value: object) -> str:
    if not isinstance(value, bytes):
        return str(value)
    for start in (0, 1):
        try:
            return zlib.decompress(value[start:]).decode("latin-1")
        except zlib.error:
            continue
    return value.decode("latin-1")


def storm(service: Service) -> str:
    """All answers to requests that go wrong in every way that a stranger has."""
    said = []
    with httpx.Client(base_url=service.url, timeout=30) as client:
        paths = [
            "/",
            "/health",
            "/ready",
            "/metrics",
            "/openapi.json",
            "/setup",
            "/setup/done",
            "/sign-in",
            "/robots.txt",
        ]
        paths += [
            "/sign-in/callback",
            "/sign-in/callback?code=x&state=y",
            "/sign-in?next=https://evil.example/",
        ]
        paths += [
            "/repositories/1",
            "/repositories/x",
            "/runs/x",
            "/deliveries",
            "/rules",
            "/docs",
            "/.env",
            "/static/x/y",
        ]
        paths += [
            f"/{HOSTILE}",
            f"/rules/{HOSTILE}",
            f"/sign-in?next={HOSTILE}",
            f"/sign-in/callback?error={HOSTILE}",
        ]
        paths += [
            "/%00",
            "/%ff",
            "/..%2f..%2fetc/passwd",
            "/repositories/" + "9" * 400,
            "/runs/" + "x" * 3_000,
        ]
        headers = [
            {},
            {"Authorization": "Bearer wrong"},
            {"Cookie": "patchwright=x; session=y; __Host-patchwright=z"},
        ]
        headers += [
            {"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
            {"Accept": "application/json"},
        ]
        for path in paths:
            for sent in headers:
                for method in ("GET", "POST", "PUT", "HEAD"):
                    answer = client.request(method, path, headers=sent)
                    assert answer.status_code < 500 or answer.status_code == 503, (method, path)
                    said.append(f"{answer.headers} {answer.text}")
        for body in (b"{", b"{}", b"\0" * 1_000, b'{"action": 1}'):
            for event in ("push", "installation", "x"):
                signed = {
                    "X-Hub-Signature-256": sign(body, SECRET.encode()),
                    "Content-Type": "application/json",
                }
                named = {"X-GitHub-Event": event, "X-GitHub-Delivery": "g-1"}
                for sent in (
                    signed,
                    named,
                    {**signed, **named},
                    {**signed, **named, "Content-Type": "text/x"},
                ):
                    answer = client.post("/webhooks/github", content=body, headers=sent)
                    said.append(f"{answer.headers} {answer.text}")
    return "\n".join(said)


def test_no_secret_is_in_anything_that_it_writes(
    service: Service, folder: Path, github: StandIn, repo: Repo
) -> None:
    answers = storm(service)
    github.faults.bad_credentials(times=2)
    repo.push("main", {"shop/other.py": RACE})
    until(lambda: [line for line in list(service.lines) if line.get("kind") == "retry"])
    metrics = httpx.get(
        f"{service.url}/metrics", headers={"Authorization": f"Bearer {KNOWN['metrics_token']}"}
    )
    assert metrics.status_code == 200
    log = "\n".join(json.dumps(line, ensure_ascii=False) for line in list(service.lines))
    tokens = {f"installation token {number}": each for number, each in enumerate(github.tokens)}
    assert tokens
    assert "acme/shop" in stored(folder)  # what is in the database is seen
    written = {"answers": answers, "log": log, "data folder": stored(folder), "metrics": metrics.text}
    for place, text in written.items():
        assert text
        found = [name for name, value in (secrets() | tokens).items() if value in text]
        assert not found, f"{found} in the {place}"
    assert "Traceback" not in answers
    assert "<script>alert" not in answers
    assert str(APP_ID) in log


@pytest.mark.parametrize("path", ["/", "/repositories", "/repositories/1", "/runs/x", "/deliveries", "/rules/atomic-redis"])  # fmt: skip
def test_nothing_is_shown_to_strangers(service: Service, path: str, repo: Repo) -> None:
    answer = httpx.get(f"{service.url}{path}")
    assert answer.status_code in {303, 404, 200}
    assert "acme/shop" not in answer.text
    assert "evil.example" not in httpx.get(f"{service.url}{path}", headers={"Host": "evil.example"}).headers.get("location", "")  # fmt: skip


def _signing(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """The same request as GitHub would have sent it."""
    body = request.body or b""
    signature = sign(body if isinstance(body, bytes) else body.encode(), SECRET.encode())
    request.headers.update(
        {"X-GitHub-Event": "push", "X-GitHub-Delivery": f"s-{signature[-40:]}", HEADER: signature}
    )
    return request


EXAMPLES = settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("signed", [False, True])
def test_schemathesis_finds_no_5xx(service: Service, repo: Repo, *, signed: bool) -> None:
    """Everything that the service describes; with ``signed``, its webhooks get past the signature."""
    schema = schemathesis.openapi.from_url(f"{service.url}/openapi.json")
    tried, answered = 0, set[int]()
    for result in schema.get_all_operations():
        operation = result.ok()
        if signed and operation.path != "/webhooks/github":
            continue

        @EXAMPLES
        @schemathesis_given(operation)
        def attempt(case: Any) -> None:
            nonlocal tried
            tried += 1
            response = case.call(base_url=service.url, auth=_signing if signed else None)
            answered.add(response.status_code)
            case.validate_response(response, checks=[not_a_server_error])

        attempt()
    assert tried >= 10
    assert answered & ({200, 202, 400} if signed else {200})
    assert not signed or 401 not in answered
    assert service.alive
    assert not service.said("a request failed")


def schemathesis_given(operation: Any) -> Any:
    from hypothesis import given

    return given(case=operation.as_strategy())
