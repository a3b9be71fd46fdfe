"""Git data: blobs, trees, commits and refs, on the real repository."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from typing import Any

from tests.github.bare import ZERO, Bare, GitError, Signature, TreeEntry
from tests.github.pulling import GITHUB
from tests.github.rest.calls import Answer, Call, Problem, endpoint, invalid, not_found
from tests.github.shapes.commits import git_commit, git_ref, read_commit

MOST_ENTRIES = 100_000
_SHA = re.compile(r"[0-9a-f]{40}")
_MODES = {"100644": "blob", "100755": "blob", "120000": "blob", "040000": "tree", "160000": "commit"}


def sha_in(text: str) -> str:
    """A full SHA. Raises Problem (422)."""
    if not _SHA.fullmatch(text):
        raise Problem(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].")
    return text


@endpoint("GET", "/repos/{owner}/{repo}/git/blobs/{sha}", "contents=read")
def get_blob(call: Call) -> Answer:
    """Get a blob, as JSON with base64 or raw."""
    found = call.repo.git.contents(sha_in(call.path["sha"]))
    if found is None or found[1] != "blob":
        raise not_found()
    sha, _, data = found
    if ".raw" in call.request.headers.get("accept", ""):
        return Answer(data, type="application/vnd.github.raw; charset=utf-8")
    return Answer(
        {
            "sha": sha,
            "node_id": f"B_{call.repo.id}_{sha}",
            "size": len(data),
            "url": call.urls.api(f"/repos/{call.repo.full_name}/git/blobs/{sha}"),
            "content": base64.encodebytes(data).decode(),
            "encoding": "base64",
        }
    )


@endpoint("POST", "/repos/{owner}/{repo}/git/blobs", "contents=write", empty_ok=False)
def create_blob(call: Call) -> Answer:
    """Create a blob."""
    content = call.need("content")
    encoding = call.json.get("encoding", "utf-8")
    try:
        data = base64.b64decode(content) if encoding == "base64" else content.encode()
    except (binascii.Error, ValueError):
        raise Problem(422, "Invalid request.\n\nContent is not valid Base64") from None
    sha = call.repo.git.write_blob(data)
    url = call.urls.api(f"/repos/{call.repo.full_name}/git/blobs/{sha}")
    return Answer({"sha": sha, "url": url}, 201, {"Location": url})


@lru_cache(maxsize=64)
def _listing(git: Bare, tree: str, recursive: bool) -> tuple[list[TreeEntry], bool]:
    entries = git.list_tree(tree, recursive=recursive)
    return entries[:MOST_ENTRIES], len(entries) > MOST_ENTRIES


def _tree(call: Call, tree: str, recursive: bool) -> dict[str, Any]:
    entries, truncated = _listing(call.repo.git, tree, recursive)
    most = call.github.most_tree_entries
    root = call.urls.api(f"/repos/{call.repo.full_name}/git")
    listed = []
    for each in entries[:most]:
        entry: dict[str, Any] = {"path": each.path, "mode": each.mode, "type": each.type, "sha": each.sha}
        if each.size is not None:
            entry["size"] = each.size
        if each.type != "commit":
            entry["url"] = f"{root}/{each.type}s/{each.sha}"
        listed.append(entry)
    return {
        "sha": tree,
        "url": f"{root}/trees/{tree}",
        "tree": listed,
        "truncated": truncated or len(entries) > most,
    }


@endpoint("GET", "/repos/{owner}/{repo}/git/trees/{sha:path}", "contents=read")
def get_tree(call: Call) -> dict[str, Any]:
    """Get a tree by its SHA, a commit's or a branch's name."""
    name = call.path["sha"]
    found = call.repo.git.info(f"{name}^{{tree}}")
    if found is None or name.startswith("-"):
        raise not_found()
    return _tree(call, found[0], call.query.get("recursive") not in {None, ""})


@endpoint("POST", "/repos/{owner}/{repo}/git/trees", "contents=write")
def create_tree(call: Call) -> Answer:
    """Create a tree, on another one if ``base_tree`` is given."""
    git = call.repo.git
    changes = call.need("tree", list)
    base = call.json.get("base_tree")
    if base is not None and (found := git.info(f"{base}^{{tree}}")) is None:
        raise Problem(404, "Not Found")
    node: dict[str, Any] = {}
    for change in changes:
        _place(git, node, change)
    tree = _write(git, found[0] if base is not None and found else None, node)
    if tree is None:
        raise Problem(422, "GitRPC::BadObjectState")
    return Answer(_tree(call, tree, recursive=False), 201)


def _place(git: Bare, node: dict[str, Any], change: Any) -> None:
    path, mode, sha = (change.get(each) for each in ("path", "mode", "sha"))
    parts = path.split("/") if isinstance(path, str) else []
    if not parts or any(each in {"", ".", "..", ".git"} for each in parts):
        raise Problem(422, "tree.path contains a malformed path component")
    if mode not in _MODES:
        raise Problem(422, "Must supply a valid tree.mode")
    if "sha" in change and "content" in change:
        raise Problem(422, "Must supply either tree.sha or tree.content")
    if "sha" not in change and "content" not in change:
        raise Problem(422, "Must supply tree.sha or tree.content")
    kind = _MODES[mode]
    leaf: tuple[str, str, str] | None = None
    if "content" in change:
        leaf = (mode, "blob", git.write_blob(change["content"].encode()))
    elif sha is not None:
        found = git.info(sha) if isinstance(sha, str) else None
        if kind != "commit" and (found is None or found[1] != kind):
            raise Problem(422, f"tree.sha {sha} is not a valid {kind}")
        leaf = (mode, kind, sha)
    for part in parts[:-1]:
        below = node.setdefault(part, {})
        if not isinstance(below, dict):
            below = node[part] = {}
        node = below
    node[parts[-1]] = leaf


def _write(git: Bare, base: str | None, node: dict[str, Any]) -> str | None:
    """A tree with the changes of ``node`` on ``base``; None if nothing is left in it."""
    kept: dict[str, tuple[str, str, str]] = {}
    if base is not None:
        kept = {each.path: (each.mode, each.type, each.sha) for each in git.list_tree(base, recursive=False)}
    for name, change in node.items():
        if isinstance(change, dict):
            old = kept.get(name)
            below = _write(git, old[2] if old is not None and old[1] == "tree" else None, change)
            change = None if below is None else ("040000", "tree", below)  # noqa: PLW2901 - the folder, written
        if change is None:
            if name not in kept:
                if not isinstance(node[name], dict):
                    raise Problem(422, "GitRPC::BadObjectState")
                continue
            del kept[name]
        else:
            kept[name] = change
    if not kept:
        return None
    lines = (f"{mode} {kind} {sha}\t{name}\0" for name, (mode, kind, sha) in kept.items())
    return git.text("mktree", "-z", "--missing", data="".join(lines).encode("utf-8", "surrogateescape"))


@endpoint("GET", "/repos/{owner}/{repo}/git/commits/{sha}", "contents=read")
def get_commit(call: Call) -> dict[str, Any]:
    """Get a commit object."""
    commit = read_commit(call.repo, sha_in(call.path["sha"]))
    if commit is None:
        raise not_found()
    return git_commit(call.repo, commit, call.urls)


@endpoint("POST", "/repos/{owner}/{repo}/git/commits", "contents=write")
def create_commit(call: Call) -> Answer:
    """Create a commit; without author and committer it is the App's, and GitHub signs it."""
    git, github = call.repo.git, call.github
    message, tree = call.need("message"), call.need("tree")
    parents = call.json.get("parents", [])
    found = git.info(tree)
    if found is None or found[1] != "tree":
        raise Problem(422, "Tree SHA does not exist")
    for parent in parents:
        known = git.info(parent)
        if known is None or known[1] != "commit":
            raise Problem(422, f"Parent SHA does not exist or is not a commit object: {parent}")
    now = int(github.clock.time())
    author, committer = call.json.get("author"), call.json.get("committer")
    bot = Signature(call.actor.login, call.actor.email, now)
    written = _signature(author, bot)
    who = _signature(committer or author, Signature(*GITHUB, now))
    sha = git.write_commit(tree, parents, message, written, who)
    if not author and not committer:
        call.repo.verified.add(sha)
    commit = read_commit(call.repo, sha)
    assert commit is not None
    url = call.urls.api(f"/repos/{call.repo.full_name}/git/commits/{sha}")
    return Answer(git_commit(call.repo, commit, call.urls), 201, {"Location": url})


