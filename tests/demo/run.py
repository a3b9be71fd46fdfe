"""Starts everything, pushes, shows what happens, and writes down what came of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from bot.templates import FOLDER
from tests.demo import pages
from tests.demo.timeline import Timeline
from tests.github.server import StandIn
from tests.service import Service

if TYPE_CHECKING:
    from tests.github.repositories import Repo

SAMPLE = FOLDER / "sample"
OUTPUT = Path("demo-output")
_LONGEST_SECONDS = 600
_AUTHOR = {"GIT_AUTHOR_NAME": "Demo", "GIT_AUTHOR_EMAIL": "demo@example.com"}
_COMMITTER = {"GIT_COMMITTER_NAME": "Demo", "GIT_COMMITTER_EMAIL": "demo@example.com"}


class DemoFailed(Exception):  # noqa: N818 - said to a person
    """The demo can't go on; ``str(error)`` says why."""


def run(source: Path | None, *, keep: bool, output: Path = OUTPUT) -> Path:
    """The demo with the checkout at ``source``, or with the sample; the index page. Raises DemoFailed.

    ``keep``: afterwards it stays up until it is interrupted, and further pushes are worked on.
    """
    with tempfile.TemporaryDirectory(prefix="patchwright-demo-") as temporary:
        folder = Path(temporary)
        checkout, name = (_sample(folder), "helpdesk") if source is None else (source, source.resolve().name)
        _is_checkout(checkout)
        with StandIn(recording=False) as github, _served(output) as address:
            timeline = Timeline(github)
            service = Service(github, folder / "data", told=timeline.logged, analysis_processes="2")
            repo = github.create_repository(f"demo/{name}")
            github.webhook_url = f"{service.url}/webhooks/github"
            timeline.say("starting the service, with an embedded database")
            with service:
                timeline.say(f"the service is ready at {service.url}")
                github.install("demo", [repo])
                timeline.say(f"git push {repo.git_url} main")
                _push(checkout, repo)
                _work(service, timeline)
                index = _write(output, repo, timeline)
                timeline.ended(index, len(repo.pulls))
                if keep:
                    timeline.say(f"the pages are at {address}")
                    _stay(github, service, repo, timeline, output)
    return index


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The folder's files over HTTP on loopback; their address."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _sample(folder: Path) -> Path:
    checkout = folder / "helpdesk"
    shutil.copytree(SAMPLE, checkout, ignore=shutil.ignore_patterns("__pycache__"))
    _git(checkout, "init", "--quiet", "--initial-branch=main")
    _git(checkout, "add", ".")
    _git(checkout, "commit", "--quiet", "--message", "The help desk as it runs today")
    return checkout


def _is_checkout(path: Path) -> None:
    done = subprocess.run(
        ["git", "-C", str(path), "rev-parse", "--verify", "--quiet", "HEAD"], check=False, capture_output=True
    )
    if done.returncode:
        raise DemoFailed(f"REPO={path} is not a git checkout with a commit in it.")


def _git(folder: Path, *words: str) -> None:
    environment = os.environ | _AUTHOR | _COMMITTER | {"GIT_TERMINAL_PROMPT": "0"}
    done = subprocess.run(
        ["git", "-C", str(folder), *words], check=False, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise DemoFailed(f"git {words[0]} failed: {done.stderr.strip()}")


def _push(checkout: Path, repo: Repo) -> None:
    """A real push over HTTP; shallow checkouts are taken as they are."""
    _git(repo.path, "config", "receive.shallowUpdate", "true")
    _git(
        checkout,
        "-c",
        "http.postBuffer=500000000",
        "push",
        "--quiet",
        "--no-verify",
        repo.git_url,
        "HEAD:refs/heads/main",
    )


def _work(service: Service, timeline: Timeline) -> None:
    try:
        service.wait_until_quiet(_LONGEST_SECONDS, timeline.look)
    except RuntimeError as error:
        raise DemoFailed(str(error)) from error


def _write(output: Path, repo: Repo, timeline: Timeline) -> Path:
    shown = [
        pages.Shown(
            each.number,
            each.head,
            each.base,
            each.title,
            each.body,
            repo.diff(each.base_sha, each.head_sha),
        )
        for each in repo.pulls
    ]
    return pages.write(output, repo.full_name, shown, timeline.happened)


def _stay(github: StandIn, service: Service, repo: Repo, timeline: Timeline, output: Path) -> None:
    """Watches until it is interrupted."""
    timeline.say(f"staying up: push to {repo.git_url}, or end with Ctrl+C")
    try:
        while service.alive:
            github.wait_until_delivered()
            if timeline.look():
                _write(output, repo, timeline)
            time.sleep(0.3)
    except KeyboardInterrupt:
        timeline.say("ending")
