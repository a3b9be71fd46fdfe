"""The first pull request where the operator wants to ask before anything else is opened: it adds the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import templates
from bot.markdown import plain
from bot.plan.actions import Commit, OpenPull
from bot.plan.body import made
from bot.plan.branches import ONBOARDING
from bot.plan.digest import digest, patch_digest
from bot.plan.draft import DEFAULT_CONFIG, title_mark
from bot.plan.marker import VERSION, pull_marker
from bot.plan.state import Marker
from bot.plan.wording import commit_message
from bot.starter import STARTER

if TYPE_CHECKING:
    from bot.plan.situation import Situation
    from bot.plan.state import PullState

RULE = "onboarding"
"""What stands for the rule in the marker: it changes no code."""
_ROWS = 50
_SUMMARY = "Every setting stands at its default: merging this changes nothing but that Patchwright begins."


@dataclass(frozen=True, slots=True)
class Coming:
    """A pull request to come: its title without the count, and how many places in how many files it is about."""

    title: str
    places: int
    files: int


def asked(pulls: Sequence[PullState], base: str) -> tuple[PullState, ...]:
    """The pull requests that asked, newest first."""
    return tuple(
        pull
        for pull in pulls
        if pull.base == base and (pull.marker.rule == RULE if pull.marker else pull.branch == ONBOARDING)
    )


def onboarding(at: Situation, coming: Sequence[Coming]) -> OpenPull:
    """The pull request that adds the configuration and lists those to come."""
    state, config = at.state, at.config
    words = "chore: configure Patchwright" if at.conventional else "Configure Patchwright"
    content = STARTER.encode()
    patch = patch_digest({DEFAULT_CONFIG: (b"", content)})
    listed = [f"{each.title}\0{each.places}\0{each.files}" for each in coming]
    marker = Marker(
        version=VERSION,
        rule=RULE,
        part="",
        base=state.base,
        base_sha=state.base_sha,
        patch=patch,
        findings=(),
        said=digest([words, str(config.max_open_pull_requests), *listed], 8),
        title=title_mark(words),
    )
    body = templates.render(
        "onboarding.md.j2",
        config=DEFAULT_CONFIG,
        coming=list(coming),
        rows=_ROWS,
        most=config.max_open_pull_requests,
        made=made(state),
    )
    return OpenPull(
        branch=ONBOARDING,
        base=state.base,
        title=words,
        body=f"{body}{pull_marker(marker)}\n",
        commit=Commit(
            state.base_sha,
            commit_message(RULE, words, plain(_SUMMARY), patch=patch),
            {DEFAULT_CONFIG: content},
            patch,
        ),
        diff=_added(DEFAULT_CONFIG, STARTER),
        rule=RULE,
        labels=config.labels,
        reviewers=config.reviewers,
    )


def _added(path: str, text: str) -> str:
    lines = text.splitlines()
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
    return f"{head}@@ -0,0 +1,{len(lines)} @@\n" + "".join(f"+{line}\n" for line in lines)
