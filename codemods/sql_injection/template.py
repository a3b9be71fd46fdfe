"""The text of a query as it is put together: its characters, and the expressions between them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from codemods.sql_injection.literals import Char, Field, Unreadable, read

if TYPE_CHECKING:
    from codemods.engine.project import Module
    from codemods.sql_injection.literals import Literal as Written

Way = Literal["f-string", "%", ".format", "+"]
_CONVERSION = re.compile(r"%(?:\((\w+)\))?([sdi%])")
_NOT_OF_TEXT = re.compile(r":[^{}]*[bcdeEfFgGnoxX%mYHMSjy]\}$")
_REPLACEMENT = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, eq=False, slots=True)
class Hole:
    """A place of the text where the value of ``node`` goes; ``text`` is how the expression is written.

    ``start`` and ``end`` are what stands for it in the file: ``{name}``, ``%s``, or in a sum the expression itself.
    ``literal`` is the literal that it is inside of, None in a sum. ``plain``: by ``str()``, with no format of its own.
    ``formatted``: in a format that text does not have (``%d``, ``{x:.2f}``, ``{day:%Y-%m-%d}``).
    """

    node: ast.expr
    text: str
    start: int
    end: int
    literal: Written | None
    plain: bool = True
    formatted: bool = False


Item = Char | Hole


@dataclass(frozen=True, eq=False, slots=True)
class Template:
    """``node`` makes a text out of ``items``. ``tail``: what has to go when no hole is left (`` % (a, b)``).

    ``literal``: where the text is written, if that is another statement (``query = "..."`` and then ``query % name``).
    """

    node: ast.expr
    way: Way
    items: tuple[Item, ...]
    tail: tuple[int, int] | None = None
    literal: ast.expr | None = None

    @property
    def holes(self) -> list[Hole]:
        """The expressions, in the order of the text."""
        return [item for item in self.items if isinstance(item, Hole)]

    @property
    def text(self) -> str:
        """The text with a NUL for each hole."""
        return "".join(item.text if isinstance(item, Char) else "\0" for item in self.items)


def template_of(node: ast.expr, module: Module) -> Template | None:
    """How ``node`` puts a text together; None for plain literals, and for what is not followed."""
    try:
        match node:
            case ast.JoinedStr():
                items = _f_string(node, module)
                return Template(node, "f-string", items) if _has_holes(items) else None
            case ast.BinOp(op=ast.Mod(), left=left) if (literal := _literal(left, module)) is not None:
                return _percent(node, literal, module)
            case ast.Call(func=ast.Attribute(attr="format", value=left)) if (
                literal := _literal(left, module)
            ) is not None:
                return _format(node, literal, module)
            case ast.BinOp(op=ast.Add()):
                return _sum(node, module)
    except Unreadable:
        pass
    return None


def _literal(node: ast.expr, module: Module) -> ast.expr | None:
    """The literal that is filled: the expression itself, or what a function's variable is given that nothing else reads."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node
    if not isinstance(node, ast.Name) or node not in module.scopes.scope_of:
        return None
    scope = module.scopes.binder(node)
    if scope is None or scope.kind != "function" or module.function(node) is not scope.node:
        return None
    bound = scope.bindings[node.id]
    if len(bound) != 1 or bound[0].kind != "assign" or len(module.scopes.loads(scope, node.id)) != 1:
        return None
    value, assignment = bound[0].value, bound[0].node
    if (
        not isinstance(assignment, ast.Assign)
        or len(assignment.targets) != 1
        or assignment.value is not value
    ):
        return None
    return value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def appended(values: list[ast.expr], module: Module) -> Template | None:
    """The text of a variable to which ``values`` are added one after another; None for what is not followed."""
    items: list[Item] = []
    try:
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                items += _chars(value, module)
            elif isinstance(value, ast.JoinedStr):
                items += _f_string(value, module)
            elif (made := template_of(value, module)) is not None:
                items += made.items
            else:
                items.append(Hole(value, module.source.segment(value), *module.source.span(value), None))
    except Unreadable:
        return None
    return Template(values[0], "+", tuple(items)) if _has_holes(tuple(items)) else None


def _has_holes(items: tuple[Item, ...]) -> bool:
    return any(isinstance(item, Hole) for item in items)


