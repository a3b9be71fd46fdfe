"""What tests put in a client's place: whether it may be None, which a getter would take for "not built yet"."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from codemods.engine.finding import Refused
from codemods.engine.inference.definitions import default_of
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.lazy_client.patch_calls import PatchCall, patch_call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.names.scopes import Binding
    from codemods.engine.project import Module, Project

MayBeNone = Literal["no", "unknown", "yes"]
_DEPTH = 6
_MOCKS = frozenset(
    {"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "PropertyMock"}
)
_MAKING = _MOCKS | {"create_autospec", "SimpleNamespace", "object", "namedtuple", "sentinel"}
_NEVER_NONE = (
    ast.JoinedStr, ast.Lambda, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp,
    ast.GeneratorExp, ast.Compare, ast.BinOp, ast.UnaryOp,
)  # fmt: skip
_REPEATABLE = (
    ast.Name, ast.Constant, ast.IfExp, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.boolop, ast.unaryop, ast.cmpop,
    ast.expr_context,
)  # fmt: skip


def may_be_none(node: ast.expr, module: Module, project: Project, depth: int = 0) -> MayBeNone:
    """Whether ``node`` can be None: ``yes`` where a None is seen on a way to it, ``no`` where it is ruled out."""
    if isinstance(node, ast.Constant):
        return "yes" if node.value is None else "no"
    if depth > _DEPTH:
        return "unknown"
    if isinstance(node, _NEVER_NONE):
        return "no"
    if isinstance(node, ast.IfExp):
        return _worst(may_be_none(arm, module, project, depth + 1) for arm in (node.body, node.orelse))
    if isinstance(node, ast.BoolOp):
        last = may_be_none(node.values[-1], module, project, depth + 1)
        return "no" if isinstance(node.op, ast.Or) and last == "no" else _worst(may_be_none(each, module, project, depth + 1) for each in node.values)  # fmt: skip
    if isinstance(node, ast.Call) and (dotted(node.func) or "").rpartition(".")[2] in _MAKING:
        return "no"
    if isinstance(node, ast.Attribute) and (dotted(node) or "").rpartition(".")[0].endswith("sentinel"):
        return "no"
    if isinstance(node, ast.Name) and node in module.scopes.scope_of:
        bound = _worst(
            _bound(binding, module, project, depth + 1) for binding in module.scopes.bindings(node)
        )
        if bound != "unknown":
            return bound
    known = project.types.of(node, module)
    if known is None:
        return "unknown"
    return "yes" if known.optional or known.kind == "none" else "no"


def puts_none(call: PatchCall, module: Module, project: Project, *, tested: bool) -> bool:
    """Whether a patch may put None in a client's place, so that the getter must be replaced instead.

    ``tested``: some code asks whether the client is None. Raises Refused where the getter can't be replaced.
    """
    if call.new is None or call.kind in {"read", "has"}:
        return False
    if call.is_none:
        return True
    answer = may_be_none(call.new, module, project)
    if answer == "no" or (answer == "unknown" and not tested):
        return False
    above = module.parents.get(call.node)
    kept = not isinstance(above, (ast.Expr, ast.withitem)) or (
        isinstance(above, ast.withitem) and above.optional_vars is not None
    )
    if kept or not _evaluates_again(call.new, module):
        raise Refused(f"{module.path}:{call.node.lineno} may put None in its place")
    return True


def _evaluates_again(node: ast.expr, module: Module) -> bool:
    """Whether ``lambda: node`` gives what ``node`` gives now: only names that are bound once, and no calls."""
    for part in walk(node):
        if not isinstance(part, _REPEATABLE):
            return False
        if isinstance(part, ast.Name):
            scope = module.scopes.binder(part)
            if scope is None or scope.kind == "class" or len(module.scopes.bindings(part)) != 1:
                return False
    return True


def _worst(found: Iterator[MayBeNone]) -> MayBeNone:
    answers = set(found)
    if "yes" in answers:
        return "yes"
    return "unknown" if "unknown" in answers or not answers else "no"


def _bound(binding: Binding, module: Module, project: Project, depth: int) -> MayBeNone:
    node = binding.node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return "no"
    if isinstance(node, ast.arg):
        return _argument(node, module, project, depth)
    if binding.value is not None:
        return may_be_none(binding.value, module, project, depth)
    parent = module.parents.get(node)
    if isinstance(parent, ast.withitem) and isinstance(parent.context_expr, ast.Call):
        call = patch_call(parent.context_expr)
        return "no" if call is not None and call.new is None else "unknown"
    if isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)):
        return "yes" if _holds_none(parent.iter) else "unknown"
    return "unknown"


def _holds_none(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Constant) and part.value is None for part in walk(node))


def _argument(node: ast.arg, module: Module, project: Project, depth: int) -> MayBeNone:
    """A parameter of a test: from ``parametrize``, a fixture, a mock's decorator; or of a function that tests call."""
    function = module.parents.get(module.parents.get(node, node))
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return "unknown"
    marks = [*function.decorator_list]
    for parent in module.ancestors(function):
        marks += getattr(parent, "decorator_list", [])
    for mark in marks:
        given = _parametrized(mark, node.arg)
        if given is not None:
            return "yes" if any(_holds_none(value) for value in given) else _worst(may_be_none(value, module, project, depth) for value in given)  # fmt: skip
    default = default_of(function, node)
    if default is not None and _holds_none(default):
        return "yes"
    if not function.name.startswith("test") and _is_given_none(function, node, module):
        return "yes"
    mocked = any(
        isinstance(mark, ast.Call) and (call := patch_call(mark)) is not None and call.new is None
        for mark in function.decorator_list
    )
    if mocked and node.arg.startswith("mock"):
        return "no"
    return "unknown"


