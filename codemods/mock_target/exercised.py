"""The project's functions that run while a replacement is in force: tests, the fixtures that they ask for, and what those call."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.inference.definitions import fixture_name
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.mock_target.reach import reached, tests_of

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project
    from codemods.mock_target.sites import Site

Function = ast.FunctionDef | ast.AsyncFunctionDef
Exercised = list[tuple["Module", Function]]

_MOST_FILES = 12


def exercised(site: Site, module: Module, project: Project) -> Exercised:
    """The functions that the code around a site reaches, in no order that means anything; empty where none is known."""
    found: dict[tuple[str, int], None] = {}
    for where, functions in _contexts(site, module, project):
        found.update(dict.fromkeys(reached(functions, where, project).functions))
    result: Exercised = []
    by_path: dict[str, set[int]] = {}
    for path, line in found:
        if not is_test(path):
            by_path.setdefault(path, set()).add(line)
    for path, lines in by_path.items():
        other = project.module(path)
        for node in walk(other.tree) if other is not None else ():
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.lineno in lines:
                assert other is not None
                result.append((other, node))
    return result


def is_in_unused_fixture(site: Site, module: Module, project: Project) -> bool:
    """Whether the site stands in a fixture whose name is written nowhere else: then no test runs it, and none fails."""
    for node in module.ancestors(site.call):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        name = fixture_name(node)
        if name is None:
            continue
        if any("autouse=True" in ast.unparse(mark) for mark in node.decorator_list):
            return False
        word = re.compile(rb"(?<![\w.])" + re.escape(name.encode()) + rb"(?!\w)")
        if len(word.findall(module.source.data)) != 1:
            return False
        # Beside a conftest, only a file that imports this one sees its fixtures.
        stem = module.path.rpartition("/")[2].removesuffix(".py").encode()
        needles = (name.encode(),) if stem == b"conftest" else (name.encode(), stem)
        return not any(
            word.search(project.read(path)) for path in project.containing(*needles) if path != module.path
        )
    return False


def _contexts(site: Site, module: Module, project: Project) -> list[tuple[Module, list[Function]]]:
    """The tests that run under a site, by file."""
    tests = tests_of(site, module)
    if tests:
        return [(module, [*tests, *_fixtures_of(tests, module)])]
    around = [
        node
        for node in module.ancestors(site.call)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    if not around:
        return []
    outermost = around[-1]
    name = fixture_name(outermost)
    if name is None:
        callers = [function for function in _tests_in(module) if _calls(function, outermost.name)]
        return [(module, callers)] if callers else []
    if not module.path.endswith("conftest.py"):
        return [(module, _asking(name, outermost, module))]
    folder = module.path.rpartition("/")[0]
    files = [
        path
        for path in project.containing(name.encode())
        if path != module.path and is_test(path) and path.startswith(f"{folder}/" if folder else "")
    ]
    if len(files) > _MOST_FILES:
        return []
    others = [other for path in files if (other := project.module(path)) is not None]
    return [(other, _asking(name, outermost, other)) for other in others]


def _asking(name: str, fixture: Function, module: Module) -> list[Function]:
    """The tests that ask for a fixture: by argument, by mark, or because it is for all of them."""
    always = any("autouse=True" in ast.unparse(mark) for mark in fixture.decorator_list)
    marked = f'usefixtures("{name}"' in module.source.text
    return [
        test
        for test in _tests_in(module)
        if always or marked or any(argument.arg == name for argument in test.args.args)
    ]


def _tests_in(module: Module) -> list[Function]:
    return [
        node
        for node in walk(module.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.name.startswith("test")
        and fixture_name(node) is None
    ]


def _fixtures_of(tests: list[Function], module: Module) -> list[Function]:
    """The file's own fixtures that the tests ask for: they build what is tested."""
    asked = {argument.arg for test in tests for argument in test.args.args}
    return [
        node
        for node in module.tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.name in asked
        and fixture_name(node) is not None
    ]


def _calls(function: Function, name: str) -> bool:
    return any(
        isinstance(node, ast.Call) and (dotted(node.func) or "").rpartition(".")[2] == name
        for node in walk(function)
    )
