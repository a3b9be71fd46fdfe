"""What happens, said as it happens: webhooks, jobs, pull requests."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markdown import Markdown
from rich.syntax import Syntax

if TYPE_CHECKING:
    from tests.github.exchanges import Delivery
    from tests.github.records import Pull
    from tests.github.server import StandIn

_LONGEST_DIFF = 60


class Timeline:
    """Prints each event with the seconds since the start, and keeps them in ``happened``."""

    def __init__(self, github: StandIn) -> None:
        self.happened: list[tuple[float, str]] = []
        self._github = github
        self._console = Console(highlight=False, soft_wrap=True)
        self._lock = threading.Lock()
        self._start = time.perf_counter()
        self._told: set[int] = set()
        self._states: dict[tuple[int, int], tuple[object, ...]] = {}

    def say(self, text: str) -> None:
        """Prints one event."""
        with self._lock:
            at = time.perf_counter() - self._start
            self.happened.append((at, text))
            self._console.print(f"[dim]{at:7.2f} s[/dim]  ", end="")
            self._console.print(text, markup=False)

    def logged(self, line: dict[str, Any]) -> None:
        """Takes one line of the service's log."""
        said = _said(line)
        if said:
            self.say(said)

    def look(self) -> bool:
        """Tells of webhooks that were answered and pull requests that changed; whether there was anything."""
        return any([self._deliveries(), self._pulls()])

    def _deliveries(self) -> bool:
        new = [
            each for each in list(self._github.deliveries) if each.status_code and each.id not in self._told
        ]
        for each in new:
            self._told.add(each.id)
            self.say(_delivery(each))
        return bool(new)

    def _pulls(self) -> bool:
        any_new = False
        for repo in list(self._github.repositories.values()):
            for pull in list(repo.pulls):
                state = (pull.state, pull.merged, pull.title, pull.head_sha)
                known = self._states.get((repo.id, pull.number))
                if state == known:
                    continue
                self._states[repo.id, pull.number] = state
                any_new = True
                if known is None:
                    self._show(pull)
                else:
                    self.say(f"pull request #{pull.number} {_became(pull, known[0])}: {pull.title}")
        return any_new

    def _show(self, pull: Pull) -> None:
        self.say(f"pull request #{pull.number}: {pull.title}")
        if not self._console.is_terminal:
            return
        diff = pull.repo.diff(pull.base_sha, pull.head_sha).splitlines()
        more = len(diff) - _LONGEST_DIFF
        with self._lock:
            self._console.rule(style="dim")
            self._console.print(Markdown((pull.body or "").partition("\n## ")[0]))
            shown = "\n".join(diff[:_LONGEST_DIFF])
            self._console.print(Syntax(shown, "diff", theme="ansi_dark", background_color="default"))
            if more > 0:
                self._console.print(f"... and {more} more lines", style="dim")
            self._console.rule(style="dim")

    def ended(self, index: Path, pulls: int) -> None:
        """The last words."""
        self.say(f"done: {_counted(pulls, 'pull request')}; open {index.resolve()} in a browser")


def _became(pull: Pull, before: object) -> str:
    if pull.open:
        return "was brought up to date" if before == "open" else "was reopened"
    return "was merged" if pull.merged else "was closed"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _delivery(delivery: Delivery) -> str:
    name = delivery.event if delivery.action is None else f"{delivery.event}.{delivery.action}"
    return f"webhook {name}, signed: answered {delivery.status_code} in {delivery.duration * 1000:.0f} ms"


def _said(line: dict[str, Any]) -> str:
    """What a line of the log tells the one who watches; empty for what would only be noise."""
    match line:
        case {"event": "snapshot taken", "files": files, "new": new}:
            return f"snapshot: {files} files, {new} fetched"
        case {"event": "planned", "findings": findings, "actions": actions, "seconds": seconds}:
            found, to_do = _counted(findings, "finding"), _counted(actions, "thing")
            return f"analysed: {found}, {to_do} to do on GitHub, {seconds:.2f} s"
        case {"event": "a job's run has ended", "kind": kind, "job": job}:
            return (
                f"job {job[:11]}: {kind}: {line.get('summary') or line.get('reason') or line.get('by') or ''}"
            )
        case {"level": "error" | "critical", "event": event}:
            return f"error: {event}"
    return ""
