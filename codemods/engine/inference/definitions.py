"""Definitions in one syntax tree: functions and classes by name, what they return, defaults, fixtures, attributes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import children, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = (ast.If, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.While)


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function's body without those of functions and classes inside it, in source order."""
    todo: list[ast.AST] = list(reversed(function.body))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            todo.extend(reversed(children(node)))


def falls_through(body: list[ast.stmt]) -> bool:
    """Whether control may reach the end of a block, so that a function may return None there."""
    match body[-1]:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return False
        case ast.If(body=then, orelse=other):
            return not other or falls_through(then) or falls_through(other)
        case ast.With(body=inner) | ast.AsyncWith(body=inner):
            return falls_through(inner)
        case ast.Try() | ast.TryStar() as block:
            if block.finalbody and not falls_through(block.finalbody):
                return False
            ends = [block.orelse or block.body, *(handler.body for handler in block.handlers)]
            return any(falls_through(each) for each in ends)
        case ast.While(test=ast.Constant(value=value), body=inner) if value:
            return any(isinstance(part, ast.Break) for part in ast.walk(ast.Module(inner, [])))
        case ast.Match(cases=cases):
            last = cases[-1]
            open_end = last.guard is not None or not (
                isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
            )
            return open_end or any(falls_through(case.body) for case in cases)
    return True


def default_of(function: Function, node: ast.arg) -> ast.expr | None:
    """The default value of a parameter, if it has one."""
    positional = [*function.args.posonlyargs, *function.args.args]
    if node in positional:
        place = positional.index(node) - (len(positional) - len(function.args.defaults))
        return function.args.defaults[place] if place >= 0 else None
    if node in function.args.kwonlyargs:
        return function.args.kw_defaults[function.args.kwonlyargs.index(node)]
    return None


def fixture_name(function: Function) -> str | None:
    """The name of the pytest fixture that a function defines; None if it isn't one."""
    for mark in function.decorator_list:
        name = dotted(mark.func if isinstance(mark, ast.Call) else mark) or ""
        if name.rpartition(".")[2] in {"fixture", "yield_fixture"}:
            if isinstance(mark, ast.Call):
                for keyword in mark.keywords:
                    if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                        return str(keyword.value.value)
            return function.name
    return None


def injected(function: Function) -> set[str]:
    """The parameters that decorators fill before pytest looks for fixtures: mocks and parametrized values."""
    names: set[str] = set()
    mocks = 0
    for mark in function.decorator_list:
        name = dotted(mark.func if isinstance(mark, ast.Call) else mark) or ""
        if name.endswith("parametrize") and isinstance(mark, ast.Call) and mark.args:
            for part in ast.walk(mark.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    names |= {each.strip() for each in part.value.split(",")}
        elif {"patch"} & set(name.split(".")):
            mocks += 1
    plain = [argument.arg for argument in function.args.args if argument.arg not in {"self", "cls"}]
    return names | set(plain[:mocks])


def child(node: ast.AST | None, name: str) -> ast.AST | None:
    """The function or class called ``name`` directly inside ``node``; the last one of several."""
    todo = list(getattr(node, "body", []))
    found: ast.AST | None = None
    while todo:
        part = todo.pop(0)
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if part.name == name:
                found = part
        elif isinstance(part, _BLOCKS):
            todo += [*part.body, *getattr(part, "orelse", []), *getattr(part, "finalbody", [])]
            for handler in getattr(part, "handlers", []):
                todo += handler.body
    return found


def find_inside(tree: ast.Module, name: str) -> ast.AST | None:
    """The function or class with a qualified name (``Outer.Inner``, ``function.inner``)."""
    node: ast.AST | None = tree
    for part in name.split("."):
        node = child(node, part)
    return node


def self_stores(node: ast.ClassDef) -> dict[str, list[ast.Attribute]]:
    """Where the methods of a class assign to attributes of their first parameter."""
    found: dict[str, list[ast.Attribute]] = {}
    for method in node.body:
        if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        first = (method.args.posonlyargs + method.args.args)[:1]
        if not first:
            continue
        for part in walk(method):
            if (
                isinstance(part, ast.Attribute)
                and isinstance(part.ctx, ast.Store)
                and isinstance(part.value, ast.Name)
                and part.value.id == first[0].arg
            ):
                found.setdefault(part.attr, []).append(part)
    return found
