"""What pull requests change, and which of them have a commit as their head."""

from __future__ import annotations

from itertools import islice
from typing import Any
from urllib.parse import quote

from bot.github.answers import items, number, text, text_or_empty
from bot.github.errors import Gone, Passing, RateLimited, Refused
from bot.github.model import Comparison, FileChange, PullInfo
from bot.github.operations import calls
from bot.github.pulls import Pulls, read_pull

_MOST_COMPARED = 300
"""As many files as a comparison names. [REST, compare two commits]"""


class Changes(Pulls):
    """Comparisons of commits, and the files of pull requests."""

    @calls("repos/compare-commits-with-basehead")
    def compare(self, base: str, head: str) -> Comparison:
        """What ``head`` has that ``base`` has not; both are SHAs, a fork's too.

        Raises Passing for commits that GitHub does not know (yet), Gone where they have no common ancestor.
        """
        path = self._at(f"/compare/{quote(base, safe='')}...{quote(head, safe='')}")
        try:
            data = self._requests.get(
                path, per_page=1, page=1
            )  # of the commits: all files are on the first page
        except Gone as error:
            if "common ancestor" in str(error):
                raise
            raise Passing(f"{error}: not there yet, or no longer") from None
        files = tuple(_file(each) for each in items(data, "files"))
        return Comparison(
            merge_base=text(data, "merge_base_commit", "sha"),
            files=files,
            ahead=number(data, "ahead_by"),
            behind=number(data, "behind_by"),
            truncated=len(files) >= _MOST_COMPARED,
        )

    @calls("pulls/list-files")
    def pull_files(self, number: int, most: int | None = None) -> tuple[FileChange, ...]:
        """The files that a pull request changes; GitHub names at most 3,000. [REST, list pull requests files]

        ``most``: the first so many are enough.
        """
        found = self._requests.pages(self._at(f"/pulls/{number}/files"))
        return tuple(_file(each) for each in islice(found, most))

    @calls("repos/list-pull-requests-associated-with-commit")
    def pulls_with_head(self, sha: str) -> list[PullInfo]:
        """The open pull requests whose head is ``sha``, newest first.

        GitHub connects commits of forks with no pull request in some places: where it names none, all open ones are
        looked through.
        """
        try:
            found = [
                read_pull(each)
                for each in self._requests.pages(self._at(f"/commits/{quote(sha, safe='')}/pulls"))
            ]
        except RateLimited:
            raise
        except (Gone, Refused, Passing) as error:
            if not isinstance(error, Gone) and error.status not in (409, 422):
                raise
            found = []
        return _with_head(found, sha) or _with_head(self._open_pulls(), sha)

    @calls("pulls/list")
    def _open_pulls(self) -> list[PullInfo]:
        return [read_pull(each) for each in self._requests.pages(self._at("/pulls"), state="open")]


def _with_head(pulls: list[PullInfo], sha: str) -> list[PullInfo]:
    found = (each for each in pulls if each.open and each.head_sha == sha)
    return sorted(found, key=lambda each: -each.number)


def _file(data: Any) -> FileChange:
    return FileChange(
        path=text(data, "filename"),
        status=text(data, "status"),
        previous_path=text_or_empty(data, "previous_filename"),
        patch=text_or_empty(data, "patch"),
    )
