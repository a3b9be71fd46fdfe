"""Where traces and error reports are sent to, on loopback: what arrives is kept as it came."""

from __future__ import annotations

import gzip
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

if TYPE_CHECKING:
    from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass
class Receiver:
    """A server that takes every POST; ``bodies`` are pairs of path and content, unpacked."""

    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Receiver:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                receiver.bodies.append((self.path, body))
                receiver.arrived.set()
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *arguments: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return int(self._server.server_address[1])

    @property
    def everything(self) -> bytes:
        """All that arrived."""
        return b"\n".join(body for _, body in self.bodies)

    def spans(self) -> list[Span]:
        """What arrived as traces."""
        found: list[Span] = []
        for path, body in self.bodies:
            if path == "/v1/traces":
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    found += [span for scope in resource.scope_spans for span in scope.spans]
        return found

    def reports(self) -> list[dict[str, Any]]:
        """What arrived as events in Sentry's envelopes."""
        found: list[dict[str, Any]] = []
        for path, body in self.bodies:
            lines = body.split(b"\n") if path.endswith("/envelope/") else []
            for head, content in zip(lines[1::2], lines[2::2], strict=False):
                if head and json.loads(head).get("type") == "event":
                    found.append(json.loads(content))
        return found
