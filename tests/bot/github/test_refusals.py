"""What GitHub's refusals mean: statuses, headers and texts as GitHub sends them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.github.errors import GitHubError, Gone, Passing, RateLimited, Refused, Unrecognized
from bot.github.refusals import Answer, plain, refusal, said

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def error(status: int, message: object = "", in_a_row: int = 0, **headers: str) -> GitHubError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = {"message": message} if isinstance(message, str) else message
    return refusal("GET /repos/o/r", Answer(status, named, data), NOW, in_a_row)


def until(found: GitHubError) -> float:
    assert isinstance(found, RateLimited)
    return (found.until - NOW).total_seconds()


@pytest.mark.parametrize("status", [403, 429])
def test_a_limit_that_says_how_long_is_kept_to(status: int):
    assert until(error(status, "slow down", retry_after="17")) == 17
    assert until(error(status, "", retry_after="Fri, 02 Jan 2026 03:05:05 GMT")) == 60


@pytest.mark.parametrize("status", [403, 429])
def test_a_spent_budget_waits_for_the_reset(status: int):
    reset = str(int((NOW + timedelta(minutes=20)).timestamp()))
    found = error(status, "API rate limit exceeded", x_ratelimit_remaining="0", x_ratelimit_reset=reset)
    assert until(found) == 1200


def test_a_secondary_limit_without_a_time_waits_a_minute_then_longer():
    told = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    reset = str(int((NOW + timedelta(minutes=50)).timestamp()))
    left = {"x_ratelimit_remaining": "4000", "x_ratelimit_reset": reset}
    assert until(error(403, told, **left)) == 60
    assert until(error(403, told, in_a_row=1, **left)) == 120
    assert until(error(429, "", in_a_row=2)) == 240
    assert until(error(429, "", in_a_row=50)) == 3840


@pytest.mark.parametrize("value", ["", "soon", "-5", "1e400", "nan", "99999999999"])
def test_nonsense_for_a_time_is_a_wait_all_the_same(value: str):
    found = error(429, "", retry_after=value, x_ratelimit_reset=value, x_ratelimit_remaining="0")
    assert 1 <= until(found) <= 7200


def test_a_missing_permission_is_named():
    found = error(
        403,
        "Resource not accessible by integration",
        x_accepted_github_permissions="contents=write,issues=write; contents=write",
        x_ratelimit_remaining="4000",
        x_ratelimit_reset="1",
    )
    assert type(found) is Refused
    told = str(found)
    named = "contents: write and issues: write, or contents: write"
    assert told.startswith(f"the installation lacks the permission {named}"), (
        "first what is to be done about it"
    )
    assert told.endswith("(GitHub answered 403 Resource not accessible by integration to GET /repos/o/r)")


@pytest.mark.parametrize("status", [401, 403, 404, 409, 422, 429, 502])
def test_an_error_begins_with_what_it_means_and_ends_with_the_request(status: int):
    told = str(error(status, "Something or other"))
    assert told.startswith("GitHub")
    assert told.removesuffix(")").endswith(f"GitHub answered {status} Something or other to GET /repos/o/r")


def test_a_suspended_installation_may_see_nothing():
    assert type(error(403, "This installation has been suspended")) is Gone


def test_credentials_that_are_not_taken_are_told_apart():
    assert type(error(401, "Bad credentials")) is Unrecognized


def test_an_archived_repository_is_not_called_a_missing_permission():
    found = error(
        403, "Repository was archived so is read-only.", x_accepted_github_permissions="contents=write"
    )
    assert type(found) is Refused
    assert "archived" in str(found)
    assert "permission" not in str(found)


@pytest.mark.parametrize("status", [404, 410, 451])
def test_what_is_gone(status: int):
    assert isinstance(error(status, "Not Found"), Gone)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599, 408, 409, 307])
def test_what_passes(status: int):
    assert isinstance(error(status, "Server Error"), Passing)


@pytest.mark.parametrize(
    "data",
    [
        {"message": "Tree SHA does not exist"},
        {"message": "Reference update failed"},
        {"message": "Object does not exist"},
        {"message": "Validation Failed"},
        {"message": "Validation Failed", "errors": []},
        {},
        None,
        "",
        [],
    ],
)
def test_races_pass(data: Any):
    assert isinstance(refusal("POST /x", Answer(422, {}, data), NOW, 0), Passing)


@pytest.mark.parametrize(
    "data",
    [
        {"message": "Validation Failed", "errors": [{"message": "No commits between main and x"}]},
        {
            "message": "Validation Failed",
            "errors": [{"resource": "Issue", "field": "body", "code": "invalid"}],
        },
        {"message": "Validation Failed", "errors": ["body is too long"]},
        {"message": 'Invalid request.\n\n"title" wasn\'t supplied.'},
    ],
)
def test_other_bad_requests_stay(data: Any):
    found = refusal("POST /x", Answer(422, {}, data), NOW, 0)
    assert type(found) is Refused
    assert "422" in str(found)
    assert "\n" not in str(found)


@pytest.mark.parametrize(
    "data", [None, 3, "text", [], {"message": 7, "errors": {"a": []}}, {"errors": [None, 4]}]
)
def test_any_shape_of_body_is_survived(data: Any):
    assert said(data) in ("", "text") or isinstance(said(data), str)
    assert isinstance(refusal("GET /x", Answer(418, {}, data), NOW, 0), Refused)


def test_credentials_are_never_shown():
    token = "ghs_" + "a" * 36
    jwt = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.abc-def"
    shown = str(error(401, f"bad {token} and {jwt} at https://x.example/y?token=AAAA1234&z=1"))
    assert token not in shown
    assert jwt not in shown
    assert "AAAA1234" not in shown
    assert "credentials" in shown


def test_texts_are_cut_and_printable():
    assert len(plain("x" * 10_000)) < 600
    assert plain("a\x1b[31mb\u2028c\nd") == "a [31mb c d"
