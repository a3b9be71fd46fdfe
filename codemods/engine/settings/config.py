"""The repository's own configuration: ``.github/patchwright.yml``, or ``[tool.patchwright]`` in ``pyproject.toml``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from codemods.engine.files.ignored import Patterns
from codemods.engine.rule import traits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codemods.engine.rule import Rule
    from codemods.engine.settings.plain_yaml import Lines

YAML_FILES = (".github/patchwright.yml", ".github/patchwright.yaml")
TOML_FILE = "pyproject.toml"
_LARGEST = 200_000
_LONGEST_MESSAGE = 300
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a configuration; ``line`` counts from 1, 0 where it can't be told.

    ``message`` may quote the file; it is cut to 300 characters.
    """

    path: str
    line: int
    message: str

    def __post_init__(self) -> None:
        if len(self.message) > _LONGEST_MESSAGE:
            object.__setattr__(self, "message", f"{self.message[: _LONGEST_MESSAGE - 3]}...")

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


class ConfigError(Exception):
    """The configuration can't be used; ``problems`` are all its mistakes, ``str(error)`` has one on each line."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Config:
    """What a repository asks for. The defaults are what holds without a configuration.

    ``rules``: on or off by name; a rule that isn't named is on. ``rule_options``: what each rule's own table says.
    ``rule_exclude``: gitignore-style globs of files where a rule is off. ``per_path``: globs with the rules that
    are on or off below them, later ones deciding. ``base_branches``: empty for the default branch alone.
    ``split_above``: how many files one pull request may be about; one with more is divided by code owners or folders.
    ``rule_checks``: how the check run ends when a rule found something, where its table says so. ``max_comments``: how
    many review comments one pull request may have. ``path``: the file that all this was read from, None for none. ``notes``: what was passed over, by path.
    """

    rules: Mapping[str, bool] = field(default_factory=dict)
    rule_options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    rule_exclude: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    per_path: tuple[tuple[str, Mapping[str, bool]], ...] = ()
    exclude: tuple[str, ...] = ()
    unsafe_fixes: bool = False
    base_branches: tuple[str, ...] = ()
    max_open_pull_requests: int = 3
    split_above: int = 30
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    commit_style: str = "auto"
    suggestions: bool = True
    check_conclusion: str = "neutral"
    rule_checks: Mapping[str, str] = field(default_factory=dict)
    max_comments: int = 10
    clients: tuple[str, ...] = ()
    timeout_seconds: float = 10.0
    path: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _patterns(self) -> tuple[dict[str, Patterns], list[tuple[Patterns, Mapping[str, bool]]]]:
        excluded = {rule: Patterns(globs) for rule, globs in self.rule_exclude.items()}
        return excluded, [(Patterns([glob]), rules) for glob, rules in self.per_path]

    def with_defaults(self, rules: Iterable[Rule]) -> Config:
        """The same, with those of the rules off that are off unless they are named."""
        off = {rule.name: False for rule in rules if not traits(rule).default}
        return replace(self, rules={**off, **self.rules}) if off else self

    def enabled(self, rule: str) -> bool:
        """Whether a rule is on for any file at all."""
        return self.rules.get(rule, True) or any(rules.get(rule, False) for _, rules in self.per_path)

    def applies(self, rule: str, path: str) -> bool:
        """Whether a rule is on for one file."""
        excluded, per_path = self._patterns
        on = self.rules.get(rule, True)
        for patterns, rules in per_path:
            if rule in rules and patterns.holds(path):
                on = rules[rule]
        return on and not (rule in excluded and excluded[rule].holds(path))

    def conclusion(self, rule: str) -> str:
        """How the check run ends when this rule found something."""
        return self.rule_checks.get(rule, self.check_conclusion)

    def options(self) -> dict[str, dict[str, object]]:
        """Each rule's options, as ``Options.rules`` takes them."""
        found = {rule: dict(options) for rule, options in self.rule_options.items()}
        if self.clients:
            found.setdefault("lazy-client", {}).setdefault("clients", list(self.clients))
        if self.timeout_seconds != Config.timeout_seconds:
            found.setdefault("missing-timeout", {}).setdefault("timeout-seconds", self.timeout_seconds)
        return found


def read_config(read: Callable[[str], bytes], *, strict: bool = False) -> Config:
    """The configuration of a repository whose files ``read`` gives (it raises OSError for those that don't exist).

    A ``pyproject.toml`` that does not parse is an error where it may hold the configuration (or with ``strict``),
    otherwise only a note. Raises ConfigError.
    """
    notes: dict[str, str] = {}
    table, toml_lines = _from_toml(read, notes, strict=strict)
    yaml_file, text = _first(read, YAML_FILES)
    if yaml_file is None:
        if table is None:
            return Config(notes=notes)
        return _checked(TOML_FILE, table, toml_lines, notes)
    if table is not None:
        line = toml_lines.get((), 0)
        raise ConfigError(
            Problem(
                TOML_FILE, line, f"[tool.patchwright] and {yaml_file} both configure patchwright; keep one"
            )
        )
    from codemods.engine.settings.plain_yaml import YamlError, read_yaml

    try:
        data, lines = read_yaml(_decoded(yaml_file, text))
    except YamlError as error:
        raise ConfigError(Problem(yaml_file, error.line, str(error))) from error
    return _checked(yaml_file, {} if data is None else data, lines, notes)


def _first(read: Callable[[str], bytes], paths: tuple[str, ...]) -> tuple[str | None, bytes]:
    for path in paths:
        try:
            return path, read(path)
        except OSError:
            continue
    return None, b""


def _decoded(path: str, data: bytes) -> str:
    if len(data) > _LARGEST:
        raise ConfigError(Problem(path, 0, f"larger than {_LARGEST:,} bytes"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(Problem(path, line, "not UTF-8")) from error


def _from_toml(
    read: Callable[[str], bytes], notes: dict[str, str], *, strict: bool
) -> tuple[Mapping[str, object] | None, Lines]:
    _, data = _first(read, (TOML_FILE,))
    if not data:
        return None, {}
    from codemods.engine.settings.plain_toml import TomlError, read_toml

    try:
        parsed = read_toml(data)
    except TomlError as error:
        if strict or b"tool.patchwright" in data:
            raise ConfigError(Problem(TOML_FILE, error.line, str(error))) from error
        notes[TOML_FILE] = str(error) + (f" (line {error.line})" if error.line else "")
        return None, {}
    tool = parsed.get("tool")
    table = tool.get("patchwright") if isinstance(tool, dict) else None
    if table is None:
        return None, {}
    if not isinstance(table, dict):
        raise ConfigError(Problem(TOML_FILE, 0, "tool.patchwright is not a table"))
    from codemods.engine.settings.toml_lines import lines_of

    return table, lines_of(data.decode("utf-8"), ("tool", "patchwright"))


def _checked(path: str, data: object, lines: Lines, notes: Mapping[str, str]) -> Config:
    if not isinstance(data, dict):
        raise ConfigError(Problem(path, 1, "not a mapping of settings"))
    from codemods.engine.settings.config_schema import checked

    return checked(path, data, lines, notes)
