"""Commits, changed files and refs as GitHub writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.github.clock import iso
from tests.github.diffs import MOST_FILES_COMPARED, patches
from tests.github.people import simple_user

if TYPE_CHECKING:
    from tests.github.diffs import ChangedFile
    from tests.github.people import Account
    from tests.github.repositories import Repo
    from tests.github.urls import Urls

_STATUS = {"A": "added", "D": "removed", "M": "modified", "T": "changed", "R": "renamed"}
_PERSON = re.compile(r"(.*?) ?<(.*)> (\d+) ([+-]\d{4})$", re.DOTALL)


@dataclass(frozen=True)
class Parsed:
    """A commit object, read."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: dict[str, str]
    committer: dict[str, str]
    message: str


def parse_commit(sha: str, data: bytes) -> Parsed:
    """Read a commit object."""
    head, _, message = data.decode("utf-8", "replace").partition("\n\n")
    lines = [line.split(" ", 1) for line in head.split("\n") if not line.startswith(" ")]
    first = dict(reversed(lines))
    parents = tuple(line[1] for line in lines if line[0] == "parent")
    who = [_person(first[each]) for each in ("author", "committer")]
    return Parsed(sha, first["tree"], parents, who[0], who[1], message.removesuffix("\n"))


def _person(line: str) -> dict[str, str]:
    match = _PERSON.match(line)
    assert match is not None, line
    return {"name": match[1], "email": match[2], "date": iso(int(match[3]))}


def read_commit(repo: Repo, name: str) -> Parsed | None:
    """The commit that a revision names."""
    found = repo.git.contents(f"{name}^{{commit}}")
    return None if found is None else parse_commit(found[0], found[2])


def _verification(repo: Repo, sha: str, committer: dict[str, str]) -> dict[str, Any]:
    verified = sha in repo.verified
    return {
        "verified": verified,
        "reason": "valid" if verified else "unsigned",
        "signature": "-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----" if verified else None,
        "payload": f"commit {sha}" if verified else None,
        "verified_at": committer["date"] if verified else None,
    }


def git_commit(repo: Repo, commit: Parsed, urls: Urls) -> dict[str, Any]:
    """GitHub's ``git-commit``."""
    api, html = f"/repos/{repo.full_name}/git", f"/{repo.full_name}/commit"
    return {
        "sha": commit.sha,
        "node_id": f"C_{repo.id}_{commit.sha}",
        "url": urls.api(f"{api}/commits/{commit.sha}"),
        "html_url": urls.html(f"{html}/{commit.sha}"),
        "author": commit.author,
        "committer": commit.committer,
        "tree": {"sha": commit.tree, "url": urls.api(f"{api}/trees/{commit.tree}")},
        "message": commit.message,
        "parents": [
            {
                "sha": each,
                "url": urls.api(f"{api}/commits/{each}"),
                "html_url": urls.html(f"{html}/{each}"),
            }
            for each in commit.parents
        ],
        "verification": _verification(repo, commit.sha, commit.committer),
    }


def full_commit(
    repo: Repo, commit: Parsed, urls: Urls, files: list[ChangedFile] | None = None
) -> dict[str, Any]:
    """GitHub's ``commit``; with ``files``, those and the sums."""
    api, html = f"/repos/{repo.full_name}", f"/{repo.full_name}/commit"
    body: dict[str, Any] = {
        "sha": commit.sha,
        "node_id": f"C_{repo.id}_{commit.sha}",
        "commit": {
            "author": commit.author,
            "committer": commit.committer,
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": urls.api(f"{api}/git/trees/{commit.tree}")},
            "url": urls.api(f"{api}/git/commits/{commit.sha}"),
            "comment_count": 0,
            "verification": _verification(repo, commit.sha, commit.committer),
        },
        "url": urls.api(f"{api}/commits/{commit.sha}"),
        "html_url": urls.html(f"{html}/{commit.sha}"),
        "comments_url": urls.api(f"{api}/commits/{commit.sha}/comments"),
        "author": _account(repo, commit.author["email"], urls),
        "committer": _account(repo, commit.committer["email"], urls),
        "parents": [
            {"sha": each, "url": urls.api(f"{api}/commits/{each}"), "html_url": urls.html(f"{html}/{each}")}
            for each in commit.parents
        ],
    }
    if files is not None:
        added, deleted = sum(each[2] for each in files), sum(each[3] for each in files)
        body["stats"] = {"total": added + deleted, "additions": added, "deletions": deleted}
        body["files"] = diff_entries(
            repo, (commit.parents or (None,))[0], commit.sha, files[:MOST_FILES_COMPARED], urls
        )
    return body


def _account(repo: Repo, email: str, urls: Urls) -> dict[str, Any] | None:
    found: Account | None = repo.github.account_of(email)
    return None if found is None else simple_user(found, urls)


def diff_entries(
    repo: Repo, old: str | None, new: str, files: list[ChangedFile], urls: Urls
) -> list[dict[str, Any]]:
    """GitHub's ``diff-entry`` for each changed file, with its patch if it has one."""
    patch = patches(repo.git, old, new, files) if old and files else {}
    entries = []
    for each in files:
        at = old if each.letter == "D" else new
        found = repo.git.info(f"{at}:{each.path}")
        entries.append(
            {
                "sha": found[0] if found else None,
                "filename": each.path,
                "status": _STATUS[each.letter],
                "additions": each.added,
                "deletions": each.deleted,
                "changes": each.added + each.deleted,
                "blob_url": urls.html(f"/{repo.full_name}/blob/{at}/{each.path}"),
                "raw_url": urls.html(f"/{repo.full_name}/raw/{at}/{each.path}"),
                "contents_url": urls.api(f"/repos/{repo.full_name}/contents/{each.path}?ref={at}"),
                **({"patch": patch[each.path]} if each.path in patch else {}),
                **({"previous_filename": each.previous} if each.previous else {}),
            }
        )
    return entries


def git_ref(repo: Repo, ref: str, sha: str, urls: Urls, kind: str = "commit") -> dict[str, Any]:
    """GitHub's ``git-ref``; its address is below ``git/refs/`` whatever it was asked by."""
    api = f"/repos/{repo.full_name}/git"
    return {
        "ref": ref,
        "node_id": f"REF_{repo.id}_{ref}",
        "url": urls.api(f"{api}/{ref}"),
        "object": {"sha": sha, "type": kind, "url": urls.api(f"{api}/{kind}s/{sha}")},
    }
