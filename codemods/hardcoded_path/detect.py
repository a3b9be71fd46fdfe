"""Finds the literals that are paths of one machine, and says of each what the repository has at its end."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability
from codemods.hardcoded_path.machine_paths import MAY_BE, MachinePath, machine_path, own_file
from codemods.hardcoded_path.uses import Form, Use, use_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

_DOCS = frozenset(["docs", "doc", "documentation", "docs_src", "fixtures", "testdata"])
_ONE_LITERAL = re.compile(r"[rRuU]?(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')")


@dataclass(frozen=True, slots=True)
class Evidence:
    """``start`` to ``end`` is replaced by what leads to ``own``, in the form that the place takes."""

    start: int
    end: int
    form: Form
    own: tuple[str, ...]
    quote: str


@dataclass(frozen=True, slots=True)
class _Place:
    """``own`` is what the repository has at the end of the path; ``whole``: that the literal can be exchanged for it."""

    literal: ast.Constant
    path: MachinePath
    use: Use
    own: tuple[str, ...] | None
    whole: bool

    @property
    def is_patched(self) -> bool:
        return self.own is not None and self.whole

    @property
    def is_reported(self) -> bool:
        return not self.is_patched and self.path.certain and self.use.plain


def candidates(project: Project) -> list[str]:
    """The files of the program that may hold such a path, sorted."""
    return sorted(path for path in project.matching(_may_hold) if not is_test(path) and not _is_doc(path))


def _may_hold(data: bytes) -> bool:
    return MAY_BE.search(data) is not None


def _is_doc(path: str) -> bool:
    """Whether it is read rather than run, or is a test by its folder (``tests_functional``)."""
    folders = path.split("/")[:-1]
    return not _DOCS.isdisjoint(folders) or any(folder.startswith("tests") for folder in folders)


def detect(rule: str, module: Module, project: Project) -> Iterator[Finding]:
    """One finding for each literal that can be patched; one in the repository for each other path."""
    for place in _places(module, project):
        if place.is_patched:
            yield _patched(rule, place, module)
        elif place.is_reported:
            start = module.source.span(place.literal)[0]
            if (place.path.text, module.path, start) in project.kept(reported):
                yield _reported(rule, place, module)


def reported(project: Project) -> tuple[tuple[str, str, int], ...]:
    """Each path that is reported without a patch, with the file and the offset where it is first."""
    first: dict[str, tuple[str, str, int]] = {}
    for path in candidates(project):
        module = project.module(path)
        for place in _places(module, project) if module is not None else ():
            if place.is_reported and module is not None:
                text = place.path.text
                first.setdefault(text, (text, path, module.source.span(place.literal)[0]))
    return tuple(first.values())


def _places(module: Module, project: Project) -> list[_Place]:
    seen = []
    for node in module.nodes(ast.Constant):
        if isinstance(node.value, str) and "/" in node.value.replace("\\", "/"):
            path = machine_path(node.value)
            use = path and use_of(node, module, project)
            if (
                path
                and use
                and not (path.text.startswith("/root/") and (not use.plain or _in_sandbox(module)))
            ):
                whole = path.text[-1] not in "/\\" and bool(
                    _ONE_LITERAL.fullmatch(module.source.segment(node))
                )
                seen.append(_Place(node, path, use, own_file(path, project), whole))
    proven = {_before(place.path, place.own) for place in seen if place.own}
    return [
        place if place.own else replace(place, own=_like_others(place.path, proven, project))
        for place in seen
    ]


def _in_sandbox(module: Module) -> bool:
    """Whether the file describes containers, in which `/root` is the home."""
    return any(each in module.source.data for each in (b"modal", b"docker", b"beam", b"runpod"))


def _like_others(
    path: MachinePath, proven: set[tuple[str, tuple[str, ...]]], project: Project
) -> tuple[str, ...] | None:
    """A file that any repository may have, in a checkout that another path of this module is known to speak of."""
    own = own_file(path, project, weak=True)
    return own if own and _before(path, own) in proven else None


def _before(path: MachinePath, own: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The checkout that a path speaks of."""
    return path.text[:3], path.parts[: -len(own)]


def _patched(rule: str, place: _Place, module: Module) -> Finding:
    assert place.own is not None
    start, end = module.source.span(place.use.node)
    written = module.source.segment(place.literal)
    own = "/".join(place.own)
    return module.finding(
        rule,
        place.literal,
        f"`{place.path.text}` is where `{own}` lies on one machine: on every other one it is not found.",
        Applicability.UNSAFE,
        f"`{own}` is in this repository. A person must look: that very checkout may have been meant, and not the one "
        "that the program runs from.",
        notes=("The path follows this module's own file, wherever the repository is checked out.",),
        evidence=Evidence(start, end, place.use.form, place.own, "'" if written.endswith("'") else '"'),
    )


def _reported(rule: str, place: _Place, module: Module) -> Finding:
    own = "/".join(place.own or ())
    return module.finding(
        rule,
        place.literal,
        f"`{place.path.text}` is a path of one person's machine: on every other one it is not found.",
        Applicability.DISPLAY_ONLY,
        f"No patch: `{own}` is in this repository, but the text is written in pieces, or ends in a slash that is needed."
        if own
        else "No patch: nothing in this repository is surely what this path ends in, so what it should be is a setting of the "
        "program, or known to its author only.",
    )
