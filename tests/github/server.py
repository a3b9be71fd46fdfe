"""The stand-in for GitHub: an HTTP server in a thread, over real bare git repositories in a temporary folder."""

from __future__ import annotations

import itertools
import secrets
import shutil
import socket
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

from tests.github import hooks, rest, smart_http, web
from tests.github.access import Access, public_half
from tests.github.bare import Bare, Content
from tests.github.clock import Clock
from tests.github.deliverer import Deliverer
from tests.github.exchanges import Delivery, Exchanges
from tests.github.faults import Faults
from tests.github.gate import Gate
from tests.github.people import Account
from tests.github.registry import PERMISSIONS, TOKEN_SECONDS, App, Installation, Token
from tests.github.repositories import Repo
from tests.github.rest.calls import Answer, not_found, render
from tests.github.serving import Server
from tests.github.sign_ins import SignIns
from tests.github.urls import API_PREFIX, GRAPHQL_PATH, Urls

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from tests.github.new_app import NewApp


class StandIn:
    """GitHub on 127.0.0.1, as far as the App talks with it. A context manager; every part is thread-safe.

    ``folder`` takes the repositories (default: a temporary one, removed at the end). ``recording`` off keeps no
    exchanges, for load tests. ``hourly_limit`` is the budget of requests of each installation. Tests may lower
    ``most_tree_entries``, above which a tree listing says that it is truncated. With ``announce_suites`` each push
    sends ``check_suite.requested`` too; as GitHub does that always, an App must bear it.
    """

    def __init__(
        self, folder: Path | None = None, *, recording: bool = True, hourly_limit: int = 5000
    ) -> None:
        self._own_folder = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="stand-in-"))
        self.recording, self.hourly_limit = recording, hourly_limit
        self.clock = Clock()
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.exchanges = Exchanges()
        self.deliveries: list[Delivery] = []
        self.webhook_url: str | None = None
        self.repositories: dict[int, Repo] = {}
        self.apps: dict[int, App] = {}
        self.installations: dict[int, Installation] = {}
        self.tokens: dict[str, Token] = {}
        self.access = Access(self)
        self.sign_ins = SignIns(self)
        self.manifests: dict[str, tuple[NewApp, float]] = {}
        self.downloads: dict[str, float] = {}
        self.most_tree_entries = 100_000
        self.announce_suites = False
        self._accounts: dict[str, Account] = {}
        self._names: dict[str, int] = {}
        self._ids = itertools.count(1001)
        self.faults = Faults(self)
        self.deliverer = Deliverer(self)
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.urls = Urls(self.url)
        self.api_url = self.url + API_PREFIX
        self.graphql_url = self.url + GRAPHQL_PATH
        config = uvicorn.Config(
            Gate(_application(self), self),
            log_level="critical",
            access_log=False,
            lifespan="off",
            timeout_keep_alive=3600,
        )
        self._server = Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="stand-in")

    def start(self) -> StandIn:
        """Answer requests and send webhooks from now on."""
        self._socket.listen(512)
        self._thread.start()
        self.deliverer.start()
        return self

    def stop(self) -> None:
        """End the server's threads and remove what lies on disk."""
        self.stopping.set()
        self.faults.clear()
        self.deliverer.stop()
        self._server.end()
        self._thread.join(timeout=15)
        self._socket.close()
        for repo in self.repositories.values():
            repo.git.close()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> StandIn:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def cut(self, client: tuple[str, int]) -> None:
        """Break off a client's connection. Only from the server's own loop."""
        for connection in list(self._server.server_state.connections):
            if connection.client == tuple(client):
                connection.transport.abort()

    def next_id(self) -> int:
        """A number that nothing else has."""
        return next(self._ids)

    # Accounts and Apps

    def account(self, login: str, kind: str = "User") -> Account:
        """The account with this login, made if there is none. Organisations are to be made before they are used."""
        with self.lock:
            found = self._accounts.get(login.lower())
            if found is None:
                kind = "Bot" if login.endswith("[bot]") else kind
                found = self._accounts[login.lower()] = Account(self.next_id(), login, kind)
            return found

    def known_account(self, login: str) -> Account | None:
        """The account with this login, None if there is none."""
        return self._accounts.get(login.lower())

    def organization(self, login: str) -> Account:
        """An organisation's account."""
        return self.account(login, "Organization")

    def organizations(self) -> list[Account]:
        """All organisations, oldest first."""
        with self.lock:
            return [each for each in self._accounts.values() if each.type == "Organization"]

    def account_of(self, email: str) -> Account | None:
        """Whose no-reply address this is."""
        number, _, login = email.removesuffix("@users.noreply.github.com").partition("+")
        found = self._accounts.get(login.lower())
        return found if found is not None and number == str(found.id) else None

    def app(
        self,
        id: int,  # noqa: A002
        private_key_pem: str,
        webhook_secret: str,
        slug: str = "patchwright",
        *,
        callback_urls: Iterable[str] = (),
        client_secret: str = "the client secret of the stand-in",
        owner: str = "app-owner",
    ) -> App:
        """Register an App by its private key; its JWTs are verified with the public half.

        People sign in with ``client_id`` of what comes back, ``client_secret`` and one of the ``callback_urls``.
        """
        pem = public_half(private_key_pem)
        bot = self.account(f"{slug}[bot]")
        app = App(
            id,
            slug,
            f"Iv1.{id:016x}",
            pem,
            webhook_secret,
            self.account(owner),
            bot,
            self.clock.iso(),
            client_secret=client_secret,
            callback_urls=tuple(callback_urls),
        )
        self.apps[id] = app
        return app

    def add_callback_url(self, id: int, url: str) -> None:  # noqa: A002
        """An App's owner adds an address that people may come back to after signing in."""
        app = self.apps[id]
        self.apps[id] = replace(app, callback_urls=(*app.callback_urls, url))

    # Repositories

    def create_repository(
        self,
        full_name: str,
        files: dict[str, Content] | None = None,
        default_branch: str = "main",
        *,
        private: bool = False,
        fork: bool = False,
        message: str = "First commit",
    ) -> Repo:
        """A repository with one commit of ``files``; without files it is empty. No webhook is sent."""
        owner, name = full_name.split("/")
        with self.lock:
            if self.find(full_name) is not None:
                raise ValueError(f"{full_name} exists")
            number = self.next_id()
            git = Bare.create(self.folder / f"{number}.git", default_branch)
            repo = Repo(self, number, self.account(owner), name, git, default_branch)
            repo.private, repo.fork = private, fork
            self.repositories[number] = repo
            self._names[full_name.lower()] = number
        if files:
            repo.commit(files, message)
        return repo

    def find(self, full_name: str) -> Repo | None:
        """The repository that has this name now or had it before."""
        wanted = full_name.lower().removesuffix(".git")
        with self.lock:
            old = self.repositories.get(self._names.get(wanted, 0))
            if old is not None and old.full_name.lower() == wanted:
                return old
            for repo in self.repositories.values():
                if repo.full_name.lower() == wanted:
                    self._names[wanted] = repo.id
                    return repo
            return old

    def delete_repository(self, repo: Repo) -> None:
        """An owner deletes a repository, such as a fork whose pull request is still open. No webhook is sent."""
        with self.lock:
            repo.deleted = True
            del self.repositories[repo.id]
            repo.git.close()

    # Installations

    def install(
        self,
        owner: str,
        repos: Iterable[Repo] | None = None,
        *,
        app: App | None = None,
        permissions: dict[str, str] | None = None,
        by: str = "person",
    ) -> int:
        """Install the App on an account: for ``repos``, or for all it has and will have. Sends ``installation``."""
        with self.lock:
            app = app or next(iter(self.apps.values()))
            account = self.account(owner)
            chosen = None if repos is None else {each.id for each in repos}
            rights = dict(PERMISSIONS if permissions is None else permissions)
            found = Installation(self.next_id(), app, account, chosen, rights, self.clock.iso())
            self.installations[found.id] = found
            hooks.installation(self, found, self.account(by), "created", self.repositories_of(found))
            return found.id

    def uninstall(self, installation: int, by: str = "person") -> None:
        """Remove an installation and its tokens."""
        with self.lock:
            found = self.installations[installation]
            repos = self.repositories_of(found)
            del self.installations[installation]
            hooks.installation(self, found, self.account(by), "deleted", repos)

    def suspend(self, installation: int, by: str = "person") -> None:
        """Suspend an installation: its tokens answer 403."""
        with self.lock:
            found = self.installations[installation]
            found.suspended_at = self.clock.iso()
            hooks.installation(self, found, self.account(by), "suspend", self.repositories_of(found))

    def add_repositories(self, installation: int, repos: Iterable[Repo], by: str = "person") -> None:
        """Give an installation more repositories. Sends ``installation_repositories``."""
        with self.lock:
            found, repos = self.installations[installation], list(repos)
            found.selected = (found.selected or set()) | {each.id for each in repos}
            hooks.installation_repositories(self, found, self.account(by), repos, [])

    def remove_repositories(self, installation: int, repos: Iterable[Repo], by: str = "person") -> None:
        """Take repositories from an installation. Sends ``installation_repositories``."""
        with self.lock:
            found, repos = self.installations[installation], list(repos)
            left = {each.id for each in self.repositories_of(found)} - {each.id for each in repos}
            found.selected = left
            hooks.installation_repositories(self, found, self.account(by), [], repos)

    def repositories_of(self, installation: Installation) -> list[Repo]:
        """What an installation sees, oldest first."""
        with self.lock:
            return [each for each in self.repositories.values() if installation.sees(each)]

    def installations_of(self, repo: Repo) -> list[Installation]:
        """Who hears of a repository."""
        with self.lock:
            return [each for each in self.installations.values() if each.sees(repo) and not each.suspended_at]

    # Tokens

    def create_token(
        self, installation: Installation, permissions: dict[str, str], repositories: frozenset[int] | None
    ) -> Token:
        """A new token, good for an hour."""
        expires = self.clock.time() + TOKEN_SECONDS
        token = Token(f"ghs_{secrets.token_hex(18)}", installation, permissions, repositories, expires)
        self.tokens[token.value] = token
        return token

    def expire_tokens(self) -> None:
        """None of the tokens given out so far is taken any more."""
        self.tokens.clear()

    # Webhooks

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Send a delivery again, with the same id."""
        return hooks.again(self, delivery)

    def wait_until_delivered(self) -> None:
        """Come back when every webhook so far was answered."""
        self.deliverer.wait()


def _application(github: StandIn) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.github = github
    rest.add_endpoints(app)
    smart_http.add_routes(app)
    web.add_routes(app)

    async def nothing(_request: object, _error: Exception) -> object:
        return render(Answer(not_found().body, 404), {})

    app.add_exception_handler(404, nothing)  # type: ignore[arg-type]
    app.add_exception_handler(405, nothing)  # type: ignore[arg-type]
    return app
