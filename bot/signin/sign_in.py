"""What signing in needs, for one process: who is signed in in a browser, and what they may see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.settings.session_key import session_key
from bot.signin.attempts import Attempts
from bot.signin.begun import States
from bot.signin.cookies import Cookie, derived, hashed, new_id
from bot.signin.viewer import Viewer
from bot.store import sessions
from bot.store.sessions import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.settings import Settings
    from bot.store.database import Database

AFTER_A_FORM = timedelta(seconds=20)
"""How long a form may take."""

_OWN_MACHINE = {"localhost", "127.0.0.1", "::1"}


class SignInUnavailable(Exception):  # noqa: N818 - what is the case
    """Nobody can sign in, because a setting is missing; ``str(error)`` says which, in plain text."""


class SignIn:
    """Kept in ``Pages.sign_in``. Safe for several threads. Raises OSError where the session key cannot be kept."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.key = session_key(settings)
        https = (settings.public_url or "").startswith("https:")
        self.cookie = Cookie("session", self.key, https=https)
        self.browser = Cookie("browser", self.key, https=https)
        self.states = States(self.key)
        self.attempts = Attempts()

    def origin(self, request: Request) -> str:
        """Scheme, host and port that people reach the pages at. Raises SignInUnavailable.

        Without the setting ``public_url`` it is what the request says, on the service's own machine only: elsewhere a
        page could be made to answer under a name that somebody else chose.
        """
        if not self.settings.can_sign_in:
            raise SignInUnavailable(
                "The App's client id and client secret are not set: PATCHWRIGHT_CLIENT_ID and "
                "PATCHWRIGHT_CLIENT_SECRET, both from the App's settings on GitHub."
            )
        if self.settings.public_url is not None:
            return self.settings.public_url
        host = request.headers.get("host", "")
        try:
            named = urlsplit(f"//{host}")
            own = (
                named.hostname in _OWN_MACHINE
                and named.netloc == host
                and "@" not in host
                and named.port != 0
            )
        except ValueError:
            own = False
        if not own:
            raise SignInUnavailable(
                "PATCHWRIGHT_PUBLIC_URL is not set: the address that people reach this service at, such as "
                "https://patchwright.example.com. Without it, people can sign in on the service's own machine only."
            )
        return f"http://{host}"

    def session(self, request: Request) -> Session | None:
        """The session of the request's browser, if it has one that holds."""
        id_ = self.cookie.read(request)
        if id_ is None:
            return None
        with self.database.read() as connection:
            return sessions.read(connection, hashed(id_), datetime.now(UTC))

    def is_stale(self, session: Session, *, form: bool = False) -> bool:
        """Whether GitHub is to be asked again what the person sees. What operators see does not depend on that.

        For a ``form`` that is a little sooner than for a page: the page that it leads to must not go by GitHub, since
        browsers hold redirects after a form against the policy that says where forms may lead.
        """
        if self.is_operator(session.login, session.github_id):
            return False
        good_for = timedelta(minutes=self.settings.visibility_minutes) - (
            AFTER_A_FORM if form else timedelta(0)
        )
        return datetime.now(UTC) - session.checked_at >= good_for

    def is_operator(self, login: str, github_id: int) -> bool:
        """Whether the setting ``operators`` names this account: its login, and its number where one stands beside it.

        A login alone is whoever's it is today: who gives theirs up leaves it to anybody.
        """
        return any(
            named == login.lower() and number in {"", str(github_id)}
            for named, _, number in (each.lower().partition(":") for each in self.settings.operators)
        )

    def viewer(self, session: Session) -> Viewer:
        """Who looks at a page in this session."""
        return Viewer(
            login=session.login,
            operator=self.is_operator(session.login, session.github_id),
            repositories=session.repositories,
            github_id=session.github_id,
            csrf=derived(self.key, "csrf", session.id_hash),
        )

    def begin(
        self,
        request: Request,
        response: Response,
        github_id: int,
        login: str,
        repositories: Mapping[int, bool],
        *,
        again: bool,
    ) -> None:
        """Sign a person in: in a new session, whatever the browser had before.

        ``again``: what they see was only read again. Then a session of the same person goes on until it would have
        ended, and the forms that are open in other tabs still hold.
        """
        now = datetime.now(UTC)
        before = self.session(request)
        goes_on = again and before is not None and before.github_id == github_id
        id_ = self.cookie.read(request) if goes_on else None
        id_ = id_ or new_id()
        created = before.created_at if before is not None and goes_on else now
        ends = created + timedelta(minutes=self.settings.session_minutes)
        session = Session(
            id_hash=hashed(id_),
            github_id=github_id,
            login=login,
            repositories=dict(repositories),
            created_at=created,
            checked_at=now,
            expires_at=ends,
        )
        with self.database.write() as connection:
            sessions.clean_up(connection, now)
            if before is not None and not goes_on:
                sessions.end(connection, before.id_hash)
            sessions.keep(connection, session)
        self.cookie.write(response, id_, max(1, int((ends - now).total_seconds())))

    def end(self, request: Request, response: Response) -> None:
        """Sign the browser out."""
        id_ = self.cookie.read(request)
        if id_ is not None:
            with self.database.write() as connection:
                sessions.end(connection, hashed(id_))
        self.cookie.delete(response)


def sign_in_of(request: Request) -> SignIn:
    """What signing in needs, from the application that the request is for."""
    found: SignIn = request.app.state.pages.sign_in
    return found
