"""A lock given back by comparing and deleting in two commands: a script does both in one step."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.atomic_redis.calls import Command, command, plain_receiver
from codemods.atomic_redis.expressions import evaluation, same
from codemods.atomic_redis.sites import Context, Site, arguments, command_call, same_client
from codemods.engine.finding import Refused
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.finding import Edit
    from codemods.engine.project import Module

SCRIPT = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end"


@dataclass(eq=False)
class Release:
    """``read`` in ``first`` (a statement of its own, or the test), compared with ``token`` in ``test``."""

    read: Command
    first: ast.stmt
    test: ast.If
    token: ast.expr
    delete: Command
    decoded: bool


def find(block: list[ast.stmt], context: Context) -> Iterator[Site]:
    """The releases in one block."""
    for at, statement in enumerate(block):
        if isinstance(statement, ast.If):
            found = _release(statement, block[at - 1] if at else None)
            if found is not None:
                yield _site(found, context)


def _release(test: ast.If, before: ast.stmt | None) -> Release | None:
    compared = _without_presence(test.test)
    if (
        not isinstance(compared, ast.Compare)
        or len(compared.ops) != 1
        or not isinstance(compared.ops[0], ast.Eq)
    ):
        return None
    sides = [compared.left, compared.comparators[0]]
    for side, token in (sides, sides[::-1]):
        inner, decoded = _undecoded(side)
        read, first = command_call(inner), test
        if isinstance(inner, ast.Name) and before is not None:
            sent = command(before)
            if sent is None or not isinstance(sent.target, ast.Name) or sent.target.id != inner.id:
                continue
            read, first = sent, before  # type: ignore[assignment]
        delete = command(test.body[0])
        if (
            read is None
            or delete is None
            or read.name != "get"
            or read.key is None
            or not plain_receiver(read.receiver)
        ):
            continue
        if (
            len(arguments(read.call)) != 1
            or delete.name not in {"delete", "unlink"}
            or len(arguments(delete.call)) != 1
        ):
            continue
        if not same(read.key, delete.key) or not same_client(delete, read.receiver, read.awaited):
            continue
        return Release(read, first, test, token, delete, decoded)
    return None


def _without_presence(test: ast.expr) -> ast.expr:
    """``x == token`` of ``x and x == token`` and ``x is not None and x == token``."""
    if not isinstance(test, ast.BoolOp) or not isinstance(test.op, ast.And) or len(test.values) != 2:
        return test
    first, second = test.values
    if isinstance(first, ast.Compare) and isinstance(first.ops[0], ast.IsNot) and len(first.ops) == 1:
        said = first.comparators[0]
        first = first.left if isinstance(said, ast.Constant) and said.value is None else first
    if not isinstance(first, ast.Name) or not isinstance(second, ast.Compare):
        return test
    sides = [_undecoded(side)[0] for side in (second.left, second.comparators[0])]
    return second if any(same(side, first) for side in sides) else test


def _undecoded(node: ast.expr) -> tuple[ast.expr, bool]:
    """``x`` of ``x.decode()``."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "decode"
        and not node.args
    ):
        return node.func.value, True
    return node, False


def _site(found: Release, context: Context) -> Site:
    read = found.read
    assert read.key is not None

    def edits() -> Iterator[Edit]:
        yield from _edits(found, context)

    site = Site(
        "release",
        found.first,
        found.delete.statement,
        read.receiver,
        read.awaited,
        (read.name, found.delete.name),
        (read.name, found.delete.name),
        f"`{context.text(read.key)}` is compared by one command and deleted by another: "
        "if it expires and is taken again in between, another owner's lock is deleted.",
        edits,
    )
    module, project = context.module, context.project
    if (
        not evaluation(read.key, module, project).stable
        or not evaluation(found.token, module, project).stable
    ):
        site.block("the key or the token is not a plain value")
    if not _is_text_or_unknown(found.token):
        site.block(
            "what it is compared with is no text: Python never finds that equal, Redis compares its text"
        )
    elif may_be_none(found, context):
        site.block("the token may be None, which can't be given to a script")
    if found.delete.used:
        site.block("the answer of the deletion is used")
    if found.first is not found.test and _used_elsewhere(found, context):
        site.block("the value that was read is used elsewhere too")
    if not all(context.lines.alone(part) for part in (found.first, found.test, found.delete.statement)):
        site.block("the statements share a line with others")
    if module.source.text[module.source.span(found.test)[0] :].startswith("elif"):
        site.block("the test is one of several branches")
    site.decides = lambda known: _compare_types(site, found, known, context)
    return site


def _is_text_or_unknown(token: ast.expr) -> bool:
    """Whether an expression isn't a number, ``None`` or the like by its looks."""
    if isinstance(token, ast.UnaryOp):
        return False
    return not isinstance(token, ast.Constant) or isinstance(token.value, (str, bytes))


