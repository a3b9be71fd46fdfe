"""What kind of file a path is: a test, a script, a function that a cloud calls."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.engine.files.testing import is_test
from codemods.engine.names.facts import dotted
from codemods.engine.names.traverse import walk
from codemods.lazy_client.sites import is_main_guard

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project


_RUNNING = frozenset(
    {"launch", "run", "run_forever", "run_until_complete", "start_polling", "exit", "parse_args", "mainloop"}
    | {"serve_forever", "infinity_polling", "run_polling", "main"}
)

_COMMANDS = frozenset({"bin", "contrib", "hack", "script", "scripts"})


def stem(path: str) -> str:
    """The last part of the module's dotted name."""
    parts = path.removesuffix(".py").split("/")
    return parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]


def is_imported(path: str, project: Project) -> bool:
    """Whether any other file of the project imports this one, as far as the text of imports tells."""
    name = stem(path)
    importing = re.compile(
        rb"^\s*(?:from|import)\s[^\n#]*\b" + re.escape(name.encode()) + rb"\b", re.MULTILINE
    )
    dynamic = re.compile(rb"[\"'][\w.]*\b" + re.escape(name.encode()) + rb"(?::\w+)?[\"']")
    for other in project.containing(name.encode()):
        if other == path:
            continue
        data = project.read(other)
        if importing.search(data) and _imports(other, path, project):
            return True
        if b"import_module" in data and dynamic.search(data):
            return True
    if path.endswith("__init__.py"):
        folder = path.removesuffix("__init__.py")
        return any(other.startswith(folder) and other != path for other in project.python)
    return False


def _imports(other: str, path: str, project: Project) -> bool:
    """Whether file ``other`` imports file ``path``, at its top level or inside a function."""
    module = project.module(other)
    if module is None:
        return True
    for node in walk(module.tree):
        if isinstance(node, ast.Import):
            if any(path in project.locate(alias.name, other) for alias in node.names):
                return True
        elif isinstance(node, ast.ImportFrom):
            if project.index.imported_file(other, node.module, node.level) == path:
                return True
            for alias in node.names:
                inner = ".".join(filter(None, [node.module, alias.name]))
                if project.index.imported_file(other, inner, node.level) == path:
                    return True
    return False


