"""Silencing a rule by a comment in the code: a commit on the head of a person's pull request, or one into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import templates
from bot.commands.answer import Answer, done, failed, nothing
from bot.commands.parse import Scope
from bot.commands.silence import NotSilenced, silence_file, silence_line
from bot.jobs.fixes_of_pull import asked_trailer
from bot.markdown import plain
from bot.plan.actions import Commit, OpenPull
from bot.plan.branches import PREFIX
from bot.plan.digest import digest, patch_digest
from bot.plan.wording import commit_message
from bot.publish.onto_head import NotPushed, in_the_way, made_before, push_onto_head
from bot.publish.publish import publish

if TYPE_CHECKING:
    from bot.commands.asked import Asked
    from bot.github.model import PullInfo


def ignore_by_comment(asked: Asked, pull: PullInfo, scope: Scope) -> Answer:
    """The line is the one that the thread stands at; it moves with the pull request's pushes, or is gone."""
    client, rule = asked.client, asked.command.rule
    url = client.repository().html_url
    path, line = asked.comment.path, None if asked.comment.side == "LEFT" else asked.comment.line
    if not path or (scope is Scope.HERE and line is None):
        return failed("ignore", "line-gone", rule=rule)
    if (why := in_the_way(client, pull)) is not None:
        return failed("ignore", f"{why}-{scope}", rule=rule, path=path, line=line)
    if (before := made_before(client, pull, asked_trailer(asked.key))) is not None:
        return done(
            "ignore", "commented", rule=rule, path=path, sha=before, url=url, head=pull.branch, scope=scope
        )
    data = client.file(path, pull.head_sha)
    if data is None:
        return failed("ignore", "line-gone", rule=rule)
    try:
        after = (
            silence_line(path, data, rule, line)
            if scope is Scope.HERE and line is not None
            else silence_file(path, data, rule)
        )
    except NotSilenced as refused:
        return failed("ignore", refused.case, rule=rule, path=path, reason=refused.reason)
    if after is None:
        return nothing("ignore", "silenced", rule=rule, path=path, scope=scope)
    commit = _commit(asked, pull, path, data, after)
    pushed = push_onto_head(client, pull, commit)
    if pushed.sha is not None:
        return done(
            "ignore",
            "commented",
            rule=rule,
            path=path,
            sha=pushed.sha,
            url=url,
            head=pull.branch,
            scope=scope,
        )
    if pushed.why is NotPushed.REFUSED:
        return _as_pull(asked, pull, commit, path, pushed.said)
    return failed("ignore", str(pushed.why), rule=rule)


def _commit(asked: Asked, pull: PullInfo, path: str, before: bytes, after: bytes) -> Commit:
    rule = asked.command.rule
    patch = patch_digest({path: (before, after)})
    message = commit_message(
        rule,
        f"Silence {rule} in {plain(path.rpartition('/')[2])}",
        plain(f"{asked.work.sender} asked for it in pull request {pull.number}."),
        patch=patch,
    )
    return Commit(pull.head_sha, f"{message.rstrip()}\n{asked_trailer(asked.key)}\n", {path: after}, patch)


def _as_pull(asked: Asked, pull: PullInfo, commit: Commit, path: str, said: str) -> Answer:
    """Where the head branch does not take the commit itself, say because it is protected."""
    client, rule = asked.client, asked.command.rule
    branch = f"{PREFIX}ignore-{rule}-in-{digest([str(pull.number), path], 4)}"
    body = templates.render(
        "commands/ignore_pull.md.j2",
        rule=rule,
        path=path,
        number=pull.number,
        sender=asked.work.sender,
        config=False,
    )
    opening = OpenPull(
        branch=branch,
        base=pull.branch,
        title=f"Silence {rule} in {plain(path)}"[:200],
        body=body,
        commit=commit,
        diff="",
        rule=rule,
    )
    (line,) = publish(client, [opening])
    for each in client.pulls_from(branch, "open"):
        if each.base == pull.branch and each.author == client.bot_login:
            return done("ignore", "opened", rule=rule, number=each.number, why=said, path=path, config=False)
    return failed("ignore", "not-opened", rule=rule, reason=line)
