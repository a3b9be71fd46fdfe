"""Tiny rules for tests of the engine: ``old(x)`` should be ``new(x)``."""

from __future__ import annotations

import ast
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.finding import Applicability, Change, Edit, Finding, ImportNeed, Refused

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project


@dataclass(frozen=True)
class Call:
    """Where the called name stands."""

    start: int
    end: int


class OldCall:
    """Finds calls of ``old``; a first argument says what is to come of each."""

    name = "old-call"
    version = 1
    needle = b"old("

    def candidates(self, project: Project) -> Iterable[str]:
        return project.containing(self.needle)

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "old":
                how = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
                yield self.finding(module, node, how)

    def finding(self, module: Module, node: ast.Call, how: object) -> Finding:
        kinds = {"unsafe": Applicability.UNSAFE, "show": Applicability.DISPLAY_ONLY}
        start, end = module.source.span(node.func)
        line, column = module.source.position(start)
        last = node.end_lineno or node.lineno
        kind = kinds.get(str(how), Applicability.SAFE)
        evidence = (str(how), Call(start, end))
        return Finding(
            self.name, module.path, line, column, last, "old is old", kind, "it is called old", (), evidence
        )

    def rewrite(self, finding: Finding, project: Project) -> Change:
        how, call = finding.evidence
        edit = Edit(finding.path, call.start, call.end, "new")
        if how == "refuse":
            raise Refused("it says so")
        if how == "raise":
            raise KeyError("oops")
        if how == "same":
            edit = Edit(finding.path, call.start, call.end, "old")
        if how == "break":
            edit = Edit(finding.path, call.start, call.end, "new(")
        if how == "undefined":
            edit = Edit(finding.path, call.start, call.end, "undefined_name")
        if how == "everywhere":
            others = [Edit(path, 0, 0, "x = 1\n") for path in sorted(project.python) if path != finding.path]
            return Change((edit, *others), (ImportNeed(finding.path, "lib", "new"),))
        return Change((edit,), (ImportNeed(finding.path, "lib", "new"),))


class Failing(OldCall):
    """Does to each file what the file's name says."""

    name = "failing"

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        if "raises" in module.path:
            raise ZeroDivisionError
        if "sleeps" in module.path:
            time.sleep(30)
        if "dies" in module.path:
            os._exit(9)
        if "recurses" in module.path:
            return self.detect(module, project)
        return super().detect(module, project)


class Asking(OldCall):
    """Finds a call only where another file defines what it is called with."""

    name = "asking"
    asked = 0

    def detect(self, module: Module, project: Project) -> Iterator[Finding]:
        type(self).asked += 1
        facts = project.facts("settings.py")
        if facts is not None and "ON" in facts.names:
            yield from super().detect(module, project)


class Deaf(OldCall):
    """Cannot even name its candidates."""

    name = "deaf"

    def candidates(self, project: Project) -> Iterable[str]:
        raise RuntimeError


class Overlapping(OldCall):
    """Each patch replaces the whole line that the call is on."""

    name = "overlapping"

    def rewrite(self, finding: Finding, project: Project) -> Change:
        module = project.module(finding.path)
        assert module is not None
        _, call = finding.evidence
        line = finding.line
        start, end = module.source.line_start(line), module.source.line_start(line + 1)
        text = module.source.text
        return Change(
            (Edit(finding.path, start, end, text[start : call.start] + "new" + text[call.end : end]),),
            (ImportNeed(finding.path, "lib", "new"),),
        )
