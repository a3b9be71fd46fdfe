"""Edits of ``pyproject.toml`` that may switch a rule off. They are candidates: whoever takes one reads it back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods.engine.settings.toml_lines import lines_of

_TABLE = ("tool", "patchwright")
_HEADER = re.compile(r"^\s*\[")
_INLINE = re.compile(r"=\s*\{")


def edits_of_toml(text: str, rule: str) -> Iterator[str]:
    """The text with ``rule`` off, in the ways that may fit, the nicest first."""
    lines = text.splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    known = lines_of(text, _TABLE)
    named = known.get(("rules", rule))
    if named is not None:
        yield from _switched(lines, known, rule, named, end)
        return
    rules = known.get(("rules",))
    if rules is not None:
        header = lines[rules - 1]
        if _HEADER.match(header) and header.strip().startswith("[tool.patchwright.rules]"):
            yield _behind(lines, _last_of_table(lines, rules), f"{rule} = false{end}", end)
        if _INLINE.search(header):
            yield _into_inline(lines, rules, f"{rule} = false")
        yield _behind(lines, rules, f"rules.{rule} = false{end}", end)
        yield _behind(lines, rules, f"{rule} = false{end}", end)
        yield _behind(lines, len(lines), f"{end}[tool.patchwright.rules]{end}{rule} = false{end}", end)
    table = known.get((), len(lines))
    new = f"{end}[tool.patchwright.rules]{end}{rule} = false{end}"
    yield _behind(lines, _last_of_table(lines, table), new, end)
    yield _behind(lines, len(lines), new, end)
    if _INLINE.search(lines[table - 1]):
        yield _into_inline(lines, table, f"rules = {{ {rule} = false }}")


def _switched(
    lines: list[str], known: dict[tuple[str | int, ...], int], rule: str, named: int, end: str
) -> Iterator[str]:
    """The rule is named: its switch is turned, or put first into its table."""
    switch = known.get(("rules", rule, "enabled"))
    if switch is not None:
        yield _turned(lines, switch, "enabled")
        return
    line = lines[named - 1]
    if _HEADER.match(line):
        yield _behind(lines, named, f"enabled = false{end}", end)
        return
    yield _turned(lines, named, rule)
    if _INLINE.search(line):
        yield re.sub(r"(enabled\s*=\s*)(true|\"on\"|'on')", r"\1false", "".join(lines), count=1)
        yield _into_inline(lines, named, "enabled = false")
        yield _into_inline_of(lines, named, rule)


def _turned(lines: list[str], number: int, key: str) -> str:
    """The value of ``key`` on its line as ``false``."""
    pattern = re.compile(rf"""((?:^|[\s.{{,"'])["']?{re.escape(key)}["']?\s*=\s*)(?:true|"[^"]*"|'[^']*')""")
    line = pattern.sub(r"\1false", lines[number - 1], count=1)
    return "".join([*lines[: number - 1], line, *lines[number:]])


def _into_inline(lines: list[str], number: int, entry: str) -> str:
    """``entry`` put first into the inline table that begins on the line."""
    line = lines[number - 1]
    found = _INLINE.search(line)
    assert found is not None
    rest = line[found.end() :].lstrip(" ")
    line = f"{line[: found.end()]} {entry}{' ' if rest.startswith('}') else ', '}{rest}"
    return "".join([*lines[: number - 1], line, *lines[number:]])


def _into_inline_of(lines: list[str], number: int, rule: str) -> str:
    """``enabled = false`` put first into the rule's own table within an inline one."""
    pattern = re.compile(rf"({re.escape(rule)}\s*=\s*\{{)\s*")
    line = pattern.sub(r"\1 enabled = false, ", lines[number - 1], count=1).replace("false, }", "false }")
    return "".join([*lines[: number - 1], line, *lines[number:]])


def _last_of_table(lines: list[str], header: int) -> int:
    """The last line (from 1) that says something in the table whose header is on line ``header``."""
    last = header
    for number in range(header, len(lines)):
        if _HEADER.match(lines[number]):
            break
        if lines[number].strip() and not lines[number].lstrip().startswith("#"):
            last = number + 1
    return last


def _behind(lines: list[str], number: int, added: str, end: str) -> str:
    """``added`` below line ``number`` (from 1)."""
    above, below = "".join(lines[:number]), "".join(lines[number:])
    if above and not above.endswith("\n"):
        above += end
    return f"{above}{added}{below}"
