"""The words of an error's detail that are left when the exception's own are taken out."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    if is_words_of(detail, exception):
        return Wording(f"{quote}{phrase}{quote}")
    parts = _parts(detail)
    if parts is None or not any(_tells(part, exception) for part in parts):
        return None
    first = next(place for place, part in enumerate(parts) if _mentions(part, exception))
    kept, tail = parts[:first], parts[first:]
    for part in tail:
        if isinstance(part, ast.Constant) and _WORD.search(str(part.value)):
            return Wording()
        if isinstance(part, ast.FormattedValue) and not _mentions(part, exception):
            return Wording()
    said = "".join(str(part.value) for part in kept if isinstance(part, ast.Constant))
    if not _WORD.search(said) or (
        all(isinstance(part, ast.Constant) for part in kept) and _SAYS_NOTHING.match(_trimmed(said))
    ):
        return Wording(f"{quote}{phrase}{quote}")
    text, log = (_written(kept, detail, exception, module, convert=convert) for convert in (False, True))
    return Wording(text, log, _trimmed(said))


def _tells(part: ast.expr, exception: str) -> bool:
    return isinstance(part, ast.FormattedValue) and is_words_of(part.value, exception)


def _mentions(part: ast.expr, exception: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == exception for node in walk(part))


def _parts(detail: ast.expr) -> list[ast.expr] | None:
    """The pieces of a text: of an f-string, a sum, a template with ``%s`` or ``{}`` at its end."""
    match detail:
        case ast.JoinedStr(values=values):
            return values
        case ast.BinOp(left=ast.Constant(value=str()) as left, op=ast.Add(), right=right):
            return [left, ast.FormattedValue(right, -1)]
        case ast.BinOp(left=ast.Constant(value=str() as text), op=ast.Mod(), right=right) if (
            text.count("%") == 1
        ):
            if text.endswith("%s") and not isinstance(right, (ast.Tuple, ast.Dict)):
                return [ast.Constant(text[:-2]), ast.FormattedValue(right, -1)]
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str() as text), attr="format"),
            args=[right],
            keywords=[],
        ) if text.count("{") == 1 and text.endswith("{}"):
            return [ast.Constant(text[:-2]), ast.FormattedValue(right, -1)]
    return None


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
        return ""
    last = kept[-1]
    if isinstance(last, ast.Constant):
        kept = [*kept[:-1], ast.Constant(_trimmed(str(last.value), "_"))]  # a value stands before
    else:
        kept = [*kept, ast.Constant("")]
    whole = ast.JoinedStr([*kept, ast.FormattedValue(ast.Name(exception, ast.Load()), -1)])
    call = ast.Call(ast.Name("_", ast.Load()), [ast.copy_location(whole, detail)], [])
    edits, _ = lazy(call, exception, module, convert=convert)
    return edits[0].text if edits else ""


def _trimmed(text: str, before: str = "") -> str:
    """``text`` without the end that leads to the exception's words; ``before`` stands in front of it."""
    cut = _DANGLING.sub("", before + text)
    return cut.removeprefix(before) if cut.startswith(before) else ""


def _quote(detail: ast.expr, module: Module) -> str:
    """The quotes that the detail is written in; double ones where it has none."""
    found = [mark for mark in module.source.segment(detail) if mark in "\"'"]
    return found[0] if found else '"'
