"""Blocking calls on the event loop; the page beside this folder explains the rule."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.blocking_async.calls import Blocking, blocking, running
from codemods.blocking_async.hazards import hazard, refusal
from codemods.blocking_async.rewrite import change
from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability
from codemods.libraries import requests

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Change, Finding
    from codemods.engine.project import Module, Project

_SLEEP = "Other tasks run while this one sleeps."
_THREAD = "Other tasks run meanwhile; where this one is cancelled, the thread still ends its work."


class BlockingAsync:
    """See ``blocking_async.md``."""

    name = "blocking-async"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files with coroutines that speak of what blocks."""
        return sorted(path for path in project.matching(_speaks) if not is_test(path))

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each blocking call that runs on the event loop."""
        for call in module.nodes(ast.Call):
            place = running(call, module)
            if place is None:
                continue
            found = blocking(call, module, project)
            if found is None:
                continue
            no = refusal(call, place, found, module, project)
            doubt = "" if no else hazard(call, place.function, found, module, project)
            how = Applicability.UNSAFE if doubt else Applicability.SAFE
            yield module.finding(
                self.name,
                call,
                f"`{found.called}` blocks the event loop: while `{place.function.name}` waits here, nothing else of the "
                "program runs.",
                Applicability.DISPLAY_ONLY if no else how,
                no
                or doubt
                or f"`{place.function.name}` is a coroutine, and nothing in it that others may change is in use on both "
                "sides of the call.",
                notes=() if no else (_SLEEP if found.sleeps else _THREAD,),
                evidence=(call.lineno, call.col_offset),
            )

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """``await asyncio.sleep(...)`` or ``await asyncio.to_thread(...)``. Raises Refused where the call cannot be taken apart."""
        module = project.module(finding.path)
        assert module is not None
        call = next(
            call
            for call in module.nodes(ast.Call)
            if (call.lineno, call.col_offset) == finding.evidence and blocking(call, module, project)
        )
        found = blocking(call, module, project)
        assert isinstance(found, Blocking)
        return change(call, found, module)


def _speaks(data: bytes) -> bool:
    return b"async def" in data and (
        (b"time" in data and b"sleep" in data) or b"subprocess" in data or requests.imported_by(data)
    )


RULE = BlockingAsync()
