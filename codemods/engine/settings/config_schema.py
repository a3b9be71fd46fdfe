"""What a configuration may say: the model that checks it, and its JSON schema. Imported only where there is one."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from codemods.engine import registry
from codemods.engine.settings.config import Config, ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

_LONGEST_SHOWN = 80
_MOST_BITS = 256
_OWN_BRANCHES = "patchwright/"
_GLOB = frozenset("*?[")
_SWITCH = {"on": True, "off": False, True: True, False: False}
_SWITCH_SCHEMA = {"anyOf": [{"type": "boolean"}, {"enum": ["on", "off"]}]}


def _switch(value: object) -> object:
    if isinstance(value, (str, bool)) and value in _SWITCH:
        return _SWITCH[value]
    raise ValueError("must be on or off")


def _rule_table(value: object) -> object:
    if isinstance(value, dict):
        return value
    if isinstance(value, (str, bool)) and value in _SWITCH:
        return {"enabled": _SWITCH[value]}
    raise ValueError("must be on, off or a table of options")


def _glob(value: object) -> object:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError("must be a glob such as 'legacy/**'")


def _base(value: object) -> object:
    if isinstance(value, str) and value.startswith(_OWN_BRANCHES):
        raise ValueError(f"must not lie below {_OWN_BRANCHES}, where the App's own branches are")
    if isinstance(value, str) and not _GLOB.isdisjoint(value):
        raise ValueError("must be the name of a branch, not a glob")
    return value


Switch = Annotated[bool, BeforeValidator(_switch), WithJsonSchema(_SWITCH_SCHEMA)]
Glob = Annotated[str, BeforeValidator(_glob), WithJsonSchema({"type": "string", "minLength": 1})]
Conclusion = Literal["neutral", "success", "failure", "action_required"]
Name = Annotated[str, Field(min_length=1, max_length=200, strict=True)]
Base = Annotated[Name, BeforeValidator(_base)]
_ALLOWED = ConfigDict(extra="forbid", alias_generator=lambda name: name.replace("_", "-"))


class RuleTable(BaseModel):
    """One rule: whether it is on, where it is off, and the options of its own."""

    model_config = ConfigDict(extra="allow")

    enabled: Switch = Field(default=True, description="Whether the rule is on.")
    exclude: list[Glob] = Field(default=[], description="Globs, as in .gitignore, of files where it is off.")
    check: Conclusion | None = Field(
        default=None, description="How the check run ends when this rule found something."
    )


_OF_ANY_RULE = frozenset(RuleTable.model_fields)
_RuleTable = Annotated[RuleTable, BeforeValidator(_rule_table)]


class ConfigFile(BaseModel):
    """The settings of patchwright for one repository."""

    model_config = _ALLOWED | {"title": "patchwright"}

    rules: dict[str, _RuleTable] = Field(
        default={}, description="Rules by name: on, off, or a table of options."
    )
    per_path: dict[Glob, dict[str, Switch]] = Field(
        default={},
        description="Globs with the rules that are on or off for the files they match; later ones decide.",
    )
    exclude: list[Glob] = Field(
        default=[], description="Globs, as in .gitignore, of files that are not analysed."
    )
    unsafe_fixes: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="Whether patches that a person must look at are written too."
    )
    base_branches: list[Base] = Field(
        default=[], description="Branches that pull requests are opened for, in place of the default branch."
    )
    max_open_pull_requests: Annotated[int, Field(strict=True)] = Field(
        default=3, ge=0, le=100, description="How many pull requests may be open at once."
    )
    split_above: Annotated[int, Field(strict=True)] = Field(
        default=30,
        ge=1,
        le=1000,
        description="A rule with findings in more files gets several pull requests, by code owners or folders.",
    )
    labels: list[Name] = Field(default=[], description="Labels for pull requests.")
    reviewers: list[Name] = Field(default=[], description="Users, and teams as org/team, asked to review.")
    commit_style: Literal["auto", "plain", "conventional"] = Field(
        default="auto",
        description="Commit subjects as plain sentences, as Conventional Commits (fix: ...), or as the history has them.",
    )
    suggestions: Switch = Field(
        default=True, description="Whether pull requests get suggestions as review comments."
    )
    max_comments: Annotated[int, Field(strict=True)] = Field(
        default=10, ge=0, le=50, description="How many review comments a pull request gets at most."
    )
    check_conclusion: Conclusion = Field(
        default="neutral", description="How the check run ends when something was found."
    )
    clients: list[Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$", strict=True)]] = Field(
        default=[], description="Further client classes for lazy-client, such as acme.sdk.Client."
    )
    timeout_seconds: float = Field(
        default=10.0, gt=0, le=3600, description="The timeout that missing-timeout writes."
    )


def json_schema() -> dict[str, Any]:
    """The JSON schema of the configuration file, with the names of the rules that there are."""
    schema = ConfigFile.model_json_schema(by_alias=True)
    names = sorted(registry.known())
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    table = schema["$defs"]["RuleTable"]
    rule = {"anyOf": [*_SWITCH_SCHEMA["anyOf"], table]}
    schema.pop("$defs")
    rules = schema["properties"]["rules"]
    rules.pop("additionalProperties", None)
    rules |= {"properties": dict.fromkeys(names, rule), "additionalProperties": False}
    per_path = schema["properties"]["per-path"]
    per_path["additionalProperties"] = {
        "type": "object",
        "properties": dict.fromkeys(names, _SWITCH_SCHEMA),
        "additionalProperties": False,
    }
    per_path.pop("propertyNames", None)
    return schema


def checked(
    path: str,
    data: Mapping[str, object],
    lines: Mapping[tuple[str | int, ...], int],
    notes: Mapping[str, str],
) -> Config:
    """``data`` as a Config. Raises ConfigError with every mistake."""
    problems = []
    model = None
    try:
        model = ConfigFile.model_validate(data)
    except ValidationError as error:
        problems += [
            Problem(path, _line(lines, each["loc"]), _said(each)) for each in error.errors(include_url=False)
        ]
    problems += [Problem(path, _line(lines, place), message) for place, message in _unknown_rules(data)]
    if model is None or problems:
        raise ConfigError(*sorted(problems, key=lambda problem: problem.line))
    return Config(
        rules={name: table.enabled for name, table in model.rules.items()},
        rule_options={
            name: dict(table.model_extra or {}) for name, table in model.rules.items() if table.model_extra
        },
        rule_exclude={name: tuple(table.exclude) for name, table in model.rules.items() if table.exclude},
        per_path=tuple(model.per_path.items()),
        exclude=tuple(model.exclude),
        unsafe_fixes=model.unsafe_fixes,
        base_branches=tuple(model.base_branches),
        max_open_pull_requests=model.max_open_pull_requests,
        split_above=model.split_above,
        labels=tuple(model.labels),
        reviewers=tuple(model.reviewers),
        commit_style=model.commit_style,
        suggestions=model.suggestions,
        max_comments=model.max_comments,
        rule_checks={name: table.check for name, table in model.rules.items() if table.check},
        check_conclusion=model.check_conclusion,
        clients=tuple(model.clients),
        timeout_seconds=model.timeout_seconds,
        path=path,
        notes=notes,
    )


def _line(lines: Mapping[tuple[str | int, ...], int], place: tuple[str | int, ...]) -> int:
    """The line of the innermost part of ``place`` that has one; 0 for none."""
    for length in range(len(place), -1, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return 0


def _said(error: ErrorDetails) -> str:
    place = [str(part) for part in error["loc"] if part != "[key]"]
    name = ".".join(place)
    if error["type"] == "extra_forbidden":
        keys = [field.alias or key for key, field in ConfigFile.model_fields.items()]
        return f"unknown key {name}.{_meant(name, keys)}"
    message = error["msg"].removeprefix("Value error, ")
    given = error["input"]
    if error["type"] == "literal_error":
        wanted = error["ctx"]["expected"] if "ctx" in error else ""
        words = wanted.replace("'", "").replace(" or ", ", ").split(", ")
        meant = _meant(given, words) if isinstance(given, str) else ""
        return f"{name} must be one of {', '.join(words)}, not {_shown(given)}.{meant}"
    said = message if message.startswith("must") else f": {message[:1].lower()}{message[1:]}"
    shown = f", not {_shown(given)}" if isinstance(given, (str, int, float, bool)) or given is None else ""
    return f"{name}{'' if said.startswith(':') else ' '}{said}{shown}"


def _shown(given: object) -> str:
    """What was given, so that it can be recognized. Python does not print numbers of thousands of digits."""
    if isinstance(given, int) and given.bit_length() > _MOST_BITS:
        return "a number of that size"
    shown = repr(given)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}..."


def _meant(name: str, names: Iterable[str]) -> str:
    if len(name) > _LONGEST_SHOWN:
        return ""
    close = difflib.get_close_matches(name.lower().replace("_", "-"), sorted(names), n=1, cutoff=0.5)
    return f" Did you mean {close[0]}?" if close else ""


def _unknown_rules(data: Mapping[str, object]) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """Rules that don't exist, and options that a rule which names its options doesn't have."""
    names = registry.known()
    rules = data.get("rules")
    for name, table in rules.items() if isinstance(rules, dict) else ():
        if name not in names:
            yield ("rules", name), f"there is no rule called {name}.{_meant(name, names)}"
        elif isinstance(table, dict) and (further := table.keys() - _OF_ANY_RULE):
            options = getattr(registry.load(name), "options", None)
            known = sorted(options) if options is not None else sorted(further)
            for key in sorted(further - set(known)):
                yield (
                    ("rules", name, key),
                    f"{name} has no option {key}.{_meant(key, [*known, *sorted(_OF_ANY_RULE)])}",
                )
    per_path = data.get("per-path")
    for glob, switches in per_path.items() if isinstance(per_path, dict) else ():
        for name in switches if isinstance(switches, dict) else ():
            if name not in names:
                yield ("per-path", glob, name), f"there is no rule called {name}.{_meant(name, names)}"
