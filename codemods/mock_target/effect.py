"""What a test has to lose when its mock begins to work: today it runs, and may pass, on the real code."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.mock_target.reach import tests_of

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.mock_target.copies import Copied, Place
    from codemods.mock_target.sites import Site

Function = ast.FunctionDef | ast.AsyncFunctionDef
_CALLED = {
    "called",
    "call_count",
    "call_args",
    "call_args_list",
    "mock_calls",
    "method_calls",
    "await_count",
    "awaited",
}
_NOT_CALLED = {"assert_not_called", "assert_not_awaited", "assert_no_calls"}


def fails_today(site: Site, copy: Copied, module: Module, project: Project) -> bool:
    """Whether the test can't pass while the mock has no effect.

    It asks the mock whether it was called, expects the very value that the mock was given, or would run into real
    code that only raises.
    """
    if _only_raises(copy.patched, project):
        return True
    tests = tests_of(site, module)
    return bool(tests) and all(_asks(test, site, module) for test in tests)


def result_unused(copy: Copied, project: Project) -> bool:
    """Whether the code under test throws away what the name gives when it is called: a mock can't change its way."""
    for place in copy.meant:
        module = project.module(place.path)
        if module is None:
            return False
        for node in module.scopes.loads(module.scopes.module, place.name):
            if module.function(node) is None:
                continue
            call = module.parents.get(node)
            if not isinstance(call, ast.Call) or call.func is not node:
                return False
            outer = module.parents.get(call)
            if isinstance(outer, ast.Await):
                outer = module.parents.get(outer)
            if not isinstance(outer, ast.Expr):
                return False
    return True


def _asks(test: Function, site: Site, module: Module) -> bool:
    name = _mock_name(test, site, module)
    given = {
        ast.dump(part)
        for value in (*site.call.args[1:], *(keyword.value for keyword in site.call.keywords))
        for part in walk(value)
        if isinstance(part, ast.Constant) and not isinstance(part.value, (bool, type(None)))
    } - {ast.dump(part) for part in walk(site.node)}
    for node in walk(test):
        if isinstance(node, ast.Attribute) and name is not None and dotted(node.value) == name:
            if (node.attr in _CALLED and not _denied(node, module)) or (
                node.attr.startswith("assert_") and node.attr not in _NOT_CALLED
            ):
                return True
        elif isinstance(node, ast.Assert) and any(ast.dump(part) in given for part in walk(node.test)):
            return True
    return False


def _denied(node: ast.Attribute, module: Module) -> bool:
    """Whether the test expects that the mock was not called, which holds today for the wrong reason."""
    parent = module.parents.get(node)
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    return isinstance(parent, ast.Compare) and any(
        isinstance(other, ast.Constant) and not other.value for other in parent.comparators
    )


def _mock_name(test: Function, site: Site, module: Module) -> str | None:
    """The name by which the test knows the mock."""
    parent = module.parents.get(site.call)
    if isinstance(parent, ast.withitem):
        return dotted(parent.optional_vars)
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        return dotted(parent.targets[0])
    if site.call in test.decorator_list:
        later = test.decorator_list[test.decorator_list.index(site.call) + 1 :]
        place = sum(isinstance(mark, ast.Call) and _gives_argument(mark) for mark in later)
        arguments = [argument.arg for argument in (*test.args.posonlyargs, *test.args.args)]
        if arguments and arguments[0] in {"self", "cls"}:
            arguments = arguments[1:]
        if _gives_argument(site.call) and place < len(arguments):
            return arguments[place]
    return None


def _gives_argument(mark: ast.Call) -> bool:
    """Whether a decorator adds an argument to the test: a patch without a replacement of its own."""
    name = dotted(mark.func) or ""
    if name.rpartition(".")[2] == "object":
        return "patch" in name and len(mark.args) < 3 and not any(word.arg == "new" for word in mark.keywords)
    return (
        name.rpartition(".")[2] == "patch"
        and len(mark.args) < 2
        and not any(word.arg == "new" for word in mark.keywords)
    )


def _only_raises(place: Place, project: Project) -> bool:
    """Whether the real function does nothing but raise."""
    module = project.module(place.path)
    for node in module.tree.body if module is not None else ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == place.name:
            return isinstance(node.body[-1], ast.Raise) and not any(
                isinstance(part, (ast.Return, ast.Yield, ast.YieldFrom)) for part in walk(node)
            )
    return False
