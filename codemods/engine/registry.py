"""Which rules there are: those that lie beside this package, and those that the operator installed."""

from __future__ import annotations

import difflib
import importlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codemods.engine.rule import Rule

ENTRY_POINTS = "patchwright.rules"
_HERE = Path(__file__).resolve().parent.parent
_SETS_RULE = re.compile(rb"^RULE\b|\bas RULE$|import RULE$", re.MULTILINE)
_NAME = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")


class UnknownRule(Exception):  # noqa: N818 - the caller's mistake, said in one sentence
    """No rule has this name; ``str(unknown)`` says which was perhaps meant."""


class BrokenRule(Exception):  # noqa: N818 - an installed rule's mistake
    """A rule's module can't be imported, or offers no rule; ``str(broken)`` says which and why."""


@dataclass(frozen=True, slots=True)
class Known:
    """A rule that can be loaded. ``module`` holds the attribute ``attribute``; ``page`` is its Markdown page."""

    name: str
    module: str
    attribute: str = "RULE"
    page: Path | None = None


@cache
def built_in() -> Mapping[str, Known]:
    """The rules beside the engine: every module or package that sets ``RULE``. Imports nothing."""
    found = {}
    for file in sorted([*_HERE.glob("*.py"), *_HERE.glob("*/__init__.py")]):
        stem = file.parent.name if file.name == "__init__.py" else file.stem
        if file.parent != _HERE / "engine" and _SETS_RULE.search(file.read_bytes()):
            name = stem.replace("_", "-")
            found[name] = Known(name, f"codemods.{stem}", page=_HERE / f"{stem}.md")
    return found


@cache
def known() -> Mapping[str, Known]:
    """All rules by name, the operator's own (entry points of the group ``patchwright.rules``) included.

    A rule of the operator's own can't take the name of a built-in one.
    """
    from importlib.metadata import entry_points

    found = dict(built_in())
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        if point.name not in found and _NAME.match(point.name):
            found[point.name] = Known(point.name, point.module, point.attr or "RULE")
    return found


def suggestion(name: str, names: Iterable[str]) -> str:
    """`` Did you mean x?`` with a leading space, or nothing."""
    close = difflib.get_close_matches(name.lower().replace("_", "-"), sorted(names), n=1, cutoff=0.5)
    return f" Did you mean {close[0]}?" if close else ""


def find(name: str) -> Known:
    """The rule called ``name``. Raises UnknownRule."""
    rule = built_in().get(name) or known().get(name)
    if rule is None:
        raise UnknownRule(f"There is no rule called {name}.{suggestion(name, known())}")
    return rule


def load(name: str) -> Rule:
    """The rule called ``name``, imported. Raises UnknownRule and BrokenRule."""
    return _loaded(find(name))


@cache
def _loaded(rule: Known) -> Rule:
    try:
        found = importlib.import_module(rule.module)
        for part in rule.attribute.split("."):
            found = getattr(found, part)
    except Exception as error:
        raise BrokenRule(f"The rule {rule.name} can't be loaded: {type(error).__name__}: {error}") from error
    if isinstance(found, type):
        found = found()
    loaded: Rule = found
    missing = [
        part for part in ("name", "version", "candidates", "detect", "rewrite") if not hasattr(loaded, part)
    ]
    if missing:
        raise BrokenRule(f"The rule {rule.name} can't be used: it has no {', '.join(missing)}")
    if loaded.name != rule.name:
        raise BrokenRule(f"The rule {rule.name} calls itself {loaded.name}")
    return loaded


def select(names: Iterable[str] | None) -> list[Rule]:
    """The rules with these names, in order of name; all of them for None. Raises UnknownRule and BrokenRule."""
    chosen = sorted(known() if names is None else set(names))
    return [load(name) for name in chosen]
