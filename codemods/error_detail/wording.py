"""The words of an error's detail that are left when the exception's own are taken out."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.libraries.log_text import is_words_of, lazy

if TYPE_CHECKING:
    from codemods.engine.project import Module

PHRASES = {
    500: "Internal server error",
    501: "Not implemented",
    502: "Bad gateway",
    503: "Service unavailable",
    504: "Gateway timeout",
}
_DANGLING = re.compile(
    r"(?:[\s:;,.=\-\u2013\u2014>|]|[(\[{]|(?<![^\s(\[{=:])['\"]|\b(?:due to|because(?: of)?|reason|details?|got|is|was|by|as|"
    r"with(?: (?:the )?(?:error|exception|message))?))+$",
    re.IGNORECASE,
)
"""What leads to the exception's words and nowhere else; a quote that closes, behind a word or a value, is none of it."""
_SAYS_NOTHING = re.compile(
    r"(?:an? )?(?:unexpected |internal )?(?:error|exception|failed|failure)?(?: occurred)?$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]{3}")


@dataclass(frozen=True, slots=True)
class Wording:
    """``text``: the new detail as an expression. ``log``: what a log of the same says, with values as arguments.

    Both are empty where the exception's words can't be cut out; ``log`` also where no words of its own are left.
    """

    text: str = ""
    log: str = ""
    words: str = ""


def wording_of(detail: ast.expr, exception: str, status: int, module: Module) -> Wording | None:
    """The new words of a detail that tells the exception's; None where it does not."""
    phrase = PHRASES.get(status, PHRASES[500])
    quote = _quote(detail, module)
    if is_words_of(detail, exception) or is_traceback(detail):
        return Wording(f"{quote}{phrase}{quote}")
    parts = _parts(detail)
    if parts is None or not any(_tells(part, exception) for part in parts):
        return None
    first = next(place for place, part in enumerate(parts) if _mentions(part, exception))
    kept, tail = parts[:first], parts[first:]
    for part in tail:
        if isinstance(part, ast.Constant) and _WORD.search(str(part.value)):
            return Wording()
        if (
            isinstance(part, ast.FormattedValue)
            and not _mentions(part, exception)
            and not is_traceback(part.value)
        ):
            return Wording()
    said = "".join(str(part.value) for part in kept if isinstance(part, ast.Constant))
    if not _WORD.search(said) or (
        all(isinstance(part, ast.Constant) for part in kept) and _SAYS_NOTHING.match(_trimmed(said))
    ):
        return Wording(f"{quote}{phrase}{quote}")
    text, log = (_written(kept, detail, exception, module, convert=convert) for convert in (False, True))
    return Wording(text, log, _trimmed(said))


def _tells(part: ast.expr, exception: str) -> bool:
    return isinstance(part, ast.FormattedValue) and (
        is_words_of(part.value, exception) or is_traceback(part.value)
    )


def is_traceback(node: ast.expr) -> bool:
    """``traceback.format_exc()``."""
    return isinstance(node, ast.Call) and dotted(node.func) in {"traceback.format_exc", "format_exc"}


def _mentions(part: ast.expr, exception: str) -> bool:
    return any(
        (isinstance(node, ast.Name) and node.id == exception)
        or (isinstance(node, ast.Call) and is_traceback(node))
        for node in walk(part)
    )


def _parts(detail: ast.expr) -> list[ast.expr] | None:
    """The pieces of a text: of an f-string, a sum, a template with ``%s`` or ``{}``."""
    match detail:
        case ast.JoinedStr(values=values):
            return values
        case ast.BinOp(left=ast.Constant(value=str()) as left, op=ast.Add(), right=right):
            return [left, ast.FormattedValue(right, -1)]
        case ast.BinOp(left=ast.Constant(value=str() as text), op=ast.Mod(), right=right):
            values = right.elts if isinstance(right, ast.Tuple) else [right]
            pieces = re.split(r"%([sr])", text.replace("%%", "\0"))
            if "%" not in "".join(pieces[::2]):
                return _between([piece.replace("\0", "%") for piece in pieces[::2]], pieces[1::2], values)
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str() as text), attr="format"),
            args=values,
            keywords=[],
        ):
            pieces = re.split(r"\{(?:!([sr]))?\}", text)
            if not any(brace in piece for piece in pieces[::2] for brace in "{}"):
                return _between(pieces[::2], pieces[1::2], values)
    return None


