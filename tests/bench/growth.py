"""How Patchwright's time grows with a repository, with and without code that its rules look at."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from codemods.engine import registry
from codemods.engine.files.discover import discover
from codemods.engine.project import Project
from tests.bench import measure
from tests.bench.tools import empty, patchwright
from tests.bench.tree import Size, python_files, size

STEPS = (0.1, 0.25, 0.5, 0.75, 1.0)
_EVERY = 20
_HIT = """

def _count_visit_{number}(client: "redis.Redis", key: str) -> int:
    import redis

    visits = redis.Redis().incr(key)
    redis.Redis().expire(key, 60)
    return visits
"""


@dataclass(frozen=True)
class Point:
    """One measured tree."""

    size: Size
    seconds: float


def grow(tree: Path, scratch: Path, runs: int) -> dict[str, list[Point]]:
    """Medians over parts of ``tree`` with nothing cached, in two series.

    The first leaves out every file that a rule would parse. The second adds a Redis counter to every twentieth
    file, so that detection and names across modules have work in proportion.
    """
    parsed = candidates(tree)
    files = [path for path in python_files(tree) if path not in parsed]
    return {
        "without hits": [_point(tree, files, step, scratch, runs, hits=False) for step in STEPS],
        "a hit in every 20th file": [_point(tree, files, step, scratch, runs, hits=True) for step in STEPS],
    }


def candidates(tree: Path) -> set[Path]:
    """The files that any rule wants to look at closely."""
    snapshot = discover([tree])
    project = Project(snapshot)
    return {snapshot.root / path for rule in registry.select(None) for path in rule.candidates(project)}


def _point(tree: Path, files: list[Path], share: float, scratch: Path, runs: int, *, hits: bool) -> Point:
    part, cache = scratch / "part", scratch / "part-cache"
    empty(part)
    for number, path in enumerate(files[: int(len(files) * share)]):
        target = part / path.relative_to(tree)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        if hits and number % _EVERY == 0:
            with target.open("a", encoding="utf-8") as out:
                out.write(_HIT.format(number=number))
    taken = []
    for _ in range(runs):
        empty(cache)
        taken.append(measure.run(patchwright(part), {"PATCHWRIGHT_CACHE_DIR": str(cache)}, scratch))
    return Point(size(part), measure.Taken.middle(taken).wall)


def plot(series: dict[str, list[Point]], target: Path) -> None:
    """Two panels beside each other, seconds against megabytes and against files, as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "patchwright"
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
    for name, points in series.items():
        seconds = [point.seconds for point in points]
        panels[0].plot([point.size.bytes / 1e6 for point in points], seconds, marker="o", label=name)
        panels[1].plot([point.size.files for point in points], seconds, marker="o", label=name)
    for panel, label in zip(panels, ("megabytes of Python", "Python files"), strict=True):
        panel.set_xlabel(label)
        panel.set_ylim(bottom=0)
        panel.set_xlim(left=0)
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("seconds, nothing cached")
    panels[0].legend(frameon=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, metadata={"Date": None, "Creator": None})
    plt.close(figure)
