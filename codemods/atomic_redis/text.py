"""The edits that put commands into a pipeline: statements keep their text, comments and line ends."""

from __future__ import annotations

import ast
import io
import itertools
import re
import tokenize
from typing import TYPE_CHECKING

from codemods.engine.finding import Edit, Refused
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.atomic_redis.calls import Command
    from codemods.engine.project import Module

_COMMENT = re.compile(r"^\s*#")


class Lines:
    """The lines of one module as edits see them: indentation, comments, and what shares a line."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.source = module.source

    def edit(self, start: int, end: int, text: str) -> Edit:
        """Replace ``text[start:end]`` of this file."""
        return Edit(self.source.path, start, end, text)

    def line_end(self, line: int) -> int:
        """The offset where line ``line`` ends, before its line end."""
        return self.source.line_start(line) + len(self.source.lines[line - 1])

    def alone(self, statement: ast.stmt) -> bool:
        """Whether no other statement shares the statement's first or last line."""
        start, end = self.source.span(statement)
        before = self.source.text[self.source.line_start(statement.lineno) : start]
        assert statement.end_lineno is not None
        after = self.source.text[end : self.line_end(statement.end_lineno)].strip()
        return not before.strip() and (not after or after.startswith("#"))

    def fill_their_lines(self, statements: list[ast.stmt]) -> bool:
        """Whether these statements, one after the other, share no line with any other statement."""
        text = self.source.text
        first, last = statements[0], statements[-1]
        assert last.end_lineno is not None
        if text[self.source.line_start(first.lineno) : self.source.span(first)[0]].strip():
            return False
        after = text[self.source.span(last)[1] : self.line_end(last.end_lineno)].strip()
        if after and not after.startswith("#"):
            return False
        for one, other in itertools.pairwise(statements):
            shared = one.end_lineno == other.lineno
            gap = text[self.source.span(one)[1] : self.source.span(other)[0]]
            if (";" in gap.partition("#")[0]) != shared or (shared and gap.strip() != ";"):
                return False
        return True

    def indent(self, statement: ast.stmt) -> str:
        """The white space before the statement."""
        return self.source.indent(statement.lineno)

    def step(self, statement: ast.stmt) -> str:
        """One more level of indentation, as the code around the statement has it."""
        for around in (statement, *self.module.ancestors(statement)):
            own = self._step_of(around)
            if own:
                return own
        for node in self.module.tree.body:
            for part in walk(node):
                own = self._step_of(part)
                if own:
                    return own
        return "    "

    def _step_of(self, node: ast.AST) -> str:
        body = getattr(node, "body", None)
        if not isinstance(node, ast.stmt) or not isinstance(body, list) or not body:
            return ""
        first = body[0]
        outer, inner = self.indent(node), self.indent(first)
        if first.lineno == node.lineno or not inner.startswith(outer) or inner == outer:
            return ""
        return inner[len(outer) :]

    def trailing(self, statement: ast.stmt) -> str:
        """The comment behind a statement, without the white space before it; empty for none."""
        assert statement.end_lineno is not None
        end = self.source.span(statement)[1]
        return self.source.text[end : self.line_end(statement.end_lineno)].strip()

    def trailing_as_written(self, statement: ast.stmt) -> str:
        """The comment behind a statement with the white space before it; empty for none."""
        assert statement.end_lineno is not None
        end = self.source.span(statement)[1]
        return self.source.text[end : self.line_end(statement.end_lineno)].rstrip()

    def comments(self, first: int, last: int) -> list[int]:
        """The lines from ``first`` to ``last`` that hold nothing but a comment."""
        return [line for line in range(first, last + 1) if _COMMENT.match(self.source.lines[line - 1])]

    def comments_above(self, statement: ast.stmt, stop: int) -> list[int]:
        """The comment lines that stand directly above a statement, down from line ``stop``."""
        found: list[int] = []
        line = statement.lineno - 1
        while line >= stop and _COMMENT.match(self.source.lines[line - 1]):
            found.insert(0, line)
            line -= 1
        return found

    def remove_lines(self, first: int, last: int) -> Edit:
        """Whole lines go, with their line ends."""
        start, end = self.source.line_start(first), self.source.line_start(last + 1)
        if last >= len(self.source.lines) and start:
            before = self.source.text[:start]
            start -= 2 if before.endswith("\r\n") else 1
            end = len(self.source.text)
        return self.edit(start, end, "")

    def inside_strings(self, first: int, last: int) -> set[int]:
        """The lines from ``first`` to ``last`` that begin within a string, whose white space is its own."""
        text = "if 1:\n" + "\n".join(self.source.lines[first - 1 : last]) + "\n"
        if not self.source.indent(first):
            text = text[len("if 1:\n") :]
            first += 1
        found: set[int] = set()
        opened: list[int] = []
        try:
            for token in tokenize.generate_tokens(io.StringIO(text).readline):
                kind = tokenize.tok_name[token.type]
                if kind in {"FSTRING_START", "TSTRING_START"}:
                    opened.append(token.start[0])
                elif kind in {"FSTRING_END", "TSTRING_END"}:
                    start = opened.pop()
                    found.update(range(first + start - 1, first + token.end[0] - 1))
                elif kind == "STRING":
                    found.update(range(first + token.start[0] - 1, first + token.end[0] - 1))
        except (tokenize.TokenError, IndentationError, SyntaxError) as error:
            raise Refused("the lines can't be indented: they don't stand alone") from error
        return found

    def indented(self, first: int, last: int, step: str) -> Iterator[Edit]:
        """Indent the lines after ``first`` up to ``last`` by one step; blank lines and insides of strings stay."""
        kept = self.inside_strings(first, last)
        for line in range(first + 1, last + 1):
            if line not in kept and self.source.lines[line - 1].strip():
                at = self.source.line_start(line)
                yield self.edit(at, at, step)

    def queued(self, command: Command, pipe: str) -> Iterator[Edit]:
        """Turn a statement that sends a command into one that queues it in ``pipe``."""
        start, end = self.source.span(command.statement)
        call_end = self.source.span(command.call)[1]
        receiver_end = self._after_receiver(command)
        yield self.edit(start, receiver_end, pipe)
        yield from self._outdented(command, self.source.position(receiver_end)[0])
        if call_end < end:
            self._no_comment(call_end, end)
            yield self.edit(call_end, end, "")
        self._no_comment(start, receiver_end)

    def _outdented(self, command: Command, dot: int) -> Iterator[Edit]:
        """Lines of a call that began further in than its statement, as inside of brackets, come out as far as it does."""
        first, last = command.call.lineno, command.call.end_lineno or command.call.lineno
        shift = len(self.source.indent(first)) - len(self.indent(command.statement))
        if first == command.statement.lineno or shift <= 0:
            return
        kept = self.inside_strings(command.statement.lineno, command.statement.end_lineno or last)
        for line in range(max(first, dot) + 1, last + 1):
            if line not in kept and len(self.source.indent(line)) >= shift:
                start = self.source.line_start(line)
                yield self.edit(start, start + shift, "")

    def _after_receiver(self, command: Command) -> int:
        """The offset of the dot before the command's name."""
        assert isinstance(command.call.func, ast.Attribute)
        end = self.source.span(command.receiver)[1]
        dot = self.source.text.find(".", end)
        between = self.source.text[end:dot]
        if dot < 0 or between.strip(" \t\r\n\\)"):
            raise Refused("the call is written in a way that can't be rewritten line by line")
        following = re.match(r"\.\s*", self.source.text[dot:])
        if following is None or "\n" in following[0]:
            raise Refused("the call is broken after its dot")
        return dot

    def _no_comment(self, start: int, end: int) -> None:
        if "#" in self.source.text[start:end] and not _only_in_strings(self.source.text[start:end]):
            raise Refused("a comment inside the statement would be lost")

    def add_options(self, call: ast.Call, options: Iterable[tuple[str, str]]) -> Edit:
        """Add keyword arguments at the end of a call's arguments, one a line where the call has a trailing comma."""
        start, end = self.source.span(call)
        text = self.source.text[start : end - 1]
        last = _last_token(text)
        at = start + last[1]
        if not last[0].endswith(","):
            return self.edit(at, at, "".join(f", {name}={value}" for name, value in options))
        line, _ = self.source.position(at - 1)
        if line == self.source.position(end - 1)[0]:
            return self.edit(at, at, " " + ", ".join(f"{name}={value}" for name, value in options))
        indent = self.source.indent(line)
        where = self.line_end(line)
        return self.edit(where, where, "".join(f"\n{indent}{name}={value}," for name, value in options))


