"""Edits of a YAML configuration that may switch a rule off. They are candidates: whoever takes one reads it back."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

_OFF = "off"


def edits_of_yaml(text: str, rule: str) -> Iterator[str]:
    """The text with ``rule`` off, in the ways that may fit, the nicest first."""
    end = "\r\n" if "\r\n" in text else "\n"
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return
    if root is None or not isinstance(root, yaml.MappingNode):
        yield _appended(text, f"rules:{end}  {rule}: {_OFF}{end}", end)
        return
    rules = _value(root, "rules")
    if rules is None:
        if root.flow_style:
            yield _into_flow(text, root, f"rules: {{{rule}: {_OFF}}}")
        yield _appended(text, f"rules:{end}  {rule}: {_OFF}{end}", end)
        return
    value = rules[1]
    entry = _value(value, rule) if isinstance(value, yaml.MappingNode) else None
    if entry is not None:
        yield from _switched(text, entry[1], end)
    elif isinstance(value, yaml.MappingNode) and value.flow_style:
        yield _into_flow(text, value, f"{rule}: {_OFF}")
    elif isinstance(value, yaml.MappingNode) and value.value:
        first, last = value.value[0][0], value.value[-1]
        line = f"{' ' * first.start_mark.column}{rule}: {_OFF}{end}"
        yield _behind(text, _last_line(text, last), line, end)
        yield _inserted(text, _line_start(text, first.start_mark.index), line)


def _switched(text: str, value: yaml.Node, end: str) -> Iterator[str]:
    """The rule is named: its switch is turned, or put first into its table."""
    start, stop = value.start_mark.index, value.end_mark.index
    if isinstance(value, yaml.ScalarNode):
        yield f"{text[:start]}{_OFF}{text[stop:]}"
        return
    if not isinstance(value, yaml.MappingNode):
        return
    enabled = _value(value, "enabled")
    if enabled is not None:
        place = enabled[1]
        yield f"{text[: place.start_mark.index]}{_OFF}{text[place.end_mark.index :]}"
    elif value.flow_style:
        yield _into_flow(text, value, f"enabled: {_OFF}")
    elif value.value:
        first = value.value[0][0]
        line = f"{' ' * first.start_mark.column}enabled: {_OFF}{end}"
        yield _inserted(text, _line_start(text, first.start_mark.index), line)


def _value(node: yaml.Node, name: str) -> tuple[yaml.Node, yaml.Node] | None:
    """The key and the value of this name in a mapping."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next(((key, value) for key, value in node.value if key.value == name), None)


def _into_flow(text: str, node: yaml.Node, entry: str) -> str:
    at = node.start_mark.index + 1
    empty = not getattr(node, "value", None)
    return f"{text[:at]}{entry}{'' if empty else ', '}{text[at:]}"


def _last_line(text: str, entry: tuple[yaml.Node, yaml.Node]) -> int:
    """An offset in the last line of an entry: a block's end mark is where the next thing begins."""
    key, value = entry
    stop = max(value.end_mark.index, key.end_mark.index)
    if isinstance(value, yaml.CollectionNode) and not value.flow_style and value.value:
        inner = value.value[-1]
        return _last_line(text, inner if isinstance(inner, tuple) else (inner, inner))
    if isinstance(value, yaml.ScalarNode) and value.style in ("|", ">"):
        return len(text[:stop].rstrip())
    return stop


def _behind(text: str, offset: int, line: str, end: str) -> str:
    """``line`` below the line in which ``offset`` lies."""
    stop = text.find("\n", offset)
    if stop < 0:
        return f"{text}{end}{line}"
    return _inserted(text, stop + 1, line)


def _inserted(text: str, offset: int, line: str) -> str:
    return f"{text[:offset]}{line}{text[offset:]}"


def _line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def _appended(text: str, lines: str, end: str) -> str:
    if not text.strip("\ufeff \t\r\n"):
        return lines
    return f"{text.rstrip()}{end}{end}{lines}"
