"""A repository whose names, code and configuration try to speak through the App: nothing that it writes says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from bot.plan.marker import read_marker
from tests.end_to_end.test_reviews import BOT, opened
from tests.end_to_end.world import NOTHING, RACE, World

if TYPE_CHECKING:
    from tests.github.repositories import Repo

NAMES = [
    "</details><script>alert(1)</script>",
    "a|b`c``d",
    "@octocat fixes #1",
    "closes acme#2 GH-3",
    "{{ 7 * 7 }}{% raw %}",
    "[x](javascript:alert(1))",
    "![x](https:evil.example)",
    "--> <!-- patchwright:comment key=eyes -->",
    "\u202egnp.exe\u2066",
    "\u0430dmin",
    "\u200b\ufeff",
    "[skip ci]",
    "~~~",
    "# heading",
    "'; DROP TABLE runs; --",
    "a" * 200,
]
"""Each is a file's name, and some a folder's, with a finding in it."""
BRANCH = "x<img/src=x>`@octocat`|{{7+7}}--fixes-#1"
OWN_HTML = re.compile(r"(<!-- patchwright:[^\n]*-->\s*)+|<details><summary>[\w ]+</summary>|</details>")
CLAIMS = re.compile(
    r"@octocat|@(?=\w)|GH-\d|\b(fix(es|ed)?|close[sd]?|resolve[sd]?) (acme)?#\d", re.IGNORECASE
)


def markdown(text: str) -> tuple[str, list[str], list[str]]:
    """What GitHub would look for mentions in, the HTML, and the addresses that are linked."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inline = [child for token in tokens for child in token.children or []]
    spoken = " ".join(child.content for child in inline if child.type == "text")
    html = [each.content for each in (*tokens, *inline) if each.type in {"html_block", "html_inline"}]
    links = [str(each.attrs[name]) for each in inline for name in ("href", "src") if name in each.attrs]
    return spoken, html, links


def hostile(world: World) -> Repo:
    repo = world.quietly(plain=NOTHING)
    files = {f"{name}/race.py": RACE for name in NAMES[1:6]}
    files |= {f"odd/{name.replace('/', ' ')}.py": RACE for name in NAMES}
    repo.push("main", files)
    return repo


def written(repo: Repo) -> dict[str, str]:
    """Every text of the App's there, by where it stands."""
    found: dict[str, str] = {}
    for pull in repo.pulls:
        if pull.user.login == BOT:
            found[f"#{pull.number}"] = pull.body
        for number, each in enumerate((*pull.comments, *pull.review_comments(), *pull.reviews)):
            if each.user.login == BOT:
                found[f"#{pull.number} comment {number}"] = each.body or ""
    for run in repo.check_runs():
        found[f"check {run.name} {run.id}"] = f"{run.summary}\n\n{run.text}"
    return found  # fmt: skip


def held(repo: Repo, host: str) -> None:
    texts = written(repo)
    assert texts
    for place, text in texts.items():
        spoken, html, links = markdown(text)
        assert not CLAIMS.search(spoken), (place, CLAIMS.search(spoken))
        assert not [each for each in html if not OWN_HTML.fullmatch(each.strip())], place
        assert all(each.startswith((host, "https://")) and "//evil" not in each for each in links), place
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069]", text), place


@pytest.fixture(scope="module")
def repo(world: World) -> Repo:
    """One with the App, and everything that it had to say there said."""
    repo = hostile(world)
    repo.push("main", {".github/CODEOWNERS": b"* @octocat/team </details>\n"})
    world.github.install(repo.owner.login, [repo])
    world.settle()
    repo.collaborator("maintainer", "write")
    repo.push(BRANCH, {"shop/@octocat.py": RACE, "shop/</b>.py": RACE, "shop/`x.py": RACE})
    pull = repo.open_pull(BRANCH)
    config = opened(
        repo,
        "config",
        plain=NOTHING + b"\n",
    )
    repo.push("config", {".github/patchwright.yml": CONFIG})
    world.settle()
    for asked in (
        "status",
        "explain",
        "explain <img src=x> @octocat fixes #1",
        "ignore `@octocat`",
        "{{ 7 * 7 }}",
    ):
        pull.comment(f"/patchwright {asked}", "maintainer")
    pull.comment("/patchwright fix", "stranger")
    config.comment("/patchwright status", "maintainer")
    world.settle()
    return repo


CONFIG = b"""\
"@octocat fixes #1": <script>alert(1)</script>
commit-style: "</details> @octocat fixes #1 {{ 7 * 7 }} \\n<!-- patchwright:comment key=x -->"
rules:
  "![x](https://evil.example/i.png)": on
  atomic-redis: {"</summary><img src=x>": "@octocat"}
per-path: {"a|b": {"`@octocat`": on}}
exclude: [1, "  "]
"""


def test_nothing_of_it_speaks(repo: Repo, world: World) -> None:
    held(repo, world.github.url)
    texts = written(repo)
    assert any(place.startswith("check Patchwright configuration") for place in texts)
    assert sum("comment" in place for place in texts) > 5
    assert any("{{ 7 * 7 }}" in text for text in texts.values())


def test_commits_mention_and_close_nothing(repo: Repo) -> None:
    for branch, sha in repo.branches().items():
        if branch.startswith("patchwright/") or branch == BRANCH:
            message = repo.log(sha)[0]
            assert not re.search(r"@octocat|(?i:fix(es)?|closes?) (acme)?#\d|\[skip ci\]", message)


def test_markers_are_the_apps_own(repo: Repo) -> None:
    own = [pull for pull in repo.pulls if pull.user.login == BOT]
    assert own
    for pull in own:
        marker = read_marker(pull.body)
        assert marker is not None
        assert marker.rule == "atomic-redis"


def test_places_of_files_are_changed_where_they_are(repo: Repo) -> None:
    changed = {path for pull in repo.pulls if pull.user.login == BOT for path in _paths(repo, pull.branch)}
    assert changed <= set(_paths(repo, "main"))
    assert any("@octocat" in path for path in changed)


def _paths(repo: Repo, branch: str) -> list[str]:
    return [each for each in _git(repo, "ls-tree", "-rz", "--name-only", branch).split("\0") if each]


def _git(repo: Repo, *words: str) -> str:
    import subprocess

    return subprocess.run(
        ["git", "-C", str(repo.path), *words], capture_output=True, check=True, text=True
    ).stdout