def _f_string(node: ast.JoinedStr, module: Module) -> tuple[Item, ...]:
    source = module.source
    values = [part for part in node.values if isinstance(part, ast.FormattedValue)]
    parts = read(source.text, *source.span(node))
    fields = [part for part in parts if isinstance(part, Field)]
    if len(fields) != len(values):
        raise Unreadable
    holes: dict[Field, Hole] = {}
    for field, value in zip(fields, values, strict=True):
        written = source.text[slice(*field.expression)].strip()
        if not _is(written, value.value):
            raise Unreadable
        formatted = bool(_NOT_OF_TEXT.search(source.text[field.expression[1] : field.end]))
        holes[field] = Hole(
            value.value, written, field.start, field.end, field.literal, field.plain, formatted
        )
    return tuple(holes[part] if isinstance(part, Field) else part for part in parts)


def _is(text: str, node: ast.expr) -> bool:
    try:
        return ast.dump(ast.parse(f"({text}\n)", mode="eval").body) == ast.dump(node)
    except SyntaxError:
        return False


def _chars(node: ast.expr, module: Module) -> list[Char]:
    parts = read(module.source.text, *module.source.span(node))
    return [part for part in parts if isinstance(part, Char)]


def _tail(left: ast.expr, whole: ast.expr, module: Module) -> tuple[int, int]:
    """What stands behind the literal, without the parentheses that may be around it."""
    start, end = module.source.span(left)[1], module.source.span(whole)[1]
    closing = re.match(r"(?:\s*\))*", module.source.text[start:end])
    start += closing.end() if closing else 0
    if "#" in module.source.text[start:end]:
        raise Unreadable
    return start, end


def _percent(node: ast.BinOp, literal: ast.expr, module: Module) -> Template | None:
    right = node.right
    if isinstance(right, ast.Dict):
        named: dict[str | int, ast.expr] = {
            key.value: value
            for key, value in zip(right.keys, right.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
        if len(named) != len(right.keys):
            return None
    elif isinstance(right, ast.Tuple):
        if any(isinstance(each, ast.Starred) for each in right.elts):
            return None
        named = dict(enumerate(right.elts))
    else:
        named = {0: right}
    return _filled(node, node.left, "%", _CONVERSION, named, literal=literal, module=module)


def _format(node: ast.Call, literal: ast.expr, module: Module) -> Template | None:
    assert isinstance(node.func, ast.Attribute)
    if any(isinstance(each, ast.Starred) for each in node.args) or any(
        keyword.arg is None for keyword in node.keywords
    ):
        return None
    named: dict[str | int, ast.expr] = dict(enumerate(node.args))
    named |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}
    return _filled(node, node.func.value, ".format", _REPLACEMENT, named, literal=literal, module=module)


def _filled(
    node: ast.expr,
    left: ast.expr,
    way: Way,
    pattern: re.Pattern[str],
    named: dict[str | int, ast.expr],
    *,
    literal: ast.expr,
    module: Module,
) -> Template | None:
    """A literal whose placeholders are filled by ``%`` or ``.format`` behind ``left``."""
    chars = _chars(literal, module)
    text = "".join(char.text for char in chars)
    items: list[Item] = []
    used: set[str | int] = set()
    place = number = 0
    while place < len(chars):
        char = chars[place]
        if text[place : place + 2] in ({"%%"} if way == "%" else {"{{", "}}"}):
            items.append(Char(char.text, char.start, chars[place + 1].end, char.literal))
            place += 2
            continue
        if char.text not in ("%" if way == "%" else "{}"):
            items.append(char)
            place += 1
            continue
        match = pattern.match(text, place)
        if match is None:
            return None
        key: str | int = match[1] or number
        if isinstance(key, str) and key.isdigit():
            key = int(key)
        elif not match[1]:
            number += 1
        if key not in named:
            return None
        used.add(key)
        last = chars[match.end() - 1]
        if last.literal is not char.literal:
            return None
        value = named[key]
        plain = way != "%" or match[2] == "s"
        written = module.source.segment(value)
        items.append(Hole(value, written, char.start, last.end, char.literal, plain, not plain))
        place = match.end()
    if used != set(named) or not used:
        return None
    elsewhere = None if literal is left else literal
    return Template(node, way, tuple(items), _tail(left, node, module), elsewhere)


def _sum(node: ast.BinOp, module: Module) -> Template | None:
    items: list[Item] = []
    literals = 0
    for part in _addends(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            items += _chars(part, module)
            literals += 1
        elif isinstance(part, ast.JoinedStr):
            items += _f_string(part, module)
            literals += 1
        else:
            items.append(Hole(part, module.source.segment(part), *module.source.span(part), None))
    return Template(node, "+", tuple(items)) if literals and _has_holes(tuple(items)) else None


def _addends(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_addends(node.left), *_addends(node.right)]
    return [node]
