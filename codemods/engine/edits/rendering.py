"""New statements rendered by LibCST in a block's indentation and a file's own unit of it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from codemods.engine.finding import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    import libcst


def rendered(new_text: str, indent: str, unit: str) -> str:
    """The statements of ``new_text`` (unindented, four blanks for a level) with ``indent``, levels of ``unit``.

    What stands inside strings is not touched. The text has no newline at its end. Raises Refused where
    ``new_text`` does not parse.
    """
    import libcst as cst

    if not new_text.strip():
        return new_text
    try:
        module = cst.parse_module(f"{new_text}\n", cst.PartialParserConfig(default_indent="    "))
    except cst.ParserSyntaxError as error:
        raise Refused(f"the new statements do not parse: {error.message}") from error
    body = [_reindenter()(unit).of(statement) for statement in module.body]
    header, footer = (_lines(lines) for lines in (module.header, module.footer))
    if not indent:
        return cst.Module(body, header, footer, default_indent=unit).code.removesuffix("\n")
    if body:
        body[0] = body[0].with_changes(leading_lines=[*header, *body[0].leading_lines])
        block = cst.IndentedBlock(body, indent=indent, footer=footer)
        wrapped = cst.Module([cst.If(cst.Name("_"), block)], default_indent=unit).code
        return wrapped.partition("\n")[2].removesuffix("\n")
    return "\n".join(f"{indent}{line}" if line.strip() else "" for line in new_text.split("\n"))


def _lines(lines: Sequence[libcst.EmptyLine]) -> list[libcst.EmptyLine]:
    return [_blank(line) for line in lines]


def _blank(line: libcst.EmptyLine) -> libcst.EmptyLine:
    """A blank line has no white space."""
    return line.with_changes(indent=line.comment is not None)


@cache
def _reindenter() -> type:
    import libcst as cst

    class Reindenter(cst.CSTTransformer):
        """Blank lines without white space, and continuation lines in the file's unit."""

        def __init__(self, unit: str) -> None:
            super().__init__()
            self.unit = unit

        def of(self, node: cst.BaseStatement) -> cst.BaseStatement:
            result = node.visit(self)
            assert isinstance(result, (cst.SimpleStatementLine, cst.BaseCompoundStatement))
            return result

        def leave_EmptyLine(self, original_node: cst.EmptyLine, updated_node: cst.EmptyLine) -> cst.EmptyLine:
            return _blank(updated_node)

        def leave_ParenthesizedWhitespace(
            self, original_node: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
        ) -> cst.ParenthesizedWhitespace:
            value = updated_node.last_line.value
            levels, rest = divmod(len(value) - len(value.lstrip(" ")), 4)
            changed = self.unit * levels + " " * rest + value.lstrip(" ")
            return updated_node.with_changes(last_line=cst.SimpleWhitespace(changed))

    return Reindenter
