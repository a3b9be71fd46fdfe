"""The configuration's file with a rule switched off; what comes of an edit is read back before it is believed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.commands.switch_off.toml import edits_of_toml
from bot.commands.switch_off.yaml import edits_of_yaml
from codemods.engine.settings.config import TOML_FILE, YAML_FILES, Config, ConfigError, read_config

if TYPE_CHECKING:
    Read = Callable[[str], bytes]

NEW = YAML_FILES[0]
"""Where the configuration is made where there is none."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The file as it should be; ``before`` is empty where it is new."""

    path: str
    before: bytes
    after: bytes


class NotEdited(Exception):  # noqa: N818 - an answer, not a failure
    """The configuration can't be edited; ``case`` of the answer's template says why."""

    def __init__(self, case: str, reason: str = "") -> None:
        super().__init__(reason or case)
        self.case, self.reason = case, reason


def switched_off(read: Read, rule: str) -> Edited | None:
    """The configuration with ``rule`` off; None where it is off already.

    ``read`` gives a repository's files and raises OSError for those that don't exist. Comments, order and spelling
    of all else stay. Raises NotEdited.
    """
    try:
        config = read_config(read)
    except ConfigError as error:
        raise NotEdited("config-broken", str(error)) from error
    if not config.enabled(rule):
        return None
    on_below = sorted(glob for glob, rules in config.per_path if rules.get(rule))
    if on_below:
        raise NotEdited("config-per-path", ", ".join(on_below))
    path = config.path or NEW
    before = read(path) if config.path else b""
    wanted = replace(config, rules={**config.rules, rule: False}, path=path)
    for text in _edits(path, before, rule):
        after = text.encode("utf-8")
        if _means(read, path, after, wanted):
            return Edited(path, before, after)
    raise NotEdited("config-form", path)


def _edits(path: str, before: bytes, rule: str) -> Iterator[str]:
    """Candidates, the nicest first; each but the right one is refused when it is read back."""
    text = before.decode("utf-8")
    yield from edits_of_toml(text, rule) if path == TOML_FILE else edits_of_yaml(text, rule)


def _means(read: Read, path: str, data: bytes, wanted: Config) -> bool:
    """Whether the configuration with this file is the wanted one, and differs from it in nothing."""

    def edited(asked: str) -> bytes:
        return data if asked == path else read(asked)

    try:
        return read_config(edited) == wanted
    except ConfigError:
        return False