def _between(texts: list[str], signs: list[str | None], values: list[ast.expr]) -> list[ast.expr] | None:
    """Texts and the values between them, as an f-string has them."""
    if len(signs) != len(values) or any(isinstance(each, ast.Starred) for each in values):
        return None
    parts: list[ast.expr] = [ast.Constant(texts[0])]
    for text, sign, value in zip(texts[1:], signs, values, strict=True):
        parts += [ast.FormattedValue(value, ord("r") if sign == "r" else -1), ast.Constant(text)]
    return [part for part in parts if not isinstance(part, ast.Constant) or part.value]


def _written(kept: list[ast.expr], detail: ast.expr, exception: str, module: Module, *, convert: bool) -> str:
    """The pieces as one literal or f-string; with ``convert`` as a template and its arguments. Empty where that fails."""
    quote = _quote(detail, module)
    if all(isinstance(part, ast.Constant) for part in kept):
        text = _trimmed("".join(str(part.value) for part in kept if isinstance(part, ast.Constant)))
        escaped = (
            text.replace("\\", "\\\\").replace(quote, f"\\{quote}").replace("\n", "\\n").replace("\t", "\\t")
        )
        return f"{quote}{escaped}{quote}"
    if not isinstance(detail, ast.JoinedStr):
        return _made_anew(kept, quote, module, convert=convert)
    last = kept[-1]
    if isinstance(last, ast.Constant):
        kept = [*kept[:-1], ast.Constant(_trimmed(str(last.value), "_"))]  # a value stands before
    else:
        kept = [*kept, ast.Constant("")]
    whole = ast.JoinedStr([*kept, ast.FormattedValue(ast.Name(exception, ast.Load()), -1)])
    call = ast.Call(ast.Name("_", ast.Load()), [ast.copy_location(whole, detail)], [])
    edits, _ = lazy(call, exception, module, convert=convert)
    return edits[0].text if edits else ""


def _made_anew(kept: list[ast.expr], quote: str, module: Module, *, convert: bool) -> str:
    """What a template becomes: an f-string; with ``convert`` a template for a log and its arguments."""
    last = kept[-1]
    if isinstance(last, ast.Constant):
        kept = [*kept[:-1], ast.Constant(_trimmed(str(last.value), "_"))]
    text, arguments = "", []
    for part in kept:
        if isinstance(part, ast.Constant):
            piece = str(part.value)
            text += piece.replace("%", "%%") if convert else piece.replace("{", "{{").replace("}", "}}")
        elif isinstance(part, ast.FormattedValue):
            value = module.source.segment(part.value)
            if any(mark in value for mark in "\"'\\\n{}#"):
                return ""
            sign = "r" if part.conversion == ord("r") else "s"
            text += f"%{sign}" if convert else f"{{{value}{'!r' if sign == 'r' else ''}}}"
            arguments.append(value)
    if any(mark in text for mark in (quote, "\\", "\n")):
        return ""
    return ", ".join([f"{quote}{text}{quote}", *arguments]) if convert else f"f{quote}{text}{quote}"


def _trimmed(text: str, before: str = "") -> str:
    """``text`` without the end that leads to the exception's words; ``before`` stands in front of it."""
    cut = _DANGLING.sub("", before + text)
    return cut.removeprefix(before) if cut.startswith(before) else ""


def _quote(detail: ast.expr, module: Module) -> str:
    """The quotes that the detail is written in; double ones where it has none."""
    found = [mark for mark in module.source.segment(detail) if mark in "\"'"]
    return found[0] if found else '"'
