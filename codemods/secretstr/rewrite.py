"""The patch for one finding."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.finding import Change, Edit, ImportNeed, Refused
from codemods.secretstr.detect import Unwrap

if TYPE_CHECKING:
    from codemods.engine.files.source import Source
    from codemods.engine.finding import Finding
    from codemods.engine.project import Project


_CALLED = re.compile(r"[\w)\]]\s*\($")


def rewrite(finding: Finding, project: Project) -> Change:
    """``.get_secret_value()`` at the use, and ``SecretStr(...)`` where tests put plain text into the field."""
    unwrap = finding.evidence
    if not isinstance(unwrap, Unwrap):
        raise Refused(finding.reason)
    module = project.module(finding.path)
    if module is None:
        raise Refused(f"{finding.path} can't be read")
    edits = [_unwrapped(unwrap, module.source)]
    imports: list[ImportNeed] = []
    for plain in unwrap.tests:
        other = project.module(plain.path)
        if other is None:
            raise Refused(f"{plain.path} can't be read")
        text = other.source.text[plain.start : plain.end]
        edits.append(Edit(plain.path, plain.start, plain.end, f"SecretStr({text})"))
        need = ImportNeed(plain.path, "pydantic", "SecretStr")
        if need not in imports:
            imports.append(need)
    return Change(tuple(edits), tuple(imports))


def _unwrapped(unwrap: Unwrap, source: Source) -> Edit:
    path, text = source.path, source.text
    own = text[unwrap.start : unwrap.end]
    if unwrap.form == "plain" and own.startswith("await"):
        before, after = text[: unwrap.start].rstrip(), text[unwrap.end :]
        if before.endswith("(") and after.startswith(")") and not _CALLED.search(before):
            return Edit(path, unwrap.end + 1, unwrap.end + 1, unwrap.suffix)
        return Edit(path, unwrap.start, unwrap.end, f"({own}){unwrap.suffix}")
    if unwrap.form == "plain":
        return Edit(path, unwrap.end, unwrap.end, unwrap.suffix)
    if "\n" in own or "#" in own:
        raise Refused("the expression spans several lines and would be written twice")
    if unwrap.form == "default":
        first, last = unwrap.outer
        other = text[unwrap.other[0] : unwrap.other[1]]
        between = text[unwrap.end : unwrap.other[0]]
        if "\n" in text[first:last] or between.split() != ["or"]:
            raise Refused("the expression spans several lines")
        return _placed(source, first, last, f"{own}{unwrap.suffix} if {own} else {other}")
    return _placed(source, unwrap.start, unwrap.end, f"{own}{unwrap.suffix} if {own} else None")


def _placed(source: Source, start: int, end: int, new: str) -> Edit:
    """The conditional expression, in parentheses unless the place takes it whole."""
    text = source.text
    bracketed = f"({new})"
    try:
        wanted = ast.dump(ast.parse(f"{text[:start]}{bracketed}{text[end:]}"))
    except SyntaxError as error:
        raise Refused("a conditional expression cannot stand there") from error
    try:
        plain = ast.dump(ast.parse(f"{text[:start]}{new}{text[end:]}")) == wanted
    except SyntaxError:
        plain = False
    return Edit(source.path, start, end, new if plain else bracketed)
