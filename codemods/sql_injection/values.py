"""What takes the place of a value in a query: the parameter's own expression, its name, and how far it may be trusted."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.finding import Applicability
from codemods.sql_injection.template import Hole

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.sql_injection.drivers import Driver
    from codemods.sql_injection.sql_text import Slot
    from codemods.sql_injection.template import Item

_PATTERN = "%"
_NUMBERS = {"builtins.int", "builtins.float", "builtins.bool", "decimal.Decimal"}


class NoPatch(Exception):  # noqa: N818 - an answer, not a failure
    """Why no patch is written; a clause that follows "because"."""


@dataclass(frozen=True, slots=True)
class Value:
    """``text`` is handed to the driver; ``name`` is what a named parameter is called; ``doubt`` is empty where it is safe."""

    text: str
    name: str
    doubt: str = ""

    @property
    def applicability(self) -> Applicability:
        """Safe where there is no doubt."""
        return Applicability.UNSAFE if self.doubt else Applicability.SAFE


def value_of(
    slot: Slot, items: tuple[Item, ...], driver: Driver, module: Module, project: Project, *, doubled: bool
) -> Value:
    """The parameter for a slot. ``doubled``: ``%`` is written ``%%`` in this query. Raises NoPatch."""
    inside = items[slot.first : slot.last + 1]
    _check(slot, driver)
    if not slot.quote:
        hole = inside[0]
        assert isinstance(hole, Hole)
        return _bare(hole, slot, driver, module, project)
    inside = inside[1:-1]
    first = next(item for item in inside if isinstance(item, Hole))
    name = _name(first.node)
    doubt = ""
    if slot.quote == '"':
        doubt = "To SQLite, text in double quotes is a column where there is one of that name."
        doubt = "" if driver.is_mysql else doubt
    if len(inside) == 1 and isinstance(first.node, ast.Constant) and isinstance(first.node.value, (int, str)):
        text = first.text if isinstance(first.node.value, str) else f'"{first.text}"'
    elif len(inside) == 1 and first.plain:
        known = project.types.of(first.node, module)
        is_text = known is not None and known.name == "builtins.str" and not known.optional
        is_text = is_text or _is_str_call(first.node)
        settles = driver.typed and slot.place not in {"pattern", "expression"}
        text = first.text if is_text or settles else f"str({first.text})"
    else:
        text = _pattern(inside, module, doubled=doubled)
    if driver.typed and slot.place not in {"pattern", "expression"}:
        doubt = f"{driver.name} takes text for text only: a date, a number or a UUID has to be handed over as one."
    return Value(text, name, doubt)


def _check(slot: Slot, driver: Driver) -> None:
    if slot.quote == '"' and not driver.is_mysql and driver.style != "?":
        raise NoPatch("what stands in double quotes is a name")
    if slot.cast and (driver.typed or driver.style == ":name"):
        raise NoPatch("the value is cast by `::`, which is not followed")
    if slot.place == "expression" and not driver.anywhere:
        raise NoPatch("the server could not tell the type of a parameter there")
    if slot.alone and slot.place == "list":
        raise NoPatch("a list of values may be in it, and each of them needs a placeholder of its own")


def _bare(hole: Hole, slot: Slot, driver: Driver, module: Module, project: Project) -> Value:
    """A value without quotes: a number, or text that holds SQL's own words."""
    node = hole.node
    text = hole.text
    if _is_str_call(node) and isinstance(node, ast.Call):
        node = node.args[0]
        text = module.source.segment(node) if hole.literal is None else text[len("str(") : -1].strip()
    if _is_whole_number(hole, module):
        known = project.types.of(node, module)
        is_int = known is not None and known.name == "builtins.int" and not known.optional
        return Value(text if is_int else f"int({text})", _name(node))
    if not hole.plain:
        raise NoPatch("the value has a format of its own")
    if is_number(node, module, project):
        return Value(text, _name(node))
    known = project.types.of(node, module)
    if slot.place == "limit" and driver.is_mysql:
        raise NoPatch("MySQL takes only numbers there, and nothing proves that it is one")
    is_text = known is not None and known.name == "builtins.str"
    if is_text and driver.typed:
        raise NoPatch(f"{driver.name} takes text for text only, and the column's type is not known")
    if slot.alone:
        raise NoPatch("nothing proves that it is one value")
    return Value(
        text,
        _name(node),
        "Nothing proves that the value is a plain one, such as a number: it stands without quotes.",
    )


def _is_whole_number(hole: Hole, module: Module) -> bool:
    """``%d``, which makes a whole number of a number, and nothing of anything else."""
    return re.fullmatch(r"%(?:\(\w+\))?[di]", module.source.text[hole.start : hole.end]) is not None


def is_number(node: ast.expr, module: Module, project: Project) -> bool:
    """Whether it is proven to be a number, also one that ``str()`` is made of."""
    if _is_str_call(node) and isinstance(node, ast.Call):
        node = node.args[0]
    known = project.types.of(node, module)
    return known is not None and not known.optional and known.name in _NUMBERS


def _is_str_call(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "str"
        and len(node.args) == 1
        and not node.keywords
    )


def _pattern(inside: tuple[Item, ...], module: Module, *, doubled: bool) -> str:
    """``f"%{term}%"``."""
    written, plain, place = "", "", 0
    while place < len(inside):
        item = inside[place]
        if isinstance(item, Hole):
            if item.plain:
                part = item.text
            elif item.literal is not None and item.literal.is_f:
                part = module.source.text[item.start + 1 : item.end - 1]
            else:
                raise NoPatch("the value has a format of its own")
            if "\n" in part:
                raise NoPatch("the value is written on several lines")
            written += "{" + (" " if part.startswith("{") else "") + part + "}"
        else:
            if doubled and item.text == "%":
                following = inside[place + 1] if place + 1 < len(inside) else None
                if following is None or isinstance(following, Hole) or following.text != "%":
                    raise NoPatch("a `%` in it is not doubled")
                place += 1
            if item.text == "'" and place + 1 < len(inside):
                following = inside[place + 1]
                if not isinstance(following, Hole) and following.text == "'":
                    place += 1  # SQL's way of writing one
            written += item.text * 2 if item.text in "{}" else item.text
            plain += item.text
        place += 1
    if "\\" in written or "\n" in written or "\r" in written:
        raise NoPatch("the text around it is not followed")
    quote = '"' if '"' not in written else "'"
    if quote in written:
        raise NoPatch("it would need both kinds of quotes")
    return f"f{quote}{written}{quote}"


def _name(node: ast.expr) -> str:
    """What a named parameter is called after."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _plain(name)
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return _plain(name)
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]):
            return _plain(name)
        case ast.Call(func=ast.Name(), args=[argument]):
            return _name(argument)
        case ast.Call(func=ast.Attribute(value=value), args=[]):
            return _name(value)
    return "value"


def _plain(name: str) -> str:
    name = re.sub(r"\W+", "_", name).strip("_").lower()
    return name if name.isidentifier() else "value"
