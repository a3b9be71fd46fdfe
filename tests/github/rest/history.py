"""Commits in a row, comparisons, files and archives."""

from __future__ import annotations

import base64
import secrets
from typing import Any
from urllib.parse import quote

from tests.github.diffs import MOST_FILES_COMPARED
from tests.github.forks import in_network
from tests.github.rest.calls import Answer, Call, Problem, endpoint, not_found
from tests.github.shapes.commits import Parsed, diff_entries, full_commit, parse_commit, read_commit
from tests.github.shapes.issues import pull_simple
from tests.github.urls import CODELOAD_PREFIX

LARGEST_FILE = 100 * 1024 * 1024
LARGEST_INLINE = 1024 * 1024


def _commit(call: Call, name: str) -> Parsed:
    found = None if name.startswith("-") else read_commit(call.repo, name)
    if found is None:
        raise Problem(422, f"No commit found for SHA: {name}")
    return found


@endpoint("GET", "/repos/{owner}/{repo}/commits", "contents=read")
def list_commits(call: Call) -> Answer:
    """List commits from ``sha`` back, those that touched ``path``."""
    if call.repo.empty:
        raise Problem(409, "Git Repository is empty.")
    start = call.query.get("sha") or call.repo.default_branch
    tip = call.repo.git.commit_of(start)
    if tip is None or start.startswith("-"):
        raise Problem(404, "Not Found")
    path = ["--", call.query["path"]] if call.query.get("path") else []
    options = [f"--{name}={call.query[name]}" for name in ("since", "until", "author") if name in call.query]
    shas = call.repo.git.text("rev-list", *options, tip, *path).split()
    return call.page(shas, lambda sha: full_commit(call.repo, _commit(call, sha), call.urls))


@endpoint("GET", "/repos/{owner}/{repo}/commits/{ref:path}", "contents=read")
def get_commit(call: Call) -> Answer:
    """Get a commit with its changed files."""
    commit = _commit(call, call.path["ref"])
    if ".sha" in call.request.headers.get("accept", ""):
        return Answer(commit.sha.encode(), type="application/vnd.github.sha; charset=utf-8")
    old = commit.parents[0] if commit.parents else "0" * 40
    files = call.repo.changed_files(old, commit.sha)
    return Answer(full_commit(call.repo, commit, call.urls, files))


@endpoint("GET", "/repos/{owner}/{repo}/commits/{ref:path}/pulls", "pull_requests=read")
def list_pulls_of_commit(call: Call) -> Answer:
    """List the pull requests that hold a commit.

    Those of forks are known to the fork only: asked by the base repository they are missing.
    [github.com/TooTallNate/nx.js/pull/410]
    """
    sha = _commit(call, call.path["ref"]).sha
    repo, git = call.repo, call.repo.git
    found = [
        pull
        for pull in (*repo.pulls, *(repo.parent.pulls if repo.parent else ()))
        if pull.head_repository is repo
        and git.info(pull.head_sha)
        and git.is_ancestor(sha, pull.head_sha)
        and not git.is_ancestor(sha, pull.base_sha)
    ]
    return call.page(found, lambda pull: pull_simple(pull, call.urls))


@endpoint("GET", "/repos/{owner}/{repo}/compare/{basehead:path}", "contents=read")
def compare(call: Call) -> Answer:
    """Compare two commits: ``base...head``, each perhaps ``owner:branch``; the files are on the first page."""
    base_name, dots, head_name = call.path["basehead"].partition("...")
    git, repo, urls = call.repo.git, call.repo, call.urls
    base, head = _compared(call, base_name), _compared(call, head_name)
    if not dots or base is None or head is None:
        raise not_found()
    if not git.succeeds("merge-base", base, head):
        raise Problem(404, f"No common ancestor between {base_name} and {head_name}.")
    start, files, _ = repo.span(base, head)
    ahead = git.text("rev-list", "--reverse", f"{base}..{head}").split()
    behind = int(git.text("rev-list", "--count", f"{head}..{base}"))
    status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    html = urls.html(f"/{repo.full_name}/compare/{base_name}...{head_name}")
    paged = {"page", "per_page"} & call.query.keys()
    page = call.page(ahead) if paged else Answer(ahead[:250])
    first = not paged or call.query.get("page", "1") == "1"
    page.body = {
        "url": urls.api(f"/repos/{repo.full_name}/compare/{base_name}...{head_name}"),
        "html_url": html,
        "permalink_url": urls.html(f"/{repo.full_name}/compare/{base[:12]}...{head[:12]}"),
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "base_commit": full_commit(repo, _commit(call, base), urls),
        "merge_base_commit": full_commit(repo, _commit(call, start), urls),
        "status": status.get((bool(ahead), bool(behind)), "diverged"),
        "ahead_by": len(ahead),
        "behind_by": behind,
        "total_commits": len(ahead),
        "commits": [full_commit(repo, _commit(call, each), urls) for each in page.body],
        "files": diff_entries(repo, start, head, files[:MOST_FILES_COMPARED], urls) if first else [],
    }
    return page


