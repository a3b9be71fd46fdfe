"""From a secret and its use to a finding: what is wrong there, what is proven, and what the patch will be."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from codemods.engine.files.testing import is_test
from codemods.engine.finding import Applicability, Finding
from codemods.secretstr.audience import audience
from codemods.secretstr.doubts import doubt_about, holds_no_secret
from codemods.secretstr.dumps import dumped
from codemods.secretstr.fstrings import is_labelled, span_of
from codemods.secretstr.guards import Said, checked_elsewhere, known_at
from codemods.secretstr.names import learn, names_in
from codemods.secretstr.places import Secret, secrets_in
from codemods.secretstr.trust import (
    Plain,
    owner_of,
    plain_stores,
    reaches,
    stored_beside,
)
from codemods.secretstr.uses import use_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codemods.engine.project import Module, Project
    from codemods.secretstr.use import Use

RULE_NAME = "secretstr"
_SIGNING = ("hashlib.", "SessionMiddleware", "itsdangerous.")
Form = Literal["plain", "conditional", "default"]


@dataclass(frozen=True)
class Unwrap:
    """What to write: ``suffix`` behind the expression at ``start`` to ``end``.

    ``conditional``: only if it has a value; ``default``: the whole ``secret or other`` at ``outer`` becomes a
    conditional expression. ``tests``: plain texts that tests put into the field, to be made secrets.
    """

    start: int
    end: int
    suffix: str
    form: Form
    outer: tuple[int, int] = (0, 0)
    other: tuple[int, int] = (0, 0)
    tests: tuple[Plain, ...] = ()


def candidates(project: Project) -> Iterable[str]:
    """The files that may use a secret: those that name the types, and those that name what holds one."""
    return learn(project).files


def detect(module: Module, project: Project) -> Iterator[Finding]:
    """The findings in one file."""
    if module.path in learn(project).files:
        yield from dumped(module, project, RULE_NAME)
    names = names_in(module, project)
    for secret in secrets_in(module, project, names):
        finding = _judged(secret, module, project)
        if finding is not None:
            yield finding


def _judged(secret: Secret, module: Module, project: Project) -> Finding | None:
    use = use_of(secret, module, project)
    if use is None:
        return None
    said = known_at(secret.node, module)
    if said is Said.OTHER_TYPE or (said is Said.ABSENT and secret.optional):
        return None
    if said is not Said.PRESENT and checked_elsewhere(secret.node, module):
        return None
    span = span_of(secret.node, module)
    if (
        span is None
        or stored_beside(secret.node, module, project)
        or holds_no_secret(secret.node, module, project)
        or is_labelled(secret.node, span, module)
    ):
        return None
    heard = audience(secret.node, module, project)
    needed = use.certain and (use.effect == "mistaken" or heard.elsewhere)
    if heard.shown is not None and not needed:
        return None
    return _Judge(secret, use, said, span, heard.shown, module, project).finding()


@dataclass
class _Judge:
    secret: Secret
    use: Use
    said: Said
    span: tuple[int, int]
    shown_at: tuple[str, int] | None
    module: Module
    project: Project

    def finding(self) -> Finding:
        text = self.module.source.text[slice(*self.span)]
        shown = " ".join(text.split())
        doubt = self._overheard(shown) or doubt_about(self.secret.node, self.module, self.project)
        notes: list[str] = [self.use.note] if self.use.note else []
        if self.use.effect != "raises" and any(word in self.use.what for word in _SIGNING):
            notes.append("What was made with the mask before no longer matches what the secret gives.")
        safe = self.use.certain
        form: Form = "plain"
        outer, other = (0, 0), (0, 0)
        tests: tuple[Plain, ...] = ()
        if self.secret.optional and self.said is not Said.PRESENT:
            form, outer, other = self._form()
            asserted = isinstance(self.module.parents.get(self.module.parents[self.secret.node]), ast.Assert)
            if form != "default" and not (form == "plain" and asserted):
                safe = False
                notes.append(_NONE_NOTES[form].format(shown=shown))
            if (
                form != "plain"
                and any(
                    isinstance(part, (ast.Call, ast.Await, ast.NamedExpr))
                    for part in ast.walk(self.secret.node)
                )
                and not self._repeatable()
            ):
                doubt = doubt or f"{shown} may be None, and calling it twice to find out may have effects"
        if doubt is None:
            tests, loose = self._stores()
            if isinstance(loose, str):
                doubt = loose
            elif loose:
                safe = False
                places = ", ".join(sorted({f"{each.path}:{each.line}" for each in loose})[:3])
                notes.append(
                    f"A test puts plain text into an attribute of this name ({places}); it may need SecretStr there."
                )
        applicability = (
            Applicability.DISPLAY_ONLY if doubt else Applicability.SAFE if safe else Applicability.UNSAFE
        )
        line, column = self.module.source.position(self.span[0])
        return Finding(
            rule=RULE_NAME,
            path=self.module.path,
            line=line,
            column=column,
            end_line=self.module.source.position(self.span[1])[0],
            message=f"`{shown}` is a {self.secret.type_name}, but {self.use.what}: {self._effect()}.",
            applicability=applicability,
            reason=doubt if doubt is not None else self._proof(shown),
            notes=tuple(notes),
            evidence=None if doubt else Unwrap(*self.span, self._suffix(), form, outer, other, tests),
        )

    def _overheard(self, shown: str) -> str | None:
        """Why the secret must stay masked here although its text is needed: people would read it, too."""
        if self.shown_at is None:
            return None
        path, line = self.shown_at
        where = f"line {line}" if path == self.module.path else f"{path}:{line}"
        return (
            f"the same text is also shown to people at {where}, where the mask protects `{shown}`: "
            "give the place that needs the secret a text of its own"
        )

    def _effect(self) -> str:
        match self.use.effect:
            case "masks":
                return "it becomes `**********` there"
            case "raises":
                return "that raises an error"
            case "never equal":
                return "the two are never equal"
        return "it arrives as `**********` or raises an error"

    def _proof(self, shown: str) -> str:
        where = f" ({self.secret.proof})" if self.secret.proof else ""
        guard = "; it has a value there" if self.secret.optional and self.said is Said.PRESENT else ""
        return f"`{shown}` is proven to be a pydantic {self.secret.type_name}{where}{guard}."

    def _suffix(self) -> str:
        suffix = ".get_secret_value()"
        if self.secret.is_bytes and not self.use.wants_bytes:
            as_it_is = self.use.takes_bytes or self._works_on_bytes()
            return suffix if as_it_is else f"{suffix}.decode()"
        return f"{suffix}.encode()" if self.use.wants_bytes and not self.secret.is_bytes else suffix

    def _works_on_bytes(self) -> bool:
        """A slice, or a method that bytes have too and that isn't given text."""
        parent = self.module.parents.get(self.secret.node)
        if isinstance(parent, ast.Subscript):
            return True
        call = self.module.parents.get(parent) if isinstance(parent, ast.Attribute) else None
        if not isinstance(parent, ast.Attribute) or not isinstance(call, ast.Call):
            return False
        given = any(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in call.args)
        return hasattr(bytes, parent.attr) and (parent.attr == "decode" or not given)

    def _form(self) -> tuple[Form, tuple[int, int], tuple[int, int]]:
        """How a value that may be None is unwrapped without changing what None does there."""
        node = self.secret.node
        parent = self.module.parents.get(node)
        if (
            isinstance(parent, ast.BoolOp)
            and isinstance(parent.op, ast.Or)
            and parent.values[0] is node
            and len(parent.values) == 2
        ):
            outer, other = span_of(parent, self.module), span_of(parent.values[1], self.module)
            if outer is not None and other is not None:
                return "default", outer, other
        raising = isinstance(parent, ast.Attribute) or (
            isinstance(parent, ast.Subscript) and parent.value is node
        )
        asserted = isinstance(parent, ast.Compare) and isinstance(self.module.parents.get(parent), ast.Assert)
        if raising or asserted or (isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add)):
            return "plain", (0, 0), (0, 0)
        return "conditional", (0, 0), (0, 0)

    def _repeatable(self) -> bool:
        """Whether the calls in the expression only fetch what is kept (``@lru_cache``)."""
        for part in ast.walk(self.secret.node):
            if isinstance(part, ast.Call):
                known = self.project.types.of(part.func, self.module)
                definition = (
                    self.project.types.function_def(known)
                    if known is not None and known.kind == "function"
                    else None
                )
                if definition is None or part.args or part.keywords:
                    return False
                if not any("cache" in ast.unparse(mark) for mark in definition[1].decorator_list):
                    return False
            elif isinstance(part, (ast.Await, ast.NamedExpr)):
                return False
        return True

    def _stores(self) -> tuple[tuple[Plain, ...], tuple[Plain, ...] | str]:
        """Plain texts put into the field: those that the patch wraps, and a doubt or those that a person must look at."""
        owned = owner_of(self.secret.node, self.module, self.project)
        if owned is None:
            return (), ()
        if is_test(self.module.path):
            return (), ()
        found = plain_stores(*owned, self.project)
        for each in found:
            if not each.in_test:
                return (), f"{each.path}:{each.line} puts plain text into the field, unvalidated"
        loose = (each for each in found if not each.proven)
        return (
            tuple(each for each in found if each.proven),
            tuple(each for each in loose if reaches(each, self.secret.node, self.module, self.project)),
        )


_NONE_NOTES = {
    "conditional": "{shown} may be None and nothing above makes sure that it is not; None stays what it was here.",
    "plain": "{shown} may be None and nothing above makes sure that it is not; None still raises an error here.",
}
