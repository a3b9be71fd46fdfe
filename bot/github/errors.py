"""What can go wrong in talking to GitHub, by what is to be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class GitHubError(Exception):
    """Any of the below; ``str(error)`` is a sentence for the log, with no secret in it.

    ``status`` is that of GitHub's answer; None where there was none, or the error is not about one answer.
    """

    status: int | None = None


class RateLimited(GitHubError):  # noqa: N818 - named as its reader thinks of it
    """A 403 or 429 that says to wait, or the hourly budget used up: nothing before ``until`` (UTC)."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class Passing(GitHubError):  # noqa: N818 - named as its reader thinks of it
    """A 5xx, a timeout, a broken connection, or one of GitHub's known races: worth another attempt."""


class Refused(GitHubError):  # noqa: N818 - named as its reader thinks of it
    """A 4xx that stays: a permission that is missing (named), a repository that is gone or archived, a bad request."""


class Unrecognized(GitHubError):  # noqa: N818 - named as its reader thinks of it
    """A 401 though the token is new: the App's credentials or its clock are wrong, or GitHub is, for a while."""


class Gone(Refused):
    """What was asked for does not exist, or the installation may not see it (404, 410, 451), or is suspended."""


class Moved(GitHubError):  # noqa: N818 - named as its reader thinks of it
    """A compare-and-swap found another commit at the tip than expected; nothing was written."""

    def __init__(self, branch: str, expected: str | None, found: str | None) -> None:
        super().__init__(f"{branch} is at {found or 'nothing'}, not at {expected or 'nothing'}")
        self.branch, self.expected, self.found = branch, expected, found