def _signature(given: dict[str, str] | None, default: Signature) -> Signature:
    if not given:
        return default
    return Signature(given.get("name", default.name), given.get("email", default.email), default.when)


def _object(git: Bare, ref: str) -> tuple[str, str]:
    found = git.info(ref)
    if found is None:
        raise not_found()
    return found[0], found[1]


@endpoint("GET", "/repos/{owner}/{repo}/git/ref/{ref:path}", "contents=read")
def get_ref(call: Call) -> dict[str, Any]:
    """Get one ref; ``heads/...`` or ``tags/...``."""
    ref = f"refs/{call.path['ref']}"
    if not ref.startswith(("refs/heads/", "refs/tags/")):
        raise not_found()
    sha, kind = _object(call.repo.git, ref)
    return git_ref(call.repo, ref, sha, call.urls, kind)


@endpoint("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref:path}", "contents=read")
def list_matching_refs(call: Call) -> Answer:
    """List the refs that start with this."""
    found = call.repo.git.refs(f"refs/{call.path['ref']}")
    shown = call.repo.listed("branch", [name.removeprefix("refs/heads/") for name in found])
    pairs = [(ref, sha) for ref, sha in sorted(found.items()) if ref.removeprefix("refs/heads/") in shown]
    return call.page(pairs, lambda each: git_ref(call.repo, each[0], each[1], call.urls))


