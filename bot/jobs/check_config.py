"""Says on a pull request's head whether the configuration that it changes can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.jobs.left_alone import left_alone
from bot.jobs.outcome import Done
from bot.jobs.repository_config import CONFIG_FILES, reading
from bot.plan.config_check import config_check
from bot.publish.publish import publish
from bot.watching.steps import step
from codemods.engine.settings.config import ConfigError, read_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.events.work import CheckConfig
    from bot.github.client import RepositoryClient
    from bot.services import Services


def check_config(work: CheckConfig, services: Services) -> Done:
    """Reports a check run where the head's configuration is wrong and is not the base's. Raises ``bot.github.errors``."""
    with services.connect(work.repository) as client:
        return _checked(client, work, services)


def _checked(client: RepositoryClient, work: CheckConfig, services: Services) -> Done:
    repository = client.repository()
    if (reason := left_alone(repository)) is not None:
        return Done(summary=f"left alone: {reason}")
    if services.history.wishes(repository.id).paused:
        return Done(summary="left alone: paused")
    head = reading(client, work.sha)
    try:
        read_config(head)
    except ConfigError as error:
        problems = error.problems
    else:
        return Done(summary=f"the configuration at {work.sha[:10]} is right")
    base = reading(client, work.base_sha)
    if all(_bytes(head, path) == _bytes(base, path) for path in CONFIG_FILES):
        return Done(summary="the configuration is wrong, but this pull request does not touch it")
    with step("publish"):
        done = publish(client, [config_check(problems, work.sha)])
    return Done(summary=f"the configuration at {work.sha[:10]} can't be used", actions=tuple(done))


def _bytes(read: Callable[[str], bytes], path: str) -> bytes | None:
    try:
        return read(path)
    except FileNotFoundError:
        return None
