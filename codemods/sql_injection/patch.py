"""The edits that turn values in a query's text into bind parameters of the call that runs it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.edits.arguments import add_argument
from codemods.engine.finding import Edit
from codemods.sql_injection.literals import Char
from codemods.sql_injection.values import NoPatch, Value, is_number, value_of

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.sql_injection.drivers import Driver
    from codemods.sql_injection.literals import Literal
    from codemods.sql_injection.sql_text import Query, Slot
    from codemods.sql_injection.template import Hole, Template


@dataclass(frozen=True, slots=True)
class Target:
    """Where the parameters go: behind the first argument of ``call``, or by ``.bindparams()`` behind ``clause``."""

    call: ast.Call | None
    clause: ast.Call | None = None


@dataclass(frozen=True, slots=True)
class Patch:
    """All edits, and what a person has to look at; empty where the patch is safe."""

    edits: tuple[Edit, ...]
    doubts: tuple[str, ...]


class Planner:
    """Writes the patch for one query. Every step may raise NoPatch."""

    def __init__(
        self,
        template: Template,
        query: Query,
        driver: Driver,
        target: Target,
        *,
        module: Module,
        project: Project,
    ) -> None:
        self.template, self.query, self.driver, self.target = template, query, driver, target
        self.module, self.project = module, project
        self.given = target.call.args[1:] if target.call is not None else []
        self.edits: list[Edit] = []

    def plan(self, holes: list[Hole]) -> Patch:
        """The patch that makes parameters of ``holes``; those beside them stay."""
        slots = sorted({self.query.slots[hole] for hole in holes}, key=lambda slot: slot.first)
        kept = [
            hole for hole in self.template.holes
            if not any(slot.first <= self.template.items.index(hole) <= slot.last for slot in slots)
        ]  # fmt: skip
        if kept and self.template.way in {"%", ".format"}:
            raise NoPatch(f"`{kept[0].text}` has to stay in the text")
        if self.target.call is not None and self.target.call.keywords and self.driver.name != "asyncpg":
            raise NoPatch("the call has arguments by name")
        doubled = self.driver.doubles and bool(self.given)
        values = [
            value_of(slot, self.template.items, self.driver, self.module, self.project, doubled=doubled)
            for slot in slots
        ]
        placeholders, arguments = self._parameters(slots, values, kept)
        for slot, placeholder in zip(slots, placeholders, strict=True):
            self._replace(slot, placeholder)
        self._tidy(slots, kept)
        if arguments is not None:
            self.edits.append(arguments)
        doubts = [value.doubt for value in values if value.doubt]
        if self.driver.doubles and not self.given:
            doubts += [
                f"A `%` in `{hole.text}` would have to be doubled now."
                for hole in kept
                if self._may_hold_percent(hole)
            ]
        return Patch(tuple(sorted(self.edits, key=lambda edit: edit.start)), tuple(dict.fromkeys(doubts)))

    def _may_hold_percent(self, hole: Hole) -> bool:
        if hole.formatted or is_number(hole.node, self.module, self.project):
            return False
        if isinstance(hole.node, ast.Name) and hole.node in self.module.scopes.scope_of:
            values = [binding.value for binding in self.module.scopes.bindings(hole.node)]
            return not values or any(
                not isinstance(each, ast.Constant) or "%" in str(each.value) for each in values
            )
        return True

    # --- the text

    def _edit(self, start: int, end: int, text: str) -> None:
        self.edits.append(Edit(self.module.path, start, end, text))

    def _replace(self, slot: Slot, placeholder: str) -> None:
        items = self.template.items
        first, last = items[slot.first], items[slot.last]
        left, right = first.start, last.end
        opening: Literal | None = first.literal
        closing: Literal | None = last.literal
        behind = ""
        if opening is None:  # a value without quotes in a sum
            before = items[slot.first - 1] if slot.first else None
            after = items[slot.last + 1] if slot.last + 1 < len(items) else None
            if not isinstance(before, Char) or before.end != before.literal.body_end:
                raise NoPatch("the parts of the sum are not followed")
            opening, left = before.literal, before.literal.body_end
            if after is None:
                closing, behind = opening, opening.quotes
            elif isinstance(after, Char) and after.start == after.literal.body:
                closing, right = after.literal, after.literal.body
            else:
                raise NoPatch("the parts of the sum are not followed")
        if closing is None or (
            opening is not closing
            and (
                (opening.prefix, opening.quotes) != (closing.prefix, closing.quotes)
                or opening.is_f
                or (self.template.way != "+")
            )
        ):
            raise NoPatch("the value's quotes are in literals of different kinds")
        if "#" in self.module.source.text[left:right] and opening is not closing:
            raise NoPatch("there is a comment between the parts")
        self._edit(left, right, placeholder + behind)

    def _tidy(self, slots: list[Slot], kept: list[Hole]) -> None:
        """What the literals no longer need: ``f``, doubled braces and per cents, the values behind them."""
        template, driver = self.template, self.driver
        still = {id(hole.literal) for hole in kept}
        literals: dict[int, Literal] = {}
        for number, item in enumerate(template.items):
            if any(slot.first <= number <= slot.last for slot in slots):
                if item.literal is not None:
                    literals.setdefault(id(item.literal), item.literal)
                continue
            if not isinstance(item, Char):
                continue
            literals.setdefault(id(item.literal), item.literal)
            unfilled = template.way in {"%", ".format"} or (
                item.literal.is_f and id(item.literal) not in still
            )
            doubles = driver.doubles and not self.given
            if item.text == "%":
                wanted = "%%" if doubles else "%"
            elif item.text in "{}":
                wanted = item.text if unfilled else self.module.source.text[item.start : item.end]
            else:
                continue
            if self.module.source.text[item.start : item.end] != wanted:
                self._edit(item.start, item.end, wanted)
        for literal in literals.values():
            if literal.is_f and id(literal) not in still:
                place = literal.start + literal.prefix.lower().index("f")
                self._edit(place, place + 1, "")
        if template.tail is not None:
            self._edit(*template.tail, "")

    # --- the parameters

    def _parameters(
        self, slots: list[Slot], values: list[Value], kept: list[Hole]
    ) -> tuple[list[str], Edit | None]:
        if self.driver.style == ":name":
            return self._named(values)
        if self.driver.style == "$1":
            return self._numbered(values)
        mark = self.driver.style
        existing = self.query.placeholders
        if self.driver.style == ":1":
            if self.given or existing:
                raise NoPatch("the call has parameters already")
            return [f":{number}" for number, _ in enumerate(values, 1)], self._behind_query(self._all(values))
        if not self.given:
            if existing:
                raise NoPatch("the query has placeholders, and the call has no parameters")
            return [mark] * len(values), self._behind_query(self._all(values))
        if len(self.given) > 1:
            raise NoPatch("the call has parameters of its own kind")
        if any(token.text != mark for token in existing):
            if isinstance(self.given[0], ast.Dict):
                return self._into_mapping(self.given[0], values)
            raise NoPatch("the query's own placeholders are of another kind")
        return [mark] * len(values), self._merged(self.given[0], slots, values, kept)

    def _all(self, values: list[Value]) -> str:
        texts = [value.text for value in values]
        if self.driver.values == "[":
            return f"[{', '.join(texts)}]"
        return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"

    def _behind_query(self, text: str) -> Edit:
        call = self.target.call
        assert call is not None
        source = self.module.source
        if not call.keywords:
            return add_argument(source, call, text)
        start, end = source.span(call.args[0])[1], source.span(call)[1]
        closing = re.match(r"(?:\s*\))*", source.text[start : end - 1])
        place = start + (closing.end() if closing else 0)
        return Edit(self.module.path, place, place, f", {text}")

    def _merged(self, given: ast.expr, slots: list[Slot], values: list[Value], kept: list[Hole]) -> Edit:
        """Parameters beside those that the call has, in the order of the query."""
        items = self.template.items
        old = [token.first for token in self.query.placeholders]
        opaque = [items.index(hole) for hole in kept]
        new = [slot.first for slot in slots]
        source = self.module.source
        texts = ", ".join(value.text for value in values)
        before = all(other < new[0] for other in [*old, *opaque])
        behind = all(other > new[-1] for other in [*old, *opaque])
        if isinstance(given, (ast.Tuple, ast.List)) and not any(
            isinstance(e, ast.Starred) for e in given.elts
        ):
            if not given.elts or (len(old) != len(given.elts) and not (opaque and (before or behind))):
                raise NoPatch("its placeholders and its parameters are not the same number")
            if not source.segment(given).startswith(("(", "[")):
                raise NoPatch("the parameters are not in brackets")
            place = sum(other < new[0] for other in old)
            if len(old) != len(given.elts):
                place = len(given.elts) if before else 0
            elif place != sum(other < new[-1] for other in old):
                raise NoPatch("the new parameters would have to go between the old ones")
            if place < len(given.elts):
                start = source.span(given.elts[place])[0]
                end = start
                text = f"{texts}, "
                if len(given.elts) == 1 and (tail := self._lone_comma(given)) is not None:
                    self._edit(*tail, "")
            else:
                start = end = source.span(given.elts[-1])[1]
                text = f", {texts}"
                if len(given.elts) == 1 and (tail := self._lone_comma(given)) is not None:
                    start, end = tail
            return Edit(self.module.path, start, end, text)
        if not (old or opaque) or isinstance(given, (ast.Dict, ast.Starred)) or not (before or behind):
            raise NoPatch("the order of the parameters could not be told")
        known = self.project.types.of(given, self.module)
        if known is not None and known.name not in {"builtins.list", "builtins.tuple"} and known.last not in {
            "list", "tuple", "List", "Tuple", "Sequence",
        }:  # fmt: skip
            raise NoPatch("what the call has for parameters is no list")
        written = source.segment(given)
        joined = f"*{written}, {texts}" if before else f"{texts}, *{written}"
        start, end = source.span(given)
        brackets = "[]" if self.driver.values == "[" else "()"
        return Edit(self.module.path, start, end, f"{brackets[0]}{joined}{brackets[1]}")

    def _lone_comma(self, given: ast.Tuple | ast.List) -> tuple[int, int] | None:
        """The comma that makes a tuple of one."""
        start, end = self.module.source.span(given.elts[0])[1], self.module.source.span(given)[1] - 1
        between = self.module.source.text[start:end]
        return (start, end) if between.strip() == "," and "\n" not in between else None

    def _numbered(self, values: list[Value]) -> tuple[list[str], Edit | None]:
        call = self.target.call
        assert call is not None
        if any(isinstance(each, ast.Starred) for each in self.given):
            raise NoPatch("the call's own parameters are not followed")
        used = [int(token.text[1:]) for token in self.query.placeholders if token.text.startswith("$")]
        if max(used, default=0) != len(self.given):
            raise NoPatch("its placeholders and its parameters are not the same number")
        text = ", ".join(value.text for value in values)
        numbers = [f"${number}" for number, _ in enumerate(values, len(self.given) + 1)]
        if not self.given:
            return numbers, self._behind_query(text)
        end = self.module.source.span(self.given[-1])[1]
        following = self.module.source.text[end:].lstrip()[:1]
        if following not in {",", ")"}:
            raise NoPatch("the call's own parameters are not followed")
        return numbers, Edit(self.module.path, end, end, f", {text}")

    def _named(self, values: list[Value]) -> tuple[list[str], Edit | None]:
        taken = {token.text[1:]: "" for token in self.query.placeholders}
        names = [self._free(value, taken) for value in values]
        pairs = dict(zip(names, (value.text for value in values), strict=True))
        marks = [f":{name}" for name in names]
        if self.target.clause is not None:
            end = self.module.source.span(self.target.clause)[1]
            text = ", ".join(f"{name}={text}" for name, text in pairs.items())
            return marks, Edit(self.module.path, end, end, f".bindparams({text})")
        if not self.given:
            quote = self._quote()
            text = ", ".join(f"{quote}{name}{quote}: {text}" for name, text in pairs.items())
            return marks, self._behind_query(f"{{{text}}}")
        assert isinstance(self.given[0], ast.Dict)
        return marks, self._added(self.given[0], pairs)

    def _into_mapping(self, given: ast.Dict, values: list[Value]) -> tuple[list[str], Edit | None]:
        """``%(name)s`` or ``:name`` beside those that there are."""
        olds = [token.text for token in self.query.placeholders]
        if all(re.fullmatch(r"%\(\w+\)s", old) for old in olds) and self.driver.style == "%s":
            form = "%({})s"
        elif all(re.fullmatch(r":[^\W\d]\w*", old) for old in olds) and self.driver.style == "?":
            form = ":{}"
        else:
            raise NoPatch("the query's own placeholders are of another kind")
        taken = {re.sub(r"\W|\)s$", "", old): "" for old in olds}
        names = [self._free(value, taken) for value in values]
        pairs = dict(zip(names, (value.text for value in values), strict=True))
        return [form.format(name) for name in names], self._added(given, pairs)

    def _free(self, value: Value, taken: dict[str, str]) -> str:
        name, number = value.name, 1
        while taken.get(name, value.text) != value.text:
            number += 1
            name = f"{value.name}_{number}"
        taken[name] = value.text
        return name

    def _added(self, given: ast.Dict, pairs: dict[str, str]) -> Edit:
        keys = {key.value for key in given.keys if isinstance(key, ast.Constant)}
        if any(key is None for key in given.keys) or keys & set(pairs):
            raise NoPatch("the call's own parameters are not followed")
        quote = self._quote()
        text = ", ".join(f"{quote}{name}{quote}: {text}" for name, text in pairs.items())
        if not given.values:
            start = self.module.source.span(given)[0] + 1
            return Edit(self.module.path, start, start, text)
        end = self.module.source.span(given.values[-1])[1]
        following = self.module.source.text[end:].lstrip()[:1]
        if following not in {",", "}"}:
            raise NoPatch("the call's own parameters are not followed")
        return Edit(self.module.path, end, end, f", {text}")

    def _quote(self) -> str:
        literal = next(item.literal for item in self.template.items if isinstance(item, Char))
        return literal.quotes if len(literal.quotes) == 1 else '"'
