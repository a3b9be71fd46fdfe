"""The same draw from the system's own source of randomness."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.edits.expressions import replace_expression
from codemods.engine.finding import Change, Edit, ImportNeed, Refused
from codemods.engine.names.traverse import walk
from codemods.libraries.spelling import scope_at
from codemods.libraries.standard_library import standard
from codemods.weak_token.detect import MANY, Evidence

if TYPE_CHECKING:
    from codemods.engine.finding import Finding
    from codemods.engine.project import Module, Project

_LARGEST = 10**30
_PLAIN = (ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.Add, ast.Load)


def rewrite(finding: Finding, project: Project) -> Change:
    """The patch for one finding. Raises Refused where no name is left for what is needed."""
    evidence = finding.evidence
    assert isinstance(evidence, Evidence)
    if not evidence.draws:
        return Change((Edit(finding.path, evidence.start, evidence.end, str(MANY)),))
    module = project.module(finding.path)
    if module is None:
        raise Refused("No patch: the file is gone.")
    node = next(
        each for each in module.nodes(ast.Call) if module.source.span(each) == (evidence.start, evidence.end)
    )
    edits, needs = _written(node, evidence.draws, module, project)
    return Change(edits, tuple(need for need in needs if need is not None))


def _written(
    node: ast.Call, draws: str, module: Module, project: Project
) -> tuple[tuple[Edit, ...], tuple[ImportNeed | None, ...]]:
    source, path = module.source, module.path
    if draws == "choice" and len(node.args) == 1 and not node.keywords:
        spelling = standard(node, module, project, "secrets", "choice")
        return (Edit(path, *source.span(node.func), spelling.text),), (spelling.need,)
    if draws == "getrandbits" and len(node.args) == 1 and not node.keywords:
        spelling = standard(node, module, project, "secrets", "randbits")
        return (Edit(path, *source.span(node.func), spelling.text),), (spelling.need,)
    if draws == "choices" and (drawn := _characters(node, module)) is not None:
        spelling = standard(node, module, project, "secrets", "choice")
        characters, count = (source.segment(part) for part in drawn)
        text = f"{spelling.text}({characters}) for _ in range({count})"
        return (Edit(path, *source.span(node), text),), (spelling.need,)
    if draws in {"randint", "randrange"} and (bounds := _bounds(node, draws)) is not None:
        spelling = standard(node, module, project, "secrets", "randbelow")
        low, size = bounds
        text = f"{spelling.text}({size})" + (f" + {low}" if low > 0 else f" - {-low}" if low < 0 else "")
        return (replace_expression(source, node, text),), (spelling.need,)
    spelling = standard(node, module, project, "secrets", "SystemRandom")
    return (Edit(path, *source.span(node.func), f"{spelling.text}().{draws}"),), (spelling.need,)


def _characters(node: ast.Call, module: Module) -> tuple[ast.expr, ast.expr] | None:
    """The alphabet and the count of ``"".join(random.choices(alphabet, k=count))``, which a generator can draw."""
    around = module.parents[node]
    if (
        not isinstance(around, ast.Call)
        or not isinstance(around.func, ast.Attribute)
        or around.func.attr != "join"
        or around.args != [node]
        or scope_at(node, module).kind == "class"
        or len(node.args) != 1
        or [keyword.arg for keyword in node.keywords] != ["k"]
    ):
        return None
    alphabet, count = node.args[0], node.keywords[0].value
    end = module.source.span(node)[1]
    if module.source.text[end : module.source.span(around)[1]].strip() != ")" or "#" in module.source.segment(
        node
    ):
        return None  # a comma behind a generator needs parentheses
    plain = all(isinstance(part, _PLAIN) for part in walk(alphabet))
    named = {part.id for part in walk(alphabet) if isinstance(part, ast.Name)}
    return (alphabet, count) if plain and "_" not in named else None


def _bounds(node: ast.Call, draws: str) -> tuple[int, int] | None:
    """The lowest number and how many there are, where the arguments are plain numbers."""
    if node.keywords or any(isinstance(each, ast.Starred) for each in node.args):
        return None
    numbers = [_number(each) for each in node.args]
    given = [number for number in numbers if number is not None]
    if len(given) != len(numbers):
        return None
    if draws == "randint" and len(given) == 2:
        low, high = given[0], given[1] + 1
    elif draws == "randrange" and len(given) in {1, 2}:
        low, high = (0, given[0]) if len(given) == 1 else (given[0], given[1])
    else:
        return None
    return (low, high - low) if high > low else None


def _number(node: ast.expr) -> int | None:
    """A whole number, also as ``10**5`` or ``10**6 - 1``."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _number(operand)
            return -inner if inner is not None else None
        case ast.BinOp(left=left, op=op, right=right):
            one, other = _number(left), _number(right)
            if one is None or other is None:
                return None
            if isinstance(op, ast.Pow) and 0 <= other <= 30 and abs(one) <= 16:
                value = one**other
                return value if value <= _LARGEST else None
            if isinstance(op, ast.Add):
                return one + other
            if isinstance(op, ast.Sub):
                return one - other
    return None
