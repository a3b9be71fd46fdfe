"""The command ``patchwright``."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


class Format(StrEnum):
    """How ``check`` shows its report."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


Paths = Annotated[
    list[Path] | None, typer.Argument(help="Files and folders to look at; the current folder if none.")
]
Select = Annotated[str | None, typer.Option("--select", help="The rules to run, separated by commas.")]


@app.callback()
def _all() -> None:
    """Finds production anti-patterns in Python repositories and patches them."""


@app.command()
def check(
    paths: Paths = None,
    select: Select = None,
    format_: Annotated[Format, typer.Option("--format", help="How to show the report.")] = Format.TEXT,
) -> None:
    """Reports what the rules find."""
    from codemods.engine import registry
    from codemods.engine.analyse import analyse
    from codemods.engine.discover import discover

    started = time.perf_counter()
    rules = registry.select([name.strip() for name in select.split(",")] if select else None)
    report = analyse(discover(paths or []), rules)
    seconds = time.perf_counter() - started
    if format_ is Format.JSON:
        from bot.output.json import render
    else:
        from bot.output.text import render
    typer.echo(render(report, seconds))
    raise typer.Exit(1 if report.findings else 0)


def main() -> None:
    """Runs the command."""
    app()
