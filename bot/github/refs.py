"""Branches: looking at them, and moving them by compare-and-swap only."""

from __future__ import annotations

from urllib.parse import quote

from bot.github.answers import items, text
from bot.github.errors import GitHubError, Moved, Passing, RateLimited, Refused
from bot.github.git_data import GitData
from bot.github.operations import calls

_NOTHING = "0" * 40
_UPDATE = "mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"


class Refs(GitData):
    """The repository's branches."""

    @calls("git/get-ref")
    def branch_tip(self, branch: str) -> str | None:
        """The commit at the tip of a branch; None where there is no such branch."""
        return self._tip(self.full_name, branch)

    @calls("git/list-matching-refs")
    def branches_below(self, prefix: str) -> dict[str, str]:
        """The tips of all branches whose names begin with ``prefix``, by name."""
        found = self._requests.get(self._at(f"/git/matching-refs/heads/{quote(prefix)}"))
        return {
            text(each, "ref").removeprefix("refs/heads/"): text(each, "object", "sha")
            for each in items(found)
        }

    @calls("git/create-ref")
    def create_branch(self, branch: str, sha: str) -> None:
        """A new branch at ``sha``; nothing if it is there already. Raises Moved if it is elsewhere.

        Raises Refused where a branch called like one of its folders stands in the way.
        """
        try:
            self._requests.write("POST", self._at("/git/refs"), {"ref": f"refs/heads/{branch}", "sha": sha})
        except RateLimited:
            raise
        except (Passing, Refused) as error:
            found = self.branch_tip(branch)
            if found == sha:
                return
            if found is not None:
                raise Moved(branch, None, found) from error
            self._look_for_obstacle(branch, error)
            raise

    def _look_for_obstacle(self, branch: str, error: GitHubError) -> None:
        if error.status != 422:
            return
        folders = branch.split("/")[:-1]
        for length in range(1, len(folders) + 1):
            above = "/".join(folders[:length])
            if self.branch_tip(above) is not None:
                raise Refused(
                    f"the branch {branch} cannot be made: a branch called {above} is in its way; rename that one"
                ) from error

    def move_branch(self, branch: str, before: str, after: str) -> None:
        """Moves a branch from ``before`` to ``after``, fast-forward or not. Raises Moved if it is not at ``before``."""
        self._swap(branch, before, after)

    def delete_branch(self, branch: str, before: str) -> None:
        """Deletes a branch; nothing if it is gone. Raises Moved if it is not at ``before``."""
        self._swap(branch, before, None)

    @calls("graphql/updateRefs")
    def _swap(self, branch: str, before: str, after: str | None) -> None:
        """REST has no compare-and-swap: what a person pushed in between would be lost without ``beforeOid``."""
        update = {
            "name": f"refs/heads/{branch}",
            "beforeOid": before,
            "afterOid": after or _NOTHING,
            "force": True,
        }
        variables = {"input": {"repositoryId": self.repository().node_id, "refUpdates": [update]}}
        try:
            self._requests.mutate(_UPDATE, variables)
        except RateLimited:
            raise
        except (Passing, Refused) as error:
            # The words of a mismatch are not documented, and a 502 may come after the effect: the tip tells.
            found = self.branch_tip(branch)
            if found == after:
                return
            if found != before:
                raise Moved(branch, before, found) from error
            raise
