"""The text of a log call without the exception's own words, and with its values as arguments."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.finding import Edit
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from codemods.engine.files.source import Source
    from codemods.engine.project import Module

_SEPARATES = re.compile(r"[\s:;,=\-\u2013\u2014>|\uff0c\uff1a\uff1b]+$")
_ANNOUNCES = re.compile(
    r"\s*(?:[,;.|\uff0c\u3002\uff1b]|\s[-\u2013\u2014])\s*"
    r"(?:(?:the )?(?:error|err|exception|exc|reason|cause|details?)(?: (?:message|was|is))?|message|msg|"
    r"\u9519\u8bef(?:\u4fe1\u606f|\u539f\u56e0)?|\u5f02\u5e38(?:\u4fe1\u606f)?|\u539f\u56e0|\u8be6\u60c5)$"
    r"|(?:^|(?<=\w)\s+)(?:due to|because(?: of)?|caused by|with)$",
    re.IGNORECASE,
)
"""What is left of ``failed, error: {e}`` and ``failed because of {e}``; also in Chinese: error, exception, reason, details."""
_PLAIN = re.compile(r"[fF]?(\"(?!\"\")|')(?:[^\\\n]|\\[nt\\'\"])*\1$")
_CONVERSIONS = {-1: "%s", 115: "%s", 114: "%r"}


def lazy(call: ast.Call, exception: str | None, module: Module, *, convert: bool) -> tuple[list[Edit], bool]:
    """The edits of the call's arguments, none where they stay; and whether they still name the exception.

    ``convert``: values of an f-string become arguments, which is how the standard library's loggers take them.
    """
    names = exception is not None and any(
        isinstance(part, ast.Name) and part.id == exception for part in walk(call)
    )
    if not call.args or any(isinstance(each, ast.Starred) for each in call.args):
        return [], names
    first, others = call.args[0], call.args[1:]
    source = module.source
    text: str | None = None
    shorter = others
    if isinstance(first, ast.JoinedStr) and not others:
        text = _of_fstring(first, exception, source, convert=convert)
    elif (
        exception is not None and isinstance(first, ast.Constant) and isinstance(first.value, str) and others
    ):
        text = _of_template(first, others, exception, source)
        shorter = others[:-1]
    elif exception is not None and isinstance(first, ast.BinOp) and not others:
        text = _of_sum(first, exception, source) or _of_percent(first, exception, source, convert=convert)
    elif exception is not None and isinstance(first, ast.Call) and not others:
        text = _of_format(first, exception, source, convert=convert)
    if text is None or (isinstance(first, (ast.BinOp, ast.Call)) and "#" in _between_literals(first, source)):
        return [], names  # a comment would go with what is dropped
    edits = [Edit(module.path, *source.span(first), text)]
    if len(shorter) < len(others):
        start = source.span((shorter or [first])[-1])[1]
        edits.append(Edit(module.path, start, source.span(others[-1])[1], ""))
    left = [ast.parse(f"f({text})", mode="eval"), *shorter, *call.keywords]
    return edits, any(
        isinstance(part, ast.Name) and part.id == exception for each in left for part in walk(each)
    )


def _before(text: str) -> str:
    """A text without what leads over to the exception's own words."""
    return _SEPARATES.sub("", _ANNOUNCES.sub("", _SEPARATES.sub("", text)))


def is_words_of(node: ast.expr, exception: str | None) -> bool:
    """``e``, ``str(e)`` or ``repr(e)``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"str", "repr"}:
        return len(node.args) == 1 and not node.keywords and is_words_of(node.args[0], exception)
    return isinstance(node, ast.Name) and exception is not None and node.id == exception


def _of_fstring(node: ast.JoinedStr, exception: str | None, source: Source, *, convert: bool) -> str | None:
    written = source.segment(node)
    if not _PLAIN.match(written):
        return None
    parts = list(node.values)
    last = parts[-1] if parts else None
    if (
        isinstance(last, ast.FormattedValue)
        and last.format_spec is None
        and is_words_of(last.value, exception)
    ):
        before = parts[-2] if len(parts) > 1 else None
        if not isinstance(before, ast.Constant):
            return None
        kept = _before(str(before.value))
        if not kept and len(parts) == 2:
            return None
        parts = [*parts[:-2], *([ast.Constant(kept)] if kept else [])]
    elif not convert:
        return None
    if not convert:
        return _fstring(parts, written[-1], source)
    return _arguments(parts, written[-1], source)


def _arguments(parts: list[ast.expr], quote: str, source: Source) -> str | None:
    """``"text %s", value``; None where a value is formatted in a way that ``%`` has not."""
    values = [part for part in parts if isinstance(part, ast.FormattedValue)]
    text = ""
    for part in parts:
        if isinstance(part, ast.Constant):
            text += str(part.value).replace("%", "%%") if values else str(part.value)
        elif (
            isinstance(part, ast.FormattedValue)
            and part.format_spec is None
            and part.conversion in _CONVERSIONS
        ):
            text += _CONVERSIONS[part.conversion]
        else:
            return None
    written = [_expression(value.value, source) for value in values]
    return ", ".join([_literal(text, quote), *written])


def _fstring(parts: list[ast.expr], quote: str, source: Source) -> str | None:
    """The f-string again without its last value; None where it can't be cut by its text."""
    text = ""
    for part in parts:
        if isinstance(part, ast.Constant):
            text += _literal(str(part.value), quote)[1:-1].replace("{", "{{").replace("}", "}}")
        elif isinstance(part, ast.FormattedValue) and part.format_spec is None:
            inner = _expression(part.value, source)
            if quote in inner or "\\" in inner:
                return None
            text += "{" + inner + {-1: "", 115: "!s", 114: "!r", 97: "!a"}[part.conversion] + "}"
        else:
            return None
    return ("f" if any(isinstance(part, ast.FormattedValue) for part in parts) else "") + quote + text + quote


