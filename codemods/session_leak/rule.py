"""session-leak: the findings."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Refused
from codemods.session_leak.leaks import leak_of
from codemods.session_leak.patch import change_for
from codemods.session_leak.uses import uses_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.finding import Change, Finding
    from codemods.engine.inference.definitions import Function
    from codemods.engine.project import Module, Project
    from codemods.session_leak.leaks import Leak
    from codemods.session_leak.uses import Uses

_INJECTS = re.compile(rb"(?:Depends|Security)\(\s*(?:dependency\s*=\s*)?([\w.]+)")
_RENAMES = re.compile(rb"(\w+)\s+as\s+(\w+)")
_DEFINES = re.compile(rb"\bdef\s+(\w+)")
_GIVES = re.compile(rb"^[ \t]+(?:return|yield)[ \t]+\(?[A-Za-z_]", re.MULTILINE)


class SessionLeak:
    """See ``session_leak.md``."""

    name = "session-leak"
    version = 1

    def candidates(self, project: Project) -> Iterable[str]:
        """Files in which a session may be made and given away."""
        injected: set[bytes] = set()
        for path in {*project.containing(b"Depends("), *project.containing(b"Security(")}:
            data = project.read(path)
            named = {name.rpartition(b".")[2] for name in _INJECTS.findall(data)}
            injected |= named | {name for name, alias in _RENAMES.findall(data) if alias in named}
        return sorted(
            path
            for path in (project.matching(_may) if injected else ())
            if not injected.isdisjoint(_DEFINES.findall(project.read(path))) and not is_test(path)
        )

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        """One finding for each dependency that does not close its session."""
        functions: list[Function] = [*module.nodes(ast.FunctionDef), *module.nodes(ast.AsyncFunctionDef)]
        for function in functions:
            leak = leak_of(function, module, project)
            if leak is None:
                continue
            uses = uses_of(function, module, project)
            if uses.injected:
                yield _finding(leak, function, uses, module)

    def rewrite(self, finding: Finding, project: Project) -> Change:
        """The session closed after each request. Raises Refused."""
        module = project.module(finding.path)
        functions: list[Function] = []
        if module is not None:
            functions = [*module.nodes(ast.FunctionDef), *module.nodes(ast.AsyncFunctionDef)]
        for function in functions:
            assert module is not None
            if function.lineno == finding.evidence:
                leak = leak_of(function, module, project)
                if leak is not None:
                    return change_for(leak, function, module, project)
        raise Refused("No patch: the dependency is no longer where it was.")


def _may(data: bytes) -> bool:
    return b"ession" in data and _GIVES.search(data) is not None


def _finding(leak: Leak, function: Function, uses: Uses, module: Module) -> Finding:
    returns = leak.shape.startswith("returns")
    others = (*uses.others, *uses.iterated) if returns else uses.others
    if others:
        how, reason = (
            Applicability.DISPLAY_ONLY,
            (
                f"No patch: {_listed(others)} {'uses' if len(others) == 1 else 'use'} `{function.name}` without FastAPI, and "
                "would have to be changed with it."
            ),
        )
    elif uses.later and leak.on_success:
        how, reason = (
            Applicability.UNSAFE,
            (
                f"A person must look: {_listed(uses.later)} hands work on that may still use what was loaded when the session "
                "is closed."
            ),
        )
    else:
        how, reason = (
            Applicability.SAFE,
            (
                f"`{module.source.segment(leak.made.func)}` makes a session of SQLAlchemy's, and only FastAPI calls "
                f"`{function.name}`, which ends a dependency that yields after each request."
            ),
        )
    notes: tuple[str, ...] = ()
    if how is not Applicability.DISPLAY_ONLY and leak.on_success:
        notes = (
            "Objects that were loaded are detached when the request is over: nothing more is read for them.",
        )
    when = "" if leak.on_success else " when the request fails"
    return module.finding(
        RULE.name,
        leak.first if leak.shape == "closes in name only" else leak.exit,
        f"Nothing closes the session that `{function.name}` gives{when}: its connection stays out of the pool."
        if leak.shape != "returns from a block"
        else f"`{function.name}` closes its session before the request uses it, and nothing closes it afterwards.",
        how,
        reason,
        notes=notes,
        evidence=function.lineno,
    )


def _listed(places: tuple[str, ...]) -> str:
    shown = list(dict.fromkeys(places))
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")


RULE = SessionLeak()