def may_be_none(found: Release, context: Context) -> bool:
    """Whether a token has ``None`` for a default, and no test in its function asks about it."""
    token, module = found.token, context.module
    function = module.function(found.test)
    if isinstance(token, ast.Name) and token in module.scopes.scope_of:
        bindings = module.scopes.bindings(token)
        none = any(
            (
                binding.annotation is not None
                and re.search(r"\bNone\b|Optional", ast.unparse(binding.annotation))
            )
            or (isinstance(binding.node, ast.arg) and _defaults_to_none(binding.node, module))
            or (isinstance(binding.value, ast.Constant) and binding.value.value is None)
            for binding in bindings
        )
    elif isinstance(token, ast.Attribute):
        owner = next((part for part in module.ancestors(token) if isinstance(part, ast.ClassDef)), None)
        none = owner is not None and any(
            isinstance(part, (ast.Assign, ast.AnnAssign))
            and isinstance(part.value, ast.Constant)
            and part.value.value is None
            and any(
                _stores(target, token)
                for target in (part.targets if isinstance(part, ast.Assign) else [part.target])
            )
            for part in walk(owner)
        )
    else:
        return False
    return none and not any(
        isinstance(part, (ast.If, ast.IfExp, ast.Assert, ast.While))
        and part is not found.test
        and any(isinstance(inner, ast.expr) and same(inner, token) for inner in walk(part.test))
        for part in walk(function or module.tree)
    )


def _stores(target: ast.expr, token: ast.Attribute) -> bool:
    """``self.token = ...`` and, in the class's body, ``token: str | None = ...``."""
    return getattr(target, "attr", getattr(target, "id", "")) == token.attr


def _defaults_to_none(argument: ast.arg, module: Module) -> bool:
    given = module.parents.get(argument)
    if not isinstance(given, ast.arguments):
        return False
    plain = [*given.posonlyargs, *given.args]
    pairs = [*zip(reversed(plain), reversed(given.defaults), strict=False), *zip(given.kwonlyargs, given.kw_defaults, strict=True)]  # fmt: skip
    return any(
        one is argument and isinstance(default, ast.Constant) and default.value is None
        for one, default in pairs
    )


def _compare_types(site: Site, found: Release, known: object, context: Context) -> None:
    """Python compares ``bytes`` with ``str`` as unequal; Redis compares the bytes."""
    from codemods.atomic_redis.clients import Client, decodes_responses

    assert isinstance(known, Client)
    given = context.project.types.of(found.token, context.module)
    kind = given.name if given is not None and not given.optional else ""
    if isinstance(found.token, ast.Call) and isinstance(found.token.func, ast.Attribute) and found.token.func.attr == "encode":  # fmt: skip
        kind = "builtins.bytes"
    decodes = decodes_responses(known, context.project)
    text = found.decoded or decodes is True
    if not (kind == "builtins.str" and text) and not (
        kind == "builtins.bytes" and decodes is False and not found.decoded
    ):
        site.doubts.append(
            "it isn't proven that both sides of the comparison are text, or both bytes; Redis compares the bytes"
        )


def _used_elsewhere(found: Release, context: Context) -> bool:
    assert isinstance(found.read.target, ast.Name)
    around: ast.AST = context.module.function(found.test) or context.module.tree
    inside = {id(node) for part in (found.first, found.test.test) for node in walk(part)}
    return any(
        isinstance(node, ast.Name) and node.id == found.read.target.id and id(node) not in inside
        for node in walk(around)
    )


def _edits(found: Release, context: Context) -> Iterator[Edit]:
    lines = context.lines
    source = lines.source
    read, test = found.read, found.test
    indent, step = lines.indent(test), lines.step(test)
    awaited = "await " if read.awaited else ""
    key, token = context.text(read.key), context.text(found.token)  # type: ignore[arg-type]
    receiver = context.receiver(read.receiver)
    if "\n" in key + token + receiver:
        raise Refused("the key or the token is written over several lines")
    call = "\n".join([
        f"{awaited}{receiver}.eval(",
        f'{indent}{step}"{SCRIPT}",',
        f"{indent}{step}1,",
        f"{indent}{step}{key},",
        f"{indent}{step}{token},",
        f"{indent})",
    ])  # fmt: skip
    header, _ = source.position(source.span(test.test)[1])
    inside = lines.comments(header + 1, found.delete.statement.lineno - 1)
    moved = [source.lines[line - 1].strip() for line in inside]
    if found.first is not test:
        assert found.first.end_lineno is not None
        between = lines.comments(found.first.end_lineno + 1, test.lineno - 1)
        moved = [
            *filter(None, [lines.trailing(found.first)]),
            *(source.lines[line - 1].strip() for line in between),
            *moved,
        ]
        yield lines.remove_lines(found.first.lineno, test.lineno - 1)
    if lines.trailing(found.delete.statement):
        moved.append(lines.trailing(found.delete.statement))
    end = found.delete.statement.end_lineno or test.lineno
    rest = test.body[1:]
    begin = source.span(test)[0]
    if not rest and not test.orelse:
        text = call
        behind = source.text[source.span(test.test)[1] : lines.line_end(header)]
        if "#" in behind:
            moved.append(behind[behind.index("#") :].strip())
        finish = lines.line_end(end)
    else:
        negated = not rest
        text = f"if {'not ' if negated else ''}{call}"
        finish = source.span(test.test)[1]
        if source.text[begin : source.span(test.test)[0]].strip() != "if":
            raise Refused("the test stands in brackets")
        last = end
        if negated:
            following = test.orelse[0]
            colon = next((line for line in range(end + 1, following.lineno) if source.lines[line - 1].lstrip().startswith("else")), None)  # fmt: skip
            if colon is None:
                raise Refused("the test is one of several branches")
            last = colon
        yield lines.remove_lines(header + 1, last)
    prefix = "".join(f"{text_}\n{indent}" for text_ in moved)
    yield lines.edit(begin, finish, prefix + text)
