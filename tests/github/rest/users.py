"""What a person's own token sees: the person, and the App's installations and repositories that they can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.rest.calls import Answer, Call, Problem, endpoint, not_found
from tests.github.rest.repositories import rights_of, user_page
from tests.github.shapes import apps as shapes
from tests.github.shapes.repositories import repository
from tests.github.sign_ins import explicit_role

if TYPE_CHECKING:
    from tests.github.people import Account
    from tests.github.registry import Installation


def _person(call: Call) -> Account:
    assert call.user is not None
    return call.user.account


@endpoint("GET", "/user", auth="user")
def get_user(call: Call) -> dict[str, Any]:
    """Get the person whose token it is."""
    return user_page(_person(call), call.urls)


def _reachable(call: Call) -> list[Installation]:
    assert call.user is not None
    return [
        each
        for each in list(call.github.installations.values())
        if each.app.id == call.user.app.id
        and (each.account == _person(call) or any(_repositories(call, each)))
    ]


def _repositories(call: Call, found: Installation) -> list[tuple[Any, str]]:
    roles = [(each, explicit_role(each, _person(call))) for each in call.github.repositories_of(found)]
    return [(each, role) for each, role in roles if role != "none"]


@endpoint("GET", "/user/installations", auth="user")
def list_installations(call: Call) -> Answer:
    """List the App's installations in which the person was given something."""
    return call.page(
        _reachable(call), lambda each: shapes.installation(each, call.urls), under="installations"
    )


@endpoint("GET", "/user/installations/{installation_id}/repositories", auth="user")
def list_repositories(call: Call) -> Answer:
    """List the repositories of an installation that the person was given, each with what they may do there."""
    number = call.number("installation_id")
    for found in _reachable(call):
        if found.id == number:
            answer = call.page(
                _repositories(call, found),
                lambda each: {**repository(each[0], call.urls), "permissions": rights_of(each[1])},
                under="repositories",
            )
            answer.body["repository_selection"] = found.selection
            return answer
    raise not_found()


@endpoint("DELETE", "/applications/{client_id}/token", auth="client")
def revoke_token(call: Call) -> Answer:
    """The App gives back a person's token."""
    assert call.app is not None
    if call.path["client_id"] != call.app.client_id:
        raise not_found()
    value = call.need("access_token")
    found = call.github.sign_ins.tokens.get(value)
    if found is None or found.app.id != call.app.id:
        raise Problem(404, "Not Found")
    del call.github.sign_ins.tokens[value]
    return Answer(status=204)
