"""A counter whose first hit sets the expiry: ``n = incr(k)``, then ``if n == 1: expire(k, time)``."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from codemods.atomic_redis.calls import Command, command, plain_receiver, unwrapped
from codemods.atomic_redis.commands import COUNTERS, EXPIRES, OTHER_COUNTERS, SET_OPTION
from codemods.atomic_redis.expressions import constant_number, evaluation, names_read, same
from codemods.atomic_redis.keys import what_resets
from codemods.atomic_redis.sites import Context, Site, command_call, neutral, same_client
from codemods.atomic_redis.times import may_be_zero
from codemods.atomic_redis.windows_script import can_be_scripted
from codemods.atomic_redis.windows_text import window_edits
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.finding import Edit


_EARLY = "Where the code leaves between the two commands, the counter has its expiry now."


@dataclass(eq=False)
class Window:
    """The parts of one counter: the counting ``write``, the ``test`` statement, the ``expiry`` in its body.

    ``inline``: the counting call stands in the test itself. ``script``: a script takes the place of both. ``carried``: assignments in the body that the time needs, ``moved``: such between the two.
    """

    write: Command
    test: ast.If
    expiry: Command
    inline: bool = False
    script: bool = False
    walrus: str = ""
    between: list[ast.stmt] = field(default_factory=list)
    carried: list[ast.stmt] = field(default_factory=list)
    rest: list[ast.stmt] = field(default_factory=list)
    moved: list[ast.stmt] = field(default_factory=list)


def find(block: list[ast.stmt], context: Context) -> Iterator[Site]:
    """The counters of one block."""
    for at, statement in enumerate(block):
        if isinstance(statement, ast.If):
            yield from _inline(statement, context)
            continue
        write = command(statement)
        if write is not None and write.name in COUNTERS | OTHER_COUNTERS and plain_receiver(write.receiver):
            yield from _following(block, at, write, context)


def _following(block: list[ast.stmt], at: int, write: Command, context: Context) -> Iterator[Site]:
    name = _answer_name(write)
    if name is None or write.key is None:
        return
    doubts: list[str] = []
    notes: list[str] = []
    between: list[ast.stmt] = []
    for statement in block[at + 1 :]:
        if isinstance(statement, ast.If):
            found = _tested(statement, write, name, context)
            if found is not None:
                found.between = between
                yield _site(found, context, doubts, notes)
                return
            if not _only_leaves(statement, context, write):
                return
            (notes if _is_limit(statement.test, name) else doubts).append(_EARLY)
        else:
            seen = neutral(statement, context, write.receiver)
            if seen is None or seen.binds & (names_read(write.key) | {name}):
                return
        between.append(statement)


def _answer_name(write: Command) -> str | None:
    """The plain name or attribute that holds the count, as text."""
    statement = write.statement
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    if isinstance(statement, ast.AugAssign) or not write.used or len(targets) != 1:
        return None
    return ast.unparse(targets[0]) if isinstance(targets[0], (ast.Name, ast.Attribute)) else None


def _only_leaves(statement: ast.If, context: Context, write: Command) -> bool:
    """``if n > limit: raise ...`` and its like, which can't see an expiry."""
    if statement.orelse or not evaluation(statement.test, context.module, context.project).free:
        return False
    *before, last = statement.body
    if not isinstance(last, (ast.Return, ast.Raise)):
        return False
    return all(neutral(part, context, write.receiver) is not None for part in before)


def _inline(statement: ast.If, context: Context) -> Iterator[Site]:
    """``if r.incr(k) == 1: r.expire(k, time)``, with or without a walrus."""
    if not isinstance(statement.test, ast.Compare):
        return
    sides = [statement.test.left, *statement.test.comparators]
    for side in sides:
        walrus = side.target.id if isinstance(side, ast.NamedExpr) else ""
        inner = unwrapped(side.value if isinstance(side, ast.NamedExpr) else side)
        write = command_call(inner)
        if write is None or write.name not in COUNTERS | OTHER_COUNTERS or not plain_receiver(write.receiver):
            continue
        if write.key is None or not first_hit(statement.test, write, partial(operator.is_, side), context):
            continue
        found = _body(statement, write, context)
        if found is not None:
            found.inline, found.walrus = True, walrus
            yield _site(found, context, [], [])


def _tested(statement: ast.If, write: Command, name: str, context: Context) -> Window | None:
    def is_count(node: ast.expr) -> bool:
        inner = unwrapped(node)
        return isinstance(inner, (ast.Name, ast.Attribute)) and ast.unparse(inner) == name

    test = statement
    while not first_hit(test.test, write, is_count, context):
        following = test.orelse[0] if len(test.orelse) == 1 else None
        if (
            not isinstance(following, ast.If)
            or not _is_limit(test.test, name)
            or not is_elif(following, context)
        ):
            return None
        test = following
    return _body(test, write, context)


