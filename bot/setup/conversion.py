"""The code that GitHub sends the browser back with, turned into the new App's credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from bot.settings import AppCredentials, Operator

if TYPE_CHECKING:
    from bot.setup.manifest import Choice

SECONDS = 20.0
"""How long GitHub may take to answer."""

_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": "patchwright",
}


class NotConverted(Exception):  # noqa: N818 - what did not happen
    """GitHub gave no credentials for the code; ``str(error)`` is a sentence that says why and what to do.

    ``again``: the same code may be good for another attempt.
    """

    def __init__(self, message: str, *, again: bool) -> None:
        super().__init__(message)
        self.again = again


def convert(operator: Operator, choice: Choice, code: str) -> AppCredentials:
    """The credentials of the App that GitHub made; GitHub gives them once. Raises NotConverted.

    Asks ``POST /app-manifests/{code}/conversions``, which takes no sign-in, within an hour of the App's making.
    """
    address = f"{operator.api_url}/app-manifests/{quote(code, safe='')}/conversions"
    try:
        answer = httpx.post(address, headers=_HEADERS, timeout=SECONDS, follow_redirects=False)
    except httpx.TimeoutException:
        raise NotConverted(
            f"GitHub's API at {operator.api_url} did not answer within {SECONDS:g} seconds. Try again.",
            again=True,
        ) from None
    except httpx.HTTPError as error:
        raise NotConverted(
            f"GitHub's API at {operator.api_url} cannot be reached ({type(error).__name__}): this machine needs a way "
            "to it. Try again when it has one.",
            again=True,
        ) from None
    return _read(operator, choice, answer)


def _read(operator: Operator, choice: Choice, answer: httpx.Response) -> AppCredentials:
    data = _object(answer)
    if answer.status_code == 201 and data is not None:
        return _credentials(operator, choice, data)
    if answer.status_code in {403, 429} or answer.status_code >= 500:
        raise NotConverted(
            f"GitHub answered {answer.status_code}, which should pass. Try again in a minute.", again=True
        )
    if data is None or "message" not in data or answer.status_code not in {404, 422}:
        raise NotConverted(
            f"{operator.api_url} answered {answer.status_code}, and not as GitHub's API does: check "
            "PATCHWRIGHT_GITHUB_URL and PATCHWRIGHT_GITHUB_API_URL, restart, and set up again.",
            again=False,
        )
    raise NotConverted(
        f"GitHub's API at {operator.api_url} does not know the code: it holds for one hour, can be used once, and only "
        "at the GitHub that made it. Delete the App that was made, if it is there, and create it again; if that is "
        f"not the API of {operator.github_url}, set PATCHWRIGHT_GITHUB_API_URL before.",
        again=False,
    )


def _credentials(operator: Operator, choice: Choice, data: dict[str, Any]) -> AppCredentials:
    owner = data.get("owner") if isinstance(data.get("owner"), dict) else {}
    own = (str(owner["login"]).lower(),) if owner and owner.get("type") == "User" else ()
    found = {
        "github_url": operator.github_url,
        "app_id": data.get("id"),
        **{
            name: data.get(name)
            for name in ("slug", "html_url", "webhook_secret", "client_id", "client_secret")
        },
        "private_key": data.get("pem"),
        "public_url": choice.public_url,
        "operators": choice.operators or own,
    }
    lacking = [name for name, value in found.items() if value is None]
    try:
        app = AppCredentials.model_validate(found)
    except ValidationError as error:  # its message may hold a secret
        wrong = {str(each["loc"][0]) for each in error.errors()}
        lacking = sorted(wrong.union(lacking))
    if lacking:
        raise NotConverted(
            f"GitHub's answer has no {', '.join(lacking)} that can be used: delete the App on GitHub, and set up by "
            "hand as docs/operators.md says.",
            again=False,
        )
    return app


def _object(answer: httpx.Response) -> dict[str, Any] | None:
    try:
        data = answer.json()
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
