"""Shows the pull requests that the App would open for a repository, and opens none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.plan import plan
from codemods.engine import registry
from codemods.engine.analyse import analyse
from codemods.engine.combine import together
from codemods.engine.config import read_config
from codemods.engine.discover import discover
from codemods.engine.finding import Applicability
from codemods.engine.report import Combined, Options, Report

if TYPE_CHECKING:
    from bot.plan import PullRequest
    from codemods.engine.config import Config
    from codemods.engine.snapshot import Snapshot

_RULE = "-" * 78


def run(path: Path, out: Path | None = None) -> list[PullRequest]:
    """Prints the pull requests for the repository at ``path``, or writes them as files into ``out``.

    ``out`` is made if need be; each pull request gives ``NN-rule.md`` (title and body) and ``NN-rule.diff``.
    Raises NotFound and ConfigError.
    """
    snapshot = discover([path])
    config = read_config(snapshot.read)
    report = scan(snapshot, config)
    requests = plan(combined(snapshot, report, config), config)
    if out is None:
        show(requests, report)
    else:
        write(requests, out)
        print(f"{len(requests)} pull requests in {out}")  # noqa: T201 - what the command prints
    return requests


def scan(snapshot: Snapshot, config: Config) -> Report:
    """What the rules that ``config`` leaves on report."""
    rules = registry.select(name for name in registry.known() if config.enabled(name))
    return analyse(
        snapshot, rules, Options(rules=config.options(), exclude=config.exclude, applies=config.applies)
    )


def combined(snapshot: Snapshot, report: Report, config: Config) -> dict[str, Combined]:
    """Each rule's allowed patches as one, by rule."""
    allowed = {Applicability.SAFE, Applicability.UNSAFE} if config.unsafe_fixes else {Applicability.SAFE}
    fixes = {}
    for rule in report.rules:
        own = replace(
            report,
            findings=tuple(each for each in report.findings if each.rule == rule.name),
            rules=(rule,),
        )
        if own.findings:
            fixes[rule.name] = together(snapshot, own, frozenset(allowed))
    return fixes


def show(requests: list[PullRequest], report: Report) -> None:
    """Prints everything: with colours on a terminal, as plain Markdown elsewhere."""
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.syntax import Syntax

    console = Console(soft_wrap=True, highlight=False)
    for number, request in enumerate(requests, start=1):
        heading = f"Pull request {number} of {len(requests)}: {request.title}"
        if console.is_terminal:
            console.rule(f"[bold]{_plain(heading)}[/]", align="left")
            console.print(f"branch {request.branch}{_waiting(request)}\n", style="dim", markup=False)
            console.print(Markdown(request.body), soft_wrap=False)
            console.print(Syntax(_text(request.diff), "diff", background_color="default"))
        else:
            parts = [
                _RULE,
                heading,
                f"branch {request.branch}{_waiting(request)}",
                _RULE,
                request.body,
                _text(request.diff),
            ]
            console.print("\n".join(parts), markup=False)
    console.print(_summary(requests, report), markup=False)


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
    lines = [f"{len(requests)} pull requests from {report.files} files; nothing was changed."]
    alone = [each for each in report.findings if each.rule not in shown]
    if alone:
        lines.append("Found, but without a pull request:")
        lines += [f"  {each.path}:{each.line} {each.rule}: {each.message} {each.reason}" for each in alone]
    return "\n".join(lines)


def _waiting(request: PullRequest) -> str:
    return ", waits until one of the others is settled" if request.waits else ""


def _text(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