def first_hit(test: ast.expr, write: Command, is_count: Callable[[ast.expr], bool], context: Context) -> bool:
    """Whether a condition holds for the count's first value and no other, as long as it only goes up."""
    if (
        isinstance(test, ast.UnaryOp)
        and isinstance(test.op, ast.Not)
        and isinstance(test.operand, ast.Compare)
    ):
        opposite = {ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.LtE: ast.Gt}
        sign = opposite.get(type(test.operand.ops[0]))
        if sign is None or len(test.operand.ops) != 1:
            return False
        test = ast.Compare(test.operand.left, [sign()], test.operand.comparators)
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    left, operator_, right = test.left, test.ops[0], test.comparators[0]
    if is_count(right):
        mirrored = {ast.Gt: ast.Lt, ast.GtE: ast.LtE, ast.Lt: ast.Gt, ast.LtE: ast.GtE}
        left, right = right, left
        operator_ = mirrored.get(type(operator_), type(operator_))()
    if not is_count(left):
        return False
    amount = step_of(write)
    number = constant_number(right, context.module, context.project)
    one = constant_number(amount, context.module, context.project) if amount is not None else 1
    if isinstance(operator_, ast.Eq):
        return (number is not None and number == one) or (amount is not None and same(amount, right))
    if one != 1:
        return False
    return (isinstance(operator_, ast.LtE) and number == 1) or (isinstance(operator_, ast.Lt) and number == 2)


def step_of(write: Command) -> ast.expr | None:
    """The amount that a counting command adds; None for 1."""
    place = 2 if write.name in {"hincrby", "hincrbyfloat"} else 1
    return write.argument(place, "amount")


def _body(statement: ast.If, write: Command, context: Context) -> Window | None:
    """The expiry inside the body, with what stands before it; None where it isn't this counter's."""
    carried: list[ast.stmt] = []
    for place, part in enumerate(statement.body):
        sent = command(part)
        if sent is not None and same_client(sent, write.receiver, write.awaited) and sent.name in EXPIRES:
            if sent.time is None or not same(sent.key, write.key):
                return None
            needed = _needed(carried, names_read(sent.time))
            rest = [one for one in statement.body if one is not part and one not in needed]
            assert place >= 0
            return Window(write, statement, sent, carried=needed, rest=rest)
        seen = neutral(part, context, write.receiver)
        if seen is None:
            return None
        if write.key is not None and seen.binds & names_read(write.key):
            return None
        if seen.binds:
            carried.append(part)
    return None


