"""``python -m tests.bench [--repo PATH] [--runs N]``: measures and writes ``docs/performance.md``."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.bench import growth, measure
from tests.bench.page import page
from tests.bench.tools import Tool, tools
from tests.bench.tree import DEFAULT, copy, default_tree, size


def main() -> None:
    """Measures the tools in turn, then growth, and writes the page and its plot."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--repo", type=Path, help="a folder of your own; default: a large application")
    parser.add_argument("--runs", type=int, default=5, help="how often each tool runs")
    parser.add_argument(
        "--slow-runs", type=int, default=1, help="how often Fixit and LibCST run; 0 leaves them out"
    )
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where the page is written")
    asked = parser.parse_args()
    source: Path = asked.repo.resolve() if asked.repo else default_tree()
    name = f"`{source.name}`" if asked.repo else f"the source distribution of {' '.join(DEFAULT)}"
    command = f"make bench RUNS={asked.runs}" + (f" REPO={asked.repo}" if asked.repo else "")
    with tempfile.TemporaryDirectory(prefix="patchwright-bench-") as folder:
        scratch = Path(folder)
        tree = copy(source, scratch / "tree")
        measured = size(tree)
        print(f"{name}: {measured}", flush=True)
        compared = [tool for tool in tools(tree, scratch) if asked.slow_runs or not tool.slow]
        taken = rounds(compared, scratch, asked.runs, asked.slow_runs)
        middles = {tool.name: middle(tool, taken[tool.name], scratch) for tool in compared}
        series = growth.grow(tree, scratch, min(asked.runs, 3))
    asked.docs.mkdir(exist_ok=True)
    growth.plot(series, asked.docs / "performance.svg")
    text = page(name, measured, taken, middles, series, command)
    target = asked.docs / "performance.md"
    text = text.replace("## Again\n", f"{_service_section(target)}## Again\n")
    target.write_text(text, encoding="utf-8")
    print(text)


def _service_section(page: Path) -> str:
    """What the page says of the service so far: `tests.bench.service` measures it, and people write it down."""
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    _, heading, rest = before.partition("## The service\n")
    return heading + rest.partition("## Again\n")[0]


def rounds(compared: list[Tool], scratch: Path, runs: int, slow_runs: int) -> dict[str, list[measure.Taken]]:
    """The timed runs by tool: every tool in turn, round after round."""
    taken: dict[str, list[measure.Taken]] = {tool.name: [] for tool in compared}
    for number in range(runs):
        for tool in compared:
            if tool.slow and number >= slow_runs:
                continue
            result = once(tool, scratch, watch=0.5 if tool.slow else None)
            taken[tool.name].append(result)
            print(f"round {number + 1}: {tool.name}: {result.wall:.2f} s", flush=True)
    return taken


def middle(tool: Tool, taken: list[measure.Taken], scratch: Path) -> measure.Taken:
    """The medians of the timed runs, with the peak memory of one more run that is watched closely.

    Slow tools are watched in their timed runs, seldom enough not to matter.
    """
    if tool.slow:
        return measure.Taken.middle(taken)
    middles = measure.Taken.middle(taken)
    return measure.Taken(middles.wall, middles.cpu, once(tool, scratch, watch=0.02).peak)


def once(tool: Tool, scratch: Path, *, watch: float | None = None) -> measure.Taken:
    """One run of one tool with its preparation."""
    tool.prepare()
    try:
        return measure.run(tool.command, tool.environment, scratch, watch)
    finally:
        tool.restore()


if __name__ == "__main__":
    main()
