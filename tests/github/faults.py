"""What can go wrong at GitHub, switched on by tests: matched by method, path and count."""

from __future__ import annotations

import fnmatch
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.github.server import StandIn

DOCS = "https://docs.github.com/rest"


@dataclass
class Fault:
    """One fault. It strikes the requests that match, ``times`` times after ``skip`` ones; ``hits`` counts them.

    ``before`` is run ahead of the request's own effect. With ``effect`` the request is carried out first and its
    answer replaced. ``hang``: no answer comes until ``release`` or the client goes away. ``drop``: the connection
    breaks off.
    """

    name: str
    method: str
    path: str
    times: int | None = 1
    skip: int = 0
    status: int = 0
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    effect: bool = False
    hang: bool = False
    drop: bool = False
    before: Callable[[], object] | None = None
    contains: str = ""
    hits: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        """Let those that hang go."""
        self.released.set()

    def matches(self, method: str, path: str, data: bytes) -> bool:
        """Whether a request is one of those."""
        return (
            self.method in {"*", method}
            and fnmatch.fnmatchcase(path, self.path)
            and self.contains.encode() in data
        )

    @property
    def content(self) -> bytes:
        """The answer's body."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


class Faults:
    """Switches. Paths are patterns (``/repos/*/pulls``) without the API's prefix; GraphQL is ``/graphql``.

    Each method gives the Fault, whose ``hits`` tell how often it struck. ``times=None`` is for ever, until
    ``clear``.
    """

    def __init__(self, github: StandIn) -> None:
        self._github = github
        self._all: list[Fault] = []
        self._lock = threading.Lock()
        self.lag_reads = 0

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._all))

    def add(self, fault: Fault) -> Fault:
        """Switch on any fault."""
        with self._lock:
            self._all.append(fault)
        return fault

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            for fault in self._all:
                fault.release()
            self._all.clear()
            self.lag_reads = 0

    def strike(self, method: str, path: str, data: bytes) -> Fault | None:
        """The first fault that this request suffers; counts it."""
        with self._lock:
            for fault in self._all:
                if not fault.matches(method, path, data):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                elif fault.times is None or fault.hits < fault.times:
                    fault.hits += 1
                    return fault
        return None

    def status(
        self, method: str, path: str, status: int = 500, message: str = "Server Error", **more: Any
    ) -> Fault:
        """An error instead of the effect."""
        body = {"message": message, "documentation_url": DOCS, "status": str(status)}
        return self.add(Fault(f"status {status}", method, path, status=status, body=body, **more))

    def after_effect(self, method: str, path: str, status: int = 502, **more: Any) -> Fault:
        """The request is carried out, and then the answer is an error."""
        body = (
            b"<html><body><h1>502 Bad Gateway</h1></body></html>"
            if status == 502
            else {"message": "Server Error"}
        )
        return self.add(
            Fault(f"{status} after the effect", method, path, status=status, body=body, effect=True, **more)
        )

    def timeout(self, method: str, path: str, *, effect: bool = False, **more: Any) -> Fault:
        """No answer comes; with ``effect`` the request is carried out all the same."""
        return self.add(Fault("timeout", method, path, hang=True, effect=effect, **more))

    def disconnect(self, method: str, path: str, *, effect: bool = False, **more: Any) -> Fault:
        """The connection breaks off before the answer."""
        return self.add(Fault("disconnect", method, path, drop=True, effect=effect, **more))

    def secondary_limit(
        self,
        method: str = "*",
        path: str = "*",
        status: int = 403,
        retry_after: int | None = None,
        **more: Any,
    ) -> Fault:
        """Too much at once: 403 or 429, with ``retry-after`` (seconds) or without."""
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        body = {"message": message, "documentation_url": f"{DOCS}/overview/rate-limits-for-the-rest-api"}
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return self.add(
            Fault("secondary limit", method, path, status=status, body=body, headers=headers, **more)
        )

    def primary_limit(
        self, method: str = "*", path: str = "*", status: int = 403, reset_in: int = 1800, **more: Any
    ) -> Fault:
        """The hour's budget is used up, until ``reset_in`` seconds from now."""
        reset = int(self._github.clock.time()) + reset_in
        headers = {
            "X-RateLimit-Limit": "5000",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Used": "5000",
            "X-RateLimit-Reset": str(reset),
            "X-RateLimit-Resource": "core",
        }
        message = "API rate limit exceeded for installation ID 1."
        body = {"message": message, "documentation_url": f"{DOCS}/overview/rate-limits-for-the-rest-api"}
        return self.add(
            Fault("primary limit", method, path, status=status, body=body, headers=headers, **more)
        )

    def bad_credentials(self, method: str = "*", path: str = "/repos/*", **more: Any) -> Fault:
        """The token is no longer taken: 401. (All tokens at once: ``github.expire_tokens()``.)"""
        return self.status(method, path, 401, "Bad credentials", **more)

    def missing_permission(self, method: str, path: str, accepted: str, **more: Any) -> Fault:
        """403 that names the permission that would do, as ``checks=write``."""
        headers = {"X-Accepted-GitHub-Permissions": accepted}
        message = "Resource not accessible by integration"
        return self.status(method, path, 403, message, headers=headers, **more)

    def meanwhile(self, method: str, path: str, action: Callable[[], object], **more: Any) -> Fault:
        """Just before the request takes effect, ``action`` happens: a person pushes, merges, renames."""
        return self.add(Fault("meanwhile", method, path, before=action, **more))

    def tree_missing(self, status: int = 422, **more: Any) -> Fault:
        """A tree that was just made is not known yet to the replica that makes the commit."""
        return self.status("POST", "/repos/*/git/commits", status, "Tree SHA does not exist", **more)

    def reference_update_failed(self, **more: Any) -> Fault:
        """A ref cannot be made or moved for the moment, by REST."""
        return self.status("*", "/repos/*/git/refs*", 422, "Reference update failed", **more)

    def graphql_error(
        self, message: str = "Reference update failed", kind: str = "UNPROCESSABLE", **more: Any
    ) -> Fault:
        """GraphQL answers 200 with an error and without data."""
        errors = [
            {
                "type": kind,
                "path": ["updateRefs"],
                "locations": [{"line": 1, "column": 1}],
                "message": message,
            }
        ]
        body = {"data": {"updateRefs": None}, "errors": errors}
        return self.add(Fault("graphql error", "POST", "/graphql", status=200, body=body, **more))

    def graphql_limit(self, reset_in: int = 1800, **more: Any) -> Fault:
        """GraphQL's budget is used up: it says so with status 200."""
        errors = [{"type": "RATE_LIMITED", "message": "API rate limit exceeded for installation ID 1."}]
        reset = int(self._github.clock.time()) + reset_in
        headers = {
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(reset),
            "X-RateLimit-Resource": "graphql",
        }
        body = {"errors": errors}
        return self.add(
            Fault("graphql limit", "POST", "/graphql", status=200, body=body, headers=headers, **more)
        )

    def empty_422(self, method: str = "POST", path: str = "/repos/*/pulls", **more: Any) -> Fault:
        """422 without errors, as on opening a pull request just after its branch."""
        body = {"message": "Validation Failed", "errors": [], "documentation_url": DOCS, "status": "422"}
        return self.add(Fault("empty 422", method, path, status=422, body=body, **more))

    def lag(self, reads: int = 3) -> None:
        """From now on a new pull request or branch is missing from the first ``reads`` lists that would show it."""
        self.lag_reads = reads
