"""The command ``patchwright``."""

from __future__ import annotations

import gc
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from bot.output.text import Look
    from bot.session import Session

FOUND = 1
FAILED = 2
INTERRUPTED = 130

app = typer.Typer(
    name="patchwright",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
config_app = typer.Typer(
    no_args_is_help=True, help="The configuration, of repositories and of the service.", rich_markup_mode=None
)
app.add_typer(config_app, name="config")


class Format(StrEnum):
    """How ``check`` shows its report."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def _rule_names(incomplete: str) -> list[str]:
    """What may follow after ``--select``: rules, after those before the last comma."""
    from codemods.engine import registry

    chosen, comma, begun = incomplete.rpartition(",")
    taken = {name.strip() for name in chosen.split(",")}
    return [
        f"{chosen}{comma}{name}"
        for name in sorted(registry.known())
        if name.startswith(begun) and name not in taken
    ]


def _rule_name(incomplete: str) -> list[str]:
    from codemods.engine import registry

    return [name for name in sorted(registry.known()) if name.startswith(incomplete)]


Paths = Annotated[list[Path] | None, typer.Argument(help="Files and folders; the current folder if none.")]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="RULE,...",
        help="Only these rules; may be repeated.",
        autocompletion=_rule_names,
    ),
]
Unsafe = Annotated[bool, typer.Option("--unsafe-fixes", help="Patches that a person must look at, too.")]
Diff = Annotated[bool, typer.Option("--diff", help="Show all patches as one diff, and write nothing.")]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"patchwright {_own_version()}")
        raise typer.Exit


def _own_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("patchwright")
    except PackageNotFoundError:
        return "0"


@app.callback()
def _all(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    traceback: Annotated[bool, typer.Option("--traceback", hidden=True)] = False,
) -> None:
    """Finds production anti-patterns in Python repositories and writes the patches."""
    if traceback:
        os.environ["PATCHWRIGHT_TRACEBACK"] = "1"


@app.command()
def check(
    paths: Paths = None,
    select: Select = None,
    format_: Annotated[Format, typer.Option("--format", help="How to show the report.")] = Format.TEXT,
    *,
    unsafe_fixes: Unsafe = False,
    diff: Diff = False,
) -> None:
    """Report what the rules find. Exit code 1 if there is anything."""
    from bot.output.plain import write
    from bot.session import run

    session = run(paths or [], select, unsafe_fixes=unsafe_fixes)
    if diff and format_ is Format.TEXT:
        _show_diff(session)
    elif format_ is Format.JSON:
        from bot.output.json import render as render_json

        write(render_json(session.shown, session.seconds))
    elif format_ is Format.SARIF:
        from bot.output.sarif import render as render_sarif

        write(render_sarif(session.shown, session.source, _own_version()))
    elif format_ is Format.GITHUB:
        from bot.output.github import render as render_github

        write(render_github(session.shown))
    else:
        from bot.output.text import render

        write(render(session.shown, session.seconds, _look(session)))
    if session.report.findings:
        raise typer.Exit(FOUND)


@app.command()
def fix(
    paths: Paths = None,
    select: Select = None,
    *,
    unsafe_fixes: Unsafe = False,
    diff: Diff = False,
) -> None:
    """Apply the patches; say what was done, and what was left and why."""
    from bot.output.plain import write
    from bot.output.text import render_fixed
    from bot.session import run
    from bot.write import NotWritten, write_all
    from codemods.engine.run.analyse import combined

    session = run(paths or [], select, unsafe_fixes=unsafe_fixes)
    if diff:
        _show_diff(session)
        return
    result = combined(session.snapshot, session.report, session.allowed)
    try:
        write_all(session.snapshot.root, result.changed)
    except NotWritten as reason:
        _fail(f"Nothing was written. {reason}")
    write(render_fixed(result, session.report, _look(session)))


def _show_diff(session: Session) -> None:
    """All allowed patches as one diff on standard output, in colour on a terminal; a summary on standard error."""
    from bot.output.plain import write
    from bot.output.text import counted, diff
    from codemods.engine.run.analyse import combined
    from codemods.engine.run.diff import unified

    result = combined(session.snapshot, session.report, session.allowed)
    patch = unified(result.changed)
    look = _look(session)
    if look.colour and patch:
        write("\n".join(diff(patch, look)) + "\n")
    else:
        write(patch, exact=True)
    typer.echo(f"{counted(len(result.applied), 'finding')} patched, {len(result.left)} left.", err=True)


def _look(session: Session) -> Look:
    from bot.output.text import Look
    from bot.session import colours

    return Look(colours(), session.where, session.source, session.unsafe_fixes)


@app.command()
def preview(
    path: Annotated[Path, typer.Argument(help="The repository.")] = Path(),
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write them there.")] = None,
) -> None:
    """Show the pull requests that the App would open: title, body, diff."""
    from bot.preview import run

    run(_folder(path), out)


@app.command()
def demo() -> None:
    """Show the service at work on a small sample application, beside a stand-in for GitHub."""
    from bot.demo import run

    raise typer.Exit(run())


@app.command()
def rules() -> None:
    """List the rules."""
    from bot.output.text import wrapped
    from codemods.engine import registry
    from codemods.engine.page import page_of

    names = sorted(registry.known())
    width = max((len(name) for name in names), default=0)
    for name in names:
        typer.echo(wrapped(f"{name:<{width}}  ", page_of(name).summary))


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule's name.", autocompletion=_rule_name)],
) -> None:
    """Show a rule's page: what it does, why, how safe its patches are, when not to use it."""
    from bot.session import colours
    from codemods.engine.page import page_of

    page = page_of(rule)
    if not page.text:
        typer.echo(f"{rule} comes without a page.")
    elif colours():
        from rich.console import Console
        from rich.markdown import Markdown

        Console(width=min(100, Console().width)).print(Markdown(page.text))
    else:
        typer.echo(page.text.rstrip("\n"))


@app.command()
def init(path: Annotated[Path, typer.Argument(help="The repository.")] = Path()) -> None:
    """Write a configuration to start from: .github/patchwright.yml."""
    from bot.starter import NotWanted, write_starter
    from codemods.engine.files.discover import root_of

    try:
        written = write_starter(root_of([_folder(path)]))
    except NotWanted as reason:
        _fail(str(reason))
    typer.echo(f"Wrote {written}.")


@config_app.command("validate")
def validate(
    path: Annotated[Path, typer.Argument(help="The repository, or a file in it.")] = Path(),
    *,
    service: Annotated[
        bool | None,
        typer.Option(
            "--service/--no-service",
            help="The service's settings, too; if neither is given, where PATCHWRIGHT_... variables are set.",
        ),
    ] = None,
) -> None:
    """Check the repository's configuration, and the service's settings; without the network."""
    from codemods.engine.files.discover import root_of
    from codemods.engine.settings.config import read_config

    right = _service_is_right(asked=service)
    root = root_of([path])
    config = read_config(lambda name: (root / name).read_bytes(), strict=True)
    typer.echo(f"{config.path} is right." if config.path else "There is no configuration; the defaults hold.")
    if not right:
        raise typer.Exit(FAILED)


def _service_is_right(*, asked: bool | None) -> bool:
    """Whether the service's settings are right, which it says; True where they are not looked at."""
    others = {"PATCHWRIGHT_CACHE_DIR", "PATCHWRIGHT_TRACEBACK"}
    if asked is None:
        asked = any(name.startswith("PATCHWRIGHT_") and name not in others for name in os.environ)
    if not asked:
        return True
    from bot.service_cli import validate as validate_service

    try:
        validate_service()
    except typer.Exit:
        return False
    return True


@app.command()
def schema() -> None:
    """Print the JSON schema of the configuration."""
    import json

    from codemods.engine.settings.config_schema import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))