def changeable(ref: str) -> str:
    """A ref that may be made or moved. Raises Problem (422)."""
    if not ref.startswith("refs/") or ref.count("/") < 2:
        raise Problem(422, "Reference name must start with 'refs/' and contain at least two slashes.")
    if not ref.startswith(("refs/heads/", "refs/tags/")) or re.search(
        r"\.\.|[ ~^:?*\[\\\x00-\x1f]|/$|//", ref
    ):
        raise Problem(422, f"{ref} is not a valid ref name.")
    return ref


@endpoint("POST", "/repos/{owner}/{repo}/git/refs", "contents=write")
def create_ref(call: Call) -> Answer:
    """Create a ref."""
    ref, sha = changeable(call.need("ref")), sha_in(call.need("sha"))
    git = call.repo.git
    if git.info(sha) is None:
        raise Problem(422, "Object does not exist")
    if git.info(ref) is not None:
        raise Problem(422, "Reference already exists")
    try:
        call.repo.move_refs([(ref, ZERO, sha)], call.actor)
    except GitError:
        raise Problem(422, "Reference update failed") from None
    body = git_ref(call.repo, ref, sha, call.urls, _object(git, sha)[1])
    return Answer(body, 201, {"Location": body["url"]})


@endpoint("PATCH", "/repos/{owner}/{repo}/git/refs/{ref:path}", "contents=write")
def update_ref(call: Call) -> dict[str, Any]:
    """Move a ref; only forward, unless forced."""
    ref, sha = changeable(f"refs/{call.path['ref']}"), sha_in(call.need("sha"))
    git = call.repo.git
    found = git.info(ref)
    if found is None:
        raise Problem(422, "Reference does not exist")
    if git.info(sha) is None:
        raise Problem(422, "Object does not exist")
    if not call.json.get("force") and not git.is_ancestor(found[0], sha):
        raise Problem(422, "Update is not a fast forward")
    if found[0] != sha:
        call.repo.move_refs([(ref, found[0], sha)], call.actor)
    return git_ref(call.repo, ref, sha, call.urls, _object(git, sha)[1])


@endpoint("DELETE", "/repos/{owner}/{repo}/git/refs/{ref:path}", "contents=write")
def delete_ref(call: Call) -> Answer:
    """Delete a ref; not the default branch."""
    ref = changeable(f"refs/{call.path['ref']}")
    found = call.repo.git.info(ref)
    if found is None:
        raise Problem(422, "Reference does not exist")
    if ref == f"refs/heads/{call.repo.default_branch}":
        raise invalid("Reference", code="custom", field="ref", message="Cannot delete the default branch")
    call.repo.move_refs([(ref, found[0], ZERO)], call.actor)
    return Answer(status=204)
