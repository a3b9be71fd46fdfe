"""What is to change where a repository imports its packages under two names, worked out of all files at once."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.src_import.declared import Vote, votes
from codemods.src_import.folders import Folder, files_of_interest
from codemods.src_import.loads import Load, loads
from codemods.src_import.renaming import Renaming, Replacement, Unclear
from codemods.src_import.twice import loaded_twice

if TYPE_CHECKING:
    from codemods.engine.project import Project
    from codemods.src_import.declared import Choice

_OUTSIDE = (
    "What names modules outside of Python code (Dockerfile, compose, Procfile, CI, settings of logging and coverage) stays "
    "as it is."
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One ``src`` folder whose packages have two names.

    The finding is at offset ``start`` of ``path``. ``proof`` says who loads what twice. ``doubt`` says why nothing is
    written; it is empty where ``edits`` bring all files to one name, for ``reason``, with ``notes``.
    """

    folder: str
    top: str
    path: str
    start: int
    proof: str
    doubt: str
    reason: str = ""
    notes: tuple[str, ...] = ()
    edits: tuple[Replacement, ...] = ()


def plans(project: Project) -> tuple[Plan, ...]:
    """The plan for each ``src`` folder of which some program loads a module twice."""
    found = (_plan(folder, project) for folder in files_of_interest(project))
    return tuple(plan for plan in found if plan is not None)


def _plan(folder: Folder, project: Project) -> Plan | None:
    known: dict[str, list[Load]] = {}
    empty = set()
    for path in sorted(filter(folder.above, project.python)):
        module = project.module(path)
        if module is not None:
            known[path] = loads(module, folder, project)
            if all(isinstance(node, ast.Expr) for node in module.tree.body):
                empty.add(path)
    twice = loaded_twice(folder, known, empty)
    if twice is None:
        return None
    file, who = twice
    name = _dotted(file, folder)
    proof = f"{who} load{'' if who == 'the tests' else 's'} `src.{name}` and `{name}`"
    said = votes(folder, project)
    choice = _choice(said)
    wrong: Choice = _other(choice) if choice else _rarer(known)
    places = [(path, load) for path in sorted(known) for load in known[path] if load.name == wrong]
    path, load = next((each for each in places if _skipped(each[0], project) is None), places[0])
    module = project.module(path)
    assert module is not None
    start, top = module.source.span(load.node)[0], name.partition(".")[0]
    if choice is None:
        return Plan(folder.path, top, path, start, proof, _undecided(said, known))
    vote = next(each for each in said if each.choice == choice)
    try:
        edits = _edits(choice, vote, folder, known, project)
    except Unclear as unclear:
        return Plan(folder.path, top, path, start, proof, f"No patch: {unclear}.")
    written = "src." if choice == "src" else ""
    count = len({each.path for each in edits})
    reason = (
        f"{vote.where} makes `{written}{top}` the name; all files that write the other one ({count}) are changed together. "
        "A person must look: how the program is started may rest on the other name."
    )
    found_from = f"`{folder.path}` must be installed (`pip install -e .`) or on `PYTHONPATH`"
    needs = (f"{found_from} wherever the program starts.",) if choice == "plain" else ()
    return Plan(folder.path, top, path, start, proof, "", reason, (*needs, _OUTSIDE), edits)


def _dotted(file: str, folder: Folder) -> str:
    return (
        file.removeprefix(f"{folder.path}/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    )


def _other(choice: Choice) -> Choice:
    return "plain" if choice == "src" else "src"


def _choice(said: list[Vote]) -> Choice | None:
    """The one name that the settings of installation agree on; without any, those of the tests."""
    for some in ([vote for vote in said if vote.installs], said):
        choices = {vote.choice for vote in some}
        if choices:
            return choices.pop() if len(choices) == 1 else None
    return None


def _rarer(known: dict[str, list[Load]]) -> Choice:
    count = Counter(name for found in known.values() for name in {load.name for load in found})
    return "src" if count["src"] < count["plain"] else "plain"


def _undecided(said: list[Vote], known: dict[str, list[Load]]) -> str:
    written = {
        choice: [path for path in sorted(known) if any(load.name == choice for load in known[path])]
        for choice in ("src", "plain")
    }
    places = (
        f"`src.` is written in {len(written['src'])} files (first {written['src'][0]}), the other name in "
        f"{len(written['plain'])} (first {written['plain'][0]})"
    )
    if said:
        return f"No patch: {' and '.join(vote.where for vote in said)} say different things; {places}."
    return f"No patch: no packaging file says which of the two names is importable; {places}."


def _edits(
    choice: Choice, vote: Vote, folder: Folder, known: dict[str, list[Load]], project: Project
) -> tuple[Replacement, ...]:
    """All that changes, in all files. Raises Unclear with the reason why it can't be known whole."""
    if choice == "plain":
        _check_without_src(folder, known, project)
    edits: list[Replacement] = []
    for path, found in known.items():
        module = project.module(path)
        assert module is not None
        guarded = next((load for load in found if load.guarded and load.name in ("src", "plain")), None)
        if guarded is not None:
            raise Unclear(f"{path}:{guarded.node.lineno} tries one name after the other")
        renaming = Renaming(module, folder, choice, project)
        edits += renaming.edits([load for load in found if load.name == _other(choice)])
    for path in sorted({each.path for each in edits}):
        skipped = next(
            (each for each in project.skipped if path == each or path.startswith(f"{each}/")), None
        )
        if skipped is not None:
            raise Unclear(f"{path} is one of the files that are left alone ({project.skipped[skipped]})")
        if not vote.installs and not is_test(path):
            raise Unclear(f"{vote.where} holds for tests only, and {path} is none")
        if b"sys.path" in _data(path, project):
            raise Unclear(f"{path} sets `sys.path` for its imports itself")
        if choice == "src" and not is_test(path) and _is_started(path, project):
            raise Unclear(f"{path} may be started by its path, where `src` is no package")
    return tuple(edits)


def _skipped(path: str, project: Project) -> str | None:
    """Why a file is not to be changed; None where it may be."""
    skipped = project.skipped
    return next((why for each, why in skipped.items() if path == each or path.startswith(f"{each}/")), None)


def _is_started(path: str, project: Project) -> bool:
    return path.rpartition("/")[2] in {"env.py", "manage.py"} or b"__main__" in _data(path, project)


def _data(path: str, project: Project) -> bytes:
    module = project.module(path)
    return module.source.data if module is not None else b""


def _check_without_src(folder: Folder, known: dict[str, list[Load]], project: Project) -> None:
    """Raises Unclear where something rests on ``src`` being a package."""
    top = project.module(f"{folder.path}/__init__.py")
    if top is not None and any(line.split("#")[0].strip() for line in top.source.lines):
        raise Unclear(f"{folder.path}/__init__.py has code that only imports of `src` run")
    depth = folder.path.count("/") + 1
    for path, found in known.items():
        if not folder.holds(path):
            continue
        inside = path.count("/") - depth
        for load in found:
            level = getattr(load.node, "level", 0) or 0
            if level > inside:
                raise Unclear(f"{path}:{load.node.lineno} imports relatively from `src` itself")
