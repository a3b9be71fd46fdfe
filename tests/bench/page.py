"""Writes what was measured as ``docs/performance.md``."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.bench.growth import Point
    from tests.bench.measure import Taken
    from tests.bench.tree import Size


def page(
    tree: str,
    size: Size,
    taken: Mapping[str, Sequence[Taken]],
    middles: Mapping[str, Taken],
    series: Mapping[str, Sequence[Point]],
    command: str,
) -> str:
    """The page's text; ``taken`` holds the timed runs by tool and ``middles`` their medians."""
    yardstick = next((each.wall for name, each in middles.items() if name.startswith("ruff")), None)
    rows = [
        f"| {name} | {each.wall:.2f} | {_times(each.wall, yardstick)} | {each.cpu:.2f} | {each.peak / 1e6:.0f} |"
        f" {len(taken[name])} |"
        for name, each in middles.items()
    ]
    return "\n".join(
        [
            "# Performance",
            "",
            f"Measured on {tree}: {size}.",
            "",
            f"Machine: {machine()}.",
            "",
            "| | seconds | times ruff | processor seconds | peak MB | runs |",
            "|---|--:|--:|--:|--:|--:|",
            *rows,
            "",
            "Seconds and processor seconds are medians; the tools ran in turn, round after round, in one session.",
            "Processor seconds count all processes of a run. The peak is that of the whole process tree in a run of",
            "its own. LibCST parses one file after the other in one process; the other tools use the processes that",
            "they choose. Patchwright runs all its rules and its own verification of every patch.",
            "",
            "## Growth",
            "",
            "![Seconds against megabytes and files](performance.svg)",
            "",
            "Parts of the same tree with nothing cached: once without any file that a rule looks at closely, once",
            "with a Redis counter added to every twentieth file.",
            "",
            "| | files | MB | seconds |",
            "|---|--:|--:|--:|",
            *(
                f"| {name} | {point.size.files:,} | {point.size.bytes / 1e6:.1f} | {point.seconds:.2f} |"
                for name, points in series.items()
                for point in points
            ),
            "",
            "## Again",
            "",
            "```console",
            f"$ {command}",
            "```",
            "",
        ]
    )


def _times(wall: float, yardstick: float | None) -> str:
    return f"{wall / yardstick:.1f}" if yardstick else ""


def machine() -> str:
    """One line on where this was measured."""
    tools = ", ".join(f"{name} {version(name)}" for name in ("patchwright", "ruff", "libcst", "fixit"))
    return f"{os.cpu_count()} cores, {_processor()}, {platform.system()}, Python {platform.python_version()}; {tools}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )
