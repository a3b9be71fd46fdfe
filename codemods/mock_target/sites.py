"""Where a test file replaces something: the calls of ``patch`` and ``monkeypatch.setattr``, and what each one names."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.engine.project import Module

Way = Literal["patch", "monkeypatch"]
Function = ast.FunctionDef | ast.AsyncFunctionDef

_MOCK_MODULES = {"unittest.mock", "mock", "asynctest", "asynctest.mock"}
_MOCKER = {"mocker", "class_mocker", "module_mocker", "package_mocker", "session_mocker"}
_EXPECTED_FAILURES = {"raises", "assertRaises", "assertRaisesRegex", "suppress"}
_SKIPPED = {"skip", "xfail", "expectedFailure"}


@dataclass(frozen=True, eq=False, slots=True)
class Site:
    """One place that replaces something.

    ``way`` says whose rules find the target. ``target`` is the dotted name where one is written; otherwise ``base`` is
    the expression whose attribute ``name`` is replaced. ``node`` is the literal (or expression) that holds the name,
    ``literal`` the plain string constants that make it up, in order, empty where it can't be edited.
    ``spy``: the attribute is wrapped rather than replaced.
    """

    call: ast.Call
    way: Way
    node: ast.expr
    name: str
    target: tuple[str, ...] = ()
    base: ast.expr | None = None
    literal: tuple[ast.Constant, ...] = ()
    keyword: str | None = None
    spy: bool = False


def sites(module: Module) -> list[Site]:
    """All the places of one file, in source order, whose target can be read off the code."""
    reader = _Reader(module)
    found = [site for call in reader.calls() for site in reader.read(call)]
    return sorted(found, key=lambda site: (site.node.lineno, site.node.col_offset))


class _Reader:
    def __init__(self, module: Module) -> None:
        self.module = module
        self.patches: set[str] = set()
        self.mocks: set[str] = set()
        self.monkeys: set[str] = {"monkeypatch"}
        self.mockers: set[str] = set(_MOCKER)
        self._calls: list[ast.Call] = []
        for node in walk(module.tree):
            match node:
                case ast.Call():
                    self._calls.append(node)
                case ast.Import():
                    for alias in node.names:
                        if alias.name in _MOCK_MODULES:
                            self.mocks.add(alias.asname or alias.name)
                case ast.ImportFrom(level=0):
                    for alias in node.names:
                        if node.module in _MOCK_MODULES and alias.name == "patch":
                            self.patches.add(alias.asname or alias.name)
                        elif f"{node.module}.{alias.name}" in _MOCK_MODULES:
                            self.mocks.add(alias.asname or alias.name)
                case ast.arg() if node.annotation is not None:
                    last = (dotted(node.annotation) or "").rpartition(".")[2]
                    if last == "MockerFixture":
                        self.mockers.add(node.arg)
                    elif last == "MonkeyPatch":
                        self.monkeys.add(node.arg)
                case ast.withitem(context_expr=ast.Call() as call, optional_vars=ast.Name() as name):
                    if (dotted(call.func) or "").endswith(("MonkeyPatch.context", "monkeypatch.context")):
                        self.monkeys.add(name.id)
                case ast.Assign(targets=[ast.Name() as name], value=ast.Call() as call):
                    if (dotted(call.func) or "").rpartition(".")[2] == "MonkeyPatch":
                        self.monkeys.add(name.id)

    def calls(self) -> Iterator[ast.Call]:
        """The calls that may replace something."""
        for call in self._calls:
            if isinstance(call.func, (ast.Name, ast.Attribute)):
                yield call

    def read(self, call: ast.Call) -> Iterator[Site]:
        kind = self._kind(dotted(call.func))
        if kind is None or any(keyword.arg is None for keyword in call.keywords):
            return
        way, form = kind
        if any(isinstance(argument, ast.Starred) for argument in call.args) or self._lenient(call, way):
            return
        if form == "multiple":
            yield from self._multiple(call)
        elif form == "patch":
            target = call.args[0] if call.args else _keyword(call, "target")
            if target is not None:
                yield from self._by_path(call, way, target)
        elif form == "setattr" and not self._three(call):
            if call.args:
                yield from self._by_path(call, way, call.args[0])
        else:
            base = call.args[0] if call.args else _keyword(call, "target") or _keyword(call, "obj")
            name = (
                call.args[1] if len(call.args) > 1 else _keyword(call, "attribute") or _keyword(call, "name")
            )
            if base is None or (isinstance(base, ast.Constant) and isinstance(base.value, str)):
                return
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield Site(call, way, name, name.value, base=base, literal=(name,), spy=form == "spy")

    def _kind(self, name: str | None) -> tuple[Way, str] | None:
        if name is None:
            return None
        head, _, last = name.rpartition(".")
        if name in self.patches or (last == "patch" and self._mock(head)):
            return "patch", "patch"
        if last in {"object", "multiple"}:
            outer, _, patch = head.rpartition(".")
            if head in self.patches or (patch == "patch" and self._mock(outer)):
                return "patch", last
        if last == "setattr" and head.rpartition(".")[2] in self.monkeys:
            return "monkeypatch", "setattr"
        if last == "spy" and head.rpartition(".")[2] in self.mockers:
            return "patch", "spy"
        return None

    def _mock(self, name: str) -> bool:
        return name in self.mocks or name.rpartition(".")[2] in self.mockers

    def _lenient(self, call: ast.Call, way: Way) -> bool:
        """Whether the call says that the attribute need not exist."""
        flag = "create" if way == "patch" else "raising"
        value = _keyword(call, flag)
        if value is not None and not (isinstance(value, ast.Constant) and value.value is (way != "patch")):
            return True
        if way == "monkeypatch":
            # Three plain arguments are object, name and value; a fourth is ``raising``.
            return len(call.args) > 3
        return len(call.args) > 4

    def _three(self, call: ast.Call) -> bool:
        given = len(call.args) + sum(keyword.arg in {"name", "value"} for keyword in call.keywords)
        return given >= 3

    def _by_path(self, call: ast.Call, way: Way, node: ast.expr) -> Iterator[Site]:
        parts = self._text(node, 0)
        if parts is None:
            return
        text, literal = parts
        pieces = tuple(text.split("."))
        if len(pieces) > 1 and all(piece.isidentifier() for piece in pieces):
            yield Site(call, way, node, pieces[-1], target=pieces, literal=literal)

    def _multiple(self, call: ast.Call) -> Iterator[Site]:
        base = call.args[0] if call.args else _keyword(call, "target")
        if base is None:
            return
        known = {"target", "spec", "create", "spec_set", "autospec", "new_callable"}
        text = self._text(base, 0)
        for keyword in call.keywords:
            if keyword.arg is None or keyword.arg in known:
                continue
            if text is not None:
                pieces = (*text[0].split("."), keyword.arg)
                if all(piece.isidentifier() for piece in pieces):
                    yield Site(call, "patch", keyword.value, keyword.arg, target=pieces, keyword=keyword.arg)
            elif not isinstance(base, ast.Constant):
                yield Site(call, "patch", keyword.value, keyword.arg, base=base, keyword=keyword.arg)

    def _text(self, node: ast.expr, depth: int) -> tuple[str, tuple[ast.Constant, ...]] | None:
        """The value of a string expression made of literals and constants of this file, and its literal pieces."""
        if depth > 4:
            return None
        match node:
            case ast.Constant(value=str() as value):
                return value, (node,)
            case ast.BinOp(op=ast.Add()):
                left, right = self._text(node.left, depth + 1), self._text(node.right, depth + 1)
                return None if left is None or right is None else (left[0] + right[0], left[1] + right[1])
            case ast.JoinedStr():
                text, literal = "", ()
                for piece in node.values:
                    if isinstance(piece, ast.FormattedValue):
                        if piece.conversion != -1 or piece.format_spec is not None:
                            return None
                        inner = self._text(piece.value, depth + 1)
                        if inner is None:
                            return None
                        text += inner[0]
                    elif isinstance(piece, ast.Constant):
                        text += str(piece.value)
                return text, literal
            case ast.Name():
                bound = self._constant(node)
                inner = self._text(bound, depth + 1) if bound is not None else None
                return None if inner is None else (inner[0], ())
        return None

    def _constant(self, node: ast.Name) -> ast.expr | None:
        """What a name of this module's top level, bound exactly once, is bound to."""
        scopes = self.module.scopes
        if node not in scopes.scope_of:
            return None
        bindings = scopes.bindings(node)
        if len(bindings) != 1 or bindings[0].kind != "assign":
            return None
        return bindings[0].value


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def is_exempt(site: Site, module: Module) -> bool:
    """Whether the site is meant to fail, or is never run: inside ``pytest.raises``, a caught error, a skipped test."""
    inner: ast.AST = site.call
    for node in module.ancestors(site.call):
        match node:
            case ast.With() | ast.AsyncWith() if inner in node.body or inner in node.items:
                for item in node.items:
                    if inner is item:
                        break
                    call = item.context_expr
                    name = dotted(call.func) if isinstance(call, ast.Call) else None
                    if name is not None and name.rpartition(".")[2] in _EXPECTED_FAILURES:
                        return True
            case ast.Try() if inner in node.body and node.handlers:
                return True
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                for mark in [*node.decorator_list, *_set_up_marks(node)]:
                    name = dotted(mark.func if isinstance(mark, ast.Call) else mark)
                    if name is not None and name.rpartition(".")[2] in _SKIPPED:
                        return True
            case ast.If() if inner in node.body and _never(node.test):
                return True
        inner = node
    return _module_skipped(module)


def _set_up_marks(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.expr]:
    """The decorators of a class's ``setUp``: a skip there skips all its tests."""
    return [
        mark
        for part in (node.body if isinstance(node, ast.ClassDef) else ())
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef))
        and part.name in {"setUp", "setUpClass", "asyncSetUp"}
        for mark in part.decorator_list
    ]


def _never(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and not test.value


def _module_skipped(module: Module) -> bool:
    if b"skip" not in module.source.data and b"xfail" not in module.source.data:
        return False
    for statement in module.tree.body:
        value = statement.value if isinstance(statement, (ast.Assign, ast.Expr)) else None
        if value is None:
            continue
        for part in ast.walk(value):
            if isinstance(part, ast.Call) and (dotted(part.func) or "") == "pytest.skip":
                return True
        if isinstance(statement, ast.Assign) and any(
            dotted(target) == "pytestmark" for target in statement.targets
        ):
            for part in ast.walk(value):
                if isinstance(part, ast.Attribute) and part.attr in {"skip", "xfail"}:
                    return True
    return False