def _folder(path: Path) -> Path:
    if path.is_file():
        _fail(f"{path} is a file; name the repository's folder.")
    return path


@app.command()
def serve(
    *,
    jobs: Annotated[
        bool,
        typer.Option("--jobs/--no-jobs", help="Work on the jobs in this process, or leave that to workers."),
    ] = True,
) -> None:
    """Run the GitHub App: take webhooks, open pull requests. Settings are PATCHWRIGHT_... variables."""
    from bot.service_cli import serve as run

    run(jobs=jobs)


@app.command()
def worker() -> None:
    """Work on the App's jobs without taking webhooks (with PostgreSQL, beside any number of others)."""
    from bot.service_cli import worker as run

    run()


@app.command()
def redeliver(
    guids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Delivery ids, or all.")] = None,
) -> None:
    """Put webhook deliveries that failed back into the queue; without ids, list them."""
    from bot.service_cli import redeliver as run

    run(guids or [])


def _fail(message: str) -> NoReturn:
    typer.echo(f"patchwright: {message}", err=True)
    raise typer.Exit(FAILED)


def main() -> None:
    """Runs the command, and ends the process with its exit code; no traceback reaches the user."""
    code = FAILED
    gc.set_threshold(50_000, 20, 50)  # syntax trees are many small objects that all live
    try:
        code = _run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FOUND
    sys.exit(code)


def _run() -> int:
    from codemods.engine.files.discover import NotFound
    from codemods.engine.registry import BrokenRule, UnknownRule
    from codemods.engine.settings.config import ConfigError

    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        return INTERRUPTED
    except ConfigError as error:
        typer.echo(f"patchwright: the configuration can't be used:\n{error}", err=True)
    except (NotFound, UnknownRule, BrokenRule) as error:
        typer.echo(f"patchwright: {error}", err=True)
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except OSError as error:
        typer.echo(f"patchwright: {error}", err=True)
    except Exception as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # wrong use, as click words it
            error.show()
            return int(error.exit_code)
        if os.environ.get("PATCHWRIGHT_TRACEBACK"):
            raise
        typer.echo(
            f"patchwright: unexpected {type(error).__name__}: {error}\n"
            "This is a mistake in patchwright. `patchwright --traceback ...` shows where; please report it.",
            err=True,
        )
    else:
        return code if isinstance(code, int) else 0
    return FAILED


if __name__ == "__main__":
    main()