def _expression(node: ast.expr, source: Source) -> str:
    """An f-string's value as written: where its place in the file is not known for certain, as Python writes it."""
    try:
        written = source.segment(node)
        if ast.dump(ast.parse(written.strip(), mode="eval").body) == ast.dump(node):
            return written.strip()
    except (SyntaxError, ValueError, IndexError):
        pass
    return ast.unparse(node)


def _of_template(first: ast.Constant, others: list[ast.expr], exception: str, source: Source) -> str | None:
    """``"failed for %s: %s", name, e`` without its last value."""
    written = source.segment(first)
    if not _PLAIN.match(written) or not is_words_of(others[-1], exception):
        return None
    text = str(first.value)
    if not text.endswith(("%s", "%r")) or len(re.findall(r"%[^%]", text.replace("%%", ""))) != len(others):
        return None
    kept = _before(text[:-2])
    between = source.text[source.span(first)[1] : source.span(others[-1])[1]]
    if not kept or "#" in between:  # a comment would go with the argument
        return None
    if len(others) == 1:
        kept = kept.replace("%%", "%")
    return _literal(kept, written[-1])


def _of_sum(node: ast.BinOp, exception: str, source: Source) -> str | None:
    """``"failed: " + str(e)`` without what is added."""
    left = node.left
    if (
        not isinstance(node.op, ast.Add)
        or not isinstance(left, ast.Constant)
        or not isinstance(left.value, str)
    ):
        return None
    written = source.segment(left)
    kept = _before(left.value)
    if not is_words_of(node.right, exception) or not kept or not _PLAIN.match(written):
        return None
    return _literal(kept, written[-1])


def _of_percent(node: ast.BinOp, exception: str, source: Source, *, convert: bool) -> str | None:
    """``"failed for %s: %s" % (name, e)`` without its last value, the others as arguments."""
    if not isinstance(node.op, ast.Mod) or not isinstance(node.left, ast.Constant):
        return None
    values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
    parts = re.split(r"%([sr])", str(node.left.value).replace("%%", "\0"))
    if "%" in "".join(parts[::2]) or not is_words_of(values[-1], exception):
        return None
    return _without_last(node.left, parts, values, source, convert=convert)


def _of_format(node: ast.Call, exception: str, source: Source, *, convert: bool) -> str | None:
    """``"failed for {}: {}".format(name, e)`` without its last value, the others as arguments."""
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr != "format" or node.keywords:
        return None
    if not isinstance(func.value, ast.Constant) or not isinstance(func.value.value, str):
        return None
    parts = re.split(r"\{(?:!([sr]))?\}", func.value.value)
    if any(brace in text for text in parts[::2] for brace in "{}"):
        return None
    if not node.args or not is_words_of(node.args[-1], exception):
        return None
    return _without_last(func.value, parts, node.args, source, convert=convert)


def _without_last(
    literal: ast.Constant, parts: list[str], values: list[ast.expr], source: Source, *, convert: bool
) -> str | None:
    """The literal and its values without the last, which must end the text; ``parts``: texts, signs between them."""
    written, others = source.segment(literal), values[:-1]
    texts, signs = parts[::2], [sign or "s" for sign in parts[1::2]]
    if not _PLAIN.match(written) or len(signs) != len(values) or texts[-1]:
        return None
    if any(isinstance(each, ast.Starred) for each in others) or (others and not convert):
        return None
    pieces = [text.replace("\0", "%") for text in [*texts[:-2], _before(texts[-2])]]
    if others:
        pieces = [text.replace("%", "%%") for text in pieces]
    text = pieces[0] + "".join(f"%{sign}{piece}" for sign, piece in zip(signs, pieces[1:], strict=False))
    if not text.strip():
        return None
    return ", ".join([_literal(text, written[-1]), *(source.segment(each) for each in others)])


def _between_literals(node: ast.expr, source: Source) -> str:
    """An expression as written, without its first literal."""
    literal = next(part for part in walk(node) if isinstance(part, ast.Constant))
    return source.segment(node).replace(source.segment(literal), "", 1)


def _literal(text: str, quote: str) -> str:
    escaped = (
        text.replace("\\", "\\\\").replace(quote, f"\\{quote}").replace("\n", "\\n").replace("\t", "\\t")
    )
    return f"{quote}{escaped}{quote}"