def _needed(carried: Sequence[ast.stmt], names: set[str]) -> list[ast.stmt]:
    """The assignments among ``carried`` that give values to ``names``, in order."""
    found: list[ast.stmt] = []
    for part in reversed(carried):
        bound = {
            node.id for node in walk(part) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        if bound & names:
            found.insert(0, part)
            names = (names - bound) | names_read(part)
    return found


def _is_limit(test: ast.expr, name: str) -> bool:
    """``n > limit`` and ``n >= limit``: never true of a first hit, unless nothing is allowed at all."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    left, right = test.left, test.comparators[0]
    if isinstance(test.ops[0], (ast.Lt, ast.LtE)):
        left, right = right, left
    elif not isinstance(test.ops[0], (ast.Gt, ast.GtE)):
        return False
    inner = unwrapped(left)
    return (
        isinstance(inner, ast.Name)
        and inner.id == name
        and isinstance(right, (ast.Name, ast.Attribute, ast.Constant))
    )


def _site(window: Window, context: Context, doubts: list[str], notes: list[str]) -> Site:
    write, expiry = window.write, window.expiry
    first = window.test if window.inline else write.statement

    def edits() -> Iterator[Edit]:
        yield from window_edits(window, context)

    assert write.key is not None
    site = Site(
        "window",
        first,
        expiry.statement,
        write.receiver,
        write.awaited,
        (write.name, expiry.name),
        (write.name, expiry.name),
        f"`{context.text(write.key)}` is counted by one command and given its expiry by another, on the first hit only: "
        "a process that stops in between leaves a counter that never expires.",
        edits,
        doubts=list(doubts),
        notes=list(dict.fromkeys(notes)),
    )
    _judge(site, window, context)
    return site


def _judge(site: Site, window: Window, context: Context) -> None:
    write, expiry = window.write, window.expiry
    module, project = context.module, context.project
    assert write.key is not None
    assert expiry.time is not None
    if write.name in OTHER_COUNTERS:
        site.block(
            f"{write.name}() counts on something that SET NX can't start: a Lua script can do both in one step"
        )
    if expiry.name not in SET_OPTION or not expiry.plain_expiry:
        site.block("the expiry is conditional or names a moment: a Lua script can do both in one step")
    if expiry.used:
        site.block("the answer of the expiry is used")
    amount = step_of(write)
    if amount is not None and constant_number(amount, module, project) is None:
        if not evaluation(amount, module, project).stable:
            site.block("the amount is not a plain value")
        site.doubts.append("the amount isn't known to be positive")
    elif amount is not None and constant_number(amount, module, project) <= 0:  # type: ignore[operator]
        site.block("the counter goes down")
    key = evaluation(write.key, module, project)
    if not key.stable:
        site.block(f"the key is not a plain value: it {key.reason}")
    _judge_time(site, window, context)
    if not site.blocked:
        again = what_resets(write, module, project)
        if again is not None:
            reason = f"the counter may come back to 0 and start its window anew: {again}"
            window.script = not window.inline and can_be_scripted(write, expiry, context)
            if window.script:
                site.doubts = [f"{reason}; the script that is written does exactly what the commands did"]
            else:
                site.block(f"{reason}; a Lua script keeps that")
    statements: list[ast.stmt] = [window.test, expiry.statement, *window.carried]
    if not window.inline:
        statements.append(write.statement)
    one_liner = expiry.statement.lineno == window.test.lineno and len(window.test.body) == 1
    if not all(
        context.lines.alone(part) for part in statements if not (one_liner and part is expiry.statement)
    ):
        site.block("the statements share a line with others")
    if is_elif(window.test, context) and window.inline:
        site.block("the expiry depends on more than the count")


def _judge_time(site: Site, window: Window, context: Context) -> None:
    module, project = context.module, context.project
    time = window.expiry.time
    assert time is not None
    write = window.write
    counted = {_answer_name(write) or window.walrus} - {""}
    values = [time, *(part.value for part in window.carried if isinstance(part, (ast.Assign, ast.AnnAssign)) and part.value is not None)]  # fmt: skip
    bound: set[str] = set()
    for part in window.between:
        bound |= {
            node.id for node in walk(part) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
    for value in values:
        found = evaluation(value, module, project)
        if not found.free:
            site.block(f"the time of the expiry would be worked out on every hit: it {found.reason}")
        if any(name in _texts(value) for name in counted):
            site.block("the time of the expiry is computed from the count")
        if names_read(value) & bound and not _carry(window, names_read(value), context):
            site.block("the time of the expiry is worked out between the two commands")
    if window.carried and not _only_for_this(window, context):
        site.block("the time of the expiry is worked out on the first hit only, and used elsewhere too")
    if any(may_be_zero(value, module, project) for value in values):
        site.doubts.append(
            "the time may come out as 0 or less, which EXPIRE takes for a deletion and SET refuses"
        )


def _carry(window: Window, names: set[str], context: Context) -> bool:
    """Take the assignments between the commands that the time needs before the first; whether that is all it needs."""
    plain = [part for part in window.between if isinstance(part, (ast.Assign, ast.AnnAssign))]
    needed = _needed(plain, names)
    counted = _answer_name(window.write) or ""
    bound: set[str] = set()
    for part in needed:
        if counted in _texts(part) or not context.lines.alone(part):
            return False
        bound |= _stored(part)
    before = names_read(window.write.call)
    others = [part for part in window.between if part not in needed]
    if bound & before or any(_stored(part) & (names | bound) for part in others):
        return False
    if any(bound & names_read(part) for part in others if part.lineno < needed[-1].lineno):
        return False
    window.moved = needed
    return True


def _texts(node: ast.AST) -> set[str]:
    """The names and attributes that a node reads, as text."""
    return {ast.unparse(part) for part in walk(node) if isinstance(part, (ast.Name, ast.Attribute))}


def _stored(part: ast.AST) -> set[str]:
    return {node.id for node in walk(part) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _only_for_this(window: Window, context: Context) -> bool:
    """Whether the names that carried assignments bind are bound and read nowhere else in the function."""
    inside = {id(node) for part in [*window.carried, window.expiry.statement] for node in walk(part)}
    bound = {node.id for part in window.carried for node in walk(part) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}  # fmt: skip
    around: ast.AST = context.module.function(window.test) or context.module.tree
    return not any(
        isinstance(node, ast.Name) and node.id in bound and id(node) not in inside for node in walk(around)
    )


def is_elif(test: ast.If, context: Context) -> bool:
    """Whether an ``if`` is the ``elif`` of another."""
    parent = context.module.parents.get(test)
    if not isinstance(parent, ast.If) or parent.orelse != [test]:
        return False
    return context.module.source.text[context.module.source.span(test)[0] :].startswith("elif")