def runs_as_program(module: Module, names: set[str]) -> bool:
    """Whether importing the file already does its work: a script, a notebook turned into a file, a page of an app.

    ``names``: those that are bound to clients; functions that use them and that the file itself never calls are there
    for somebody who imports it.
    """
    text = module.source.text
    if "# %%" in text or "# In[" in text:
        return True
    offers = _offers_functions(module, names)
    functions = {
        node.name for node in module.tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    for statement in module.tree.body:
        if is_main_guard(statement):
            continue
        if isinstance(statement, (ast.For, ast.While)) and not offers:
            return True
        for call in _calls(statement):
            name = dotted(call.func) or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
            if name in functions and isinstance(statement, ast.Expr) and not offers:
                return True
            last = name.rpartition(".")[2]
            if last == "exit" and offers and not isinstance(statement, ast.Expr):
                continue
            if last in _RUNNING and name != "subprocess.run":
                return True
            if name.startswith("st.") and isinstance(statement, (ast.Expr, ast.If)):
                return True
    return False


def is_command(module: Module, names: set[str]) -> bool:
    """Whether a file among scripts has a main guard from which all is called that uses its clients (see ``runs_as_program``)."""
    return (
        not _COMMANDS.isdisjoint(module.path.split("/")[:-1])
        and any(map(is_main_guard, module.tree.body))
        and works_with_client(module, names)
    )


def works_with_client(module: Module, names: set[str]) -> bool:
    """Whether a file that uses its client on import is one that does its work then, and offers nothing to others."""
    return not has_handlers(module) and not _offers_functions(module, names)


def _offers_functions(module: Module, names: set[str]) -> bool:
    """Whether functions or classes that use the client are never mentioned by what runs, so that others must call them."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    definitions = {node.name: node for node in module.tree.body if isinstance(node, kinds)}
    running = [node for node in module.tree.body if not isinstance(node, kinds)]
    if any(_prints(node) for node in running) and not has_handlers(module):
        return False
    todo = {name for node in running for name in _loaded(node)}
    reached: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo |= _loaded(definitions[name]) if name in definitions else set()
    return any(
        name not in reached and not names.isdisjoint(_loaded(node)) for name, node in definitions.items()
    )


def _prints(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and dotted(node.value.func) in {"print", "pprint", "display"}  # fmt: skip


def _loaded(node: ast.AST) -> set[str]:
    return {part.id for part in walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def _calls(statement: ast.stmt) -> list[ast.Call]:
    if isinstance(
        statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    ):
        return []
    return [node for node in walk(statement) if isinstance(node, ast.Call)]


def is_migration_environment(module: Module) -> bool:
    """Whether Alembic runs the file (its ``env.py``)."""
    return "from alembic import context" in module.source.text


def has_handlers(module: Module) -> bool:
    """Whether functions at the top level are handed to something by a decorator, as routes and bot commands are."""
    return any(
        isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and "." in (dotted(mark.func if isinstance(mark, ast.Call) else mark) or "")
        for node in module.tree.body
        for mark in getattr(node, "decorator_list", ())
    )


def refuses_to_start(call: ast.Call, module: Module) -> int | None:
    """The line before ``call`` on which the module raises where an argument of it is missing; None if nothing does."""
    names = {part.id for part in walk(call) if isinstance(part, ast.Name)}
    for node in module.tree.body:
        if node.lineno >= call.lineno:
            break
        if isinstance(node, ast.Assert):
            test: ast.expr = node.test
        elif (
            isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise) and _asks_for_absence(node.test)
        ):
            test = node.test
        else:
            continue
        tested = test.values if isinstance(test, ast.BoolOp) else [test]
        if any(
            isinstance(part, ast.Name) and part.id in names for each in tested for part in _operands(each)
        ):
            return node.lineno
    return None


def _asks_for_absence(test: ast.expr) -> bool:
    if isinstance(test, ast.BoolOp):
        return isinstance(test.op, ast.Or) and all(map(_asks_for_absence, test.values))
    if isinstance(test, ast.UnaryOp):
        return isinstance(test.op, ast.Not)
    return isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.Is, ast.Eq))


def _operands(test: ast.expr) -> list[ast.expr]:
    if isinstance(test, ast.UnaryOp):
        return [test.operand]
    return [test.left, *test.comparators] if isinstance(test, ast.Compare) else [test]


def is_django_settings(module: Module) -> bool:
    """Whether Django reads this module's names through ``django.conf.settings``."""
    bound = module.scopes.module.bindings
    return "INSTALLED_APPS" in bound or "ROOT_URLCONF" in bound or "MIDDLEWARE" in bound


def is_cloud_function(module: Module) -> bool:
    """Whether the file holds a function that AWS Lambda calls: there, building clients on import is the advice."""
    for node in module.tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
            if (
                len(names) == 2
                and names[0].lstrip("_") in {"event", "events"}
                and names[1].lstrip("_") in {"context", "ctx"}
            ):
                return True
    return False


def is_of_cloud_function(path: str, project: Project) -> bool:
    """Whether a file lies beside or below one that AWS Lambda calls (not the whole repository's), or in a layer."""
    folder = path.rpartition("/")[0]
    if "layers" in folder.split("/"):
        return any(_HANDLER.search(project.read(each)) for each in project.containing(b"event", b"context"))
    return any(
        home and f"{folder}/".startswith(f"{home}/") and _HANDLER.search(project.read(each)) is not None
        for each in project.containing(b"event", b"context")
        if (home := each.rpartition("/")[0]) and not is_test(each)
    )


_HANDLER = re.compile(
    rb"^(?:async )?def \w+\(\s*_?events?\b[^,()]*(?:\[[^()]*\])?,\s*_?(?:context|ctx)\b[^,()]*,?\s*\)",
    re.MULTILINE,
)
