"""A service with some history behind it: repositories, people, merged and declined pull requests, jobs that failed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.store.tables import pull_requests
from bot.templates import FOLDER
from tests.browser.visitor import SCREENSHOTS
from tests.end_to_end.world import CLIENT, DUMP, RACE
from tests.service import APP_ID, SECRET, SLUG, Service, free_port, private_key

if TYPE_CHECKING:
    from pathlib import Path

    from tests.github.faults import Fault
    from tests.github.repositories import Repo
    from tests.github.server import StandIn

OPERATOR = "olga"
MAINTAINER = "ann"
READER = "ben"
CLIENT_SECRET = "the client secret of the stand-in"
SAMPLE = FOLDER / "sample"
CONFIG = b"# Four at once are enough.\nmax-open-pull-requests: 4\n"
ATOMIC = "patchwright/atomic-redis"
DECLINED = ("declined", "declined-too", "declined-as-well")
MORE = ("billing", "search", "mailroom", "reports", "importer", "gateway")


@dataclass
class World:
    """The service and GitHub. Repositories of the organisation ``acme``, which ann may write to:

    ``helpdesk``: something merged, declined and open; ben may read it. ``declined`` and the like: their only pull
    request was closed. ``calm``: nothing special. ``sick``: its job is dead, for a reason that has passed;
    ``ailing``: for one that has not. Of ``elsewhere``, which only operators see: ``hidden``, and ``broken``, which is as ``sick``.
    """

    github: StandIn
    service: Service

    def __getitem__(self, name: str) -> Repo:
        """A repository by its full name, or by its name alone in ``acme``."""
        found = self.github.find(name if "/" in name else f"acme/{name}")
        assert found is not None, name
        return found

    @property
    def url(self) -> str:
        """Where people reach the service: another site than GitHub's, as ``localhost`` is not ``127.0.0.1``."""
        return f"http://localhost:{self.service.port}"

    def settle(self) -> None:
        """Comes back when the service has nothing more to do."""
        self.service.wait_until_quiet()


def start(github: StandIn, folder: Path) -> World:
    """The service beside a stand-in, with everything that people need to sign in."""
    port = free_port()
    url = f"http://localhost:{port}"
    app = github.app(
        APP_ID,
        private_key(),
        SECRET,
        SLUG,
        callback_urls=[f"{url}/sign-in/callback"],
        client_secret=CLIENT_SECRET,
    )
    service = Service(
        github,
        folder,
        port=port,
        public_url=url,
        client_id=app.client_id,
        client_secret=CLIENT_SECRET,
        operators=OPERATOR,
        sweep_minutes="0",
    ).start()
    github.webhook_url = f"{service.url}/webhooks/github"
    return World(github, service)


def seed(world: World) -> None:
    """Lets real history happen: installations, pull requests merged and closed, jobs that can't be done."""
    github = world.github
    for login in ("acme", "elsewhere"):
        github.organization(login)
    files = sample() | {".github/patchwright.yml": CONFIG}
    made = {"acme/helpdesk": files, "acme/calm": package(client=CLIENT), "acme/sick": package(dump=DUMP)}
    made["acme/ailing"] = package(dump=DUMP)
    made |= {f"acme/{name}": package(race=RACE) for name in DECLINED}
    if os.environ.get(SCREENSHOTS):
        made |= {f"acme/{name}": sample() for name in MORE}
    for name, contents in made.items():
        github.create_repository(name, contents).collaborator(MAINTAINER, "write")
    for name in ("elsewhere/hidden", "elsewhere/broken"):
        github.create_repository(name, package(dump=DUMP), private=True)
    world["helpdesk"].collaborator(READER, "read")
    _refuse(github, "acme/ailing")
    faults = [_refuse(github, name) for name in ("acme/sick", "elsewhere/broken")]
    for owner in ("acme", "elsewhere"):
        github.install(owner)
    world.settle()
    for fault in faults:
        fault.times = 0
    for name in ("helpdesk", *(MORE if os.environ.get(SCREENSHOTS) else ())):
        opened = [each for each in world[name].pulls if each.open]
        assert len(opened) >= 3, f"{name}: {opened}"
        opened[0].merge(by=MAINTAINER)
        opened[1].close(by=MAINTAINER)
    for name in DECLINED:
        (pull,) = world[name].pulls
        pull.close(by=MAINTAINER)
    world.settle()
    spread(world.service.database_url)


def _refuse(github: StandIn, name: str) -> Fault:
    """Makes a repository unreadable to the App, until ``times`` of what comes back is set to 0."""
    return github.faults.missing_permission("GET", f"/repos/{name}/*", "contents=read", times=None)


def spread(database_url: str) -> None:
    """Sets back when pull requests were opened and closed, as if all that had taken a week."""
    now = datetime.now(UTC)
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for index, row in enumerate(connection.execute(sa.select(pull_requests)).all()):
            key = (
                pull_requests.c.repository_id == row.repository_id,
                pull_requests.c.number == row.number,
            )
            opened = now - timedelta(days=1 + index * 5 % 6, minutes=37 * index % 300)
            closed = row.closed_at and opened + timedelta(hours=5 + 7 * index % 19)
            connection.execute(
                sa.update(pull_requests).where(*key).values(opened_at=opened, closed_at=closed)
            )


def package(**files: bytes) -> dict[str, bytes]:
    """A small package with these modules."""
    return {"shop/__init__.py": b"", **{f"shop/{name}.py": data for name, data in files.items()}}


def sample() -> dict[str, bytes]:
    """The sample application that is shown in the documentation."""
    return {
        str(each.relative_to(SAMPLE)): each.read_bytes()
        for each in sorted(SAMPLE.rglob("*"))
        if each.suffix in {".py", ".toml"}
    }
