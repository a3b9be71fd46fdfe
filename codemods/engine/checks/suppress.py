"""``# patchwright: ignore[rule]`` comments: which findings they hide, and which of them hide nothing."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from codemods.engine.edits.comments import comments_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from codemods.engine.files.source import Source
    from codemods.engine.finding import Finding

UNUSED = "unused-ignore"
"""The name under which comments that silence nothing are reported."""

_NEEDLE = b"patchwright:"
_DIRECTIVE = re.compile(
    r"#\s*patchwright:\s*(?P<kind>ignore-file|ignore)\b(?!-)(?:\s*\[(?P<rules>[^\]]*)\])?"
)
_ANY = re.compile(r"#\s*patchwright:.*")


@dataclass(eq=False)
class Ignore:
    """One comment: the rules that it names (none for a bare one, which means every rule) and what it has hidden."""

    line: int
    text: str
    whole_file: bool
    own_line: bool
    rules: tuple[str, ...] | None
    used: set[str] = field(default_factory=set)

    def means(self, rule: str) -> bool:
        """Whether the comment speaks of ``rule``."""
        return self.rules is None or rule in self.rules


@dataclass(eq=False)
class Suppressions:
    """The suppressing comments of one file. Asking whether one covers a finding notes that it was of use."""

    source: Source
    ignores: Sequence[Ignore] = ()
    malformed: Sequence[tuple[int, str]] = ()

    @classmethod
    def of(cls, source: Source) -> Suppressions:
        """The comments of ``source``; files without the word are not tokenized. Raises Unreadable."""
        if _NEEDLE not in source.data:
            return cls(source)
        ignores: list[Ignore] = []
        malformed: list[tuple[int, str]] = []
        for comment in comments_of(source):
            found = list(_DIRECTIVE.finditer(comment.text))
            for match in found:
                rules = match["rules"]
                names = (
                    None
                    if rules is None
                    else tuple(filter(None, (name.strip() for name in rules.split(","))))
                )
                ignores.append(
                    Ignore(
                        comment.line, match.group(), match["kind"] == "ignore-file", comment.own_line, names
                    )
                )
            if not found and (other := _ANY.match(comment.text)):
                malformed.append(
                    (comment.line, f"`{other.group().strip()}` is not `ignore[rule]` or `ignore-file[rule]`")
                )
        return cls(source, ignores, malformed)

    def covers(self, finding: Finding) -> bool:
        """Whether a comment hides ``finding``: in its lines, at its statement's first, directly above, or for the file."""
        speaking = [each for each in self.ignores if each.means(finding.rule)]
        if not speaking:
            return False
        first, last = self._lines(finding)
        above = self._comment_block_above(first)
        covering = [
            each
            for each in speaking
            if each.whole_file
            or each.line == first
            or finding.line <= each.line <= last
            or (each.own_line and (each.line in above or each.line == finding.line - 1))
        ]
        for each in covering:
            each.used.add(finding.rule)
        return bool(covering)

    def unused(
        self, rules_run: Collection[str], known: Collection[str] | None = None, off: Collection[str] = ()
    ) -> list[tuple[int, str]]:
        """What is to be said of comments that hide nothing, by line.

        Only rules that have run are judged; a bare comment only when all ``known`` rules have that
        are not ``off`` by default. Names that are not
        among the ``known`` (by default those that have run) are reported as unknown.
        """
        every = set(rules_run) if known is None else set(known)
        found = list(self.malformed)
        for each in self.ignores:
            if each.rules is None:
                if not each.used and every - {UNUSED, *off} <= set(rules_run):
                    found.append((each.line, f"`{each.text}` suppresses nothing"))
                continue
            if not each.rules:
                found.append((each.line, f"`{each.text}` names no rule"))
            for rule in each.rules:
                if rule not in every:
                    near = get_close_matches(rule, sorted(every), n=1)
                    hint = f"; did you mean `{near[0]}`?" if near else ""
                    found.append((each.line, f"`{each.text}` names the unknown rule `{rule}`{hint}"))
                elif rule in rules_run and rule not in each.used:
                    found.append((each.line, f"`{each.text}` suppresses no finding of `{rule}`"))
        return sorted(found)

    def _lines(self, finding: Finding) -> tuple[int, int]:
        """The first line of the finding's statement, and the last line of the finding that counts.

        A finding about a whole function or class ends with its header: comments in the body speak of the body.
        """
        statement = _innermost(self.source.tree, finding.line)
        if statement is None:
            return finding.line, finding.end_line
        decorators = getattr(statement, "decorator_list", ())
        first = min([statement.lineno, *(each.lineno for each in decorators)])
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return first, max(finding.line, min(finding.end_line, statement.body[0].lineno - 1))
        return first, finding.end_line

    def _comment_block_above(self, line: int) -> range:
        """The lines of comments that stand directly above ``line``."""
        top = line
        while top > 1 and self.source.lines[top - 2].lstrip().startswith("#"):
            top -= 1
        return range(top, line)


def _innermost(tree: ast.Module, line: int) -> ast.stmt | None:
    """The innermost statement on ``line``; decorators belong to their definition."""
    found: ast.stmt | None = None
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
            if first <= line <= (node.end_lineno or node.lineno):
                found = node  # walked from the outside in
    return found
