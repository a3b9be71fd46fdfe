"""One SQLite connection for all threads; the page beside this folder explains the rule."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Change, Refused
from codemods.sqlite_thread.attribute import attribute_change
from codemods.sqlite_thread.module_global import global_change
from codemods.sqlite_thread.shared import Shared, is_locked, is_one_threads, shared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

_NOTES = (
    "Each thread has a transaction of its own afterwards: it sees what others wrote when they have committed it.",
    "Two threads that write at once wait for each other, at most as long as `timeout` says (5 seconds unless given).",
)


class SqliteThread:
    """See ``sqlite_thread.md``."""

    name = "sqlite-thread"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files that switch the check off."""
        found = project.containing(b"sqlite3", b"check_same_thread")
        return sorted(path for path in found if not is_test(path))

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each connection that threads share, where it is opened first."""
        seen: set[tuple[ast.ClassDef | None, str]] = set()
        for call in () if is_one_threads(module) else module.nodes(ast.Call):
            found = shared(call, module, project)
            if found is None or (found.owner, found.name) in seen or is_locked(found, module):
                continue
            seen.add((found.owner, found.name))
            try:
                change, no = _change(found, module, project), ""
            except Refused as reason:
                change, no = None, str(reason)
            yield module.finding(
                self.name,
                call,
                f"`{found.called}` is one connection for all threads: with it they share one transaction.",
                Applicability.DISPLAY_ONLY if no else Applicability.UNSAFE,
                no
                or "It is kept for the whole program, the check for threads is off, and no lock stands around its uses. A "
                "person must look: connections of one file are separate transactions.",
                notes=() if no else _NOTES,
                evidence=change,
            )

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """One connection for each thread."""
        assert isinstance(finding.evidence, Change)
        return finding.evidence


def _change(found: Shared, module: Module, project: Project) -> Change:
    if found.owner is not None:
        return attribute_change(found, found.owner, module, project)
    return global_change(found, module, project)


RULE = SqliteThread()