def _compared(call: Call, name: str) -> str | None:
    """A side of a comparison; one of a fork is fetched, as all forks share their objects at GitHub."""
    owner, colon, branch = name.rpartition(":")
    repo = call.repo if not colon else in_network(call.repo, owner)
    sha = None if repo is None or branch.startswith("-") else repo.git.commit_of(branch)
    if repo is not None and sha is not None and repo is not call.repo:
        call.repo.take_objects(repo, sha)
    return sha


@endpoint("GET", "/repos/{owner}/{repo}/contents/{path:path}", "contents=read")
def get_contents(call: Call) -> Answer:
    """Get a file, as JSON or raw, or list a folder."""
    path = call.path["path"].strip("/")
    ref = call.query.get("ref") or call.repo.default_branch
    commit = None if ref.startswith("-") else call.repo.git.commit_of(ref)
    if call.repo.empty:
        raise Problem(404, "This repository is empty.")
    if commit is None:
        raise Problem(404, f"No commit found for the ref {ref}")
    found = call.repo.git.info(f"{commit}:{path}")
    if found is None:
        raise not_found()
    sha, kind, size = found
    if kind == "tree":
        entries = call.repo.git.list_tree(sha, recursive=False)
        prefix = f"{path}/" if path else ""
        return Answer(
            [_entry(call, prefix + e.path, e.sha, e.size or 0, _kind(e.mode), ref) for e in entries]
        )
    mode = call.repo.git.text("ls-tree", commit, "--", path).split(" ", 1)[0]
    data = call.repo.git.contents(sha)
    if kind == "commit" or data is None:
        return Answer({**_entry(call, path, sha, 0, "submodule", ref), "submodule_git_url": None})
    if size > LARGEST_FILE:
        raise Problem(403, "This API returns blobs up to 100 MB in size.")
    if ".raw" in call.request.headers.get("accept", ""):
        return Answer(data[2], type="application/vnd.github.raw; charset=utf-8")
    entry = _entry(call, path, sha, size, _kind(mode), ref)
    if mode == "120000":
        return Answer({**entry, "target": data[2].decode()})
    inline = size <= LARGEST_INLINE
    content = base64.encodebytes(data[2]).decode() if inline else ""
    return Answer({**entry, "content": content, "encoding": "base64" if inline else "none"})


def _kind(mode: str) -> str:
    return {"040000": "dir", "160000": "submodule", "120000": "symlink"}.get(mode, "file")


def _entry(call: Call, path: str, sha: str, size: int, kind: str, ref: str) -> dict[str, Any]:
    name, urls = call.repo.full_name, call.urls
    url = urls.api(f"/repos/{name}/contents/{path}?ref={ref}")
    git = urls.api(f"/repos/{name}/git/{'trees' if kind in {'dir', 'submodule'} else 'blobs'}/{sha}")
    html = urls.html(f"/{name}/{'tree' if kind == 'dir' else 'blob'}/{ref}/{path}")
    raw = urls.html(f"/{name}/raw/{ref}/{path}") if kind in {"file", "symlink"} else None
    return {
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": sha,
        "size": size,
        "url": url,
        "html_url": html,
        "git_url": git,
        "download_url": raw,
        "type": kind,
        "_links": {"self": url, "git": git, "html": html},
    }


@endpoint("GET", "/repos/{owner}/{repo}/tarball/{ref:path}", "contents=read", empty_ok=True)
def get_tarball(call: Call) -> Answer:
    """Say where the archive is: a link that is good for five minutes."""
    ref = call.path["ref"] or call.repo.default_branch
    if ref.startswith("-") or call.repo.git.commit_of(ref) is None:
        raise not_found()
    pass_ = secrets.token_hex(12)
    call.github.downloads[pass_] = call.github.clock.time() + 300
    path = f"{CODELOAD_PREFIX}/{call.repo.full_name}/legacy.tar.gz/{quote(ref, safe='/')}?token={pass_}"
    return Answer(status=302, headers={"Location": call.urls.root + path})


def list_of_commits(call: Call, shas: list[str]) -> Answer:
    """A page of commits."""
    return call.page(shas, lambda sha: full_commit(call.repo, parse(call, sha), call.urls))


def parse(call: Call, sha: str) -> Parsed:
    """A commit that is known to exist."""
    found = call.repo.git.contents(sha)
    assert found is not None
    return parse_commit(found[0], found[2])