def _only_in_strings(text: str) -> bool:
    try:
        return not any(
            token.type == tokenize.COMMENT for token in tokenize.generate_tokens(io.StringIO(text).readline)
        )
    except (tokenize.TokenError, SyntaxError):
        return "#" not in text


def _last_token(text: str) -> tuple[str, int]:
    """The last token of an open call's text that is no comment, and the offset behind it."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
    last = ("", 0)
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.string.strip() and token.type not in {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE}:
                last = (token.string, starts[token.end[0] - 1] + token.end[1])
    except tokenize.TokenError:
        pass
    return last


def _names_inside(around: ast.AST) -> set[str]:
    """Names in use in a function or module, except those that only ever name a pipeline of a ``with`` statement."""
    found: set[str] = set()
    loads: list[ast.Name] = []
    pipes: list[ast.With | ast.AsyncWith] = []
    skipped: set[ast.AST] = set()
    for node in walk(around):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                call = item.context_expr
                if isinstance(item.optional_vars, ast.Name) and isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "pipeline":  # fmt: skip
                    pipes.append(node)
                    skipped.add(item.optional_vars)
    for node in walk(around):
        match node:
            case ast.Name():
                if node not in skipped:
                    loads.append(node)
            case ast.arg(arg=name):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.alias():
                found.add(node.asname or node.name.partition(".")[0])
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                found.add(name)
            case ast.Global() | ast.Nonlocal():
                found.update(node.names)
    own = {node.id for node in skipped if isinstance(node, ast.Name)}
    for load in loads:
        inside = any(_covers(holder, load) for holder in pipes if _binds(holder, load.id))
        if not (load.id in own and isinstance(load.ctx, ast.Load) and inside):
            found.add(load.id)
    return found


def _covers(holder: ast.stmt, node: ast.expr) -> bool:
    return holder.lineno <= node.lineno <= (holder.end_lineno or holder.lineno)


def _binds(holder: ast.With | ast.AsyncWith, name: str) -> bool:
    return any(
        isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == name for item in holder.items
    )


class Names:
    """Names that a patch at one statement may take without touching anything that the code means by them."""

    def __init__(self, module: Module, statement: ast.stmt) -> None:
        function = module.function(statement)
        self.around: ast.AST = function or module.tree
        self.used = _names_inside(self.around)
        for holder in module.ancestors(statement):
            if isinstance(holder, (ast.With, ast.AsyncWith)):
                self.used |= {
                    item.optional_vars.id for item in holder.items if isinstance(item.optional_vars, ast.Name)
                }
        whole = function is None
        self.throwaway = "_" if not whole and not _reads_underscore(module.tree) else ""

    def free(self, *wanted: str) -> str:
        """The first of the wanted names that is free, else the first with a number."""
        for name in wanted:
            if name not in self.used:
                self.used.add(name)
                return name
        number = 2
        while f"{wanted[0]}_{number}" in self.used:
            number += 1
        self.used.add(f"{wanted[0]}_{number}")
        return f"{wanted[0]}_{number}"


def _reads_underscore(tree: ast.Module) -> bool:
    """Whether ``_`` means something in this module, as with gettext."""
    for node in walk(tree):
        match node:
            case ast.Name(id="_", ctx=ast.Load()) | ast.alias(asname="_") | ast.alias(name="_"):
                return True
            case ast.FunctionDef(name="_") | ast.ClassDef(name="_") | ast.Global(names=["_"]):
                return True
    return False
