"""The service as a process of its own, as an operator starts it, with a stand-in for GitHub at the other end."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.forks.process import STDOUT, Forked

if TYPE_CHECKING:
    from tests.github.server import StandIn

APP_ID = 4711
SECRET = "a webhook secret for tests"
SLUG = "patchwright"
_READY_SECONDS = 60
_QUIET_SECONDS = 120
_LOOKS = 3


@cache
def private_key() -> str:
    """A private key in PEM, the same one for the whole process."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def free_port() -> int:
    """A port on 127.0.0.1 that nothing listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Service:
    """``patchwright serve`` (or ``worker``) on a port of its own. ``folder`` is its data folder.

    Without ``credentials`` it has no App yet, and begins with the setup page. ``lines`` are the log's, as they come; ``told`` is called with each. Starting it again continues on the same data.
    """

    def __init__(
        self,
        github: StandIn,
        folder: Path,
        *,
        command: str = "serve",
        database_url: str = "",
        told: Callable[[dict[str, Any]], None] | None = None,
        port: int = 0,
        credentials: bool = True,
        **environment: str,
    ) -> None:
        if credentials and APP_ID not in github.apps:
            github.app(APP_ID, private_key(), SECRET, SLUG)
        self._github = github
        self.database_url = database_url or f"sqlite:///{folder / 'patchwright.db'}"
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lines: list[dict[str, Any]] = []
        self._told = told
        self._command = command
        self._environment = self._settings(github.url, folder, database_url, credentials=credentials) | {
            f"PATCHWRIGHT_{name.upper()}": value for name, value in environment.items()
        }
        self._process: Forked | None = None
        self._reader: threading.Thread | None = None

    def _settings(
        self, github_url: str, folder: Path, database_url: str, *, credentials: bool
    ) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("PATCHWRIGHT_")}
        database = {"PATCHWRIGHT_DATABASE_URL": database_url} if database_url else {}
        app = {
            "PATCHWRIGHT_APP_ID": str(APP_ID),
            "PATCHWRIGHT_PRIVATE_KEY": private_key(),
            "PATCHWRIGHT_WEBHOOK_SECRET": SECRET,
        }
        return (
            own
            | database
            | (app if credentials else {})
            | {
                "PATCHWRIGHT_GITHUB_URL": github_url,
                "PATCHWRIGHT_DATA_DIR": str(folder),
                "PATCHWRIGHT_HOST": "127.0.0.1",
                "PATCHWRIGHT_PORT": str(self.port),
                "PATCHWRIGHT_WRITE_PAUSE_SECONDS": "0",
                "PATCHWRIGHT_ANALYSIS_PROCESSES": "1",
                "PATCHWRIGHT_LOG_FORMAT": "json",
            }
        )

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self, *, wait: bool = True) -> Service:
        """Starts it; with ``wait`` until it says that it is ready."""
        self._process = Forked("bot.cli", [self._command], env=self._environment, stderr=STDOUT)
        self._reader = threading.Thread(target=self._read, args=[self._process], daemon=True)
        self._reader.start()
        if wait and self._command == "serve":
            self._until_ready()
        return self

    def _read(self, process: Forked) -> None:
        for text in process.stdout:
            try:
                line = json.loads(text)
            except ValueError:
                line = {"event": text.rstrip("\n")}
            self.lines.append(line)
            if self._told is not None:
                self._told(line)

    def _until_ready(self) -> None:
        if not self.until_ready_or_dead():
            raise RuntimeError(f"the service ended at once: {self.lines[-5:]}")

    def until_ready_or_dead(self) -> bool:
        """Waits until it says that it is ready; False if it ended before. Raises RuntimeError if it does neither."""
        end = time.monotonic() + _READY_SECONDS
        while self.alive:
            try:
                if httpx.get(f"{self.url}/ready", timeout=5).status_code == 200:
                    return True
            except httpx.TransportError:
                pass
            if time.monotonic() > end:
                raise RuntimeError(f"the service did not become ready: {self.lines[-5:]}")
            time.sleep(0.05)
        return False

    def kill(self) -> None:
        """``kill -9``, and nothing of it is left."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._ended()

    def stop(self) -> int:
        """Asks it to end, and waits; the exit code."""
        assert self._process is not None
        if self.alive:
            self._process.send_signal(signal.SIGTERM)
        return self._ended()

    def _ended(self) -> int:
        assert self._process is not None
        assert self._reader is not None
        code = self._process.wait(timeout=60)
        self._reader.join(timeout=10)
        return code

    def __enter__(self) -> Service:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.alive:
            self.stop()

    def open_jobs(self) -> int:
        """How many jobs have not come to an end yet."""
        engine = sa.create_engine(self.database_url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            statement = sa.text("SELECT count(*) FROM jobs WHERE state NOT IN ('done', 'superseded', 'dead')")
            return int(connection.execute(statement).scalar_one())

    def wait_until_quiet(
        self, seconds: float = _QUIET_SECONDS, seen: Callable[[], object] | None = None
    ) -> None:
        """Comes back when every webhook so far was answered and every job has ended; ``seen`` is called meanwhile."""
        if not self.quiet_or_dead(seconds, seen):
            raise RuntimeError(f"the service ended: {self.lines[-5:]}")

    def quiet_or_dead(
        self, seconds: float = _QUIET_SECONDS, seen: Callable[[], object] | None = None
    ) -> bool:
        """As ``wait_until_quiet``; False if the service ended before. Raises RuntimeError if it does neither."""
        end = time.monotonic() + seconds
        quiet = 0
        while quiet < _LOOKS:
            if not self.alive:
                return False
            if time.monotonic() > end:
                raise RuntimeError(f"not done after {seconds} seconds: {self.lines[-5:]}")
            self._github.wait_until_delivered()
            if seen is not None:
                seen()
            quiet = quiet + 1 if self.open_jobs() == 0 else 0
            time.sleep(0.05)
        return True

    def said(self, event: str) -> list[Mapping[str, Any]]:
        """The lines of the log with this event."""
        return [line for line in self.lines if line.get("event") == event]
