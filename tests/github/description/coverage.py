"""At the end of a whole test run: has every operation that the client can call been seen, and answered well?

A plugin for pytest. In `tests/conftest.py`:

    pytest_plugins = ["tests.github.description.coverage"]

and where an exchange is checked (the stand-in's fixture), `coverage.saw(exchange)`. Works with and without
pytest-xdist: each worker hands what it saw to the controlling process with its last message. A run of some tests
only (paths, -k, -m, --lf, -x), or one in which something failed, is reported and not judged.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.github.description import seen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.github.description import Exchange, Recorded

_KEY = "github_operations_seen"
_CHOICES = ("keyword", "markexpr", "lf", "deselect", "maxfail", "stepwise", "collectonly")
_seen: set[str] = set()


def saw(exchange: Exchange | Recorded) -> None:
    """Remember the operation of an exchange, if it was answered as it should be: no fault, no error."""
    if not exchange.fault and exchange.status < 400 and (operation := seen(exchange)):
        _seen.add(operation)


def client_operations() -> frozenset[str]:
    """Ids of all operations that `bot.github` can call, from its own notes (`bot.github.operations`)."""
    package = importlib.import_module("bot.github")
    for module in pkgutil.walk_packages(package.__path__, "bot.github."):
        importlib.import_module(module.name)
    from bot.github.operations import all_operations

    return all_operations()


def never_seen(operations: Iterable[str], of: Iterable[str] | None = None) -> list[str]:
    """Those of the operations that were never seen, in this process or as given by `of`."""
    return sorted(set(operations) - set(_seen if of is None else of))


def whole_run(config: pytest.Config) -> bool:
    """Whether all tests run: nothing was chosen or left out on the command line."""
    source = config.ArgsSource
    everything = config.args_source in {source.TESTPATHS, source.INVOCATION_DIR}
    return everything and not any(config.getoption(name, None) for name in _CHOICES)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A worker hands over what it saw; the controlling process fails a whole run that missed something."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output[_KEY] = sorted(_seen)
    elif exitstatus == pytest.ExitCode.OK and whole_run(session.config) and never_seen(client_operations()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """What a worker of pytest-xdist saw, when it is done."""
    _seen.update(getattr(node, "workeroutput", {}).get(_KEY, ()))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Name the operations that no test made the client call."""
    if not _seen and not whole_run(config):
        return
    missing = never_seen(client_operations())
    if not whole_run(config):
        if config.get_verbosity() > 0:
            terminalreporter.write_line(
                f"GitHub operations seen: {len(_seen)}; never: {', '.join(missing) or 'none'}"
            )
    elif missing:
        terminalreporter.section("operations of GitHub that no test called", red=True)
        for operation in missing:
            terminalreporter.write_line(operation)
        terminalreporter.write_line("Each operation that the client can call has to be seen once.")
    else:
        terminalreporter.write_line(f"Every operation that the client can call was seen: {len(_seen)}.")
