"""Shows the pull requests that the App would open for a repository, and opens none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot import session
from bot.output.plain import plain
from bot.output.plain import write as write_out
from bot.plan.pull_requests import plan
from codemods.engine.run.analyse import combined

if TYPE_CHECKING:
    from pathlib import Path

    from bot.plan.pull_requests import PullRequest
    from bot.session import Session
    from codemods.engine.run.report import Combined, Report

_RULE = "-" * 78


def run(path: Path, out: Path | None = None) -> list[PullRequest]:
    """Prints the pull requests for the repository at ``path``, or writes them as files into ``out``.

    ``out`` is made if need be; each pull request gives ``NN-rule.md`` (title and body) and ``NN-rule.diff``.
    Raises NotFound and ConfigError.
    """
    seen = session.run([path], None, unsafe_fixes=False)
    requests = plan(by_rule(seen), seen.config)
    if out is None:
        show(requests, seen.report)
    else:
        write(requests, out)
        write_out(f"{_counted(requests)} in {out}\n")
    return requests


def by_rule(seen: Session) -> dict[str, Combined]:
    """Each rule's allowed patches as one, by rule."""
    fixes = {}
    for rule in seen.report.rules:
        own = tuple(each for each in seen.report.findings if each.rule == rule.name)
        if own:
            report = replace(seen.report, findings=own, rules=(rule,))
            fixes[rule.name] = combined(seen.snapshot, report, seen.allowed)
    return fixes


def show(requests: list[PullRequest], report: Report) -> None:
    """Prints everything: with colours on a terminal, as plain Markdown elsewhere."""
    for number, request in enumerate(requests, start=1):
        heading = f"Pull request {number} of {len(requests)}: {request.title}"
        branch = f"branch {request.branch}{_waiting(request)}"
        if session.colours():
            _show_in_colour(request, heading, branch)
        else:
            write_out("\n".join([_RULE, heading, branch, _RULE, "", request.body, plain(request.diff), ""]))
    write_out(_summary(requests, report))


def _show_in_colour(request: PullRequest, heading: str, branch: str) -> None:
    from rich.console import Console
    from rich.syntax import Syntax

    console = Console(highlight=False, width=min(110, Console().width))
    console.rule(style="dim")
    console.print(plain(heading), style="bold", markup=False)
    console.print(f"{branch}\n", style="dim", markup=False)
    for text, language in ((request.body, "markdown"), (plain(request.diff), "diff")):
        console.print(Syntax(text, language, theme="ansi_light", background_color="default", word_wrap=True))


def write(requests: list[PullRequest], out: Path) -> None:
    """Writes ``NN-rule.md`` and ``NN-rule.diff`` for each pull request."""
    out.mkdir(parents=True, exist_ok=True)
    for number, request in enumerate(requests, start=1):
        stem = f"{number:02d}-{request.rule}"
        (out / f"{stem}.md").write_text(
            f"# {request.title}\n\n{request.body}", encoding="utf-8", newline="\n"
        )
        (out / f"{stem}.diff").write_bytes(request.diff.encode("utf-8", "surrogateescape"))


def _summary(requests: list[PullRequest], report: Report) -> str:
    shown = {request.rule for request in requests}
    lines = [f"{_counted(requests)} from {report.files} files; nothing was changed."]
    alone = [each for each in report.findings if each.rule not in shown]
    if alone:
        lines.append("Found, but without a pull request:")
        lines += [f"  {each.path}:{each.line} {each.rule}: {each.message} {each.reason}" for each in alone]
    return plain("\n".join(lines)) + "\n"


def _counted(requests: list[PullRequest]) -> str:
    return "1 pull request" if len(requests) == 1 else f"{len(requests)} pull requests"


def _waiting(request: PullRequest) -> str:
    return ", waits until one of the others is settled" if request.waits else ""
