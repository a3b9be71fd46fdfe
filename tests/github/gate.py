"""What stands before the API: numeric repository addresses, faults, and the record of each exchange."""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from starlette.concurrency import run_in_threadpool

from tests.github.exchanges import Exchange
from tests.github.urls import API_PREFIX, GRAPHQL_PATH

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tests.github.faults import Fault
    from tests.github.server import StandIn

_BY_ID = re.compile(rf"{API_PREFIX}/repositories/(\d+)(?=/|$)")


@dataclass
class _Answer:
    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


class Gate:
    """ASGI middleware around the API; everything else (git, downloads) passes through."""

    def __init__(self, app: ASGIApp, github: StandIn) -> None:
        self._app, self._github = app, github

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path.startswith(API_PREFIX) or path == GRAPHQL_PATH):
            await self._app(scope, receive, send)
            return
        data = await _read(receive)
        short = "/graphql" if path == GRAPHQL_PATH else path.removeprefix(API_PREFIX)
        answer = _Answer()
        fault = self._github.faults.strike(scope["method"], self._named(short), data)
        if fault is not None and fault.before is not None:
            await run_in_threadpool(fault.before)
        broken = fault is not None and (fault.status or fault.hang or fault.drop)
        if fault is None or fault.effect or not broken:
            await self._app(self._by_name(scope), _replay(data), answer.take)
        if fault is not None and fault.status:
            answer = _replaced(fault, answer)
        answer.headers.append((b"x-github-request-id", uuid.uuid4().hex.upper().encode()))
        self._record(scope, data, answer, fault if broken else None)
        if fault is not None and fault.hang:
            await self._hang(fault, receive)
        if fault is not None and (fault.hang or fault.drop):
            self._github.cut(scope["client"])
            return
        headers = [(name, value) for name, value in answer.headers if name != b"content-length"]
        if answer.status not in {204, 304}:
            headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _named(self, path: str) -> str:
        match = _BY_ID.match(API_PREFIX + path)
        repo = self._github.repositories.get(int(match[1])) if match else None
        return (
            path
            if match is None or repo is None
            else f"/repos/{repo.full_name}" + (API_PREFIX + path)[match.end() :]
        )

    def _by_name(self, scope: Scope) -> Scope:
        match = _BY_ID.match(scope["path"])
        repo = self._github.repositories.get(int(match[1])) if match else None
        if match is None or repo is None:
            return scope
        path = f"{API_PREFIX}/repos/{repo.full_name}" + scope["path"][match.end() :]
        return {**scope, "path": path}

    async def _hang(self, fault: Fault, receive: Receive) -> None:
        gone = asyncio.ensure_future(receive())
        while not (gone.done() or fault.released.is_set() or self._github.stopping.is_set()):
            await asyncio.wait([gone], timeout=0.05)
        gone.cancel()

    def _record(self, scope: Scope, data: bytes, answer: _Answer, fault: Fault | None) -> None:
        if not self._github.recording:
            return
        query = scope["query_string"].decode("latin-1")
        raw = scope["raw_path"].decode("latin-1").split("?")[0]
        path = self._named("/graphql" if raw == GRAPHQL_PATH else raw.removeprefix(API_PREFIX))
        self._github.exchanges.add(
            Exchange(
                method=scope["method"],
                path=unquote(path),
                query=dict(parse_qsl(query, keep_blank_values=True)),
                request_headers=_headers(scope["headers"]),
                request_body=data,
                status=answer.status,
                response_headers=_headers(answer.headers),
                response_body=answer.body,
                fault="" if fault is None else fault.name,
                target=f"{path}?{query}" if query else path,
            )
        )


async def _read(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _replay(data: bytes) -> Receive:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": data, "more_body": False}

    return receive


def _replaced(fault: Fault, answer: _Answer) -> _Answer:
    kind = b"text/html" if isinstance(fault.body, bytes) else b"application/json; charset=utf-8"
    own = {name.lower().encode(): value.encode() for name, value in fault.headers.items()}
    kept = [
        (name, value) for name, value in answer.headers if name.startswith(b"x-ratelimit") and name not in own
    ]
    return _Answer(fault.status, [*kept, (b"content-type", kind), *own.items()], fault.content)


def _headers(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in pairs}