def _parametrized(mark: ast.expr, name: str) -> list[ast.expr] | None:
    """The values that ``parametrize`` gives to one parameter; None where the mark is not about it."""
    if not isinstance(mark, ast.Call) or not (dotted(mark.func) or "").endswith("parametrize"):
        return None
    if len(mark.args) < 2:
        return None
    first, rows = mark.args[0], mark.args[1]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        names = [each.strip() for each in first.value.split(",")]
    elif isinstance(first, (ast.List, ast.Tuple)):
        names = [str(getattr(each, "value", "")) for each in first.elts]
    else:
        return None
    if name not in names:
        return None
    if not isinstance(rows, (ast.List, ast.Tuple)):
        return [rows.elt] if isinstance(rows, (ast.ListComp, ast.GeneratorExp)) else []
    place = names.index(name)
    found: list[ast.expr] = []
    for row in rows.elts:
        cells: list[ast.expr] = [row]
        if isinstance(row, ast.Call) and (dotted(row.func) or "").endswith("param"):
            cells = row.args
        elif len(names) > 1 and isinstance(row, (ast.Tuple, ast.List)):
            cells = row.elts
        found.append(cells[place] if place < len(cells) else row)
    return found


def _is_given_none(
    function: ast.FunctionDef | ast.AsyncFunctionDef, argument: ast.arg, module: Module
) -> bool:
    """Whether some call in the file hands over a literal None for the parameter."""
    plain = [*function.args.posonlyargs, *function.args.args]
    for node in walk(module.tree):
        if not isinstance(node, ast.Call) or (dotted(node.func) or "").rpartition(".")[2] != function.name:
            continue
        at = plain.index(argument) if argument in plain else -1
        if isinstance(node.func, ast.Attribute) and plain and plain[0].arg in {"self", "cls"}:
            at -= 1
        given = [node.args[at]] if 0 <= at < len(node.args) else []
        given += [keyword.value for keyword in node.keywords if keyword.arg == argument.arg]
        if any(_holds_none(value) for value in given):
            return True
    return False
