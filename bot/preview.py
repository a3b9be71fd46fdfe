"""Shows the pull requests that the App would open for a repository, and opens none."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot import session
from bot.checkout import state_of
from bot.output.plain import plain
from bot.output.plain import write as write_out
from bot.output.text import counted
from bot.plan.actions import OpenPull
from bot.plan.branches import PREFIX
from bot.plan.found import Found, codeowners
from bot.plan.marker import read_marker, visible
from bot.plan.plan import plan

if TYPE_CHECKING:
    from pathlib import Path

    from bot.session import Session
    from codemods.engine.run.report import Report

_RULE = "-" * 78
_ALL = 1_000_000
_EARLIER = re.compile(r"\d{2,}-[a-z0-9_-]+\.md")


class NotWritten(OSError):  # noqa: N818 - named as its reader thinks of it
    """The files can't be written; ``str(reason)`` says which and why."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One pull request as it would be opened; ``waits`` where others have to be settled first."""

    pull: OpenPull
    waits: bool

    @property
    def name(self) -> str:
        """What it is called in the names of files: its branch."""
        return self.pull.branch.removeprefix(PREFIX)


def run(path: Path, out: Path | None = None) -> list[Shown]:
    """Prints the pull requests for the repository at ``path``, or writes them as files into ``out``.

    ``out`` is made if need be; each pull request gives ``NN-branch.md`` (title and body) and ``NN-branch.diff``,
    and what an earlier run wrote there is removed. Raises NotFound, ConfigError and NotWritten.
    """
    seen = session.run([path], None, unsafe_fixes=False)
    pulls = planned(seen)
    if out is None:
        show(pulls, seen.report)
    else:
        try:
            write(pulls, out)
        except OSError as error:
            raise NotWritten(f"{error.filename or out}: {error.strerror or error}") from error
        write_out(f"{counted(len(pulls), 'pull request')} in {out}\n")
    return pulls


def planned(seen: Session) -> list[Shown]:
    """The very plan that the App makes for a repository where it has nothing yet, with those that would wait."""
    found = Found(seen.snapshot, seen.report, seen.allowed, codeowners(seen.snapshot.read))
    at_once = seen.config.max_open_pull_requests
    actions = plan(found, state_of(seen.snapshot.root), replace(seen.config, max_open_pull_requests=_ALL))
    pulls = [action for action in actions if isinstance(action, OpenPull)]
    return [Shown(pull, number >= at_once) for number, pull in enumerate(pulls)]


def show(pulls: list[Shown], report: Report) -> None:
    """Prints everything: with colours on a terminal, as plain Markdown elsewhere."""
    for number, shown in enumerate(pulls, start=1):
        heading = f"Pull request {number} of {len(pulls)}: {shown.pull.title}"
        branch = f"branch {shown.pull.branch}{_waiting(shown)}"
        body = visible(shown.pull.body)
        if session.colours():
            _show_in_colour(shown.pull, heading, branch, body)
        else:
            write_out("\n".join([_RULE, heading, branch, _RULE, "", body, plain(shown.pull.diff), ""]))
    write_out(_summary(pulls, report))


def _show_in_colour(pull: OpenPull, heading: str, branch: str, body: str) -> None:
    from rich.console import Console
    from rich.syntax import Syntax

    console = Console(highlight=False, width=min(110, Console().width))
    console.rule(style="dim")
    console.print(plain(heading), style="bold", markup=False)
    console.print(f"{branch}\n", style="dim", markup=False)
    for text, language in ((body, "markdown"), (plain(pull.diff), "diff")):
        console.print(Syntax(text, language, theme="ansi_light", background_color="default", word_wrap=True))


def write(pulls: list[Shown], out: Path) -> None:
    """Writes ``NN-branch.md`` and ``NN-branch.diff`` for each pull request, and no others stay."""
    out.mkdir(parents=True, exist_ok=True)
    for old in sorted(out.iterdir()):
        if _EARLIER.fullmatch(old.name) and read_marker(old.read_text(encoding="utf-8", errors="replace")):
            old.unlink()
            old.with_suffix(".diff").unlink(missing_ok=True)
    for number, shown in enumerate(pulls, start=1):
        stem = f"{number:02d}-{shown.name}"
        text = f"# {shown.pull.title}\n\n{shown.pull.body}"
        (out / f"{stem}.md").write_text(text, encoding="utf-8", newline="\n")
        (out / f"{stem}.diff").write_bytes(shown.pull.diff.encode("utf-8", "surrogateescape"))


def _summary(pulls: list[Shown], report: Report) -> str:
    shown = {each.pull.rule for each in pulls}
    lines = [
        f"{counted(len(pulls), 'pull request')} from {counted(report.files, 'file')}; nothing was changed."
    ]
    alone = [each for each in report.findings if each.rule not in shown]
    if alone:
        lines.append("Found, but without a pull request:")
        lines += [f"  {each.path}:{each.line} {each.rule}: {each.message} {each.reason}" for each in alone]
    return plain("\n".join(lines)) + "\n"


def _waiting(shown: Shown) -> str:
    return ", waits until one of the others is merged or closed" if shown.waits else ""
